/** Holding and releasing one vendor for many shops in the console. No worker runs: the steps are taken here, one by one. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { beginFleet } from '../../app/delivery/fleet.ts'
import { fleetFilterSchema } from '../../app/delivery/fleet-filter.ts'
import { fleetStep } from '../../app/delivery/fleet-step.ts'
import { LANE_STATES } from '../../app/delivery/lane.ts'
import { MOST_REASON_CHARACTERS } from '../../app/delivery/lane-state.ts'
import { takeLaneHealth } from '../../app/insights/lane-health.ts'
import { STATES } from '../../app/ui/support/lane-state.tsx'
import { MOST_REASON } from '../../app/ui/support/reason.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { leave } from '../support/tabs.ts'

const BY = { actor: 'agent@example.com', role: 'agent', address: null } as const
const SHOPS = 600
const OUTAGE = 'Voucherify does not answer: see their status page.'
const support = consoleTools({ env: { SLUICE_ROLE: 'web' } })
const pool = () => support.app.server.services.pool
const rows = async (sql: string, values: unknown[] = []) => (await pool().query(sql, values)).rows
const held = async () =>
  (await rows('select count(*)::int as n from connections where hold_reason is not null'))[0].n
const step = (id: string) => fleetStep(pool(), id, async () => {})
const idOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? ''
const takeHealth = () => takeLaneHealth(pool(), { opens: () => true, lateAfterMinutes: 60 })

beforeAll(async () => {
  await rows(
    `insert into shops (domain) select 'shop-' || n || '.myshopify.com' from generate_series(1, $1::int) n`,
    [SHOPS],
  )
  await rows(
    `insert into connections (shop_id, vendor, settings, secrets, test_ok)
     select id, 'voucherify', '{}', '', true from shops where domain like 'shop-%'`,
  )
  await takeHealth()
})

it('knows in the browser what the server knows: states of lanes, and how long a reason may be', () => {
  expect(STATES).toEqual(LANE_STATES)
  expect(MOST_REASON).toBe(MOST_REASON_CHARACTERS)
})

describe.each([1280, 390])('an agent, at %d pixels,', width => {
  it('holds a vendor for all shops, stops that, lets it go on, and releases them', async () => {
    const page = await support.open('agent', '/support/fleet', { width })
    const sees = (text: string) => page.getByText(text, { exact: false }).first().waitFor()
    const presses = (name: string) => page.getByRole('button', { name, exact: true }).click()
    await page.getByRole('link', { name: '600 shops' }).waitFor()
    await looksWell(page)
    // Its numbers lead to the shops they are of.
    await page.getByRole('link', { name: 'OK: 600' }).click()
    await page.waitForURL('**/support?vendor=voucherify&state=ok')
    await page.getByRole('heading', { name: 'Shops', level: 1 }).waitFor()
    await page.goto(`${support.app.url}/support/fleet`)
    const links = () =>
      page
        .getByRole('link')
        .filter({ hasText: /^(600 shops|\d+)$/ })
        .evaluateAll(found =>
          found
            .filter(each => each.checkVisibility())
            .map(each => [each.ariaLabel ?? each.textContent, each.getAttribute('href')]),
        )
    const otherwise = ['Held otherwise, OK: 2', '/support?vendor=voucherify&state=ok&sort=held'] as const
    const heldOtherwise = width > 1024 ? [] : [otherwise]
    // What is nothing leads nowhere.
    expect(await links()).toEqual([['600 shops', '/support?vendor=voucherify']])
    await rows('update vendor_health set waiting = 3, held = 2, delivered = 40, failed = 1')
    await page.reload()
    await looksWell(page)
    expect(await links()).toEqual([
      ['600 shops', '/support?vendor=voucherify'],
      ['Waiting: 3', '/support?vendor=voucherify&sort=waiting'],
      ...heldOtherwise,
      ['Delivered: 40', '/support?vendor=voucherify'],
      ['Failed: 1', '/support?vendor=voucherify&sort=failed'],
    ])
    const part = page.getByRole('link', { name: otherwise[0] })
    expect(await part.filter({ visible: true }).getAttribute('href')).toBe(otherwise[1])
    const [shown, hidden] = width > 1024 ? (['table', 'list'] as const) : (['list', 'table'] as const)
    const vendors = (role: 'table' | 'list') => page.getByRole(role).filter({ hasText: 'Held otherwise' })
    expect([await vendors(shown).count(), await vendors(hidden).count()]).toEqual([1, 0])
    await vendors(shown).getByText('Deliveries', { exact: true }).waitFor()
    await rows('update vendor_health set waiting = 0, held = 0, delivered = 0, failed = 0')
    await page.getByRole('link', { name: 'Hold Voucherify' }).click()
    await sees('600 of them will be held.')
    // What it cannot find any shop by is not offered.
    expect(await page.getByRole('checkbox', { name: 'Late' }).count()).toBe(1)
    expect(await page.getByRole('checkbox', { name: 'On hold by support' }).count()).toBe(0)
    await page.getByLabel('Reason').fill(OUTAGE)
    await page.getByLabel('Only shops whose domain contains').fill('Shop-59')
    expect(await page.getByText('What this comes to').count()).toBe(0)
    await presses('Count the shops')
    await sees('11 shops fit. 11 of them will be held.')
    await page.getByLabel('Only shops whose domain contains').fill('')
    await presses('Count the shops')
    await sees('600 shops fit. 600 of them will be held.')
    await looksWell(page)
    await sees('What support holds already keeps its reason and end.')
    // What was typed is there still, however often the shops are counted.
    expect(await page.getByLabel('Reason').inputValue()).toBe(OUTAGE)
    await page.getByLabel('Ends by itself at').fill('2001-01-01T12:00')
    await presses('Hold for 600 shops')
    await sees('The end must be a time that is still to come.')
    await page.getByLabel('Ends by itself at').fill('')
    await presses('Hold for 600 shops')
    await page.waitForURL('**/support/fleet/*-*')
    await page.getByRole('heading', { name: 'Voucherify: hold', level: 1 }).waitFor()
    const id = idOf(page)
    const steps = () =>
      page
        .getByRole('listitem')
        .filter({ has: page.getByRole('progressbar') })
        .allTextContents()
    const first = '1. Holding the shops'
    const second = '2. Their deliveries become held'
    await sees('0 of 600 shops')
    expect(await steps()).toEqual([
      `${first}0 of 600 shops0%`,
      `${second}Begins when the first step is through0%`,
    ])
    await step(id)
    await sees('250 of 600 shops')
    expect((await steps())[1]).toBe(`${second}Begins when the first step is through0%`)
    expect(await held()).toBe(250)
    await looksWell(page)
    await presses('Stop')
    await sees('Stopped: what was done stays.')
    expect(await step(id)).toBe(false)
    await page.getByText(/^Begun .* UTC by agent@example\.com$/).waitFor()
    await page.getByText(/^Stopped .* UTC by agent@example\.com$/).waitFor()
    await presses('Go on')
    await page.getByText(/^Went on .* UTC, in the name of agent@example\.com$/).waitFor()
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor()
    while (await step(id));
    await expect.poll(steps).toEqual([`${first}600 of 600 shops100%`, `${second}600 of 600 shops100%`])
    await sees('For shops that have it connected and that support did not hold yet.')
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'detached' })
    expect(await held()).toBe(SHOPS)
    await takeHealth()
    await page.goto(`${support.app.url}/support/fleet?kind=hold&vendor=voucherify`)
    await sees('Support holds all of the 600 shops already.')

    await page.goto(`${support.app.url}/support/fleet?kind=release&vendor=voucherify`)
    expect(await page.getByRole('checkbox', { name: 'On hold by support' }).count()).toBe(1)
    await page.getByLabel('Which shops').selectOption(OUTAGE)
    await presses('Count the shops')
    await sees('600 of them will be released.')
    await page.getByLabel('Reason').fill('They are back.')
    await presses('Release for 600 shops')
    await page.waitForURL('**/support/fleet/*-*')
    while (await step(idOf(page)));
    await sees('600 shops released.')
    await sees(`For shops that support held for “${OUTAGE}”.`)
    await looksWell(page)
    expect(await held()).toBe(0)
    // Those that support holds are no part of the choice: they do not fit it.
    await rows(
      "update connections set hold_reason = 'Theirs.', hold_since = now() where shop_id in (select shop_id from connections limit 100)",
    )
    await page.goto(`${support.app.url}/support/fleet?kind=hold&vendor=voucherify`)
    await sees('500 of 600 shops will be held.')
    expect(await page.getByText('shops fit').count()).toBe(0)
    await looksWell(page)
    await rows('update connections set hold_reason = null, hold_since = null')
    await leave(page)
    await takeHealth()
  }, 90_000)
})

it.each([1280, 390])('who would release what nobody holds is told so before, at %d pixels', async width => {
  const at = (shops: string) => `/support/fleet?kind=release&vendor=voucherify&shops=${shops}&heldFor=`
  const page = await support.open('agent', at('shop-59'), { width })
  await page.getByText('11 shops fit. None of the 11 shops is held.').waitFor()
  await looksWell(page)
  expect(await page.getByRole('button', { name: /^Release/ }).count()).toBe(0)
  await page.goto(`${support.app.url}${at('shop-600')}`)
  await page.getByText('1 shop fits. It is not held.').waitFor()
  expect(await page.getByRole('button', { name: /^Release/ }).count()).toBe(0)
  await leave(page)
})

describe('the page of an action', () => {
  it('says in words which shops were chosen', async () => {
    const filter = { shops: 'Shop-59', states: ['ok', 'late'] as const, heldFor: null }
    const id = await beginFleet(pool(), BY, {
      ...{ kind: 'hold', vendor: 'voucherify', reason: OUTAGE, until: null },
      filter: fleetFilterSchema.parse(filter),
    })
    const which =
      'For shops that have it connected and that support did not hold yet, where the domain contains “shop-59” and the state was OK or Late.'
    for (const path of [`/support/fleet/${id}`, '/support/fleet']) {
      const page = await support.open('viewer', path)
      await page.getByText(which, { exact: true }).first().waitFor()
      await leave(page)
    }
    await rows("update fleet_actions set state = 'done' where id = $1", [id])
    await rows('delete from fleet_shops where action_id = $1', [id])
  })
})

describe('a viewer', () => {
  it('sees what there is, and can begin and stop nothing', async () => {
    const page = await support.open('viewer', '/support/fleet?kind=hold&vendor=voucherify')
    await page.getByText('Holds and releases').waitFor()
    expect(await page.getByRole('button', { name: /Hold|Release|Count/ }).count()).toBe(0)
    expect(await page.getByRole('link', { name: /Hold Voucherify/ }).count()).toBe(0)
    await leave(page)
    const cookie = await support.signedIn('viewer')
    const [action] = await rows('select id from fleet_actions limit 1')
    const post = (path: string, body: Record<string, string>) =>
      support.ask(cookie, path, { method: 'POST', body: new URLSearchParams(body) })
    const order = { kind: 'hold', vendor: 'voucherify', reason: OUTAGE }
    expect((await post('/support/fleet?index', order)).status).toBe(403)
    expect((await post(`/support/fleet/${action.id}`, { change: 'resume' })).status).toBe(403)
    expect(await held()).toBe(0)
  })
})

describe('an address', () => {
  it('of nothing is not found; what is no order is refused', async () => {
    const cookie = await support.signedIn('agent')
    expect((await support.ask(cookie, '/support/fleet/nothing')).status).toBe(404)
    const body = new URLSearchParams({ kind: 'hold', vendor: 'nobody', reason: OUTAGE })
    expect((await support.ask(cookie, '/support/fleet?index', { method: 'POST', body })).status).toBe(400)
    expect((await support.ask(cookie, '/support/fleet?kind=hold&vendor=nobody')).status).toBe(200)
  })
})
