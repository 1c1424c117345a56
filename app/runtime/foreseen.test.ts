/** What is said to become of deliveries when they are sent again is what becomes of them. */
import { expect, it } from 'vitest'
import { saveConnection } from '../delivery/connections.ts'
import { drainLane } from '../delivery/drain.ts'
import { drainContext, eventId, keepDelivery, sealer } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import { shopById } from '../shopify/shops.ts'
import { ecomail } from '../vendors/ecomail/index.ts'
import { order, product, storeEvent } from '../vendors/testing.ts'
import { filling } from './filling.ts'
import { skippedAgain } from './foreseen.ts'

const shops = twoShops()
const { pool } = shops
const GIVEN = { apiKey: 'k'.repeat(32), shopName: 'one' }
const DENIED = { analytics: false, marketing: false, preferences: false, saleOfData: false }

type Case = [what: string, event: StoreEvent, expected: string | null]
const orderOf = (
  orderId: string,
  over: object = {},
  actor: object = { email: `buyer-${orderId}@example.com` },
) =>
  ({
    ...storeEvent('order_updated', { orderId, order: order(over), refund: null }),
    subject: `order:${orderId}`,
    actor: { ...NOBODY, ...actor },
  }) as StoreEvent
const at = (time: string) => ({ occurredAt: time, version: time })
const CASES: Case[] = [
  ['an order', orderOf('1'), null],
  ['an order of nobody', orderOf('2', {}, {}), 'no_email'],
  ['a test order', orderOf('3', { test: true }), 'test_order'],
  ['an older state', { ...orderOf('4'), ...at('2026-11-20T10:00:00.000Z') } as StoreEvent, 'superseded'],
  ['its newer state', { ...orderOf('4'), ...at('2026-11-20T11:00:00.000Z') } as StoreEvent, null],
  [
    'a view without consent',
    {
      ...storeEvent('product_viewed', { url: null, product: product() }),
      actor: { ...NOBODY, visitorId: 'visitor-5', email: 'buyer-5@example.com' },
      consent: DENIED,
    } as StoreEvent,
    'no_consent',
  ],
]

it('each of these is said to be skipped for what it is skipped for when it is sent again, and the others are sent', async () => {
  const lane = { shopId: shops.one, vendor: 'ecomail' }
  const log = createLog('silent')
  await saveConnection(pool(), sealer, shops.one, ecomail, GIVEN)
  for (const [n, [, event]] of CASES.entries()) {
    const delivery = { vendor: 'ecomail', state: 'pending', replay: true } as const
    await keepDelivery(pool(), shops.one, delivery, {
      ...event,
      id: eventId(n),
      dedupeKey: `case-${n}`,
    } as StoreEvent)
  }
  const shop = await shopById(pool(), shops.one)
  if (!shop) throw new Error('there is no such shop')
  const ids = CASES.map((_, n) => eventId(n))
  const all = await skippedAgain({ pool: pool(), sealer, log }, shop, ['ecomail'], ids)
  const foreseen = all.get('ecomail') ?? new Map()
  const customers = { requestUnknown() {} } as never
  await drainLane(
    drainContext(pool(), [ecomail], filling(pool(), sealer, customers)),
    lane,
    new AbortController().signal,
  )
  const { rows } = await pool().query<{ id: string; state: string; reason: string | null }>(
    `select event_id as id, state, reason from deliveries where shop_id = $1 order by 1`,
    [shops.one],
  )
  const told = CASES.map(([what], n) => [what, foreseen.get(eventId(n)) ?? null])
  const became = CASES.map(([what], n) => {
    const row = rows.find(({ id }) => id === eventId(n))
    return [what, row?.state === 'skipped' ? row.reason : null]
  })
  expect(told).toEqual(CASES.map(([what, , expected]) => [what, expected]))
  expect(became).toEqual(told)
  const others = rows.flatMap(({ state }) => (state === 'skipped' ? [] : state))
  expect(others).toEqual(['delivered', 'delivered'])
})
