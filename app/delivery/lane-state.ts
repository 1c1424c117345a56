/**
 * Stopping and starting a whole lane: held by support, switched off, credentials refused. The connection says whether the lane may send; the deliveries follow it, some thousands at a time (`settleLane`), by
 * whoever changed it and by every drain. A crash in between leaves nothing behind that would wait for nobody.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import { FIRST_ID } from '../db/partitions.ts'
import { scrub } from '../privacy/mask.ts'
import { type ConnectionRow, IS_STARTED } from './connections.ts'
import { laneCircuit } from './gate/circuits.ts'
import type { Lane } from './lane.ts'
import { CHUNK, holdThese, type Released, releaseSome, type Stop, someOf } from './lane-rows.ts'
import { attentionReason, HELD_REASONS } from './outcome.ts'

export type { Released, Stop } from './lane-rows.ts'

/** What of a connection says whether its lane is stopped. */
type Stoppable = Pick<ConnectionRow, 'enabled' | 'attention' | 'hold_reason'>
/** `unnamed_since`: what is held may say another reason than that of `stopOf`, because support's hold has changed since. */
type Locked = Stoppable & { unnamed_since: Date | null }

/** Why a lane sends nothing, and the sentence for it; null: it sends. Support's hold comes first: the merchant cannot end it. */
export function stopOf(row: Stoppable): Stop | null {
  if (row.hold_reason !== null) return { reason: 'on_hold', message: row.hold_reason }
  if (!row.enabled) return { reason: 'off', message: HELD_REASONS.off }
  if (row.attention === null) return null
  return { reason: attentionReason(row.attention), message: row.attention }
}

/**
 * SQL: what ended before is not through: something is held yet, for that. With `offset 0` it is looked up for each lane: else PostgreSQL may
 * read all that is held anywhere.
 */
const HOLDS_YET = `exists (select from deliveries d
    where d.shop_id = connections.shop_id and d.vendor = connections.vendor and d.state = 'held' offset 0)`
/** SQL: `unnamed_since` of a connection whose reason to be stopped becomes another one where this holds. */
const unnamedWhere = (changed: string) =>
  `unnamed_since = case when (${changed}) and ${HOLDS_YET} then now() else unnamed_since end`

/**
 * What the connection says, which stays so until the transaction ends. A person who is just stopping or starting the lane is
 * waited for: nothing may follow what is no longer so.
 * @returns undefined when the vendor is not connected
 */
export async function lockedConnection(client: PoolClient, lane: Lane): Promise<Locked | undefined> {
  const found = await client.query<Locked>(
    'select enabled, attention, hold_reason, unnamed_since from connections where shop_id = $1 and vendor = $2 for share',
    [lane.shopId, lane.vendor],
  )
  return found.rows[0]
}

/**
 * The vendor refused the credentials, or they cannot be used: the lane waits for a person. Locks the connection.
 * @param sealed the sealed credentials concerned: newer ones, entered meanwhile, are not touched by it
 * @returns false when these are no longer the lane's credentials
 */
export async function markRefused(
  client: Pool | PoolClient,
  lane: Lane,
  message: string,
  sealed: string,
): Promise<boolean> {
  const refused = await client.query(
    // What was on its way when the vendor's disconnection began does not call that off.
    `update connections set attention = case when attention = $5 then attention else $3 end, updated_at = now(),
       ${unnamedWhere('attention is distinct from $3 and attention is distinct from $5')}
     where shop_id = $1 and vendor = $2 and secrets = $4`,
    [lane.shopId, lane.vendor, storable(scrub(message)), sealed, HELD_REASONS.disconnecting],
  )
  return refused.rowCount === 1
}

/** How long before a release something may have been received to be sent by it, in days. */
export async function setReleaseWithin(pool: Pool | PoolClient, shopId: number, days: number): Promise<void> {
  await pool.query('update shops set release_within_days = $2 where id = $1', [shopId, days])
}

/**
 * The merchant's switch. Off holds what is open; on releases what was held by the switch (what was held for
 * refused credentials waits for those).
 * @returns how many deliveries were held, or released and expired; null when the vendor is not connected
 */
export async function switchLane(
  pool: Pool,
  lane: Lane,
  on: boolean,
): Promise<({ held: number } & Released) | null> {
  return (await setSwitch(pool, lane, on)) ? settleLane(pool, lane) : null
}

/** The connection's part of switching; the deliveries follow with `settleLane`. @returns false when the vendor is not connected */
export async function setSwitch(client: Pool | PoolClient, lane: Lane, on: boolean): Promise<boolean> {
  const switched = await client.query(
    `update connections
     set enabled = $3, updated_at = now(), released_at = case when $3 and not enabled then now() else released_at end,
       ${unnamedWhere('enabled <> $3')}
     where shop_id = $1 and vendor = $2`,
    [lane.shopId, lane.vendor, on],
  )
  return switched.rowCount === 1
}

/** Why support holds a lane, in words that the merchant reads, and when that ends by itself. */
export type Hold = { reason: string; until: Date | null }
/** A hold as the connection has it, and as the audit keeps it. */
export type KeptHold = Hold & { since: Date }
/** The most characters of a reason: the merchant reads it on a card. */
export const MOST_REASON_CHARACTERS = 500

/** SQL: a connection's hold; all null where there is none. */
export const HOLD_COLUMNS = 'hold_reason as reason, hold_since as since, hold_until as until'
/** SQL: whether the merchant, or what the vendor said, stops the connection too: something may be held for that. */
export const STOPPED_BESIDE = '(not enabled or attention is not null)'
/**
 * SQL: holds connections for the reason `$3` until `$4`: nothing is sent until that or a release, whatever the merchant switches. A hold
 * that stands already keeps its beginning and takes the new reason and end; one whose time has come is over.
 */
export const HOLD_BEGUN = `hold_reason = $3,
  hold_since = case when hold_until <= now() then now() else coalesce(hold_since, now()) end, hold_until = $4, updated_at = now(),
  unnamed_since = case when hold_reason <> $3 or hold_reason is null and (${STOPPED_BESIDE} or ${HOLDS_YET}) then now()
    else unnamed_since end`
/** SQL: what ends support's hold of a connection. */
export const HOLD_ENDED = `hold_reason = null, hold_since = null, hold_until = null, released_at = now(), updated_at = now(),
  unnamed_since = case when ${STOPPED_BESIDE} then now() else unnamed_since end`

/** The connection's part of a hold; the deliveries follow with `settleLane`. @returns false when the vendor is not connected */
export async function startHold(
  client: Pool | PoolClient,
  lane: Lane,
  { reason, until }: Hold,
): Promise<boolean> {
  const held = await client.query(`update connections set ${HOLD_BEGUN} where shop_id = $1 and vendor = $2`, [
    lane.shopId,
    lane.vendor,
    storable(scrub(reason)),
    until,
  ])
  return held.rowCount === 1
}

/** The connection's part of a release; the deliveries follow with `settleLane`. @returns false when support does not hold the lane */
export async function endHold(client: Pool | PoolClient, lane: Lane): Promise<boolean> {
  const ended = await client.query(
    `update connections set ${HOLD_ENDED} where shop_id = $1 and vendor = $2 and hold_reason is not null`,
    [lane.shopId, lane.vendor],
  )
  return ended.rowCount === 1
}

/**
 * The credentials work again: clears the attention, ends a pause and the lane's rest, and, when the vendor is on,
 * releases what was held. A shop from which the app was removed stays stopped, and a vendor that is being disconnected goes on being so.
 */
export async function acceptCredentials(pool: Pool, lane: Lane): Promise<Released> {
  const next = 'case when attention = $5 then $5 when s.uninstalled_at is not null then $3 end'
  await pool.query(
    `with closed as (delete from circuits where key = $4)
     update connections
     set attention = ${next},
         paused_until = null, turn = turn + 1,
         released_at = case when attention is not null then now() else released_at end, updated_at = now(),
         ${unnamedWhere(`attention is distinct from ${next}`)}
     from shops s where s.id = connections.shop_id and connections.shop_id = $1 and connections.vendor = $2`,
    [lane.shopId, lane.vendor, HELD_REASONS.uninstalled, laneCircuit(lane), HELD_REASONS.disconnecting],
  )
  return settleLane(pool, lane)
}

/** Lanes that waited for a vendor which this version has again may go on. @param vendors the ids of those there are */
export async function welcomeVendors(pool: Pool, vendors: readonly string[]): Promise<void> {
  await pool.query(
    `update connections
     set attention = case when s.uninstalled_at is not null then $3 end, updated_at = now(), released_at = now(),
       ${unnamedWhere('true')}
     from shops s where s.id = connections.shop_id and connections.attention = $2 and connections.vendor = any($1)`,
    [vendors, HELD_REASONS.vendor_missing, HELD_REASONS.uninstalled],
  )
}

/**
 * The app was removed from the shop: nothing more is sent for it, and its lanes wait for a person who connects
 * them again. Inside the caller's transaction; what is open is held when the lanes are next drained.
 */
export async function holdShop(client: PoolClient, shopId: number): Promise<void> {
  await client.query(
    `update connections set attention = $2, updated_at = now(), ${unnamedWhere('true')}
     where shop_id = $1 and attention is null`,
    [shopId, HELD_REASONS.uninstalled],
  )
}

/** Makes the deliveries follow the connection: holds what is open in a lane that is stopped, releases in one that is not. */
export async function settleLane(pool: Pool, lane: Lane): Promise<{ held: number } & Released> {
  const { left: _, ...total } = await settleFor(pool, lane, Number.POSITIVE_INFINITY)
  return total
}

/** The same for so long: whoever drains the lane goes on where this ends. `left`: there may be more. */
export async function settleFor(
  pool: Pool,
  lane: Lane,
  ms: number,
): Promise<Omit<Settled, 'named' | 'unnamed'>> {
  const end = performance.now() + ms
  const total = { held: 0, released: 0, expired: 0 }
  let named: Named | undefined
  for (;;) {
    const { left, unnamed, ...some } = await settleSome(pool, lane, named)
    total.held += some.held
    total.released += some.released
    total.expired += some.expired
    named = some.named
    if (!left && unnamed) await saySettled(pool, lane.vendor, [{ shopId: lane.shopId, unnamed }])
    if (!left || performance.now() >= end) return { ...total, left }
  }
}

/** What these lanes hold says the reason for which they are stopped now, unless their hold has changed since they were seen. */
export async function saySettled(
  pool: Pool,
  vendor: string,
  seen: readonly { shopId: number; unnamed: Date }[],
): Promise<void> {
  if (seen.length === 0) return
  await pool.query(
    `update connections c set unnamed_since = null from unnest($2::int[], $3::timestamptz[]) seen(shop_id, unnamed)
     where c.vendor = $1 and c.shop_id = seen.shop_id and c.unnamed_since = seen.unnamed`,
    [vendor, seen.map(({ shopId }) => shopId), seen.map(({ unnamed }) => unnamed)],
  )
}

/** For so long whoever has changed a hold is at it, or whoever was signalled. */
const UNNAMED_SECONDS = 30

/**
 * Lanes that are stopped and whose deliveries do not say why, though somebody was to see to it a while ago: that process has ended, or its
 * signal was lost. Draining them sees to it.
 * @param afterSeconds for tests: how long a while is
 */
export async function lanesUnnamed(
  pool: Pool,
  limit: number,
  afterSeconds = UNNAMED_SECONDS,
): Promise<Lane[]> {
  const found = await pool.query<{ shop_id: number; vendor: string }>(
    `select shop_id, vendor from connections
     where unnamed_since <= now() - make_interval(secs => $2) and not (${IS_STARTED}) order by unnamed_since limit $1`,
    [limit, afterSeconds],
  )
  return found.rows.map(row => ({ shopId: row.shop_id, vendor: row.vendor }))
}

/** Held for another reason, or with another sentence: support may hold again in other words. */
const NAMED_OTHERWISE =
  "state = 'held' and (reason, message) is distinct from ($3, $4) and event_id > $5 order by event_id"

/** What was held before is held for this reason, up to this event. */
type Named = Stop & { upTo: string }

/** What some of a lane's deliveries came to. `left`: there may be more. `unnamed`: the connection's `unnamed_since`. */
type Settled = { held: number; left: boolean; named?: Named; unnamed: Date | null } & Released

/** The same for some thousands. @param named as the last call said */
export function settleSome(pool: Pool, lane: Lane, named?: Named): Promise<Settled> {
  const nothing: Settled = {
    ...{ held: 0, released: 0, expired: 0, left: false, unnamed: null },
    ...(named && { named }),
  }
  return withTransaction(pool, async client => {
    const connection = await lockedConnection(client, lane)
    if (!connection) return nothing
    nothing.unnamed = connection.unnamed_since
    const stop = stopOf(connection)
    if (!stop) {
      const { released, expired } = await releaseSome(client, lane)
      return { ...nothing, released, expired, left: released + expired === CHUNK }
    }
    const open = await someOf(client, lane, "state in ('pending', 'retry') order by priority, event_id")
    const held = await holdThese(client, lane, stop, open)
    if (open.length === CHUNK) return { ...nothing, held, left: true }
    // What is held already is held for the reason there is now.
    const { reason, message } = stop
    const isSame = named?.reason === reason && named.message === message
    const after = isSame ? named.upTo : FIRST_ID
    const others = await someOf(client, lane, NAMED_OTHERWISE, reason, message, after)
    await holdThese(client, lane, stop, others)
    return {
      ...nothing,
      held,
      left: others.length === CHUNK,
      named: { ...stop, upTo: others.at(-1) ?? after },
    }
  })
}
