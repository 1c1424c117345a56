/** How many deliveries failed for good, as of now: what is counted by days (./daily.ts) is a while behind. */
import type { Pool } from 'pg'
import { firstIdOf } from '../db/partitions.ts'

export type Failed = { count: number; arrived: number }

/**
 * Of events received since then, by vendor; what is none is left out.
 * @returns `count`: how many; `arrived`: so many of these had arrived before they were sent again
 * @param most so many are counted of each vendor, which bounds how long it takes
 */
export async function failedSince(
  pool: Pool,
  shopId: number,
  vendors: readonly string[],
  since: Date,
  most: number,
): Promise<Map<string, Failed>> {
  const { rows } = await pool.query<Failed & { vendor: string }>(
    `select v.vendor, f.count, f.arrived from unnest($2::text[]) as v(vendor) cross join lateral (
       select count(*)::int as count, count(*) filter (where delivered_before)::int as arrived from (
         select d.delivered_before from deliveries d
         where d.shop_id = $1 and d.vendor = v.vendor and d.state = 'dead' and d.event_id >= $3::uuid limit $4) counted
     ) f where f.count > 0`,
    [shopId, vendors, firstIdOf(since), most],
  )
  return new Map(rows.map(({ vendor, ...failed }) => [vendor, failed]))
}
