/** What is held, as support sees it: how long, by whom, and what becomes of what is sent again meanwhile. */
import { beforeAll, describe, expect, it } from 'vitest'
import { holdBySupport, releaseBySupport } from '../../app/delivery/holds.ts'
import { SHOP } from '../support/app.ts'
import { type ConsolePeople, consoleOf, openSignedIn } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools(async () => ({ SHOPIFY_APP_URL: 'http://127.0.0.1' }))
const made = orders(() => tools.app)
const AT = `/support/shops/${SHOP}`
const pool = () => tools.app.server.services.pool
let support: ConsolePeople
let delivered: string

/** One event arrived before the hold, another came three hours ago and is held for two. */
beforeAll(async () => {
  support = await consoleOf(tools.app)
  await tools.app.connect('voucherify')
  await made.send('orders/create', { name: '#1' })
  await tools.app.idle()
  const first = await pool().query<{ id: string }>('select event_id as id from deliveries limit 1')
  delivered = first.rows[0]?.id ?? ''
  await hold('They count twice.')
  made.next()
  await made.send('orders/create', { name: '#2' })
  await tools.app.idle()
  await pool().query(
    "update connections set hold_since = now() - interval '2 hours', stopped_since = now() - interval '2 hours'",
  )
  await pool().query("update deliveries set created_at = now() - interval '3 hours' where state = 'held'")
})

/** By an agent, until tomorrow, in place of whatever hold there is. */
async function hold(reason: string) {
  const { shop } = tools.app.server.services.support
  const by = { actor: 'agent@example.com', role: 'agent', address: null } as const
  const staff = { id: 1, email: by.actor, role: by.role, by, session: '' }
  const until = new Date(Date.now() + 24 * 3600_000)
  const found = await shop.find(staff, SHOP)
  if (!found) throw new Error('there is no such shop')
  const standing = await shop.standing(staff, found, 'voucherify')
  return shop.hold(staff, found, 'voucherify', { reason, until }, standing)
}

const lastHold = async () => {
  const { rows } = await pool().query(
    "select actor, before, after from audit_entries where action = 'hold' order by id desc limit 1",
  )
  return rows[0]
}
const opened = (path: string, width: number) => openSignedIn(tools, support, 'agent', path, width)

describe.each([1280, 390])('at %d pixels', width => {
  it('numbers of a vendor lead to the list of just these events, and back to the vendor', async () => {
    const page = await opened(AT, width)
    await page.getByText('Oldest held, received').waitFor()
    await page.getByText(/ UTC, 3 hours ago$/).waitFor()
    await page.getByText('Deliveries by day').click()
    await looksWell(page)
    await page.getByRole('link', { name: 'Voucherify, Held: 1' }).click()
    await page.getByRole('link', { name: /#2/ }).waitFor()
    await page.getByText('Voucherify: Held for 2 hr (On hold by support)').waitFor()
    expect(await page.getByRole('link', { name: /#1/ }).count()).toBe(0)
    await looksWell(page)
    await page.getByRole('link', { name: SHOP }).first().click()
    await page.waitForURL(`**${AT}#voucherify`)
    await page.getByRole('heading', { name: 'Voucherify', exact: true }).waitFor()
    await leave(page)
  }, 60_000)

  it('a held event is told to support: who holds it, since when, why, and where it is released', async () => {
    const page = await opened(`${AT}/activity?vendor=voucherify&outcome=held`, width)
    await page.getByRole('link', { name: /#2/ }).click()
    await page.getByText('Support holds Voucherify').waitFor()
    await page.getByText('Held by agent@example.com.').waitFor()
    await page.getByText(/^Voucherify has been held since .* until .* UTC\.$/).waitFor()
    await page.getByText(/^This event has waited for that since .* UTC\.$/).waitFor()
    await page.getByText('Reason, as the merchant reads it: They count twice.').waitFor()
    expect(await page.getByText('Questions?').count()).toBe(0)
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/held-${width}.png`, fullPage: true })
    await looksWell(page)
    await page.getByRole('link', { name: 'Change or release the hold of Voucherify' }).click()
    await page.getByRole('button', { name: 'Release Voucherify…' }).waitFor()
    await leave(page)
  }, 60_000)

  it('what is sent again waits: said before the button is pressed', async () => {
    const page = await opened(`${AT}/activity`, width)
    await page.getByRole('button', { name: 'Send again…' }).click()
    const many = page.getByRole('dialog')
    await many.getByLabel('Which deliveries').selectOption('delivered')
    await many.getByText(/Support has had Voucherify on hold since .*, until .* at the latest\./).waitFor()
    await looksWell(page)
    await page.keyboard.press('Escape')
    await page.goto(`${tools.app.url}${AT}/events/${delivered}`)
    await page.getByRole('button', { name: 'Send again to Voucherify' }).click()
    const one = page.getByRole('dialog')
    await one.getByText(/Support has had Voucherify on hold since .*, until .* at the latest\./).waitFor()
    await looksWell(page)
    await leave(page)
  }, 60_000)
})

it('what is sent again while support holds it is not said to be on its way', async () => {
  const page = await opened(`${AT}/events/${delivered}`, 1280)
  await page.getByRole('button', { name: 'Send again to Voucherify' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('They lost it.')
  await dialog.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('Waits: on hold by support.').waitFor()
  expect(await page.getByText('It is on its way again.').count()).toBe(0)
  await looksWell(page)
  await leave(page)
}, 60_000)

it('what is sent again to a vendor that is switched off is said to wait for that', async () => {
  await pool().query(
    "update connections set hold_reason = null, hold_since = null, hold_until = null, enabled = false; update deliveries set state = 'delivered'",
  )
  const page = await opened(`${AT}/events/${delivered}`, 1280)
  await page.getByRole('button', { name: 'Send again to Voucherify' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Voucherify is switched off.').waitFor()
  await dialog.getByLabel('Reason').fill('They lost it.')
  await dialog.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('Waits: the vendor is switched off.').waitFor()
  await page.goto(`${tools.app.url}${AT}/activity`)
  await page.getByRole('button', { name: 'Send again…' }).click()
  const many = page.getByRole('dialog')
  await many.getByLabel('Which deliveries').selectOption('delivered')
  await many.getByLabel('Reason').fill('They lost it.')
  await many.getByRole('button', { name: /^Send \d+ again$/ }).click()
  await many.getByText('1 held', { exact: true }).waitFor()
  expect(await page.getByText(/on (its|their) way again/).count()).toBe(0)
  await leave(page)
}, 60_000)

it('a hold in place of another says what waits, which it did before', async () => {
  const { rows } = await pool().query("select count(*)::int as count from deliveries where state = 'held'")
  expect(rows[0].count).toBeGreaterThan(0)
  const what = { held: rows[0].count, left: false }
  expect(await hold('They count twice.')).toEqual({ ...what, changed: false })
  expect(await hold('They count thrice.')).toEqual({ ...what, changed: true })
  await pool().query('update connections set hold_reason = null, hold_since = null, hold_until = null')
})

describe('a vendor', () => {
  it.each([1280, 390])(
    'that is held already is held once more by who says so, at %d pixels',
    async width => {
      const by = { actor: 'colleague@example.com', role: 'agent', address: null } as const
      const { rows } = await pool().query<{ id: number }>('select id from shops where domain = $1', [SHOP])
      const lane = { shopId: rows[0]?.id ?? 0, vendor: 'voucherify' }
      const page = await opened(AT, width)
      const dialog = page.getByRole('dialog')
      const confirm = dialog.getByRole('button', { name: 'Hold Voucherify' })
      await page.getByRole('button', { name: 'Hold Voucherify…' }).click()
      await dialog.getByText('Nothing is to be sent just now.').waitFor()
      // Somebody else is quicker.
      await holdBySupport(pool(), lane, { reason: 'Theirs.', until: null }, by, SHOP)
      await dialog.getByLabel('Reason').fill('Mine.')
      await confirm.click()
      await dialog.getByText('Support holds it already').waitFor()
      for (const text of ['Reason: Theirs.', 'By colleague@example.com', 'Until it is released'])
        expect(await dialog.getByText(text, { exact: true }).count()).toBe(1)
      expect(await confirm.isDisabled()).toBe(true)
      await looksWell(page)
      await dialog.getByRole('button', { name: 'Cancel' }).click()
      await page.reload()
      await page.getByText('Reason, as the merchant reads it: Theirs.').waitFor()
      await page.getByText('Held by colleague@example.com.').waitFor()

      // And where it is known from the beginning.
      await page.getByRole('button', { name: 'Change hold of Voucherify…' }).click()
      await dialog.getByText('By colleague@example.com').waitFor()
      await dialog.getByRole('heading', { name: `Change the hold of Voucherify for ${SHOP}` }).waitFor()
      expect(await dialog.getByText('Nothing is to be sent just now.').count()).toBe(0)
      expect(await dialog.getByLabel('Replace it').count()).toBe(0)
      await dialog.getByLabel('Reason').fill('Mine.')
      await looksWell(page)
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/change-${width}.png` })
      await dialog.getByRole('button', { name: 'Change the hold', exact: true }).click()
      await page.getByText('Reason, as the merchant reads it: Mine.').waitFor()
      await page.getByText(/^The hold of Voucherify is changed; /).waitFor()
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/changed-${width}.png` })
      expect(await lastHold()).toMatchObject({
        ...{ actor: 'agent@example.com', before: { reason: 'Theirs.' }, after: { reason: 'Mine.' } },
      })
      await releaseBySupport(pool(), lane, 'Over.', by, SHOP)
      await leave(page)
    },
    60_000,
  )

  it('that is held to the second keeps that end when it is given other words', async () => {
    const by = { actor: 'colleague@example.com', role: 'agent', address: null } as const
    const { rows } = await pool().query<{ id: number }>('select id from shops where domain = $1', [SHOP])
    const lane = { shopId: rows[0]?.id ?? 0, vendor: 'voucherify' }
    const until = new Date('2099-11-22T01:12:58.250Z')
    await holdBySupport(pool(), lane, { reason: 'Theirs.', until }, by, SHOP)
    const page = await opened(AT, 1280)
    await page.getByRole('button', { name: 'Change hold of Voucherify…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Support holds it already').waitFor()
    await dialog.getByLabel('Reason').fill('Other words.')
    await dialog.getByRole('button', { name: 'Change the hold', exact: true }).click()
    await page.getByText('Reason, as the merchant reads it: Other words.').waitFor()
    expect(await lastHold()).toMatchObject({
      after: { reason: 'Other words.', until: until.toISOString() },
    })
    await releaseBySupport(pool(), lane, 'Over.', by, SHOP)
    await leave(page)
  })
})

it('a hold of more than can follow at once says that the rest does, and the same number as the card below', async () => {
  const { shop } = tools.app.server.services.support
  const real = { ...shop }
  let counts = { open: 0, forVisitor: 0, held: 0, failed: 0 }
  shop.hold = async (...given) => {
    counts = { ...counts, open: 9_000, held: 14_000 }
    const done = await real.hold(...given)
    return done && { ...done, held: 5_000, left: true }
  }
  shop.page = async (...given) => {
    const page = await real.page(...given)
    return { ...page, vendors: page.vendors.map(vendor => ({ ...vendor, counts })) }
  }
  const page = await opened(AT, 390)
  await page.getByRole('button', { name: 'Hold Voucherify…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('An outage.')
  await dialog.getByRole('button', { name: 'Hold Voucherify' }).click()
  await page
    .getByText(
      'Voucherify is on hold; 10,000+ deliveries wait. The rest follows by itself within minutes; nothing of it is sent meanwhile.',
    )
    .waitFor()
  await page.getByRole('link', { name: 'Voucherify, Held: 10,000+' }).waitFor()
  await looksWell(page)
  // As the page is read again, so is the sentence.
  counts = { ...counts, open: 0, held: 7_000 }
  await page.getByText('Voucherify is on hold; 7,000 deliveries wait.', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Voucherify, Held: 7,000' }).waitFor()
  Object.assign(shop, real)
  await leave(page)
}, 60_000)
