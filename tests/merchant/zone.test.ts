/** A merchant reads times and days, and asks for them, by a clock of the shop. */
import type { Frame, Page } from 'playwright-core'
import { v7 as uuidv7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { lastDays, momentsOf } from '../../app/insights/days.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { timesIn } from '../../app/ui/clock.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const ZONE = 'America/Los_Angeles'
const MINUTE_MS = 60_000
const tools = merchantTools()
const pool = () => tools.app.test.database.pool
/**
 * The day before yesterday in the zone, and when five events were received: just before and after its beginning, twice before its
 * end, and after it. So the day has three, and the same day in UTC two.
 */
let day: string
let received: [Date, Date, Date, Date, Date]

beforeAll(async () => {
  await tools.app.connect('alana')
  const days = lastDays(new Date(), 3, ZONE)
  day = days.from
  const { since, until } = await momentsOf(pool(), ZONE, { from: day, to: day })
  const near = (at: Date, minutes: number) => new Date(at.getTime() + minutes * MINUTE_MS)
  received = [near(since, -5), near(since, 5), near(until, -10), near(until, -5), near(until, 5)]
  for (const [place, at] of received.entries()) {
    const id = uuidv7({ msecs: at.getTime() })
    await pool().query(
      `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
       values ($1, $2::uuid, 'order_created', 'webhook', $2::text, $3, $3, '{}',
         jsonb_build_object('order', jsonb_build_object('id', $4::text, 'name', '#' || $4)))`,
      [tools.app.shopId, id, at, String(100 + place)],
    )
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
       values ($1, $2, 'alana', 'dead', 'rejected', '{}', $3, $3, now())`,
      [tools.app.shopId, id, at],
    )
  }
  await pool().query('update shops set time_zone = $2, guide_dismissed_at = now() where id = $1', [
    tools.app.shopId,
    ZONE,
  ])
  await rollUpDays(pool(), { justBegunSeconds: 0 })
})

const textOf = async (frame: Frame) => (await frame.locator('.Polaris-Page').textContent()) ?? ''
/** Spaces differ by the version of what formats. */
const plain = (text: string) => text.replace(/\s/g, ' ')

/** What React says where the browser's text is not the server's. */
function mismatches(page: Page): string[] {
  const said: string[] = []
  const note = (text: string) => {
    if (/hydrat|did not match|React error #(418|423|425)/i.test(text)) said.push(text)
  }
  page.on('console', message => note(message.text()))
  page.on('pageerror', error => note(error.message))
  return said
}

async function ask<T>(path: string, route: string): Promise<T> {
  const token = await sessionToken({ shop: SHOP, apiKey: API_KEY, apiSecret: SECRET })
  const at = `${path}${path.includes('?') ? '&' : '?'}_data=${encodeURIComponent(route)}`
  const answer = await fetch(`${tools.app.url}${at}`, {
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as T
}
const listed = async (query: string) => {
  const { lines } = await ask<{ lines: { receivedAt: string }[] }>(
    `/app/activity?index&${query}`,
    'routes/app.activity._index',
  )
  return lines.map(({ receivedAt }) => receivedAt)
}
const iso = (...places: (0 | 1 | 2 | 3 | 4)[]) => places.map(place => received[place].toISOString())

describe('a list of events', () => {
  it.each([
    ['en', 1280, 'Times and days are in the shop’s time zone, America/Los Angeles.'],
    ['cs', 390, 'Časy a dny jsou v časovém pásmu obchodu: America/Los Angeles.'],
  ])(
    'tells times by the shop’s clock, in %s at %s pixels, as the server wrote them',
    async (locale, width, note) => {
      const { page, app } = await tools.open('/app', { locale, width })
      await app.getByText(note).waitFor()
      const said = mismatches(page)
      const answered = page.waitForResponse(
        response =>
          response.request().resourceType() === 'document' &&
          response.url().includes('/app/activity') &&
          response.url().startsWith(tools.app.url) &&
          response.request().frame() !== page.mainFrame(),
      )
      await page.goto(tools.frame.address(SHOP, '/app/activity', locale))
      const html = await (await answered).text()
      await app.getByText(note).waitFor()
      await app.getByText('#104').first().waitFor()
      const text = plain(await textOf(frameOf(page)))
      for (const at of iso(0, 1, 2, 3, 4)) {
        const time = plain(timesIn(locale, ZONE).full(at))
        expect(text).toContain(time)
        expect(plain(html)).toContain(time)
      }
      expect(text).not.toContain('UTC')
      expect(said).toEqual([])
      expect(await sideways(page)).toBe(0)
      expect(await violations(page)).toEqual([])
      await leave(page)
    },
  )

  it('asked for by a day is that of the shop’s day', async () => {
    expect(await listed(`since=${day}&until=${day}`)).toEqual(iso(3, 2, 1))
    expect(await listed(`since=${day}`)).toEqual(iso(4, 3, 2, 1))
    expect(await listed(`until=${day}`)).toEqual(iso(3, 2, 1, 0))
  })

  it('asked for by form says whose days are meant only where they are those of UTC', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters', exact: true }).click()
    await app.getByLabel('Received', { exact: true }).selectOption('own')
    await app.getByLabel('From', { exact: true }).fill(`${day}T00:00`)
    await app.getByLabel('To', { exact: true }).fill(`${day}T23:59`)
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByText('#100').first().waitFor({ state: 'hidden' })
    const found = (await textOf(frameOf(page))).match(/#10\d/g)
    expect([...new Set(found)]).toEqual(['#103', '#102', '#101'])
    await leave(page)
  })
})

describe('numbers of days', () => {
  it('are of the shop’s days, and lead to as many events', async () => {
    type Home = { days: string[]; from: string; series: { days: { failed: number }[] }[] }
    const home = await ask<Home>('/app?index&days=7', 'routes/app._index')
    const failed = home.series[0]?.days.map((each, place) => [home.days[place], each.failed])
    expect(failed?.find(([each]) => each === day)).toEqual([day, 3])
    expect((await listed(`since=${home.from}&outcome=failed`)).length).toBe(5)
    type Accuracy = { period: { from: string; to: string }; received: number }
    const { period, received: orders } = await ask<Accuracy>('/app/accuracy?days=7', 'routes/app.accuracy')
    expect(period).toMatchObject({ to: lastDays(new Date(), 1, ZONE).to })
    expect(orders).toBe(5)
  })

  it('are said to be so', async () => {
    const { page, app } = await tools.open('/app')
    await app.getByText(/^As of \d\d:\d\d, days in America\/Los Angeles$/).waitFor()
    await page.goto(tools.frame.address(SHOP, '/app/accuracy', 'de'))
    await app.getByText(/ganze Tage in der Zeitzone America\/Los Angeles/).waitFor()
    await leave(page)
  })
})

describe('what is taken away', () => {
  const lines = async (since: string, until: string) => {
    const token = await sessionToken({ shop: SHOP, apiKey: API_KEY, apiSecret: SECRET })
    const answer = await fetch(`${tools.app.url}/app/settings/export?since=${since}&until=${until}`, {
      headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
    })
    return Number(answer.headers.get('x-sluice-count'))
  }

  it('is of the shop’s days', async () => {
    expect(await lines(day, day)).toBe(3)
    await pool().query('update shops set time_zone = null')
    expect(await lines(day, day)).toBe(2)
    await pool().query('update shops set time_zone = $1', [ZONE])
  })
})
