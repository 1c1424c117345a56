/** What the set-up guide knows of a shop that nothing else asks for. */
import type { Pool } from 'pg'
import { firstIdInSql } from '../db/partitions.ts'

/** So many of a shop's newest deliveries are looked at for one that arrived. */
const NEWEST = 500
/** So many of the last days that have one: of some it may have been deleted since. */
const DAYS = 7

export type SetUp = {
  /** When the merchant put the guide away; null: not yet. */
  dismissedAt: Date | null
  /** Whether the merchant has ever sent a test event. */
  testSent: boolean
  /** A real event that reached a vendor, and which; null: none has. A test is none. */
  delivered: Arrived | null
}

/** What arrived is looked for only while the guide is there. */
export async function readSetUp(pool: Pool, shopId: number): Promise<SetUp> {
  const { rows } = await pool.query<{ dismissedAt: Date | null; testSent: boolean }>(
    'select guide_dismissed_at as "dismissedAt", test_sent_at is not null as "testSent" from shops where id = $1',
    [shopId],
  )
  const { dismissedAt, testSent } = rows[0] ?? { dismissedAt: null, testSent: false }
  return { dismissedAt, testSent, delivered: dismissedAt === null ? await oneDelivered(pool, shopId) : null }
}

type Arrived = { eventId: string; vendor: string }

/** Of a delivery `d`. */
const IS_REAL =
  "exists (select from events e where e.shop_id = $1 and e.id = d.event_id and e.source <> 'test')"

/**
 * The newest of the last few; else the one that was found before, or any of the last days of which more was counted than the tests
 * that arrived on them. Of other days nothing is read: the guide asks every few seconds, and days may be long.
 */
async function oneDelivered(pool: Pool, shopId: number): Promise<Arrived | null> {
  const newest = await pool.query<Arrived>(
    `select event_id as "eventId", vendor from (
       select event_id, vendor, state from deliveries where shop_id = $1 order by event_id desc limit ${NEWEST}) d
     where state = 'delivered' and ${IS_REAL} limit 1`,
    [shopId],
  )
  if (newest.rows[0]) return newest.rows[0]
  const found = await pool.query<Arrived>(
    `select d.event_id as "eventId", d.vendor from shops s join deliveries d
       on d.shop_id = $1 and d.event_id = s.arrived_event_id and d.vendor = s.arrived_vendor
     where s.id = $1 and d.state = 'delivered' and ${IS_REAL}`,
    [shopId],
  )
  if (found.rows[0]) return found.rows[0]
  const counted = await pool.query<Arrived>(
    `with tests as materialized (
       select d.event_id as id from events e join deliveries d on d.shop_id = $1 and d.event_id = e.id
       where e.shop_id = $1 and e.source = 'test' and d.state = 'delivered'),
     known as materialized (
       select ${firstIdInSql('day_begins(y.day, s.days_zone)')} as first,
         ${firstIdInSql('day_begins(y.day + 1, s.days_zone)')} as next, sum(y.count) as count
       from delivery_days y join shops s on s.id = y.shop_id where y.shop_id = $1 and y.state = 'delivered'
       group by y.day, s.days_zone),
     days as materialized (
       select first, next from known k
       where k.count > (select count(*) from tests t where t.id >= k.first and t.id < k.next)
       order by first desc limit ${DAYS})
     select found.* from days cross join lateral (
       select d.event_id as "eventId", d.vendor from deliveries d
       where d.shop_id = $1 and d.state = 'delivered' and d.event_id >= days.first and d.event_id < days.next and ${IS_REAL}
       limit 1) found
     limit 1`,
    [shopId],
  )
  const [arrived] = counted.rows
  if (!arrived) return null
  await pool.query('update shops set arrived_event_id = $2, arrived_vendor = $3 where id = $1', [
    shopId,
    arrived.eventId,
    arrived.vendor,
  ])
  return arrived
}

/** Puts the guide away for good. */
export async function dismissGuide(pool: Pool, shopId: number): Promise<void> {
  await pool.query('update shops set guide_dismissed_at = now() where id = $1', [shopId])
}

/** Keeps that the merchant has sent a test event. */
export async function noteTest(pool: Pool, shopId: number, at: Date): Promise<void> {
  await pool.query('update shops set test_sent_at = $2 where id = $1', [shopId, at])
}
