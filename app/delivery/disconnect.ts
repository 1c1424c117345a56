/** Disconnecting a vendor from a shop: what waits for it is given up, and its settings and secrets are forgotten. */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { laneCircuit } from './gate/circuits.ts'
import type { Lane } from './lane.ts'
import { lockedConnection, switchLane } from './lane-state.ts'
import { IS_OPEN } from './outcome.ts'
import { LOCK_ORDER } from './waiting.ts'

/** Deliveries ended by one statement: some 50 ms. */
const CHUNK = 2_000

/**
 * The lane is switched off first, so that nothing new goes out while what waits is ended some thousands at a time. Should
 * this end half way, the vendor is switched off, and disconnecting goes on when it is asked for again. What is on its way
 * at the vendor finishes; what was delivered stays told. Support's hold is kept with the connection, and would end with it:
 * what support holds stays, also when that is only held meanwhile.
 * @param evenHeld also what support holds
 * @returns how many deliveries were given up; 'held' when support holds the vendor; null when the shop has not connected it
 */
export async function disconnect(
  pool: Pool,
  lane: Lane,
  { evenHeld = false } = {},
): Promise<number | 'held' | null> {
  const mayNot = async (client: PoolClient) =>
    !evenHeld && (await lockedConnection(client, lane))?.hold_reason != null
  if (await withTransaction(pool, mayNot)) return 'held'
  if ((await switchLane(pool, lane, false)) === null) return null
  let ended = 0
  for (;;) {
    const some = await withTransaction(pool, async client =>
      (await mayNot(client)) ? 'held' : endSome(client, lane),
    )
    if (some === 'held') return some
    ended += some
    // Fewer than asked for may only mean that others ended some of these meanwhile.
    if (some === 0) break
  }
  return withTransaction(pool, async client => {
    // Whoever accepts an event shares the connection's lock: none comes in between.
    await client.query('select 1 from connections where shop_id = $1 and vendor = $2 for update', [
      lane.shopId,
      lane.vendor,
    ])
    if (await mayNot(client)) return 'held'
    for (let some = CHUNK; some > 0; ended += some) some = await endSome(client, lane)
    await client.query(
      `with closed as (delete from circuits where key = $3) delete from connections where shop_id = $1 and vendor = $2`,
      [lane.shopId, lane.vendor, laneCircuit(lane)],
    )
    return ended
  })
}

async function endSome(client: PoolClient, { shopId, vendor }: Lane): Promise<number> {
  const found = await client.query<{ id: string }>(
    `select d.event_id as id from deliveries d
     where d.shop_id = $1 and d.vendor = $2 and ${IS_OPEN} and d.event_id = any(array(
       select d.event_id from deliveries d where d.shop_id = $1 and d.vendor = $2 and ${IS_OPEN} limit ${CHUNK}))
     ${LOCK_ORDER}`,
    [shopId, vendor],
  )
  const ids = found.rows.map(({ id }) => id).sort()
  if (ids.length === 0) return 0
  await client.query(
    `update deliveries set state = 'skipped', reason = 'disconnected', message = $3, updated_at = now(), visitor_id = null
     where shop_id = $1 and vendor = $2 and event_id = any($4::uuid[]) and event_id between $5 and $6`,
    [shopId, vendor, SKIP_REASONS.disconnected, ids, ids[0], ids.at(-1)],
  )
  return ids.length
}
