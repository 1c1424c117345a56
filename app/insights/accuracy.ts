/**
 * What became of a period's orders at each vendor. Days are in UTC, of when an event was received, as in lists of events; what
 * Shopify counts is by when an order was placed, so the few on the other side of a border are told apart. Days that are settled are
 * read from the counts kept of them; those in which something has changed since are counted from their rows, all in one snapshot.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { firstIdOf } from '../db/partitions.ts'
import { dailyCounts } from './daily.ts'
import type { Part, Received } from './equation.ts'
import { dayInSql } from './roll-up-days.ts'

const DAY_MS = 24 * 3600_000
/** So many days are counted from their rows at most: a replay of months must not make a page slow. */
export const MOST_UNSETTLED = 10

/** Whole days in UTC, today the last of them. */
export type Period = {
  days: number
  /** Where the first day begins. */
  since: Date
  /** Where the last day ends. */
  until: Date
}
export type Orders = Received & {
  parts: Part[]
  /** Older days are still being counted: their numbers may be some minutes old. */
  behind: boolean
}

/** @param days at least 1 */
export function periodOf(now: Date, days: number): Period {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS
  return { days, since: new Date(today - (days - 1) * DAY_MS), until: new Date(today + DAY_MS) }
}

/** "2026-11-21" */
export const dayOf = (at: Date) => at.toISOString().slice(0, 10)

/**
 * @param marks until when Shopify has counted (null: it has not), and when the app was installed
 * @returns the orders that the shop received in the period, and what they came to at each vendor
 */
export async function ordersOf(
  pool: Pool,
  shopId: number,
  period: Period,
  marks: { counted: Date | null; installed: Date },
): Promise<Orders> {
  return withTransaction(pool, async client => {
    await client.query('set transaction isolation level repeatable read, read only')
    const received = await client.query<Received>(RECEIVED, [
      ...[shopId, firstIdOf(period.since), firstIdOf(period.until)],
      ...[period.since, marks.counted, marks.installed],
    ])
    const changed = await unsettledDays(client, shopId, period)
    const live = changed.slice(0, MOST_UNSETTLED)
    const settled = await settledParts(client, shopId, period, live)
    const [counts = { received: 0, early: 0, since: 0, beforeInstall: 0 }] = received.rows
    const parts = [...settled, ...(await liveParts(client, shopId, live))]
    return { ...counts, parts, behind: changed.length > live.length }
  })
}

const ORDERS = "from events where shop_id = $1 and type = 'order_created' and id >= $2 and id < $3"
/**
 * $1 the shop, $2 and $3 the ids between which the period lies, $4 where it begins, $5 until when Shopify has counted, $6 when the app
 * was installed. Each from an index alone.
 */
const RECEIVED = `select (select count(*)::int ${ORDERS}) as received,
  (select count(*)::int ${ORDERS} and occurred_at < $4) as early,
  (select count(*)::int ${ORDERS} and occurred_at >= $5) as since,
  (select count(*)::int ${ORDERS} and occurred_at >= $4 and occurred_at < $6) as "beforeInstall"`

/** Days of the period in which something has changed that is not counted yet, newest first. */
async function unsettledDays(
  client: PoolClient,
  shopId: number,
  { since, until }: Period,
): Promise<string[]> {
  const looked = await client.query<{ at: string }>(
    `select seen_until::text as at from rollups where name = 'delivery_days'`,
  )
  // As a value, so that the planner knows how few have changed since.
  const at = looked.rows[0]?.at ?? '-infinity'
  const { rows } = await client.query<{ day: string }>(
    `select day::text from delivery_days_due where shop_id = $1 and day >= $2::date and day < $3::date
     union
     select ${dayInSql('event_id')}::text from deliveries
     where shop_id = $1 and updated_at >= $4::timestamptz and event_id >= $5 and event_id < $6
     order by day desc`,
    [shopId, dayOf(since), dayOf(until), at, firstIdOf(since), firstIdOf(until)],
  )
  return rows.map(({ day }) => day)
}

async function settledParts(
  client: PoolClient,
  shopId: number,
  { since, until }: Period,
  live: readonly string[],
): Promise<Part[]> {
  const last = new Date(until.getTime() - DAY_MS)
  const kept = await dailyCounts(client, shopId, { from: dayOf(since), to: dayOf(last) })
  return kept.filter(({ day, type }) => type === 'order_created' && !live.includes(day))
}

/** Those of some days, from their rows: each by itself, so that the planner knows how few they are. */
async function liveParts(client: PoolClient, shopId: number, days: readonly string[]): Promise<Part[]> {
  const parts: Part[] = []
  for (const day of days) {
    const start = Date.parse(day)
    const { rows } = await client.query<Part>(
      `select d.vendor, d.state, coalesce(d.reason, '') as reason, count(*)::int as count
       from events e join deliveries d on d.shop_id = $1 and d.event_id = e.id and d.event_id >= $2 and d.event_id < $3
       where e.shop_id = $1 and e.type = 'order_created' and e.id >= $2 and e.id < $3 group by 1, 2, 3`,
      [shopId, firstIdOf(new Date(start)), firstIdOf(new Date(start + DAY_MS))],
    )
    parts.push(...rows)
  }
  return parts
}
