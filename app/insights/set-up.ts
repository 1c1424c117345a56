/** What the set-up guide knows of a shop that nothing else asks for. */
import type { Pool } from 'pg'
import { firstIdInSql } from '../db/partitions.ts'

/** So many of a shop's newest deliveries are looked at for one that arrived. */
const NEWEST = 500

export type SetUp = {
  /** When the merchant put the guide away; null: not yet. */
  dismissedAt: Date | null
  /** An event that reached a vendor, and which; null: none has. */
  delivered: { eventId: string; vendor: string } | null
}

/** What arrived is looked for only while the guide is there. */
export async function readSetUp(pool: Pool, shopId: number): Promise<SetUp> {
  const { rows } = await pool.query<{ dismissedAt: Date | null }>(
    'select guide_dismissed_at as "dismissedAt" from shops where id = $1',
    [shopId],
  )
  const dismissedAt = rows[0]?.dismissedAt ?? null
  return { dismissedAt, delivered: dismissedAt === null ? await oneDelivered(pool, shopId) : null }
}

/** The newest of the last few; else any of the last day that has one, which is known to a minute. */
async function oneDelivered(pool: Pool, shopId: number): Promise<SetUp['delivered']> {
  const newest = await pool.query<{ eventId: string; vendor: string }>(
    `select event_id as "eventId", vendor from (
       select event_id, vendor, state from deliveries where shop_id = $1 order by event_id desc limit ${NEWEST}) d
     where state = 'delivered' limit 1`,
    [shopId],
  )
  if (newest.rows[0]) return newest.rows[0]
  const before = await pool.query<{ eventId: string; vendor: string }>(
    `with known as (
       select y.day, y.vendor, s.days_zone as zone from delivery_days y join shops s on s.id = y.shop_id
       where y.shop_id = $1 and y.state = 'delivered' order by y.day desc limit 1)
     select d.event_id as "eventId", d.vendor from known k, deliveries d
     where d.shop_id = $1 and d.vendor = k.vendor and d.state = 'delivered'
       and d.event_id >= ${firstIdInSql('day_begins(k.day, k.zone)')}
       and d.event_id < ${firstIdInSql('day_begins(k.day + 1, k.zone)')}
     limit 1`,
    [shopId],
  )
  return before.rows[0] ?? null
}

/** Puts the guide away for good. */
export async function dismissGuide(pool: Pool, shopId: number): Promise<void> {
  await pool.query('update shops set guide_dismissed_at = now() where id = $1', [shopId])
}
