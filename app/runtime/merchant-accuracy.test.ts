import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepDelivery } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { rollUpDays } from '../insights/roll-up-days.ts'
import { forgetOldOfShops } from '../privacy/shop-retention.ts'
import type { Admin } from '../shopify/admin/client.ts'
import { shopById } from '../shopify/shops.ts'
import { order, storeEvent } from '../vendors/testing.ts'
import { createMerchantAccuracy } from './merchant-accuracy.ts'

const DAY_MS = 86_400_000
const shops = twoShops()
const { pool } = shops
let shopId: number
/** When the orders were placed that Shopify has. */
let placed: string[]

beforeEach(() => {
  shopId = shops.one
  placed = []
})
afterEach(() => {
  vi.useRealTimers()
})

/** Counts orders as Shopify does, between the two times that it is asked for. */
const admin: Admin = {
  async adminQuery(_shop, _query, { query }, schema) {
    const [since = '', until = ''] = [...String(query).matchAll(/'([^']+)'/g)].map(([, at]) => at)
    const count = placed.filter(at => at >= since && at < until).length
    return { ok: true, data: schema.parse({ ordersCount: { count, precision: 'EXACT' } }), denied: [] }
  },
  withToken: () => Promise.reject(new Error('no token is needed')),
  close: async () => {},
}
const accuracy = () => createMerchantAccuracy({ pool: pool(), admin, retentionDays: 90 })
const shop = () => shopById(pool(), shopId)

/** An order that was received when it was placed, and delivered. */
async function receive(at: Date): Promise<void> {
  const id = uuidv7({ msecs: at.getTime() })
  const event = storeEvent('order_created', { orderId: id, order: order(), refund: null })
  const times = { receivedAt: at.toISOString(), occurredAt: at.toISOString() }
  const over = { ...event, id, dedupeKey: id, ...times } as StoreEvent
  await keepDelivery(pool(), shopId, { state: 'delivered' }, over)
}

describe('a shop that keeps events for less time than the platform', () => {
  it('is offered no period of which something is deleted, and finds all of the others accounted for', async () => {
    const now = new Date()
    for (const ago of [20, 50]) await receive(new Date(now.getTime() - ago * DAY_MS))
    await rollUpDays(pool())
    await pool().query('update shops set retention_days = 31')
    expect(await forgetOldOfShops(pool(), now, 90)).toBe(1)
    const asked = await accuracy().page(await shop(), 90)
    expect([asked.periods, asked.period.days]).toEqual([[1, 7, 30], 7])
    const month = await accuracy().page(await shop(), 30)
    expect(month).toMatchObject({ received: 1, tools: [{ verdict: { kind: 'all', count: 1 } }] })
  })

  it('is offered no longer period at once when it keeps them for longer: what is deleted does not come back', async () => {
    const now = new Date()
    for (const ago of [20, 50]) await receive(new Date(now.getTime() - ago * DAY_MS))
    await rollUpDays(pool())
    await pool().query('update shops set retention_days = 31')
    await forgetOldOfShops(pool(), now, 90)
    await pool().query('update shops set retention_days = null')
    const { periods } = await accuracy().page(await shop(), 90)
    expect(periods).toEqual([1, 7, 30])
    const month = await accuracy().page(await shop(), 30)
    expect(month).toMatchObject({ received: 1, tools: [{ verdict: { kind: 'all', count: 1 } }] })
    await pool().query(`update shops set thinned_until = thinned_until - interval '60 days'`)
    expect((await accuracy().page(await shop(), 90)).periods).toEqual([1, 7, 30, 90])
  })
})

describe('a count that orders have overtaken', () => {
  const MINUTE_MS = 60_000
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS)
  const place = async (at: Date) => {
    placed.push(`${at.toISOString().slice(0, 19)}Z`)
    await receive(at)
  }
  const count = async (again = false) => {
    const { shopify } = await accuracy().count(await shop(), 7, again)
    return shopify.state === 'counted' ? [shopify.orders, shopify.since] : shopify.state
  }
  /** As if Shopify had been asked for so long before. */
  const age = (minutes: number) =>
    pool().query('update order_counts set until = until - make_interval(mins => $1), orders = 0', [minutes])
  beforeEach(() => pool().query(`update shops set installed_at = now() - interval '30 days'`))

  it('is asked for again at once in a new shop, so that no count of none stands beside all of its orders', async () => {
    expect(await count()).toEqual([0, 0])
    for (const ago of [2.6, 2.4, 2.2]) await place(minutesAgo(ago))
    await age(3)
    expect((await accuracy().page(await shop(), 7)).shopify).toEqual({ state: 'counting' })
    expect(await count()).toEqual([3, 0])
  })

  it('is kept for its minutes while it has more orders than came since, or these cannot be counted yet', async () => {
    for (const ago of [9, 8, 7, 3]) await place(minutesAgo(ago))
    expect(await count(true)).toEqual([4, 0])
    await pool().query(`update order_counts set until = $1, orders = 3`, [minutesAgo(4)])
    expect(await count()).toEqual([3, 1])
    await pool().query(`update order_counts set until = $1, orders = 0`, [minutesAgo(1.5)])
    await place(minutesAgo(0.5))
    expect(await count()).toEqual([0, 1])
  })
})

describe('where the count is cut', () => {
  const at = (time: string) => new Date(`2026-11-20T${time}Z`)
  const place = (time: string) => {
    placed.push(`2026-11-20T${time}Z`)
    return at(time)
  }
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: at('15:00:00.600') }))

  it('an order of that very second is counted on both sides', async () => {
    await receive(place('14:59:00'))
    const { whole, shopify } = await accuracy().count(await shop(), 7, true)
    expect(shopify).toMatchObject({ state: 'counted', until: '2026-11-20T14:59:00.000Z', since: 1 })
    expect(whole).toEqual({ orders: 1, before: 0, missing: 0, gone: 0 })
  })

  it('an order of the very second of the installation was placed after it on both sides', async () => {
    await pool().query('update shops set installed_at = $1', [at('10:00:00.500')])
    place('09:00:00')
    await receive(place('10:00:00'))
    const { whole } = await accuracy().count(await shop(), 7, true)
    expect(whole).toEqual({ orders: 2, before: 1, missing: 0, gone: 0 })
  })
})
