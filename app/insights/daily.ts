/**
 * How many deliveries came to what, day by day: what screens of numbers read, from `delivery_days`. A day is the one in UTC on which
 * the event was received, as in lists of events, so that a number and the list behind it agree.
 */
import type { Pool, PoolClient } from 'pg'
import type { DeliveryState } from '../delivery/outcome.ts'
import type { EventType } from '../events/types.ts'

/** Both days are meant: "2026-11-20". */
export type Days = { from: string; to: string }
export type DailyCount = {
  /** "2026-11-20" */
  day: string
  vendor: string
  type: EventType
  state: DeliveryState
  /** Why it is skipped, held, retried or given up; empty: no reason. */
  reason: string
  count: number
}

/** Of one shop, by day and then by vendor; what is none is left out. */
export async function dailyCounts(
  pool: Pool | PoolClient,
  shopId: number,
  { from, to }: Days,
): Promise<DailyCount[]> {
  const { rows } = await pool.query<DailyCount>(
    `select day::text, vendor, type, state, reason, count from delivery_days
     where shop_id = $1 and day between $2::date and $3::date order by day, vendor, type, state, reason`,
    [shopId, from, to],
  )
  return rows
}

/** @returns up to when all that happened in the shop is counted; null: nothing was counted yet */
export async function countedUntil(pool: Pool, shopId: number): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>(
    `select case when isfinite(seen_until)
       then least(seen_until, (select min(since) from delivery_days_due where shop_id = $1)) end as at
     from rollups where name = 'delivery_days'`,
    [shopId],
  )
  return rows[0]?.at ?? null
}

/** Today's day in UTC, and so many days in all, today among them. @param days at least 1 */
export function lastDays(now: Date, days: number): Days {
  const day = (ago: number) => new Date(now.getTime() - ago * 24 * 3600_000).toISOString().slice(0, 10)
  return { from: day(days - 1), to: day(0) }
}

/** What is shown of a day and a vendor: what was sent, what was left out for a reason, and what failed for good. */
export type Settled = { delivered: number; skipped: number; failed: number }
export type VendorDay = Settled & { day: string; vendor: string }

/** The same counts without type and reason; what is still under way is left out. */
export async function settledByDay(pool: Pool, shopId: number, { from, to }: Days): Promise<VendorDay[]> {
  const { rows } = await pool.query<VendorDay>(
    `select day::text, vendor,
            coalesce(sum(count) filter (where state = 'delivered'), 0)::int as delivered,
            coalesce(sum(count) filter (where state = 'skipped'), 0)::int as skipped,
            coalesce(sum(count) filter (where state = 'dead'), 0)::int as failed
     from delivery_days
     where shop_id = $1 and day between $2::date and $3::date and state in ('delivered', 'skipped', 'dead')
     group by 1, 2 order by 1, 2`,
    [shopId, from, to],
  )
  return rows
}

/** Every day of a period, oldest first. */
export function daysOf({ from, to }: Days): string[] {
  const days: string[] = []
  for (let day = Date.parse(from); day <= Date.parse(to); day += 24 * 3600_000)
    days.push(new Date(day).toISOString().slice(0, 10))
  return days
}
