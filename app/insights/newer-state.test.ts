/** Orders that were left to a newer state: what is counted of them, and the lists behind the numbers. */
import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { saveConnection } from '../delivery/connections.ts'
import type { DeliveryState } from '../delivery/outcome.ts'
import { keepDelivery, sealer, TINY_SETTINGS, tinyVendor } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import type { StoreEvent } from '../events/store-event.ts'
import type { OrderEventType } from '../events/types.ts'
import { order, storeEvent } from '../vendors/testing.ts'
import { MOST_UNSETTLED, ordersOf, periodOf } from './accuracy.ts'
import { activityPage } from './activity.ts'
import { dailyCounts } from './daily.ts'
import { rollUpDays } from './roll-up-days.ts'

const NOW = new Date('2026-11-20T15:00:00Z')
const EVER = { from: '2000-01-01', to: '2100-01-01' }
const NEVER = { counted: null, installed: new Date(0) }
const shops = twoShops()
const { pool } = shops
let shopId: number
let names = 0

beforeEach(async () => {
  shopId = shops.one
  await saveConnection(pool(), sealer, shopId, tinyVendor(), TINY_SETTINGS)
})

type Kept = Parameters<typeof keepDelivery>[2]
const SUPERSEDED = { state: 'skipped', reason: 'superseded' } as const

/** A state of an order, received and made at these times, and its delivery. */
async function state(
  orderId: string,
  type: OrderEventType,
  at: string,
  delivery: Kept,
  { version = at, shop = shopId } = {},
) {
  const id = uuidv7({ msecs: Date.parse(at) })
  const event = storeEvent(type, { orderId, order: order(), refund: null })
  const times = { receivedAt: at, occurredAt: at, version }
  const over = { ...event, id, dedupeKey: id, subject: `order:${orderId}`, ...times } as StoreEvent
  return keepDelivery(pool(), shop, { reason: null, ...delivery }, over)
}
/** An order that was left to a newer state, received at a time. @returns its number */
async function leftAt(at: string): Promise<string> {
  const orderId = String(++names)
  await state(orderId, 'order_created', at, SUPERSEDED)
  return orderId
}
const become = (id: string, to: DeliveryState, reason: string | null = null) =>
  pool().query('update deliveries set state = $2, reason = $3, updated_at = now() where event_id = $1', [
    id,
    to,
    reason,
  ])
const rollUp = () => rollUpDays(pool(), { justBegunSeconds: 0 })
/** What the orders that were left came to, from the page's own counts. */
async function onPage(): Promise<Record<string, number>> {
  const { parts } = await ordersOf(pool(), shopId, await periodOf(pool(), null, NOW, 30), NEVER)
  const left = parts.filter(({ reason }) => reason === 'superseded')
  return Object.fromEntries(left.map(({ newer, count }) => [newer, count]))
}
async function kept(): Promise<Record<string, number>> {
  const left = (await dailyCounts(pool(), shopId, EVER)).filter(({ reason }) => reason === 'superseded')
  return Object.fromEntries(left.map(({ newer, count }) => [newer, count]))
}
/** As if nothing had changed for long: the page reads what is kept. */
const settle = () => pool().query(`update rollups set seen_until = now() + interval '1 hour'`)

const DAY = '2026-11-20'
const NEWER: [string, Kept][] = [
  ['delivered', { state: 'delivered' }],
  ['failed', { state: 'dead', reason: 'rejected' }],
  ['waiting', { state: 'retry', reason: 'busy' }],
  ['held', { state: 'held', reason: 'off' }],
  ['no_consent', { state: 'skipped', reason: 'no_consent' }],
]

it('an order is what its newer state came to, from the rows and from the counts, and each number has its list', async () => {
  for (const [, delivery] of NEWER)
    await state(await leftAt(`${DAY}T10:00:00Z`), 'order_updated', `${DAY}T10:00:01Z`, delivery)
  await leftAt(`${DAY}T10:00:00Z`)
  const expected = { delivered: 1, failed: 1, waiting: 1, held: 1, no_consent: 1, none: 1 }
  expect(await onPage()).toEqual(expected)
  await rollUp()
  await settle()
  expect(await onPage()).toEqual(expected)
  for (const newer of Object.keys(expected)) {
    const filter = {
      shopId,
      vendor: 'tiny',
      type: 'order_created',
      outcome: 'skipped',
      reason: 'superseded',
    } as const
    expect((await activityPage(pool(), { ...filter, newer }, null)).lines).toHaveLength(1)
  }
})

describe('of several newer states', () => {
  it('the newest counts, whichever was received last and whatever was left to it', async () => {
    const id = await leftAt(`${DAY}T10:00:00Z`)
    await state(id, 'order_paid', `${DAY}T10:00:01Z`, { state: 'dead' }, { version: `${DAY}T12:00:00Z` })
    await state(id, 'order_updated', `${DAY}T10:00:02Z`, { state: 'held' }, { version: `${DAY}T11:00:00Z` })
    await state(id, 'order_updated', `${DAY}T10:00:03Z`, SUPERSEDED, { version: `${DAY}T11:30:00Z` })
    expect(await onPage()).toEqual({ failed: 1 })
  })

  it('one that arrived counts, also while it is sent again, and one that was received before the order', async () => {
    const id = await leftAt(`${DAY}T10:00:00Z`)
    const early = await state(
      id,
      'order_updated',
      `${DAY}T09:59:59Z`,
      { state: 'pending' },
      { version: `${DAY}T10:00:05Z` },
    )
    await state(id, 'order_updated', `${DAY}T10:00:06Z`, { state: 'dead' })
    expect(await onPage()).toEqual({ failed: 1 })
    await pool().query('update deliveries set delivered_before = true where event_id = $1', [early])
    expect(await onPage()).toEqual({ delivered: 1 })
  })

  it('those of another shop, another tool and of no order do not count', async () => {
    const id = await leftAt(`${DAY}T10:00:00Z`)
    await state(id, 'order_updated', `${DAY}T10:00:01Z`, { state: 'delivered' }, { shop: shops.two })
    await state(id, 'order_updated', `${DAY}T10:00:01Z`, { state: 'delivered', vendor: 'other' })
    expect(await onPage()).toEqual({ none: 1 })
  })
})

describe('a newer state of a later day', () => {
  it('has the day of its order counted again when it ends, and when it is sent again', async () => {
    const id = await leftAt('2026-11-10T10:00:00Z')
    const newer = await state(id, 'order_paid', `${DAY}T10:00:00Z`, { state: 'pending' })
    await rollUp()
    expect(await kept()).toEqual({ waiting: 1 })
    for (const [to, reason, came] of [
      ['delivered', null, 'delivered'],
      ['dead', 'rejected', 'failed'],
      ['skipped', 'no_email', 'no_email'],
    ] as const) {
      await become(newer, to, reason)
      expect(await onPage()).toEqual({ [came]: 1 })
      await rollUp()
      expect(await kept()).toEqual({ [came]: 1 })
      await settle()
      expect(await onPage()).toEqual({ [came]: 1 })
      await pool().query(`update rollups set seen_until = now()`)
    }
  })

  it('has no day counted again of an order that had arrived before, as its states go on for weeks', async () => {
    for (let ago = 1; ago <= MOST_UNSETTLED + 5; ago++) {
      const day = new Date(NOW.getTime() - ago * 24 * 3600_000).toISOString().slice(0, 10)
      const id = await leftAt(`${day}T10:00:00Z`)
      await state(id, 'order_updated', `${day}T10:00:01Z`, { state: 'delivered' })
      await rollUp()
      await pool().query('update rollups set seen_until = now()')
      await state(id, 'order_fulfilled', `${DAY}T11:00:00Z`, { state: 'dead', reason: 'rejected' })
    }
    const { behind } = await ordersOf(pool(), shopId, await periodOf(pool(), null, NOW, 30), NEVER)
    expect(behind).toBe(false)
    const due = await pool().query('delete from delivery_days_due')
    expect(due.rowCount).toBe(0)
    expect(await onPage()).toEqual({ delivered: 1 })
  })
})
