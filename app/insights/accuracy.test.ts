import { Pool } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { saveConnection } from '../delivery/connections.ts'
import { replay } from '../delivery/replay.ts'
import { keepDelivery, sealer, TINY_SETTINGS, tinyVendor } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { order, storeEvent } from '../vendors/testing.ts'
import { MOST_UNSETTLED, ordersOf, type Period, periodOf } from './accuracy.ts'
import { type RowKind, rowsOf, wholeOf } from './equation.ts'
import { rollUpDays } from './roll-up-days.ts'

const NOW = new Date('2026-11-20T15:00:00Z')
const NEVER = { counted: null, installed: new Date(0) }
const shops = twoShops()
const { pool } = shops
let shopId: number

beforeEach(() => {
  shopId = shops.one
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
const week = () => periodOf(pool(), null, NOW, 7)
const partsOf = async (period?: Period) => {
  const { parts } = await ordersOf(pool(), shopId, period ?? (await week()), NEVER)
  const total = new Map<string, number>()
  for (const { vendor, state, reason, count } of parts) {
    const key = [vendor, state, reason].join(' ').trim()
    total.set(key, (total.get(key) ?? 0) + count)
  }
  return Object.fromEntries(total)
}

describe('a period', () => {
  it('is of whole days, today the last, and in UTC where the zone is not known', async () => {
    expect(await periodOf(pool(), null, NOW, 1)).toEqual({
      ...{ days: 1, zone: null, from: '2026-11-20', to: '2026-11-20' },
      since: new Date('2026-11-20T00:00:00Z'),
      until: new Date('2026-11-21T00:00:00Z'),
    })
    expect((await week()).since).toEqual(new Date('2026-11-14T00:00:00Z'))
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
    await keep('2026-11-20T12:00:00Z', { state: 'delivered' }, { shop: shops.two })
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
    const { received } = await ordersOf(pool(), shopId, await week(), NEVER)
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

  it('is the same from the rows and from the counts while something is sent again, and after', async () => {
    for (const vendor of ['tiny', 'other'])
      await saveConnection(pool(), sealer, shopId, tinyVendor({ id: vendor }), TINY_SETTINGS)
    const ids = [await keep('2026-11-20T10:00:00Z', { state: 'delivered' })]
    ids.push(await keep('2026-11-20T11:00:00Z', { state: 'delivered' }))
    await keep('2026-11-20T12:00:00Z', { state: 'dead', reason: 'rejected' })
    /** From the rows, and from the counts. */
    const both = async () => {
      const orders = [await ordersOf(pool(), shopId, await week(), NEVER)]
      await rollUpDays(pool(), { justBegunSeconds: 0 })
      await pool().query(`update rollups set seen_until = now() + interval '1 hour'`)
      orders.push(await ordersOf(pool(), shopId, await week(), NEVER))
      await pool().query(`update rollups set seen_until = now() - interval '1 minute'`)
      return orders.map(({ received, parts }) =>
        rowsOf(parts, received, wholeOf({ received, early: 0, since: 0, beforeInstall: 0 }, null)),
      )
    }
    const row = (kind: RowKind, count: number, again = 0) => ({ kind, reason: null, count, again })
    const before = [row('delivered', 2), row('failed', 1)]
    expect(await both()).toEqual([before, before])
    await replay(pool(), { shopId, states: ['delivered', 'dead'] })
    const during = [row('delivered', 2, 2), row('waiting', 1)]
    expect(await both()).toEqual([during, during])
    const settle = (id: string | undefined, state: string, reason: string | null) =>
      pool().query('update deliveries set state = $2, reason = $3, updated_at = now() where event_id = $1', [
        ...[id, state, reason],
      ])
    await settle(ids[0], 'delivered', null)
    await settle(ids[1], 'dead', 'rejected')
    const after = [row('delivered', 1), row('waiting', 1), row('failed', 1, 1)]
    expect(await both()).toEqual([after, after])
  })

  it('comes from counts that may be old where very many days have changed, and says so', async () => {
    const long = await periodOf(pool(), null, NOW, 30)
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

it('what has changed of a busy quarter of an hour has its day looked up once', async () => {
  for (let second = 0; second < 40; second++)
    await keep(new Date(NOW.getTime() + second * 1_000).toISOString(), { state: 'delivered' })
  const client = new Pool({ connectionString: shops.url(), max: 1, options: '-c track_functions=pl' })
  const calls = async () => {
    await client.query('select pg_stat_force_next_flush()')
    const { rows } = await client.query<{ calls: number }>(
      `select coalesce(sum(calls), 0)::int as calls from pg_stat_user_functions where funcname = 'known_zone'`,
    )
    return rows[0]?.calls ?? 0
  }
  try {
    const period = await periodOf(client, 'Pacific/Auckland', NOW, 7)
    await pool().query(`update shops set days_zone = 'Pacific/Auckland' where id = $1`, [shopId])
    const before = await calls()
    const { parts } = await ordersOf(client, shopId, period, NEVER)
    expect(parts).toMatchObject([{ count: 40 }])
    expect((await calls()) - before).toBeLessThan(10)
  } finally {
    await client.end()
  }
})

describe('what was received', () => {
  it('is told apart by when it was placed', async () => {
    await keep('2026-11-14T00:00:30Z', {}, { placed: '2026-11-13T23:59:50Z' })
    await keep('2026-11-16T10:00:00Z', {}, { placed: '2026-11-15T10:00:00Z' })
    await keep('2026-11-18T10:00:00Z', {})
    await keep('2026-11-20T10:00:00Z', {})
    const marks = { counted: new Date('2026-11-20T09:00:00Z'), installed: new Date('2026-11-16T00:00:00Z') }
    expect(await ordersOf(pool(), shopId, await week(), marks)).toMatchObject({
      received: 4,
      early: 1,
      since: 1,
      beforeInstall: 1,
    })
  })
})
