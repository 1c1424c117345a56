/** Stopping and resuming a whole lane: switched off, credentials refused, or paused by an announced limit. */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import { scrub } from '../privacy/mask.ts'
import type { Lane } from './lane.ts'
import { HELD_REASONS, type HeldReason } from './outcome.ts'

/**
 * The vendor refused the credentials: the lane waits for a person, and everything open in it is held.
 * @returns false when these are no longer the lane's credentials (see `markRefused`)
 */
export async function refuseLane(
  client: Pool | PoolClient,
  lane: Lane,
  message: string,
  sealed: string,
): Promise<boolean> {
  const refused = await markRefused(client, lane, message, sealed)
  if (refused) await holdOpen(client, lane, 'refused', storable(scrub(message)))
  return refused
}

/**
 * Marks the lane as waiting for a person, and locks it. What is open in it is held by the caller.
 * @param sealed the sealed credentials that were refused: newer ones, entered meanwhile, are not touched by it
 */
export async function markRefused(
  client: Pool | PoolClient,
  lane: Lane,
  message: string,
  sealed: string,
): Promise<boolean> {
  const refused = await client.query(
    'update connections set attention = $3, updated_at = now() where shop_id = $1 and vendor = $2 and secrets = $4',
    [lane.shopId, lane.vendor, storable(scrub(message)), sealed],
  )
  return refused.rowCount === 1
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
export async function holdOpen(
  client: Pool | PoolClient,
  lane: Lane,
  reason: HeldReason,
  message: string,
): Promise<void> {
  // The lock waits for a person who is just starting the lane again: nothing may be held after the release.
  await client.query(
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
export function switchLane(pool: Pool, lane: Lane, on: boolean): Promise<number | null> {
  return withTransaction(pool, async client => {
    const switched = await client.query<{ attention: string | null }>(
      'update connections set enabled = $3, updated_at = now() where shop_id = $1 and vendor = $2 returning attention',
      [lane.shopId, lane.vendor, on],
    )
    const connection = switched.rows[0]
    if (!connection) return null
    if (on && connection.attention) return stillHeld(client, lane, 'refused', connection.attention)
    if (on) return release(client, lane)
    const held = await client.query(
      `update deliveries set state = 'held', reason = 'off', message = $3, updated_at = now()
       where shop_id = $1 and vendor = $2 and state in ('pending', 'retry')`,
      [lane.shopId, lane.vendor, HELD_REASONS.off],
    )
    return held.rowCount ?? 0
  })
}

/**
 * The credentials work again: clears the attention and, when the vendor is on, releases what was held. A shop from
 * which the app was removed stays stopped.
 */
export function acceptCredentials(pool: Pool, lane: Lane): Promise<number> {
  return withTransaction(pool, async client => {
    const cleared = await client.query<{ enabled: boolean; attention: string | null }>(
      `update connections c
       set attention = case when s.uninstalled_at is not null then $3 end, paused_until = null, updated_at = now()
       from shops s where s.id = c.shop_id and c.shop_id = $1 and c.vendor = $2
       returning c.enabled, c.attention`,
      [lane.shopId, lane.vendor, HELD_REASONS.uninstalled],
    )
    const connection = cleared.rows[0]
    if (!connection) return 0
    if (connection.attention) return stillHeld(client, lane, 'uninstalled', connection.attention)
    return connection.enabled ? release(client, lane) : stillHeld(client, lane, 'off', HELD_REASONS.off)
  })
}

/**
 * The app was removed from the shop: nothing more is sent for it, and its lanes wait for a person who connects
 * them again. Inside the caller's transaction.
 */
export async function holdShop(client: PoolClient, shopId: number): Promise<void> {
  await client.query(
    'update connections set attention = $2, updated_at = now() where shop_id = $1 and attention is null',
    [shopId, HELD_REASONS.uninstalled],
  )
  await client.query(
    `update deliveries set state = 'held', reason = 'uninstalled', message = $2, updated_at = now()
     where shop_id = $1 and state in ('pending', 'retry')`,
    [shopId, HELD_REASONS.uninstalled],
  )
}

/** What is held stays so for the reason that is left. @returns 0: nothing is released */
async function stillHeld(
  client: PoolClient,
  lane: Lane,
  reason: HeldReason,
  message: string,
): Promise<number> {
  await client.query(
    `update deliveries set reason = $3, message = $4, updated_at = now()
     where shop_id = $1 and vendor = $2 and state = 'held'`,
    [lane.shopId, lane.vendor, reason, message],
  )
  return 0
}

/** Released deliveries start anew: the retry horizon begins with their next attempt. */
async function release(client: PoolClient, lane: Lane): Promise<number> {
  const released = await client.query(
    `update deliveries set state = 'pending', reason = null, message = null, due_at = now(), trying_since = null, updated_at = now()
     where shop_id = $1 and vendor = $2 and state = 'held'`,
    [lane.shopId, lane.vendor],
  )
  return released.rowCount ?? 0
}
