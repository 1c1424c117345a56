/**
 * How many deliveries came to what, day by day: what screens of numbers read, from `delivery_days`. A day is the one of the
 * shop (./days.ts) on which the event was received, as in lists of events, so that a number and the list behind it agree.
 */
import type { Pool, PoolClient } from 'pg'
import type { DeliveryState } from '../delivery/outcome.ts'
import type { EventType } from '../events/types.ts'
import type { Days } from './days.ts'
import type { Newer } from './newer-state.ts'

/** Under this name stands in `rollups` up to when changes of deliveries have been looked for (./roll-up-days.ts). */
export const DAYS_SEEN = 'shop_days_newer'

export type DailyCount = {
  /** "2026-11-20" */
  day: string
  vendor: string
  type: EventType
  state: DeliveryState
  /** Why it is skipped, held, retried or given up; empty: no reason. */
  reason: string
  /** Of an order that was left to a newer state: what that came to. */
  newer: Newer
  count: number
  /** Of these: so many had arrived before they were sent again. */
  deliveredBefore: number
}

/**
 * So many of `delivery_days k` reached their tool: what is delivered, and what was and is being sent again, which takes nothing back. What
 * that came to counts as soon as it is known.
 */
export const REACHED = `coalesce(sum(case when k.state = 'delivered' then k.count
  when k.state not in ('skipped', 'dead') then k.delivered_before end), 0)`

/** Of one shop, by day and then by vendor; what is none is left out. */
export async function dailyCounts(
  pool: Pool | PoolClient,
  shopId: number,
  { from, to }: Days,
): Promise<DailyCount[]> {
  const { rows } = await pool.query<DailyCount>(
    `select day::text, vendor, type, state, reason, newer, count, delivered_before as "deliveredBefore" from delivery_days
     where shop_id = $1 and day between $2::date and $3::date order by day, vendor, type, state, reason, newer`,
    [shopId, from, to],
  )
  return rows
}

/** @returns up to when all that happened in the shop is counted; null: nothing was counted yet */
export async function countedUntil(pool: Pool, shopId: number): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>(
    `select case when isfinite(seen_until)
       then least(seen_until, (select min(since) from delivery_days_due where shop_id = $1)) end as at
     from rollups where name = $2`,
    [shopId, DAYS_SEEN],
  )
  return rows[0]?.at ?? null
}

/** @returns up to when what happened in all shops is in the counts of their last days; null: nothing was counted yet */
export async function allCountedUntil(pool: Pool): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>(
    `select case when isfinite(seen_until)
       then least(seen_until, (select min(since) from delivery_days_due where recent)) end as at
     from rollups where name = $1`,
    [DAYS_SEEN],
  )
  return rows[0]?.at ?? null
}

/**
 * The last day that stays counted by the days of another zone, because what it counts was deleted before the shop's zone changed; null:
 * there is none.
 */
export async function otherZoneUntil(pool: Pool, shopId: number, { from, to }: Days): Promise<string | null> {
  const { rows } = await pool.query<{ day: string | null }>(
    `select max(k.day)::text as day from delivery_days k join shops s on s.id = k.shop_id
     where k.shop_id = $1 and k.day between $2::date and $3::date and ${zoneOf('k.zone')} <> ${zoneOf('s.days_zone')}
       and not exists (select from delivery_days_due due where due.shop_id = $1 and due.day = k.day)`,
    [shopId, from, to],
  )
  return rows[0]?.day ?? null
}

/** UTC by one name. */
const zoneOf = (zone: string) => `coalesce(nullif(${zone}, 'Etc/UTC'), 'UTC')`

/** What is shown of a day and a vendor: what was sent, what was left out for a reason, and what failed for good. */
export type Settled = { delivered: number; skipped: number; failed: number }
/** `arrived`: so many of what failed had arrived before they were sent again. */
export type VendorDay = Settled & { day: string; vendor: string; arrived: number }

/** The same counts without type and reason; what is still under way for the first time is left out. */
export async function settledByDay(pool: Pool, shopId: number, { from, to }: Days): Promise<VendorDay[]> {
  const { rows } = await pool.query<VendorDay>(
    `select day::text, vendor,
            ${REACHED}::int as delivered,
            coalesce(sum(count) filter (where state = 'skipped'), 0)::int as skipped,
            coalesce(sum(count) filter (where state = 'dead'), 0)::int as failed,
            coalesce(sum(delivered_before) filter (where state = 'dead'), 0)::int as arrived
     from delivery_days k
     where shop_id = $1 and day between $2::date and $3::date and (state in ('delivered', 'skipped', 'dead') or delivered_before > 0)
     group by 1, 2 order by 1, 2`,
    [shopId, from, to],
  )
  return rows
}
