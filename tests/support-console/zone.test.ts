/** Days of one shop are the shop's in the console too, while its times are in UTC. */
import { v7 as uuidv7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { lastDays, momentsOf } from '../../app/insights/days.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { SHOP } from '../support/app.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { leave } from '../support/tabs.ts'

const ZONE = 'America/Los_Angeles'
const AT = `/support/shops/${SHOP}`
const MINUTE_MS = 60_000
const support = consoleTools({ env: { SLUICE_ROLE: 'web' } })
const pool = () => support.app.server.services.pool
/** The day before yesterday in the zone. */
let day: string

/** Four events failed, just before and after the beginning and the end of the day: by UTC's days, two others are of one. */
beforeAll(async () => {
  await support.app.connect('alana')
  day = lastDays(new Date(), 3, ZONE).from
  const { since, until } = await momentsOf(pool(), ZONE, { from: day, to: day })
  const near = (at: Date, minutes: number) => new Date(at.getTime() + minutes * MINUTE_MS)
  for (const [place, at] of [near(since, -5), near(since, 5), near(until, -5), near(until, 5)].entries()) {
    const id = uuidv7({ msecs: at.getTime() })
    await pool().query(
      `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
       select s.id, $1::uuid, 'order_created', 'webhook', $1::text, $2, $2, '{}',
         jsonb_build_object('order', jsonb_build_object('id', $3::text, 'name', '#' || $3)) from shops s`,
      [id, at, String(100 + place)],
    )
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
       select s.id, $1, 'alana', 'dead', 'rejected', '{}', $2, $2, now() from shops s`,
      [id, at],
    )
  }
  await pool().query('update shops set time_zone = $1', [ZONE])
  await rollUpDays(pool(), { justBegunSeconds: 0 })
})

describe('a day of a shop that is not a day of UTC', () => {
  it.each([1280, 390])(
    'has a number that leads to the list of just these events, at %d pixels',
    async width => {
      const page = await support.open('viewer', AT, { width })
      await page.getByText('Deliveries by day').click()
      await page.getByRole('columnheader', { name: `Day (${ZONE})` }).waitFor()
      const numbers = page.getByRole('link', { name: /^Alana, .+, Failed: 2$/ })
      expect(await numbers.getAttribute('href')).toContain(`since=${day}&until=${day}`)
      await numbers.click()
      await page.getByRole('link', { name: /#101/ }).waitFor()
      const links = await page.getByRole('link', { name: /#10\d/ }).allTextContents()
      expect(links.flatMap(text => text.match(/#10\d/g) ?? []).sort()).toEqual(['#101', '#102'])
      await looksWell(page)
      await leave(page)
    },
  )

  it('is named with its zone where it is asked for', async () => {
    const page = await support.open('viewer', `${AT}/activity?since=${day}`)
    const filters = () => page.getByRole('button', { name: 'Filters', exact: true }).click()
    await filters()
    await page.getByLabel('From (America/Los Angeles)').waitFor()
    await page.getByLabel('To (America/Los Angeles)').waitFor()
    await pool().query('update shops set time_zone = null')
    await page.reload()
    await filters()
    await page.getByLabel('From (UTC)').waitFor()
    await pool().query('update shops set time_zone = $1', [ZONE])
    await leave(page)
  })

  it('is kept with its zone, where its deliveries are sent again', async () => {
    const { shop } = support.app.server.services.support
    const by = { actor: 'agent@example.com', role: 'agent', address: null } as const
    const staff = { id: 1, email: by.actor, role: by.role, by, session: '' }
    const found = await shop.find(staff, SHOP)
    if (!found) throw new Error('there is no such shop')
    const chosen = { outcome: 'failed', since: day, until: day, partlyRejected: false } as const
    const { counts, start } = await shop.activity.count(found, chosen)
    expect(counts).toMatchObject([{ vendor: 'Alana', count: 2 }])
    expect(await shop.activity.step(staff, found, chosen, start, 'They lost it.')).toMatchObject({ count: 2 })
    const { rows } = await pool().query("select after from audit_entries where action = 'replay'")
    expect(rows).toMatchObject([{ after: { since: day, until: day, zone: ZONE, count: 2 } }])
  })
})
