/** What the set-up guide knows of a shop that nothing else asks for. */
import type { Pool } from 'pg'
import { firstIdInSql } from '../db/partitions.ts'

/** So many of a shop's newest deliveries are looked at for one that arrived. */
const NEWEST = 500
/** So many of the last days that have one: on some there may be tests alone. */
const DAYS = 7

export type SetUp = {
  /** When the merchant put the guide away; null: not yet. */
  dismissedAt: Date | null
  /** Whether the merchant has ever sent a test event. */
  testSent: boolean
  /** A real event that reached a vendor, and which; null: none has. A test is none. */
  delivered: { eventId: string; vendor: string } | null
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

/** Of a delivery `d`. */
const IS_REAL =
  "exists (select from events e where e.shop_id = $1 and e.id = d.event_id and e.source <> 'test')"

/** The newest of the last few; else any of the last days that have one, which is known to a minute. */
async function oneDelivered(pool: Pool, shopId: number): Promise<SetUp['delivered']> {
  const newest = await pool.query<{ eventId: string; vendor: string }>(
    `select event_id as "eventId", vendor from (
       select event_id, vendor, state from deliveries where shop_id = $1 order by event_id desc limit ${NEWEST}) d
     where state = 'delivered' and ${IS_REAL} limit 1`,
    [shopId],
  )
  if (newest.rows[0]) return newest.rows[0]
  const before = await pool.query<{ eventId: string; vendor: string }>(
    `with known as (
       select y.day, y.vendor, s.days_zone as zone from delivery_days y join shops s on s.id = y.shop_id
       where y.shop_id = $1 and y.state = 'delivered' order by y.day desc limit ${DAYS})
     select found.* from known k cross join lateral (
       select d.event_id as "eventId", d.vendor from deliveries d
       where d.shop_id = $1 and d.vendor = k.vendor and d.state = 'delivered'
         and d.event_id >= ${firstIdInSql('day_begins(k.day, k.zone)')}
         and d.event_id < ${firstIdInSql('day_begins(k.day + 1, k.zone)')} and ${IS_REAL}
       limit 1) found
     limit 1`,
    [shopId],
  )
  return before.rows[0] ?? null
}

/** Puts the guide away for good. */
export async function dismissGuide(pool: Pool, shopId: number): Promise<void> {
  await pool.query('update shops set guide_dismissed_at = now() where id = $1', [shopId])
}

/** Keeps that the merchant has sent a test event. */
export async function noteTest(pool: Pool, shopId: number, at: Date): Promise<void> {
  await pool.query('update shops set test_sent_at = $2 where id = $1', [shopId, at])
}
