/**
 * Orders that were left to a newer state of them at one tool, in order. Deliveries do not say of what kind their event is, and events not
 * what became of them, so no index has these alone: of what was left most may be other states, and of orders most may have arrived. So they
 * are looked for by windows, each by that index of the two that gets further with as many entries.
 */
import type { Pool } from 'pg'
import { IS_LEFT } from './newer-state.ts'

/**
 * `by`: what it is looked through by, all that was left to newer states or all orders. `between`: ids above the first and below the second.
 * `end`: its last entry; null: nothing is beyond it.
 */
export type Window = { by: 'left' | 'orders'; between: [from: string, to: string]; end: string | null }
export type Direction = 'older' | 'newer'

/** Entries of a window: each is looked up in the other table, some microseconds. */
const WINDOW = 5_000

const leftAt = (vendor: '$4' | '$6') =>
  `from deliveries d where d.shop_id = $1 and d.vendor = ${vendor} and ${IS_LEFT} and d.event_id > $2 and d.event_id < $3`
const ORDERS = `from events o where o.shop_id = $1 and o.type = 'order_created' and o.id > $2 and o.id < $3`

/** @param from ids above this one @param to ids below this one */
export async function nextWindow(
  pool: Pool,
  { shopId, vendor }: { shopId: number; vendor?: string | undefined },
  direction: Direction,
  from: string,
  to: string,
): Promise<Window> {
  const order = direction === 'older' ? 'desc' : 'asc'
  const last = `offset ${WINDOW - 1} limit 1`
  const { rows } = await pool.query<{ left: string | null; orders: string | null }>(
    `select (select d.event_id ${leftAt('$4')} order by d.event_id ${order} ${last}) as left,
       (select o.id ${ORDERS} order by o.id ${order} ${last}) as orders`,
    [shopId, from, to, vendor],
  )
  const { left = null, orders = null } = rows[0] ?? {}
  if (left === null || orders === null)
    return { by: left === null ? 'left' : 'orders', between: [from, to], end: null }
  const isOlder = direction === 'older'
  const by = (isOlder ? left < orders : left > orders) ? 'left' : 'orders'
  const end = by === 'left' ? left : orders
  return { by, between: isOlder ? [idBeside(end, -1n), to] : [from, idBeside(end, 1n)], end }
}

/** The id right before or after one. */
export function idBeside(id: string, by: 1n | -1n): string {
  const hex = (BigInt(`0x${id.replaceAll('-', '')}`) + by).toString(16).padStart(32, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * SQL of the candidates of a look ($1 shop, $2 and $3 between which ids, $6 tool). Looked up one by one, whatever the planner takes for
 * few; between the same ids, so that it leaves out other partitions.
 */
export function leftOrders(by: Window['by'], order: 'asc' | 'desc', limit: number): string {
  return by === 'left'
    ? `select d.event_id as id from (select d.event_id ${leftAt('$6')} order by d.event_id ${order}) d
      cross join lateral (select ${ORDERS} and o.id = d.event_id limit 1) o order by d.event_id ${order} limit ${limit}`
    : `select o.id from (select o.id ${ORDERS} order by o.id ${order}) o
      cross join lateral (select ${leftAt('$6')} and d.event_id = o.id limit 1) d order by o.id ${order} limit ${limit}`
}
