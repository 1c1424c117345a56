/** "Why did it come late?": what held an event up and is over, as support, the merchant and the command line are told. */
import { beforeAll, describe, expect, it } from 'vitest'
import { timesIn } from '../../app/ui/clock.ts'
import { SHOP } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { type ConsolePeople, consoleOf, openSignedIn } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools(async () => ({ SHOPIFY_APP_URL: 'http://127.0.0.1' }))
const made = orders(() => tools.app)
const sluice = (...args: string[]) => runCommand(tools.app, args)
const pool = () => tools.app.server.services.pool
const WHY = 'They count twice.'
const DAY = 'Nov 20, 2026, 11:'
let support: ConsolePeople
let event: string

/** An order that was held for 82 seconds, and its vendor switched off for longer. */
beforeAll(async () => {
  support = await consoleOf(tools.app)
  await tools.app.connect('voucherify')
  const by = { actor: 'agent@example.com', role: 'agent', address: null } as const
  const staff = { id: 1, email: by.actor, role: by.role, by, session: '' }
  const { shop } = tools.app.server.services.support
  const found = await shop.find(staff, SHOP)
  if (!found) throw new Error('there is no such shop')
  await shop.hold(staff, found, 'voucherify', { reason: WHY, until: null }, null)
  await made.send('orders/create', { name: 'CZ-1001' })
  await tools.app.idle()
  await sluice('vendor', 'off', SHOP, 'voucherify')
  await shop.release(staff, found, 'voucherify', { reason: 'They count once.', merchantReads: true }, null)
  await sluice('vendor', 'on', SHOP, 'voucherify')
  await tools.app.idle()
  expect(await tools.app.states()).toContainEqual(['order_created', 'delivered', null])
  // By a clock that a test can read: held from 11:00, off from 11:01, released at 11:01:22, on at 11:05.
  const times = { hold: '00:00', off: '01:00', release: '01:22', on: '05:00' }
  for (const [what, time] of Object.entries(times)) {
    const at = `2026-11-20T11:${time}Z`
    await pool().query('update connection_changes set at = $2 where what = $1', [what, at])
  }
  await pool().query('alter table audit_entries disable trigger audit_entries_stay')
  await pool().query("update audit_entries set at = '2026-11-20T11:00:00Z' where action = 'hold'")
  await pool().query("update audit_entries set at = '2026-11-20T11:01:00Z' where action = 'vendor_off'")
  await pool().query("update deliveries set created_at = '2026-11-20T11:00:10Z'")
  const { rows } = await pool().query<{ id: string }>("select id from events where type = 'order_created'")
  event = rows[0]?.id ?? ''
}, 60_000)

const held = `Sluice support had it on hold from ${DAY}00:00 UTC until ${DAY}01:22 UTC.`

describe.each([1280, 390])('at %d pixels', width => {
  it('support reads from when until when, by whom and why', async () => {
    const page = await openSignedIn(tools, support, 'viewer', '/support', width)
    await page.getByLabel('Domain, name, order number or vendor').fill('cz-1001')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Has this order' }).first().click()
    await page.getByRole('link', { name: /^Order placed/ }).click()
    const waited = page.getByRole('list', { name: 'Why it waited' })
    const lines = waited.getByRole('listitem')
    await lines.first().waitFor()
    const said = await lines.evaluateAll(found =>
      found.map(each => [...each.children].map(line => line.textContent)),
    )
    expect(said).toEqual([
      [held, 'By agent@example.com', `Reason: ${WHY}`],
      [
        expect.stringMatching(
          new RegExp(`^command line: .+ had switched it off from ${DAY}01:00 UTC until ${DAY}05:00 UTC\\.$`),
        ),
      ],
    ])
    await looksWell(page)
    await leave(page)
  })
})

it('the merchant reads it without who of support it was', async () => {
  for (const width of [1280, 390]) {
    const { page, app } = await tools.open(`/app/activity/${event}`, { width })
    await app.getByText('Why it waited:').waitFor()
    await app.getByText(/^Sluice support had it on hold from /).waitFor()
    await app.getByText(`Reason: ${WHY}`).waitFor()
    await app.getByText(/^Support had switched it off from /).waitFor()
    expect(await page.frames().at(-1)?.content()).not.toContain('agent@example.com')
    await leave(page)
  }
})

it('the command line says so too', async () => {
  const { out } = await sluice('explain', SHOP, event)
  expect(out).toContain(
    `  on hold    2026-11-20T11:00:00.000Z until 2026-11-20T11:01:22.000Z by agent@example.com: ${WHY}`,
  )
  expect(out).toMatch(
    /^ {2}off {8}2026-11-20T11:01:00.000Z until 2026-11-20T11:05:00.000Z by command line: /m,
  )
})

describe('an order whose notice may wait in the spool', () => {
  /** @returns when it came, as the console writes it */
  async function spool(items: number, failure: string | null, received: string): Promise<string> {
    await pool().query('delete from spool')
    const { rows } = await pool().query<{ at: Date }>(
      `insert into spool (id, shop_id, items, received_at, due_at, failure, body)
       select uuidv7(), id, $1, now() - $3::interval, now() + interval '1 day', $2, '' from shops returning received_at as at`,
      [items, failure, received],
    )
    return timesIn('en', null).full(rows[0]?.at.toISOString() ?? '')
  }

  it.each([
    [
      'waits',
      null,
      (at: string) =>
        `2 requests wait to be taken up, the oldest since ${at}; one of them may be of it. Try again in a minute; if they stay, look whether a worker is running.`,
    ],
    [
      'could not be taken up',
      'No.',
      (at: string) =>
        `2 requests of the last day, the oldest received ${at}, could not be taken up and are tried again by themselves`,
    ],
  ])('is not said to be none where one %s, and since when it does', async (_, failure, saidOf) => {
    const said = saidOf(await spool(2, failure, '3 hours'))
    for (const width of [1280, 390]) {
      const page = await openSignedIn(tools, support, 'viewer', '/support?text=%239999', width)
      await page.getByRole('heading', { name: 'No order #9999 is known yet' }).waitFor()
      await page.getByText(said).waitFor()
      await looksWell(page)
      await page.goto(`${tools.app.url}/support/shops/${SHOP}/activity?order=9999`)
      await page.getByRole('heading', { name: 'No order 9999 is known yet' }).waitFor()
      await page.getByText(said).waitFor()
      await leave(page)
      const merchant = await tools.open('/app/activity?order=9999', { width })
      await merchant.app.getByRole('heading', { name: 'No order 9999 is known yet' }).waitFor()
      await merchant.app
        .getByText(/^2 requests with news from your store .*; the oldest came \w+ \d+, \d+, \d\d:\d\d:\d\d/)
        .waitFor()
      expect(await merchant.app.getByText('sluice spool').count()).toBe(0)
      await leave(merchant.page)
    }
  })

  it('is said to be none where what could not be taken up is old, which is told beside', async () => {
    const said = `2 older requests, the oldest received ${await spool(2, 'No.', '25 hours')}, could not be taken up`
    const page = await openSignedIn(tools, support, 'viewer', '/support?text=%239999', 1280)
    await page.getByRole('heading', { name: 'No order #9999 was received' }).waitFor()
    await page.getByText(said).waitFor()
    await page.goto(`${tools.app.url}/support/shops/${SHOP}/activity?order=9999`)
    await page.getByRole('heading', { name: 'No order 9999 was received' }).waitFor()
    await page.getByText(said).waitFor()
    await leave(page)
    const merchant = await tools.open('/app/activity?order=9999')
    await merchant.app.getByRole('heading', { name: 'No order 9999 was received' }).waitFor()
    await leave(merchant.page)
  })

  it("is told of on the shop's page, which else would look as if nothing had come", async () => {
    const at = await spool(2, null, '40 seconds')
    for (const width of [1280, 390]) {
      const page = await openSignedIn(tools, support, 'viewer', `/support/shops/${SHOP}`, width)
      await page.getByText(`2 requests wait to be taken up, the oldest since ${at}. If they stay`).waitFor()
      await looksWell(page)
      await leave(page)
    }
    await pool().query('delete from spool')
    const page = await openSignedIn(tools, support, 'viewer', `/support/shops/${SHOP}`, 1280)
    await page.getByRole('heading', { name: 'The shop' }).waitFor()
    expect(await page.getByText('to be taken up').count()).toBe(0)
    await leave(page)
  })

  it('is said to be none again once the spool is empty', async () => {
    await pool().query('delete from spool')
    const page = await openSignedIn(tools, support, 'viewer', '/support?text=%239999', 1280)
    await page.getByRole('heading', { name: 'No order #9999 was received' }).waitFor()
    await leave(page)
  })
})
