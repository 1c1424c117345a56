/** Resuming a lane by hand: it goes on before the time until which a vendor's announcement or its own failures let it wait. */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { FIRST_ID } from '../db/partitions.ts'
import { connectionRow } from './connections.ts'
import { laneCircuit, vendorCircuit } from './gate/circuits.ts'
import { type Asking, type Lifted, liftAnnounced } from './gate/gate.ts'
import type { Lane } from './lane.ts'
import { type Stop, stopOf } from './lane-state.ts'

/** Deliveries brought forward by one statement: some 50 ms. */
const CHUNK = 2_000

/** What was ended, and what keeps the lane from sending all the same. Times are by the database's clock. */
export type Resumed = {
  /** Until when it would have paused; null: it did not. */
  pausedUntil: Date | null
  /** Until when it would have rested after failures. */
  restedUntil: Date | null
  announced: Lifted[]
  /** Deliveries whose next try was still to come, and is due now. */
  broughtForward: number
  /** Until when the vendor rests for every shop: no lane's business. */
  vendorRestsUntil: Date | null
  stop: Stop | null
}

/**
 * The caller signals the lane. Other lanes that share a limit keep their own pauses.
 * @param asking null: what the vendor announced stays, which other shops may share
 * @returns null when the shop has not connected the vendor
 */
export async function resumeLane(pool: Pool, lane: Lane, asking: Asking | null): Promise<Resumed | null> {
  // First what is shared, then the lane's own: whoever is told to wait in between has that ended too.
  const announced = asking ? await liftAnnounced(pool, lane, asking) : []
  const own = await endOwn(pool, lane)
  const row = await connectionRow(pool, lane.shopId, lane.vendor)
  if (!own || !row) return null
  const stop = stopOf(row)
  return { announced, ...own, broughtForward: stop ? 0 : await bringForward(pool, lane), stop }
}

type Own = Pick<Resumed, 'pausedUntil' | 'restedUntil' | 'vendorRestsUntil'>

/** The lane's pause, its rest, and the turn that may be about to begin another pause. */
async function endOwn(pool: Pool, lane: Lane): Promise<Own | undefined> {
  const ended = await pool.query<Own>(
    `with before as (select paused_until from connections where shop_id = $1 and vendor = $2 for update),
     closed as (delete from circuits where key = $3 returning open_until)
     update connections c set paused_until = null, turn = c.turn + 1
     from before where c.shop_id = $1 and c.vendor = $2
     returning case when before.paused_until > now() then before.paused_until end as "pausedUntil",
       (select open_until from closed where open_until > now()) as "restedUntil",
       (select open_until from circuits where key = $4 and open_until > now()) as "vendorRestsUntil"`,
    [lane.shopId, lane.vendor, laneCircuit(lane), vendorCircuit(lane)],
  )
  return ended.rows[0]
}

/** What the vendor refused was put off as far as the lane. @returns how many deliveries are due now that were not */
async function bringForward(pool: Pool, lane: Lane): Promise<number> {
  let total = 0
  let after: string | undefined = FIRST_ID
  while (after !== undefined) {
    const from: string = after
    const brought = await withTransaction(pool, client => bringSomeForward(client, lane, from))
    total += brought.length
    after = brought.length < CHUNK ? undefined : brought.at(-1)
  }
  return total
}

/** In the order of events. What is locked is just being recorded: its next try is decided anew. */
async function bringSomeForward(
  client: PoolClient,
  { shopId, vendor }: Lane,
  after: string,
): Promise<string[]> {
  const found = await client.query<{ id: string }>(
    `select event_id as id from deliveries
     where shop_id = $1 and vendor = $2 and state = 'retry' and due_at > now() and event_id > $3
     order by event_id limit ${CHUNK} for update skip locked`,
    [shopId, vendor, after],
  )
  const ids = found.rows.map(({ id }) => id)
  if (ids.length > 0)
    await client.query(
      `update deliveries set due_at = now()
       where shop_id = $1 and vendor = $2 and event_id = any($3::uuid[]) and event_id between $4 and $5`,
      [shopId, vendor, ids, ids[0], ids.at(-1)],
    )
  return ids
}
