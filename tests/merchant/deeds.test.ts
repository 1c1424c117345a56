/** A merchant sees what support did to the shop, and not who of support it was, nor anything of another shop. */
import { beforeAll, expect, it } from 'vitest'
import { createMerchantSupport } from '../../app/runtime/merchant-support.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { MERCHANT_READS, writeAudit } from '../../app/support/audit.ts'
import { SHOP } from '../support/app.ts'
import { sideways, violations } from '../support/look.ts'
import { merchantTools } from '../support/merchant.ts'
import { frameOf } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const JANE = { actor: 'jane@example.com', role: 'agent', address: '192.0.2.7' } as const
/** Of an action for many shops: no event is called so. */
const FLEET = '01930000-0000-7000-8000-00000000f1ee'
const EVENT = '01930000-0000-7000-8000-000000000001'

beforeAll(async () => {
  const { pool } = tools.app.server.services
  const shop = SHOP
  await writeAudit(pool, JANE, [
    {
      action: 'hold',
      shop,
      vendor: 'voucherify',
      reason: 'An outage',
      after: { secret: 'only-for-support' },
    },
    { action: 'release', shop, vendor: 'voucherify', subject: FLEET, reason: 'Their director called us' },
    { action: 'reveal', shop, subject: EVENT, reason: 'Asked by the shop' },
    { action: 'vendor_test', shop, vendor: 'ecomail' },
    { action: 'hold', shop, vendor: 'alana', subject: FLEET, reason: 'Maintenance' },
    {
      ...{ action: 'hold', shop, vendor: 'alana', reason: 'Longer maintenance' },
      before: { reason: 'Maintenance', since: '2026-11-01T10:00:00Z', until: null },
      after: { reason: 'Longer maintenance', since: '2026-11-01T10:00:00Z', until: null },
    },
    { action: 'release', shop, vendor: 'alana', reason: 'Alana is back', after: MERCHANT_READS },
    {
      ...{ action: 'replay', shop, vendor: 'alana', reason: 'Alana had an outage' },
      after: { outcome: 'failed', type: 'order_paid', count: 12, held: 3, replay: EVENT },
    },
    { action: 'hold', shop: 'other.myshopify.com', vendor: 'ecomail', reason: 'Of the other shop' },
  ])
})

it.each([1280, 390])('tells when, what and why at %d pixels', async width => {
  const { page, app: frame } = await tools.open('/app/support', { width })
  await frame.getByRole('heading', { name: 'What support did', level: 1 }).waitFor()
  expect(await frame.locator('h3').allTextContents()).toEqual([
    'Support sent events again: Alana',
    'Support ended its hold: Alana',
    'Support changed the reason or the end of its hold: Alana',
    'Support put a tool on hold: Alana',
    'Support looked at personal data',
    'Support ended its hold: Voucherify',
    'Support put a tool on hold: Voucherify',
  ])
  const text = (await frame.locator('main, body').first().textContent()) ?? ''
  expect(text).toContain('Why: An outage')
  expect(text).toContain('Why: Alana is back')
  expect(text).toContain('12 deliveries: Failed → Waiting (9), Held (3)')
  expect(text).toContain('Order paid')
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/deeds-${width}.png` })
  for (const hidden of ['jane', '192.0.2.7', 'only-for-support', 'Of the other shop', 'director'])
    expect(text).not.toContain(hidden)
  const inner = frameOf(page)
  expect(await violations(inner)).toEqual([])
  expect(await sideways(inner)).toBe(0)
  await leave(page)
})

it('is turned by pages, each entry once', async () => {
  const { pool, database } = tools.app.server.services
  const shop = await installShop(database.prisma, 'busy.myshopify.com', [])
  const entry = (n: number) => ({ action: 'hold' as const, shop: shop.domain, reason: String(n) })
  await writeAudit(
    pool,
    JANE,
    Array.from({ length: 30 }, (_, n) => entry(n)),
  )
  const { deeds } = createMerchantSupport({ pool })
  const first = await deeds(shop, null)
  const second = await deeds(shop, first.older)
  expect([...first.deeds, ...second.deeds].map(each => Number(each.reason))).toEqual(
    Array.from({ length: 30 }, (_, n) => 29 - n),
  )
  expect(second.older).toBeNull()
  expect(JSON.stringify(first)).not.toContain('jane')
})

it('why support ended a hold is told where it was written for the merchant, and what is no event has no address of one', async () => {
  const { pool, database } = tools.app.server.services
  const shop = await installShop(database.prisma, 'told.myshopify.com', [])
  const [reason, subject] = ['Why', FLEET]
  const actions = ['release', 'hold', 'reveal', 'replay', 'shop_set'] as const
  await writeAudit(
    pool,
    JANE,
    actions.map(action => ({ action, shop: shop.domain, reason, subject })),
  )
  await writeAudit(pool, JANE, [
    { action: 'release', shop: shop.domain, reason, subject, after: MERCHANT_READS },
  ])
  const { deeds } = await createMerchantSupport({ pool }).deeds(shop, null)
  expect(deeds.map(deed => [deed.what, deed.reason, deed.event])).toEqual([
    ['release', 'Why', null],
    ['settings', null, null],
    ['replay', 'Why', FLEET],
    ['reveal', 'Why', FLEET],
    ['hold', 'Why', null],
    ['release', null, null],
  ])
})
