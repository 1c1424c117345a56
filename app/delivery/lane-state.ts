/** Stopping and resuming a whole lane: switched off, credentials refused, or paused by an announced limit. */
import type { Pool, PoolClient } from 'pg'
import { scrub } from '../privacy/mask.ts'
import type { Lane } from './lane.ts'
import { HELD_REASONS, type HeldReason } from './outcome.ts'

/** The vendor refused the credentials: the lane waits for a person, and everything open in it is held. */
export async function refuseLane(client: Pool | PoolClient, lane: Lane, message: string): Promise<void> {
  await client.query(
    `with refused as (
       update connections set attention = $3, updated_at = now() where shop_id = $1 and vendor = $2)
     update deliveries set state = 'held', reason = 'refused', message = $3, updated_at = now()
     where shop_id = $1 and vendor = $2 and state in ('pending', 'retry')`,
    [lane.shopId, lane.vendor, scrub(message)],
  )
}

/** Nothing is sent in this lane before `until`. */
export async function pauseLane(pool: Pool, lane: Lane, until: Date): Promise<void> {
  await pool.query('update connections set paused_until = $3 where shop_id = $1 and vendor = $2', [
    lane.shopId,
    lane.vendor,
    until,
  ])
}

/** Holds what is open in a lane that is switched off or waits for a person. */
export async function holdOpen(pool: Pool, lane: Lane, reason: HeldReason, message: string): Promise<void> {
  // The lock waits for a person who is just starting the lane again: nothing may be held after the release.
  await pool.query(
    `with stopped as (
       select 1 from connections where shop_id = $1 and vendor = $2 and (not enabled or attention is not null) for share)
     update deliveries set state = 'held', reason = $3, message = $4, updated_at = now()
     where shop_id = $1 and vendor = $2 and state in ('pending', 'retry') and exists (select from stopped)`,
    [lane.shopId, lane.vendor, reason, message],
  )
}

/**
 * The merchant's switch. Off holds what is open; on releases what was held by the switch (what was held for
 * refused credentials waits for those).
 * @returns how many deliveries were held or released, or null when the vendor is not connected
 */
export async function switchLane(pool: Pool, lane: Lane, on: boolean): Promise<number | null> {
  const switched = await pool.query<{ attention: string | null }>(
    'update connections set enabled = $3, updated_at = now() where shop_id = $1 and vendor = $2 returning attention',
    [lane.shopId, lane.vendor, on],
  )
  const connection = switched.rows[0]
  if (!connection) return null
  if (on && connection.attention) return stillHeld(pool, lane, 'refused', connection.attention)
  if (on) return release(pool, lane)
  const held = await pool.query(
    `update deliveries set state = 'held', reason = 'off', message = $3, updated_at = now()
     where shop_id = $1 and vendor = $2 and state in ('pending', 'retry')`,
    [lane.shopId, lane.vendor, HELD_REASONS.off],
  )
  return held.rowCount ?? 0
}

/** The credentials work again: clears the attention and, when the vendor is on, releases what was held. */
export async function acceptCredentials(pool: Pool, lane: Lane): Promise<number> {
  const cleared = await pool.query<{ enabled: boolean }>(
    `update connections set attention = null, paused_until = null, updated_at = now()
     where shop_id = $1 and vendor = $2 returning enabled`,
    [lane.shopId, lane.vendor],
  )
  const connection = cleared.rows[0]
  if (!connection) return 0
  return connection.enabled ? release(pool, lane) : stillHeld(pool, lane, 'off', HELD_REASONS.off)
}

/** What is held stays so for the reason that is left. @returns 0: nothing is released */
async function stillHeld(pool: Pool, lane: Lane, reason: HeldReason, message: string): Promise<number> {
  await pool.query(
    `update deliveries set reason = $3, message = $4, updated_at = now()
     where shop_id = $1 and vendor = $2 and state = 'held'`,
    [lane.shopId, lane.vendor, reason, message],
  )
  return 0
}

/** Released deliveries start anew: the retry horizon counts from now. */
async function release(pool: Pool, lane: Lane): Promise<number> {
  const released = await pool.query(
    `update deliveries set state = 'pending', reason = null, message = null, due_at = now(), trying_since = now(), updated_at = now()
     where shop_id = $1 and vendor = $2 and state = 'held'`,
    [lane.shopId, lane.vendor],
  )
  return released.rowCount ?? 0
}
