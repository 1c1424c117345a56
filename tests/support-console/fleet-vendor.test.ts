/** The console's page of one vendor over all shops. No worker runs: what is there is put there. */
import { beforeAll, describe, expect, it } from 'vitest'
import { keepDelivery } from '../../app/delivery/testing.ts'
import { takeLaneHealth } from '../../app/insights/lane-health.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { leave } from '../support/tabs.ts'

const SHOPS = 12
const AT = '/support/fleet/vendor/voucherify'
const OUTAGE = 'Voucherify does not answer: see their status page.'
const support = consoleTools({ env: { SLUICE_ROLE: 'web' } })
const pool = () => support.app.server.services.pool
const rows = async (sql: string, values: unknown[] = []) => (await pool().query(sql, values)).rows
let failed: string

beforeAll(async () => {
  const shops = await rows(
    `insert into shops (domain) select 'shop-' || lpad(n::text, 2, '0') || '.myshopify.com' from generate_series(1, $1::int) n
     returning id`,
    [SHOPS],
  )
  await rows(
    `insert into connections (shop_id, vendor, settings, secrets, test_ok)
     select id, 'voucherify', '{}'::jsonb, '', true from shops where domain like 'shop-%'
     union all select id, 'alana', '{}'::jsonb, '', true from shops where domain = 'shop-01.myshopify.com'`,
  )
  const keep = (shop: number, state: 'delivered' | 'dead' | 'retry' | 'held') =>
    keepDelivery(pool(), shops[shop].id, { vendor: 'voucherify', state })
  for (let shop = 0; shop < SHOPS; shop++) await keep(shop, 'delivered')
  await keep(1, 'dead')
  failed = await keep(2, 'dead')
  await keep(3, 'retry')
  await keep(4, 'held')
  await rows("update deliveries set reason = 'rejected', message = 'No such project.' where state = 'dead'")
  await rows(
    `update connections set hold_reason = $1, hold_since = now() - interval '2 hours', hold_until = now() + interval '1 hour'
     where shop_id = any($2)`,
    [OUTAGE, shops.slice(4, 7).map(({ id }) => id)],
  )
  await rollUpDays(pool(), { justBegunSeconds: 0 })
  await takeLaneHealth(pool(), { opens: () => true, lateAfterMinutes: 60 })
})

describe.each([1280, 390])('at %d pixels', width => {
  it("shows an agent the vendor's state, and leads to its shops, failures and forms", async () => {
    const page = await support.open('agent', '/support/fleet', { width })
    await page.getByRole('link', { name: 'Voucherify', exact: true }).click()
    await page.waitForURL(`**${AT}`)
    await page.getByRole('heading', { name: 'Voucherify', level: 1 }).waitFor()
    // Holds and failures are live; shops, deliveries and days are as they were counted.
    await page
      .getByText(/^Now: .* UTC$/)
      .first()
      .waitFor()
    const part = (title: string) =>
      page
        .locator('.Polaris-Card, .Polaris-ShadowBevel')
        .filter({ has: page.getByRole('heading', { name: title }) })
    for (const title of ['What keeps it from sending', 'Recent failures by cause'])
      expect(
        await part(title)
          .getByText(/^Now: .* UTC$/)
          .count(),
      ).toBe(1)
    for (const title of ['Its shops', 'Its deliveries', 'Course of the last seven days'])
      expect(
        await part(title)
          .getByText(/^Counted as of .* UTC$/)
          .count(),
      ).toBe(1)
    await page.getByText('It pauses for no shop because of requests that failed.').waitFor()
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/fleet-vendor-${width}.png`, fullPage: true })
    await looksWell(page)
    const links = async (name: string) =>
      (await page.getByRole('link', { name }).first().getAttribute('href')) ?? null
    const of = '/support?vendor=voucherify'
    expect(await links('12 shops')).toBe(of)
    expect(await links('On hold by support: 3')).toBe(`${of}&state=held`)
    expect(await links('OK: 8')).toBe(`${of}&state=ok`)
    expect(await page.locator('dl > div').allTextContents()).toEqual([
      'Waiting1',
      expect.stringMatching(/^Oldest waiting, received.*UTC$/),
      'On hold by support1',
      'Held otherwise0',
      expect.stringMatching(/^Oldest held, received.*UTC$/),
      'Delivered12',
      'Failed2',
    ])
    const causes = page.getByRole('list', { name: 'Recent failures by cause' }).getByRole('listitem')
    expect(await causes.count()).toBe(2)
    expect(await causes.first().textContent()).toMatch(/Given up2 deliveries in 2 shops.*No such project\./)
    expect(await causes.nth(1).textContent()).toMatch(/Tried again1 delivery in 1 shop/)
    expect(await causes.first().getByRole('link').getAttribute('href')).toBe(
      `/support/shops/shop-03.myshopify.com/events/${failed}`,
    )
    const holds = page.getByRole('list', { name: 'Holds of support' }).getByRole('listitem')
    expect(await holds.allTextContents()).toEqual([
      expect.stringMatching(new RegExp(`^${OUTAGE}3 shops · since .* UTC · until .* UTC`)),
    ])
    const days = page.getByRole('table', { name: 'Course of the last seven days' }).getByRole('row')
    expect(await days.count()).toBe(8)
    expect((await days.nth(1).getByRole('cell').allTextContents()).slice(0, 2)).toEqual(['12', '2'])
    await holds.first().getByRole('link', { name: 'Release these' }).click()
    await page.getByText('3 of them will be released.').waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Hold Voucherify' }).click()
    await page.getByRole('heading', { name: 'Hold Voucherify' }).waitFor()
    await page.goBack()
    // The form is headed "Fleet" as well.
    await page.getByRole('heading', { name: 'Voucherify', level: 1 }).waitFor()
    await page.getByRole('link', { name: 'Fleet' }).filter({ visible: true }).first().click()
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor()
    await leave(page)
  })

  it('says that it rests for every shop, and since when', async () => {
    await rows(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason)
       values ('vendor:voucherify', now() + interval '5 minutes', 300000, now() - interval '1 hour', 'it failed')`,
    )
    const page = await support.open('viewer', AT, { width })
    await page.getByText(/^It pauses for every shop since .* UTC, until .* UTC: half or more/).waitFor()
    await looksWell(page)
    // A viewer holds and releases nothing.
    expect(await page.getByRole('link', { name: /Hold|Release/ }).count()).toBe(0)
    await rows("update circuits set open_until = now() - interval '1 second'")
    await page.reload()
    await page.getByText(/One request decides now whether it goes on\./).waitFor()
    await rows('delete from circuits')
    await leave(page)
  })

  it('has words for a vendor that no shop has, and for one that there is not', async () => {
    const page = await support.open('viewer', '/support/fleet/vendor/topmail', { width })
    await page.getByText('No shop has it connected').waitFor()
    await looksWell(page)
    await page.goto(`${support.app.url}/support/fleet/vendor/alana`)
    await page.getByText(/^No delivery waits or is held, and none of/).waitFor()
    for (const said of [
      'Support holds it for no shop.',
      'Nothing was delivered or failed of the events of these days.',
    ])
      expect(await page.getByText(said, { exact: true }).count()).toBe(1)
    await looksWell(page)
    const missing = await page.goto(`${support.app.url}/support/fleet/vendor/nobody`)
    expect(missing?.status()).toBe(404)
    await page.getByRole('heading', { name: 'Nothing here', level: 1 }).waitFor()
    await looksWell(page)
    await leave(page)
  })
})

it('the menu leads to the fleet from one of its forms, and from itself while the browser goes back', async () => {
  const page = await support.open('agent', AT)
  const hold = page.getByRole('heading', { name: 'Hold Voucherify' })
  const toFleet = async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Fleet' }).click()
    await page.waitForURL('**/support/fleet')
    await hold.waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor()
  }
  await page.getByRole('link', { name: 'Hold Voucherify' }).click()
  await hold.waitFor()
  await toFleet()
  await page.getByRole('link', { name: 'Voucherify', exact: true }).click()
  await page.getByRole('heading', { name: 'Voucherify', level: 1 }).waitFor()
  await toFleet()
  const comes = Promise.withResolvers<void>()
  const asked = page.waitForRequest(request => request.url().includes(`${AT}?_data=`))
  await page.route(
    url => url.pathname === AT,
    async route => {
      await comes.promise
      await route.continue().catch(() => {})
    },
  )
  await page.goBack()
  await asked
  await toFleet()
  comes.resolve()
  await leave(page)
})
