import type { Pool } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { keepDelivery, newShop } from '../delivery/testing.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { order, storeEvent } from '../vendors/testing.ts'
import { MOST_UNSETTLED, ordersOf, periodOf } from './accuracy.ts'
import { rollUpDays } from './roll-up-days.ts'

const NOW = new Date('2026-11-20T15:00:00Z')
const WEEK = periodOf(NOW, 7)
const NEVER = { counted: null, installed: new Date(0) }
let test: TestDatabase
let shopId: number
const pool = (): Pool => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
})

let orders = 0
/** An order that was received at a time, and its delivery. @param placed when it was placed, unless then */
async function keep(
  received: string,
  delivery: Parameters<typeof keepDelivery>[2],
  { placed = received, shop = shopId, type = 'order_created' as const } = {},
): Promise<string> {
  orders += 1
  const id = uuidv7({ msecs: Date.parse(received) })
  const event = storeEvent(type, { orderId: String(orders), order: order(), refund: null })
  const over = { ...event, id, dedupeKey: id, receivedAt: received, occurredAt: placed } as StoreEvent
  return keepDelivery(pool(), shop, { reason: null, ...delivery }, over)
}
const partsOf = async (days = WEEK) => {
  const { parts } = await ordersOf(pool(), shopId, days, NEVER)
  const total = new Map<string, number>()
  for (const { vendor, state, reason, count } of parts) {
    const key = [vendor, state, reason].join(' ').trim()
    total.set(key, (total.get(key) ?? 0) + count)
  }
  return Object.fromEntries(total)
}

describe('a period', () => {
  it('is of whole days in UTC, today the last', () => {
    expect(periodOf(NOW, 1)).toEqual({
      days: 1,
      since: new Date('2026-11-20T00:00:00Z'),
      until: new Date('2026-11-21T00:00:00Z'),
    })
    expect(WEEK.since).toEqual(new Date('2026-11-14T00:00:00Z'))
  })
})

describe('what orders came to', () => {
  it('is the same from the rows and from the counts that are kept of them', async () => {
    await keep('2026-11-14T00:00:00Z', { state: 'delivered' })
    const twice = await keep('2026-11-20T10:00:00Z', { state: 'delivered' })
    await keepDelivery(
      pool(),
      shopId,
      { state: 'skipped', reason: 'no_email', vendor: 'idle' },
      { id: twice },
    )
    await keep('2026-11-20T11:00:00Z', { state: 'dead', reason: 'rejected' })
    await keep('2026-11-13T23:59:59Z', { state: 'delivered' })
    await keep('2026-11-20T12:00:00Z', { state: 'delivered' }, { shop: await newShop(pool(), 'two') })
    const search = storeEvent('search_submitted', { url: null, query: 'lantern' })
    const at = uuidv7({ msecs: Date.parse('2026-11-20T13:00:00Z') })
    await keepDelivery(pool(), shopId, { state: 'delivered' }, { ...search, id: at, dedupeKey: at })
    const expected = { 'tiny delivered': 2, 'tiny dead rejected': 1, 'idle skipped no_email': 1 }
    expect(await partsOf()).toEqual(expected)
    await rollUpDays(pool())
    expect(await partsOf()).toEqual(expected)
    await pool().query('delete from delivery_days_due')
    await pool().query(`update rollups set seen_until = now() + interval '1 hour'`)
    expect(await partsOf()).toEqual(expected)
    const { received } = await ordersOf(pool(), shopId, WEEK, NEVER)
    expect(received).toBe(3)
  })

  it('is what it is now, though the counts are of before', async () => {
    const id = await keep('2026-11-20T10:00:00Z', { state: 'dead', reason: 'rejected' })
    await rollUpDays(pool())
    await pool().query(`update rollups set seen_until = now()`)
    await pool().query(
      `update deliveries set state = 'delivered', reason = null, updated_at = now() where event_id = $1`,
      [id],
    )
    expect(await partsOf()).toEqual({ 'tiny delivered': 1 })
  })

  it('comes from counts that may be old where very many days have changed, and says so', async () => {
    const long = periodOf(NOW, 30)
    for (let day = 0; day <= MOST_UNSETTLED; day++)
      await keep(new Date(NOW.getTime() - day * 24 * 3600_000).toISOString(), { state: 'delivered' })
    const { behind, parts, received } = await ordersOf(pool(), shopId, long, NEVER)
    expect({ behind, received, counted: parts.reduce((sum, { count }) => sum + count, 0) }).toEqual({
      behind: true,
      received: MOST_UNSETTLED + 1,
      counted: MOST_UNSETTLED,
    })
    await rollUpDays(pool())
    expect(await partsOf(long)).toEqual({ 'tiny delivered': MOST_UNSETTLED + 1 })
  })
})

describe('what was received', () => {
  it('is told apart by when it was placed', async () => {
    await keep('2026-11-14T00:00:30Z', {}, { placed: '2026-11-13T23:59:50Z' })
    await keep('2026-11-16T10:00:00Z', {}, { placed: '2026-11-15T10:00:00Z' })
    await keep('2026-11-18T10:00:00Z', {})
    await keep('2026-11-20T10:00:00Z', {})
    const marks = { counted: new Date('2026-11-20T09:00:00Z'), installed: new Date('2026-11-16T00:00:00Z') }
    expect(await ordersOf(pool(), shopId, WEEK, marks)).toMatchObject({
      received: 4,
      early: 1,
      since: 1,
      beforeInstall: 1,
    })
  })
})
