/**
 * Keeps `vendor_days`: what became of a vendor's deliveries over all shops, day by day, each shop's own. Triggers on `delivery_days` note
 * by how much a sum changes (`vendor_day_changes`); here that is added. Nobody can add up the days of 100,000 shops while somebody looks.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { REACHED } from './daily.ts'
import type { Days } from './days.ts'

/** `failed`: given up. */
export type FleetDay = { day: string; delivered: number; failed: number }

/** Changes added by one statement. */
const CHUNK = 10_000
/** Days that are kept before the newest. A clock that is ahead must not make all others old. */
const KEPT_DAYS = 9

/** Adds what was noted. Several processes may do it at once. @param goesOn whether to begin another chunk */
export async function addVendorDays(pool: Pool, goesOn: () => boolean = () => true): Promise<void> {
  while (goesOn() && (await withTransaction(pool, addSome)) === CHUNK);
}

/** @returns how many changes were added */
async function addSome(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ taken: number }>(ADD, [CHUNK])
  const taken = rows[0]?.taken ?? 0
  if (taken > 0)
    await client.query(
      `delete from vendor_days where count = 0 and delivered_before = 0
         or day < least((select max(day) from vendor_days), (now() at time zone 'UTC')::date + 1) - ${KEPT_DAYS}`,
    )
  return taken
}

const ADD = `
  with taken as (
    delete from vendor_day_changes where id in (
      select id from vendor_day_changes order by id limit $1 for update skip locked)
    returning vendor, day, state, count, delivered_before),
  added as (
    insert into vendor_days as v (vendor, day, state, count, delivered_before)
    select vendor, day, state, sum(count), sum(delivered_before) from taken group by 1, 2, 3 order by 1, 2, 3
    on conflict (vendor, day, state) do update
      set count = v.count + excluded.count, delivered_before = v.delivered_before + excluded.delivered_before)
  select count(*)::int as taken from taken`

/** Of one vendor over all shops, by day; what is none is left out. */
export async function fleetDays(pool: Pool, vendor: string, { from, to }: Days): Promise<FleetDay[]> {
  const { rows } = await pool.query<FleetDay>(
    `select day::text, ${REACHED}::float8 as delivered,
            coalesce(sum(count) filter (where state = 'dead'), 0)::float8 as failed
     from vendor_days k where vendor = $1 and day between $2::date and $3::date group by 1 order by 1`,
    [vendor, from, to],
  )
  return rows
}
