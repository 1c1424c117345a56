/** What waits, as support is told of it: whether it will go out at all, what a refused key holds, and who stopped a vendor when. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { SETTINGS, SHOP } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const support = consoleTools()
const made = orders(() => support.app)
const AT = `/support/shops/${SHOP}`
const REFUSED = { sluice_consent: 'analytics=no;marketing=no' }
const NO_KEY = 'Ecomail does not know this API key. The merchant has to paste the current one.'
const pool = () => support.app.server.services.pool
const ids: Record<string, string> = {}

async function send(name: string, over: object = {}) {
  made.next()
  await made.send('orders/create', { name, ...over })
  await support.app.idle()
  const { rows } = await pool().query<{ id: string }>(
    "select id from events where type = 'order_created' order by id desc limit 1",
  )
  ids[name] = rows[0]?.id ?? ''
}

/** Voucherify held by support, Ecomail's key refused, Alana switched off by the merchant, Topmail by the command line. */
beforeAll(async () => {
  const { app } = support
  for (const vendor of ['voucherify', 'ecomail', 'alana']) await app.connect(vendor)
  await app.connect('topmail', { ...SETTINGS.topmail, createContacts: true, rows: { order_created: true } })
  const reason = ['--reason', 'They count twice.']
  await runCommand(app, ['vendor', 'hold', SHOP, 'voucherify', ...reason])
  await runCommand(app, ['vendor', 'off', SHOP, 'topmail'])
  const { rows } = await pool().query<{ id: number }>('select id from shops where domain = $1', [SHOP])
  const shop = { id: rows[0]?.id ?? 0, domain: SHOP }
  await app.server.services.merchant.connections.switch(shop as never, 'alana', false)
  app.vendors.fail('ecomail', { status: 401, times: 50, body: { message: 'Wrong api key' } })
  await send('#4001')
  await send('#4002', { attributes: REFUSED })
}, 120_000)

/** The vendors of a shop's page, from above. */
const placed = (page: Page) =>
  page
    .locator(['ecomail', 'voucherify', 'alana', 'topmail'].map(id => `#${id}`).join())
    .evaluateAll(cards => cards.map(({ id }) => id))

async function shot(page: Page, name: string) {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}

describe.each([1280, 390])('at %d pixels', width => {
  it('a held order that refuses consent was promised as a delivery once its vendor goes on', async () => {
    const page = await support.open('agent', `${AT}/events/${ids['#4002']}`, { width })
    await page.getByText('when it goes on it will be skipped: No consent.').first().waitFor()
    await looksWell(page)
    await shot(page, `skips-${width}`)
    await page.goto(`${support.app.url}${AT}/events/${ids['#4001']}`)
    await page.getByText('it waits, and goes out when the vendor goes on.').first().waitFor()
    expect(await page.getByText('it will be skipped').count()).toBe(0)
    await leave(page)
  }, 60_000)

  it('support was told what the merchant would do, not who stopped the vendor, when, and who can end it', async () => {
    const page = await support.open('agent', `${AT}/events/${ids['#4001']}`, { width })
    for (const text of [
      /^The merchant switched it off on .+ UTC; the merchant can switch it on\.$/,
      /^command line.* switched it off on .+ UTC; the merchant can switch it on, or “sluice vendor on”\.$/,
      /^Ecomail refused its key on .+ UTC; the merchant can paste another\.$/,
    ])
      await page.getByText(text).waitFor()
    expect(await page.getByText('Switch it on to send what waits').count()).toBe(0)
    await page.getByText(`Reason: ${NO_KEY}`).waitFor()
    await looksWell(page)
    await shot(page, `stopped-${width}`)
    await page.getByRole('link', { name: 'How Ecomail stands in this shop' }).click()
    await page.waitForURL(`**${AT}#ecomail`)
    await leave(page)
  }, 60_000)

  it('the worst of its vendors stands first on the page of the shop, then what is held', async () => {
    const page = await support.open('viewer', AT, { width })
    expect(await placed(page)).toEqual(['ecomail', 'voucherify', 'alana', 'topmail'])
    // Beside it the card only says since when, and how its connection stands.
    expect(await page.locator('#ecomail').getByText(NO_KEY).count()).toBe(1)
    await shot(page, `worst-first-${width}`)
    await leave(page)
  }, 60_000)

  it('what a refused key held was no failure: nothing was said to have failed', async () => {
    const page = await support.open('agent', AT, { width })
    await page.getByText(/^2 held, the oldest received .+ UTC$/).waitFor()
    expect(await page.getByText('Nothing has failed in the last seven days.').count()).toBe(0)
    // Held by support as well, it was no longer among them.
    const held = (reason: string | null) =>
      pool().query(
        `update connections set hold_reason = $1::text, hold_since = case when $1::text is not null then now() end where vendor = 'ecomail'`,
        [reason],
      )
    await held('They count twice.')
    await page.reload()
    await page
      .getByRole('list', { name: 'Recent failures by cause' })
      .getByText(/^As of .+ UTC; support holds it now\. After a release it stays stopped for this/)
      .waitFor()
    await page.getByText(/^2 held, the oldest received .+ UTC$/).waitFor()
    await looksWell(page)
    await shot(page, `failures-${width}`)
    await held(null)
    await page.getByRole('link', { name: 'All of them: Ecomail, Credentials refused' }).click()
    await page.getByRole('link', { name: /#4001/ }).waitFor()
    await leave(page)
  }, 60_000)
})

it('a release said that all go out which were held, of which some are skipped for consent', async () => {
  for (const width of [390, 1280]) {
    const page = await support.open('agent', AT, { width })
    await page.getByRole('button', { name: 'Release Voucherify…' }).click()
    const dialog = page.getByRole('dialog')
    const said =
      '2 held deliveries are looked at anew and go out now, in order; what consent or settings forbid, or a newer state has replaced, is skipped.'
    await dialog.getByText(said).waitFor()
    await looksWell(page)
    await shot(page, `release-${width}`)
    if (width === 1280) {
      await dialog.getByLabel('Reason').fill('Over.')
      await dialog.getByRole('button', { name: 'Release Voucherify' }).click()
      await page.getByText(`Voucherify is released; ${said}`).waitFor()
      await support.app.idle()
      const { rows } = await pool().query(
        "select state, reason from deliveries where vendor = 'voucherify' order by event_id",
      )
      expect(rows).toEqual([
        { state: 'delivered', reason: null },
        { state: 'skipped', reason: 'no_consent' },
      ])
      // The page renews itself, and moves nothing behind a dialog.
      const before = await placed(page)
      await page.getByRole('button', { name: 'Hold Voucherify…' }).click()
      await pool().query(
        "update connections set enabled = true, attention = 'Ask Alana.' where vendor = 'alana'",
      )
      await page.locator('#alana').getByText('Needs attention').waitFor()
      expect(await placed(page)).toEqual(before)
      await dialog.getByRole('button', { name: 'Cancel' }).click()
      await expect.poll(() => placed(page)).toEqual(['alana', ...before.filter(id => id !== 'alana')])
    }
    await leave(page)
  }
}, 60_000)
