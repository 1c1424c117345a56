/** What is said to become of deliveries when they are sent again is what becomes of them. */
import { v7 as uuidv7 } from 'uuid'
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
const DENIED = { analytics: false, marketing: false }
const GRANTED = { analytics: true, marketing: true }

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
const viewOf = (visitor: string, actor: object) =>
  ({
    ...storeEvent('product_viewed', { url: null, product: product() }),
    actor: { ...NOBODY, visitorId: `visitor-${visitor}`, ...actor },
  }) as StoreEvent
const at = (time: string) => ({ occurredAt: time, version: time })
const CASES: Case[] = [
  ['an order', orderOf('1'), null],
  ['an order of nobody', orderOf('2', {}, {}), 'no_email'],
  ['a test order', orderOf('3', { test: true }), 'test_order'],
  ['an older state', { ...orderOf('4'), ...at('2026-11-20T10:00:00.000Z') } as StoreEvent, 'superseded'],
  ['its newer state', { ...orderOf('4'), ...at('2026-11-20T11:00:00.000Z') } as StoreEvent, null],
  ['a view without consent', viewOf('5', { email: 'buyer-5@example.com', consent: DENIED }), 'no_consent'],
  ['a view whose consent is not known', viewOf('6', { email: 'buyer-6@example.com' }), 'no_consent'],
  ['a view of somebody known', viewOf('7', { email: 'buyer-7@example.com', consent: GRANTED }), null],
  ['a view of nobody known yet', viewOf('8', { consent: GRANTED }), null],
  ['a view of nobody known that is too old to wait', viewOf('9', { consent: GRANTED }), 'no_email'],
]

it('each of these is said to be skipped for what it is skipped for when it is sent again, and the others are sent', async () => {
  const lane = { shopId: shops.one, vendor: 'ecomail' }
  const log = createLog('silent')
  await saveConnection(pool(), sealer, shops.one, ecomail, GIVEN)
  // Ids begin with when they were received.
  const ids = CASES.map(([what], n) => (what === 'a view of nobody known yet' ? uuidv7() : eventId(n)))
  for (const [n, [, event]] of CASES.entries()) {
    const delivery = { vendor: 'ecomail', state: 'pending', replay: true } as const
    await keepDelivery(pool(), shops.one, delivery, {
      ...event,
      id: ids[n] ?? '',
      dedupeKey: `case-${n}`,
    } as StoreEvent)
  }
  const shop = await shopById(pool(), shops.one)
  if (!shop) throw new Error('there is no such shop')
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
  const told = CASES.map(([what], n) => [what, foreseen.get(ids[n] ?? '') ?? null])
  const became = CASES.map(([what], n) => {
    const row = rows.find(({ id }) => id === ids[n])
    return [what, row?.state === 'skipped' ? row.reason : null]
  })
  expect(told).toEqual(CASES.map(([what, , expected]) => [what, expected]))
  expect(became).toEqual(told)
  const others = rows.flatMap(({ state }) => (state === 'skipped' ? [] : state))
  expect(others).toEqual(['delivered', 'delivered', 'delivered', 'waiting'])
})

it('an event is read once, however many tools are asked what would become of it', async () => {
  const [, , third] = CASES
  if (!third) throw new Error('there is no such case')
  await keepDelivery(pool(), shops.one, { vendor: 'ecomail', state: 'dead' }, {
    ...third[1],
    id: eventId(2),
  } as StoreEvent)
  const shop = await shopById(pool(), shops.one)
  if (!shop) throw new Error('there is no such shop')
  let read = 0
  const counting = new Proxy(pool(), {
    get(target, name) {
      const value = Reflect.get(target, name)
      if (name !== 'query') return typeof value === 'function' ? value.bind(target) : value
      return (...given: unknown[]) => {
        if (String(given[0]).includes('from events e where')) read += 1
        return value.apply(target, given)
      }
    },
  })
  const context = { pool: counting, sealer, log: createLog('silent') }
  const told = await skippedAgain(context, shop, ['ecomail', 'topmail', 'alana'], [eventId(2)])
  expect([...told.keys()]).toEqual(['ecomail', 'topmail', 'alana'])
  expect(read).toBe(1)
})

it('of two states that are held the older is foreseen as replaced, whichever is looked at: it was said to go out', async () => {
  const log = createLog('silent')
  await saveConnection(pool(), sealer, shops.one, ecomail, GIVEN)
  for (const [n, time] of ['2026-11-20T10:00:00.000Z', '2026-11-20T11:00:00.000Z'].entries()) {
    const state = { ...orderOf('4'), ...at(time), id: eventId(n), dedupeKey: `state-${n}` } as StoreEvent
    await keepDelivery(pool(), shops.one, { vendor: 'ecomail', state: 'held' }, state)
  }
  const shop = await shopById(pool(), shops.one)
  if (!shop) throw new Error('there is no such shop')
  const foreseen = async (n: number) =>
    (await skippedAgain({ pool: pool(), sealer, log }, shop, ['ecomail'], [eventId(n)], ['ecomail'])).get(
      'ecomail',
    )
  expect(await foreseen(0)).toEqual(new Map([[eventId(0), 'superseded']]))
  expect(await foreseen(1)).toEqual(new Map())
  await pool().query("update deliveries set state = 'dead' where event_id = $1", [eventId(1)])
  expect(await foreseen(0)).toEqual(new Map())
})

it('what is open is foreseen as what it is: unchanged unless a person had sent it again', async () => {
  const lane = { shopId: shops.one, vendor: 'ecomail' }
  const log = createLog('silent')
  await saveConnection(pool(), sealer, shops.one, ecomail, GIVEN)
  const older = { ...orderOf('4'), ...at('2026-11-20T10:00:00.000Z'), id: eventId(1), dedupeKey: 'older' }
  const newer = { ...orderOf('4'), ...at('2026-11-20T11:00:00.000Z'), id: eventId(2), dedupeKey: 'newer' }
  await keepDelivery(pool(), shops.one, { vendor: 'ecomail', state: 'pending' }, newer as StoreEvent)
  const customers = { requestUnknown() {} } as never
  const context = drainContext(pool(), [ecomail], filling(pool(), sealer, customers))
  await drainLane(context, lane, new AbortController().signal)
  await keepDelivery(pool(), shops.one, { vendor: 'ecomail', state: 'held' }, older as StoreEvent)
  const waits = "update deliveries set state = 'retry', done = '{}', replay = $2 where event_id = $1"
  await pool().query(waits, [eventId(2), false])
  const shop = await shopById(pool(), shops.one)
  if (!shop) throw new Error('there is no such shop')
  const open = async () =>
    (
      await skippedAgain(
        { pool: pool(), sealer, log },
        shop,
        ['ecomail'],
        [eventId(1), eventId(2)],
        ['ecomail'],
      )
    ).get('ecomail')
  expect(await open()).toEqual(
    new Map([
      [eventId(1), 'superseded'],
      [eventId(2), 'unchanged'],
    ]),
  )
  await pool().query(waits, [eventId(2), true])
  expect(await open()).toEqual(new Map([[eventId(1), 'superseded']]))
})

/** What is said of a vendor's open deliveries, and what becomes of them when the lane goes on. */
async function openOnes(events: readonly StoreEvent[], given: object, change: string) {
  const lane = { shopId: shops.one, vendor: 'ecomail' }
  const log = createLog('silent')
  await saveConnection(pool(), sealer, shops.one, ecomail, GIVEN)
  for (const event of events) await keepDelivery(pool(), shops.one, { vendor: 'ecomail', ...given }, event)
  await pool().query(change)
  const shop = await shopById(pool(), shops.one)
  if (!shop) throw new Error('there is no such shop')
  const ids = events.map(({ id }) => id)
  const told = await skippedAgain({ pool: pool(), sealer, log }, shop, ['ecomail'], ids, ['ecomail'])
  await pool().query("update deliveries set state = 'pending' where state = 'held'")
  const customers = { requestUnknown() {} } as never
  const context = drainContext(pool(), [ecomail], filling(pool(), sealer, customers))
  await drainLane(context, lane, new AbortController().signal)
  const { rows } = await pool().query<{ id: string; state: string; reason: string | null }>(
    'select event_id as id, state, reason from deliveries where shop_id = $1 order by 1',
    [shops.one],
  )
  return { told: told.get('ecomail'), became: rows.map(({ state, reason }) => [state, reason]) }
}

it.each([
  ['a moment ago: it was said to be skipped beside that it waits for its order', '0 minutes', []],
  ['long ago', '6 minutes', ['order_unknown']],
])('a notice whose order is not known waits for it, if it was accepted %s', async (_, ago, expected) => {
  const refund = storeEvent('order_refunded', { orderId: '77', order: null, refund: null })
  const event = { ...refund, id: uuidv7(), subject: 'order:77', dedupeKey: 'refund' } as StoreEvent
  const change = `update deliveries set created_at = now() - interval '${ago}'`
  const { told, became } = await openOnes([event], { state: 'pending' }, change)
  expect([...(told?.values() ?? [])]).toEqual(expected)
  expect(became).toEqual([[expected.length > 0 ? 'skipped' : 'retry', 'order_unknown']])
})

it('of two that tell of one thing, one is said to be left out, as it is', async () => {
  const seen = {
    ...viewOf('7', { email: 'buyer-7@example.com', consent: GRANTED }),
    occurredAt: new Date().toISOString(),
  }
  const events = (['storefront', 'pixel'] as const).map(
    source => ({ ...seen, source, id: uuidv7(), dedupeKey: source }) as StoreEvent,
  )
  const change = "update shops set collectors = '{storefront,pixel}'"
  const { told, became } = await openOnes(events, { state: 'held' }, change)
  expect([...(told?.values() ?? [])]).toEqual(['counted_once'])
  expect(became.filter(([, reason]) => reason === 'counted_once')).toHaveLength(1)
})

it('what is held and too old to be sent any more is said to expire, unless a person asked for it again', async () => {
  const events = [orderOf('1'), orderOf('2')].map(
    (event, n) => ({ ...event, id: eventId(n), dedupeKey: `old-${n}` }) as StoreEvent,
  )
  const change = `update deliveries set created_at = now() - interval '8 days', replay = event_id = '${eventId(1)}'`
  const { told } = await openOnes(events, { state: 'held' }, change)
  expect(told).toEqual(new Map([[eventId(0), 'expired']]))
})
