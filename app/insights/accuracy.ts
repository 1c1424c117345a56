/**
 * What became of a period's orders at each vendor. Days are those of the shop (./days.ts) on which an event was received, as in lists of events; what
 * Shopify counts is by when an order was placed, so the few on the other side of a border are told apart. Days that are settled are
 * read from the counts kept of them; those in which something has changed since are counted from their rows, all in one snapshot.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { firstIdOf, receivedInSql } from '../db/partitions.ts'
import { DAYS_SEEN, dailyCounts } from './daily.ts'
import {
  type Days,
  daysOf,
  lastDays,
  type Moments,
  momentsOf,
  momentsOfDays,
  QUARTER_MS,
  type Zone,
} from './days.ts'
import type { Part, Received } from './equation.ts'
import { NEWER, olderOf } from './newer-state.ts'

/** So many days are counted from their rows at most: a replay of months must not make a page slow. */
export const MOST_UNSETTLED = 10

/** Whole days, today the last of them. */
export type Period = Days & Moments & { days: number; zone: Zone }
export type Orders = Received & {
  parts: Part[]
  /** Older days are still being counted: their numbers may be some minutes old. */
  behind: boolean
}

/** @param days at least 1 */
export async function periodOf(pool: Pool, zone: Zone, now: Date, days: number): Promise<Period> {
  const each = lastDays(now, days, zone)
  return { days, zone, ...each, ...(await momentsOf(pool, zone, each)) }
}

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
    const parts = [...settled, ...(await liveParts(client, shopId, period.zone, live))]
    return { ...counts, parts, behind: changed.length > live.length }
  })
}

/** @returns how many of the orders received in the period were placed at that time or later */
export async function placedSince(pool: Pool, shopId: number, period: Period, at: Date): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count ${ORDERS} and occurred_at >= $4`,
    [shopId, firstIdOf(period.since), firstIdOf(period.until), at],
  )
  return rows[0]?.count ?? 0
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

/** Days of older orders of the period, of whose states something has changed. */
const OLDER = olderOf(
  'c.shop_id = $1 and c.updated_at >= $4::timestamptz',
  '$4::timestamptz',
  'e.id >= $5 and e.id < $6',
)

/** Days of the period in which something has changed that is not counted yet, newest first. */
async function unsettledDays(client: PoolClient, shopId: number, period: Period): Promise<string[]> {
  const { from, to, since, until, zone } = period
  const looked = await client.query<{ at: string | null; zone: string | null }>(
    'select (select seen_until::text from rollups where name = $2) as at, days_zone as zone from shops where id = $1',
    [shopId, DAYS_SEEN],
  )
  // Counted by the days of another zone: within a minute all of them are noted to be counted again.
  if (looked.rows[0] && looked.rows[0].zone !== zone) return daysOf(period).toReversed()
  // As a value, so that the planner knows how few have changed since.
  const at = looked.rows[0]?.at ?? '-infinity'
  const { rows } = await client.query<{ day: string }>(
    `select day::text from delivery_days_due where shop_id = $1 and day between $2::date and $3::date
     union
     select day_of(to_timestamp(quarter * ${QUARTER_MS / 1000}), $7)::text from (
       select distinct ${receivedInSql('event_id')} / ${QUARTER_MS} as quarter from deliveries
       where shop_id = $1 and updated_at >= $4::timestamptz and event_id >= $5 and event_id < $6
       union
       select quarter from (${OLDER}) older offset 0) changed
     order by day desc`,
    [shopId, from, to, at, firstIdOf(since), firstIdOf(until), zone],
  )
  return rows.map(({ day }) => day)
}

async function settledParts(
  client: PoolClient,
  shopId: number,
  period: Period,
  live: readonly string[],
): Promise<Part[]> {
  const kept = await dailyCounts(client, shopId, period)
  return kept.filter(({ day, type }) => type === 'order_created' && !live.includes(day))
}

/** Those of some days, from their rows: each by itself, so that the planner knows how few they are. */
async function liveParts(
  client: PoolClient,
  shopId: number,
  zone: Zone,
  days: readonly string[],
): Promise<Part[]> {
  const parts: Part[] = []
  for (const { since, until } of await momentsOfDays(client, zone, days)) {
    const { rows } = await client.query<Part>(
      `select d.vendor, d.state, coalesce(d.reason, '') as reason, ${NEWER} as newer, count(*)::int as count,
         count(*) filter (where d.delivered_before)::int as "deliveredBefore"
       from events e join deliveries d on d.shop_id = $1 and d.event_id = e.id and d.event_id >= $2 and d.event_id < $3
       where e.shop_id = $1 and e.type = 'order_created' and e.id >= $2 and e.id < $3 group by 1, 2, 3, 4`,
      [shopId, firstIdOf(since), firstIdOf(until)],
    )
    parts.push(...rows)
  }
  return parts
}
