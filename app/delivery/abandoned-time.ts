/** How long a shop waits before it takes a checkout for abandoned, and how long checkouts are kept. */
import type { Pool, PoolClient } from 'pg'
import { CHUNK, inChunks } from '../db/chunks.ts'

/** In minutes. The shortest leaves an order's webhook time to arrive; the longest is thirty days. */
export const ABANDONED_AFTER = { min: 5, max: 43_200, never: 0 } as const

/**
 * Sets the time, for checkouts that wait already too. Those that changed while it was `never` stay as they are: a
 * shop that begins to use this must not address everybody who ever left a checkout.
 * @param minutes `never`, or from `min` to `max`
 */
export async function setAbandonedAfter(
  pool: Pool | PoolClient,
  shopId: number,
  minutes: number,
): Promise<void> {
  const { min, max, never } = ABANDONED_AFTER
  if (minutes !== never && !(Number.isInteger(minutes) && minutes >= min && minutes <= max))
    throw new RangeError(`${minutes} is neither ${never} nor a whole number from ${min} to ${max}`)
  await pool.query(
    `with set as (update shops set abandoned_after_minutes = $2::int where id = $1)
     update checkouts set due_at = case when $2 > 0 then changed_at + make_interval(mins => $2) end
     where shop_id = $1 and due_at is not null`,
    [shopId, minutes],
  )
}

/** Deletes checkouts that last changed before the given time and wait for nothing. @returns how many */
export function forgetCheckouts(pool: Pool, before: Date): Promise<number> {
  return inChunks(
    pool,
    `delete from checkouts where (shop_id, token) in (
       select shop_id, token from checkouts where changed_at < $1 and due_at is null limit ${CHUNK})`,
    [before],
  )
}
