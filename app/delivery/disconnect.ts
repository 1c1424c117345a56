/** Disconnecting a vendor from a shop: what waits for it is given up, and its settings and secrets are forgotten. */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { type Actor, BY_ITSELF, writeAudit } from '../support/audit.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { laneCircuit } from './gate/circuits.ts'
import type { Lane } from './lane.ts'
import { settleFor, settleLane } from './lane-state.ts'
import { HELD_REASONS, IS_OPEN } from './outcome.ts'
import { LOCK_ORDER } from './waiting.ts'

/** Deliveries ended by one statement: some 50 ms. */
const CHUNK = 2_000
/** For so long what waits is held before it is said again that somebody is at it. */
const HOLD_MS = 10_000

/** `held`: support holds the vendor, so it stays connected. `ended`: how many deliveries were given up, also before the hold came. */
export type Disconnected = { held: boolean; ended: number }

/** A disconnection at which nobody was seen for so long is looked after: who began it may be gone. */
const BROKEN_OFF_AFTER = '1 minute'
/** So many in one round of the chore. */
const MOST_RESUMED = 100

/**
 * The lane is stopped first (it is being disconnected, which its merchant reads), so that nothing new goes out while what waits is
 * ended some thousands at a time. Should this end half way, `resumeDisconnections` goes on. The merchant's switch is left alone. What
 * is on its way at the vendor finishes; what was delivered stays told. Support's hold is kept with the connection, and would end with it:
 * what support holds stays, also when that is only held meanwhile: then it is disconnected no more.
 * @param options.evenHeld also what support holds, which is kept with the connection until the end
 * @param options.by who of support does it: written down with the beginning. That a hold called it off is written down in any case
 * @returns null when the shop has not connected it
 */
export async function disconnect(
  pool: Pool,
  lane: Lane,
  { evenHeld = false, by = null }: { evenHeld?: boolean; by?: Actor | null } = {},
): Promise<Disconnected | null> {
  const deliveries = by ? await openOf(pool, lane) : 0
  const begun = await withTransaction(pool, async client => {
    const going = await begin(client, lane, evenHeld, by)
    if (by && going !== null && going !== 'held') {
      const after = { connected: false, deliveries }
      await writeAudit(client, by, [
        { action: 'vendor_disconnect', shop: going.shop, vendor: lane.vendor, after },
      ])
    }
    return going
  })
  if (begun === null) return null
  return begun === 'held' ? { held: true, ended: 0 } : finish(pool, lane, begun)
}

/** For the test of its plan too: an index has those that wait for a person, which are few among all connections. */
export const BROKEN_OFF = `select shop_id as "shopId", vendor from connections
  where attention = $1 and updated_at < now() - interval '${BROKEN_OFF_AFTER}' order by updated_at limit ${MOST_RESUMED}`

/**
 * Goes on with disconnections that were broken off, such as by a process that was killed: nothing of these lanes is sent until then.
 * One that support has begun to hold meanwhile is called off, unless that was to be no hindrance.
 * @returns the lanes that are not connected any more
 */
export async function resumeDisconnections(pool: Pool, lost?: AbortSignal): Promise<Lane[]> {
  const found = await pool.query<Lane>(BROKEN_OFF, [HELD_REASONS.disconnecting])
  const gone: Lane[] = []
  for (const lane of found.rows) {
    if (lost?.aborted) break
    const going = await withTransaction(pool, client => takeUp(client, lane))
    if (going && !(await finish(pool, lane, going)).held) gone.push(lane)
  }
  return gone
}

/** A disconnection that is under way. `made`: when the connection was, which tells it from one that is made after it. */
type Going = { shop: string; made: Date; attention: string | null; by: Actor | null }

type Row = {
  shop: string
  made: Date
  attention: string | null
  /** Support holds it, and that is a hindrance. */
  hindered: boolean
  brokenOff: boolean
}

/** Whether support holds it is looked at under the row's lock, so that no hold comes in between. */
async function begin(
  client: PoolClient,
  lane: Lane,
  evenHeld: boolean,
  by: Actor | null,
): Promise<Going | 'held' | null> {
  const row = await lockedRow(client, lane, 'update', evenHeld)
  if (!row) return null
  const going = { shop: row.shop, made: row.made, attention: row.attention, by }
  if (row.hindered) {
    await callOff(client, lane, going)
    return 'held'
  }
  await client.query(
    `update connections set attention = $3, disconnect_even_held = disconnect_even_held or $4, updated_at = now()
     where shop_id = $1 and vendor = $2`,
    [lane.shopId, lane.vendor, HELD_REASONS.disconnecting, evenHeld],
  )
  return going
}

/** Null: somebody is at it, or it is over, or was called off here. How it was before is not known any more. */
async function takeUp(client: PoolClient, lane: Lane): Promise<Going | null> {
  const row = await lockedRow(client, lane, 'update')
  if (!row || row.attention !== HELD_REASONS.disconnecting || !row.brokenOff) return null
  const going = { shop: row.shop, made: row.made, attention: null, by: null }
  if (row.hindered) {
    await callOff(client, lane, going)
    return null
  }
  await client.query('update connections set updated_at = now() where shop_id = $1 and vendor = $2', [
    lane.shopId,
    lane.vendor,
  ])
  return going
}

/**
 * Whoever accepts an event shares the connection's lock: none comes in between where it is locked for an update.
 * @param evenHeld support's hold is no hindrance, as where that was said when it began
 */
async function lockedRow(
  client: PoolClient,
  { shopId, vendor }: Lane,
  lock: 'share' | 'update',
  evenHeld = false,
): Promise<Row | undefined> {
  const found = await client.query<Row>(
    `select s.domain as shop, c.created_at as made, c.attention,
       c.hold_reason is not null and not (c.disconnect_even_held or $3) as hindered,
       c.updated_at < now() - interval '${BROKEN_OFF_AFTER}' as "brokenOff"
     from connections c join shops s on s.id = c.shop_id where c.shop_id = $1 and c.vendor = $2 for ${lock} of c`,
    [shopId, vendor, evenHeld],
  )
  return found.rows[0]
}

/** The connection is the one that was to go, and nobody has called that off. */
const isGoing = (row: Row, going: Going): boolean =>
  isSame(row, going) && row.attention === HELD_REASONS.disconnecting
const isSame = (row: Row, { made }: Going): boolean => row.made.getTime() === made.getTime()

/**
 * It is as it was, as far as that is known: what it needs beside is found out again by what it sends. Where it was not under way,
 * nothing is changed.
 * @param ended how many deliveries were given up by whoever calls it off; not given: it is not known
 */
async function callOff(client: PoolClient, lane: Lane, going: Going, ended?: number): Promise<void> {
  const { disconnecting, uninstalled } = HELD_REASONS
  const { shop, attention, by } = going
  const called = await client.query(
    `update connections c
     set attention = case when s.uninstalled_at is not null then $4 else nullif($5, $3) end, disconnect_even_held = false,
         updated_at = now()
     from shops s where s.id = c.shop_id and c.shop_id = $1 and c.vendor = $2 and c.attention = $3`,
    [lane.shopId, lane.vendor, disconnecting, uninstalled, attention],
  )
  if (called.rowCount !== 1) return
  const after = { connected: true, ...(ended !== undefined && { deliveries: ended }) }
  const action = by ? 'vendor_give_up' : 'vendor_kept'
  await writeAudit(client, by ?? BY_ITSELF, [{ action, shop, vendor: lane.vendor, after }])
}

/** Says that somebody is at it. Waits for nobody: who accepts an event just now is let by, and it is said with the next chunk. */
async function touch(pool: Pool, { shopId, vendor }: Lane): Promise<void> {
  await pool.query(
    `update connections c set updated_at = now()
     from (select shop_id, vendor from connections where shop_id = $1 and vendor = $2 and attention = $3
           for no key update skip locked) going
     where (c.shop_id, c.vendor) = (going.shop_id, going.vendor)`,
    [shopId, vendor, HELD_REASONS.disconnecting],
  )
}

async function finish(pool: Pool, lane: Lane, going: Going): Promise<Disconnected> {
  for (let left = true; left; await touch(pool, lane)) left = (await settleFor(pool, lane, HOLD_MS)).left
  const done = await endAll(pool, lane, going)
  // What waits is held for the hold from now on, not for the disconnection.
  if (done.held) await settleLane(pool, lane)
  return done
}

/** Of a lane that is stopped. */
async function endAll(pool: Pool, lane: Lane, going: Going): Promise<Disconnected> {
  let ended = 0
  for (;;) {
    const some = await withTransaction(pool, client => endUnlessCalledOff(client, lane, going))
    ended += some
    // Fewer than asked for may only mean that others ended some of these meanwhile.
    if (some > 0) {
      await touch(pool, lane)
      continue
    }
    const last = await withTransaction(pool, client => forget(client, lane, going, ended))
    return { ...last, ended: ended + last.ended }
  }
}

/** @returns how many; none also where support holds it, or it is to be disconnected no more */
async function endUnlessCalledOff(client: PoolClient, lane: Lane, going: Going): Promise<number> {
  const row = await lockedRow(client, lane, 'share')
  return row && isGoing(row, going) && !row.hindered ? endSome(client, lane) : 0
}

/** Ends what came meanwhile, and the connection; or, where support holds it, calls that off in the same transaction. */
async function forget(client: PoolClient, lane: Lane, going: Going, before: number): Promise<Disconnected> {
  const row = await lockedRow(client, lane, 'update')
  // Another was at it too, and was done first: it is gone, or support's hold has called it off.
  if (!row || !isGoing(row, going)) return { held: row !== undefined && isSame(row, going), ended: 0 }
  if (row.hindered) {
    await callOff(client, lane, going, before)
    return { held: true, ended: 0 }
  }
  let ended = 0
  for (let some = CHUNK; some > 0; ended += some) some = await endSome(client, lane)
  await client.query(
    `with closed as (delete from circuits where key = $3) delete from connections where shop_id = $1 and vendor = $2`,
    [lane.shopId, lane.vendor, laneCircuit(lane)],
  )
  return { held: false, ended }
}

/** How many deliveries wait in the lane. Each state by itself: that is how the indexes have them. */
async function openOf(pool: Pool, { shopId, vendor }: Lane): Promise<number> {
  const counts = ["in ('pending', 'retry')", "= 'waiting'", "= 'held'"].map(
    states => `(select count(*) from deliveries where shop_id = $1 and vendor = $2 and state ${states})`,
  )
  const counted = await pool.query<{ open: number }>(`select (${counts.join(' + ')})::int as open`, [
    shopId,
    vendor,
  ])
  return counted.rows[0]?.open ?? 0
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
