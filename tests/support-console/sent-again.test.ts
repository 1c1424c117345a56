/** An event's page, of what was sent again more than once and of what may be sent only now: as support and the merchant are told. */
import { beforeAll, describe, expect, it } from 'vitest'
import { endHolds } from '../../app/delivery/hold-ends.ts'
import { consentPayload, customerPayload } from '../../sandbox/store/payloads.ts'
import { SHOP } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { type ConsolePeople, consoleOf, openSignedIn } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { merchantTools } from '../support/merchant.ts'
import { minute, orders } from '../support/orders.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools(async () => ({ SHOPIFY_APP_URL: 'http://127.0.0.1' }))
const made = orders(() => tools.app)
const pool = () => tools.app.server.services.pool
const AT = `/support/shops/${SHOP}`
const WHY = 'Their campaign had lost it.'
const JOE = { id: 7_055_555, email: 'joe@example.com', first: 'Joe', last: 'Bloggs', marketing: true }
const JANE = { ...JOE, id: 7_055_556, email: 'jane@example.com', first: 'Jane' }
const by = { actor: 'agent@example.com', role: 'agent', address: null } as const
const staff = { id: 1, email: by.actor, role: by.role, by, session: '' }
let support: ConsolePeople
let order: string
let created: string

const eventOf = async (type: string) => {
  const { rows } = await pool().query<{ id: string }>('select id from events where type = $1', [type])
  return rows[0]?.id ?? ''
}
const found = async () => {
  const shop = await tools.app.server.services.support.shop.find(staff, SHOP)
  if (!shop) throw new Error('there is no such shop')
  return shop
}

/** An order that the merchant, support and the command line sent again, and support with others; a customer who accepts marketing late. */
beforeAll(async () => {
  support = await consoleOf(tools.app)
  await tools.app.connect('voucherify')
  await made.send('orders/create', { name: '#1' })
  await tools.app.store.webhook({ topic: 'customers/create', payload: customerPayload(JOE, minute(1)) })
  await tools.app.idle()
  order = await eventOf('order_created')
  created = await eventOf('customer_created')
  const { merchant, support: console } = tools.app.server.services
  const shop = await found()
  await merchant.activity.replayOne(shop, order, 'voucherify')
  await tools.app.idle()
  await console.shop.activity.replayOne(staff, shop, order, 'voucherify', WHY)
  await tools.app.idle()
  const command = ['replay', SHOP, '--event', order, '--state', 'delivered', '--vendor', 'voucherify']
  await runCommand(tools.app, [...command, '--reason', 'Once more.'])
  await tools.app.idle()
  const chosen = { outcome: 'delivered', partlyRejected: false, type: 'order_created' } as const
  const { start } = await console.shop.activity.count(shop, chosen)
  await console.shop.activity.step(staff, shop, chosen, start, 'All of them.')
  await tools.app.idle()
}, 60_000)

const AGAIN = /sent it again on|was sent with others|^Attempt \d|^Reason: /
const lines = (texts: string[]) =>
  texts
    .filter(text => AGAIN.test(text))
    .map(text => text.replace(/ (on|·) .+$/, '').replace(/line: \S+/, 'line'))

describe.each([1280, 390])('at %d pixels', width => {
  it('support reads who sent it again, when and why, between the attempts', async () => {
    const page = await openSignedIn(tools, support, 'viewer', `${AT}/events/${order}`, width)
    const told = page.getByRole('list', { name: 'Attempts at Voucherify' })
    await page.getByRole('button', { name: 'Show 6 earlier entries' }).click()
    expect(lines(await told.locator('p').allTextContents())).toEqual([
      'Attempt 1: delivered',
      'The merchant sent it again',
      'Attempt 2: delivered',
      'agent@example.com sent it again',
      `Reason: ${WHY}`,
      'Attempt 3: delivered',
      'command line sent it again',
      'Reason: Once more.',
      'Attempt 4: delivered',
      'agent@example.com sent it again',
      'It was sent with others that a filter had found.',
      'Reason: All of them.',
      'Attempt 5: delivered',
    ])
    await looksWell(page)
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/again-support-${width}.png`, fullPage: true })
    await leave(page)
  })

  it('the merchant reads it without who of support it was', async () => {
    const { page, app } = await tools.open(`/app/activity/${order}`, { width })
    const told = app.getByRole('list', { name: 'Attempts at Voucherify' })
    await told.waitFor()
    await app.getByRole('button', { name: 'Show 6 earlier entries' }).click()
    expect(await told.evaluate(list => list === document.activeElement)).toBe(true)
    expect(
      lines(await told.locator('p').allTextContents()).filter(line => !line.startsWith('Attempt')),
    ).toEqual([
      'You sent it again',
      'Sluice support sent it again',
      `Reason: ${WHY}`,
      'Sluice support sent it again',
      'Reason: Once more.',
      'Sluice support sent it again',
      'It was sent with others that a filter had found.',
      'Reason: All of them.',
    ])
    expect(await frameOf(page).content()).not.toContain('agent@example.com')
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    if (process.env.SHOTS) {
      await told.scrollIntoViewIfNeeded()
      await page.screenshot({ path: `${process.env.SHOTS}/again-merchant-${width}.png` })
    }
    await leave(page)
  })
})

describe('what was sent again by a filter before it was kept by whom', () => {
  beforeAll(async () => {
    await pool().query('update deliveries set replays = null where event_id = $1', [order])
    await pool().query(
      `insert into replays (shop_id, id, sent_by, chosen, count)
       select shop_id, replay_id, 'shop', '{"outcome": "failed", "partly": "on"}', 1 from deliveries where event_id = $1
       on conflict (shop_id, id) do update set chosen = excluded.chosen, sent_by = 'shop'`,
      [order],
    )
  })

  it.each([1280, 390])(
    'says in the list that what was taken in part was sent too, at %d pixels',
    async width => {
      const { page, app } = await tools.open('/app/activity/replays', { width })
      await app.getByText('Also those taken in part', { exact: true }).waitFor()
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/partly-${width}.png` })
      await leave(page)
    },
  )

  it.each([1280, 390])('names nobody to the merchant and to support, at %d pixels', async width => {
    await pool().query('delete from replays')
    // As support's entry was, without the id of its replay.
    await pool().query(`alter table audit_entries disable trigger user`)
    await pool().query(`update audit_entries set after = after - 'replay' where action = 'replay'`)
    await pool().query(`alter table audit_entries enable trigger user`)
    const ours = await openSignedIn(tools, support, 'viewer', `${AT}/events/${order}`, width)
    const theirs = await tools.open(`/app/activity/${order}`, { width })
    for (const [place, who] of [
      [ours, 'The merchant'],
      [theirs.app, 'You'],
    ] as const) {
      const told = place.getByRole('list', { name: 'Attempts at Voucherify' })
      await place.getByRole('button', { name: /^Show \d earlier entr/ }).click()
      await told
        .getByText(/^It was sent again on /)
        .first()
        .waitFor()
      expect(await told.getByText(`${who} sent it again`).count()).toBe(0)
    }
    if (process.env.SHOTS) {
      await theirs.app
        .getByText(/^It was sent again on /)
        .first()
        .scrollIntoViewIfNeeded()
      await theirs.page.screenshot({ path: `${process.env.SHOTS}/somebody-${width}.png` })
      await ours
        .getByText(/^It was sent again on /)
        .first()
        .scrollIntoViewIfNeeded()
      await ours.screenshot({ path: `${process.env.SHOTS}/somebody-support-${width}.png` })
    }
    await leave(ours)
    await leave(theirs.page)
  })
})

describe('a customer who accepted marketing only after the notice of them', () => {
  it('is said to have said nothing, not that no connected tool uses the event', async () => {
    const { page, app } = await tools.open(`/app/activity/${created}`)
    await app
      .getByText('It is not known whether the person accepts marketing, so the tool is not told')
      .waitFor()
    expect(await app.getByText(/uses this event/).count()).toBe(0)
    expect(await app.getByText('so it can be sent').count()).toBe(0)
    await leave(page)
  })

  it('can be sent once they accept it, which the page says', async () => {
    // As Shopify tells who was changed, not that they subscribed: that notice goes to Voucherify itself.
    const payload = { ...customerPayload(JOE, minute(5)), ...consentPayload(JOE, minute(5)) }
    await tools.app.store.webhook({ topic: 'customers/update', payload })
    await tools.app.idle()
    for (const width of [1280, 390]) {
      const { page, app } = await tools.open(`/app/activity/${created}`, { width })
      await app.getByText('They do now, so it can be sent').waitFor()
      await app.getByText('nothing, unless you send it again.').waitFor()
      expect(await sideways(page)).toBe(0)
      if (process.env.SHOTS) {
        await app.getByText('They do now, so it can be sent').scrollIntoViewIfNeeded()
        await page.screenshot({ path: `${process.env.SHOTS}/accepts-${width}.png` })
      }
      if (width === 390) {
        await app.getByRole('button', { name: 'Send again to Voucherify' }).click()
        await app.getByRole('button', { name: 'Send again', exact: true }).last().click()
        await app.getByText(/^Attempt 1: delivered/).waitFor()
        expect(await app.getByText('They do now, so it can be sent').count()).toBe(0)
      }
      await leave(page)
    }
  })
})

it('a customer whose subscription was told of by another notice was offered to be sent again, and was told of twice', async () => {
  // Shopify last changed the customer after they had subscribed.
  await tools.app.store.webhook({ topic: 'customers/create', payload: customerPayload(JANE, minute(9)) })
  await tools.app.idle()
  const sent = () => tools.app.sentTo('voucherify').length
  const before = sent()
  await tools.app.store.webhook({
    topic: 'customers_email_marketing_consent/update',
    payload: consentPayload(JANE, minute(8)),
  })
  await tools.app.idle()
  expect(sent()).toBe(before + 1)
  const { rows } = await pool().query<{ id: string }>(
    "select id from events where type = 'customer_created' order by id desc limit 1",
  )
  const event = rows[0]?.id ?? ''
  const { activity } = tools.app.server.services.merchant
  const shown = async () => (await activity.story(await found(), event))?.deliveries[0]
  expect(await shown()).toMatchObject({
    ...{ reason: 'marketing_unknown', skipsAgain: 'unchanged', acceptsNow: false },
  })
  await activity.replayOne(await found(), event, 'voucherify')
  await tools.app.idle()
  expect(await shown()).toMatchObject({ reason: 'unchanged' })
  expect(sent()).toBe(before + 1)
})

describe('the console', () => {
  it("leads from an event's id that is typed for an order to the event's page", async () => {
    const page = await openSignedIn(tools, support, 'viewer', `${AT}/activity`, 1280)
    const filters = page.getByRole('button', { name: 'Filters' })
    if (await filters.isVisible()) await filters.click()
    await page.getByLabel('Order number').fill(order)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${AT}/events/${order}`)
    await page.getByRole('list', { name: 'Attempts at Voucherify' }).waitFor()
    await leave(page)
  })

  it("says in a connection's history what the merchant did, and which hold ended by itself", async () => {
    const { support: console, merchant } = tools.app.server.services
    const shop = await found()
    await merchant.connections.switch(shop, 'voucherify', false)
    await merchant.connections.switch(shop, 'voucherify', true)
    const until = new Date(Date.now() + 3600_000)
    await console.shop.hold(staff, shop, 'voucherify', { reason: 'They are down.', until }, null)
    await pool().query("update connections set hold_until = now() - interval '1 second'")
    await endHolds(pool())
    const page = await openSignedIn(tools, support, 'viewer', AT, 1280)
    await page.getByText('History', { exact: true }).click()
    const history = page.getByRole('list', { name: 'History of Voucherify' }).getByRole('listitem')
    await history.first().waitFor()
    const told = await history.allTextContents()
    // That its end was brought forward, which nobody of support did.
    told.splice(1, 1)
    expect(told[0]).toMatch(/Released.*by itself, at the end it was given/)
    expect(told[1]).toMatch(/On hold by support.*by agent@example\.com/)
    expect(told[2]).toMatch(/Switched on.*by the merchant/)
    expect(told[3]).toMatch(/Switched off.*by the merchant/)
    await leave(page)
  })
})
