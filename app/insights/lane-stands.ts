/** How a lane stands: the one place that decides it, for lists of all shops, a shop's page, the fleet and the command line. */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { secretsOf } from '../delivery/connections.ts'
import { WAITS_SINCE } from '../delivery/due.ts'
import { COUNTED_UP_TO, type Lane, type LaneState, laneKey } from '../delivery/lane.ts'
import { LATE_NOW } from '../delivery/lane-rows.ts'
import { STOPPED_BESIDE } from '../delivery/lane-state.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import type { Sealer } from '../secrets/seal.ts'
import { REACHED } from './daily.ts'
import { PROVED } from './proved.ts'

const FAILED_LEAST = 5
const FAILED_SHARE = 10

/** What is true of a lane. `waiting`: deliveries to be sent, no more than `COUNTED_UP_TO`; so many of yesterday and today were `delivered` and `failed`. */
export type LaneFacts = {
  /** By support. */
  onHold: boolean
  enabled: boolean
  /** The app was removed from its shop. */
  removed: boolean
  attention: string | null
  /** Whether its credentials can be opened. */
  opens: boolean
  /** Its own circuit is open; the vendor's is. */
  rests: boolean
  vendorRests: boolean
  waiting: number
  /** The oldest of them waits for longer than an alert allows. */
  late: boolean
  /** Until a time that is to come, for a limit or because the vendor asked for it. */
  paused: boolean
  delivered: number
  failed: number
  /** See `PROVED`. */
  proved: boolean
}

/** Pure: the first that is true of it, in the order of `LANE_STATES` (app/delivery/lane.ts), which says what each means. */
export function laneState(lane: LaneFacts): LaneState {
  if (lane.onHold) return 'held'
  if (!lane.enabled || lane.removed || lane.attention === HELD_REASONS.disconnecting) return 'off'
  if (lane.attention !== null || !lane.opens) return 'attention'
  if (fails(lane)) return 'failing'
  if (lane.late) return 'late'
  if (lane.paused && lane.waiting > 0) return 'paused'
  return lane.proved ? 'ok' : 'untested'
}

function fails({ rests, vendorRests, waiting, failed, delivered }: LaneFacts): boolean {
  if (rests || (vendorRests && waiting > 0)) return true
  return failed >= FAILED_LEAST && failed * FAILED_SHARE >= failed + delivered
}

export type Opens = (lane: Lane & { secrets: string }) => boolean
export const opensWith =
  (sealer: Sealer): Opens =>
  lane =>
    secretsOf(sealer, lane.shopId, lane) !== null

/**
 * What lists tell of it: `oldestWaiting`, when the oldest of what waits was accepted, `oldestHeld` of what is held; `heldToGo`, so much of `held` a
 * release would send; `pausedUntil`, for a limit or because the vendor asked for it.
 */
export type LaneStands = Lane & {
  state: LaneState
  waiting: number
  held: number
  heldToGo: number
  oldestWaiting: Date | null
  oldestHeld: Date | null
  pausedUntil: Date | null
  delivered: number
  failed: number
}

/** Of a lane whose connection is gone by then, nothing. Reads by indexes alone for the rest of the transaction. */
export async function laneStands(
  client: PoolClient,
  lanes: readonly Lane[],
  opens: Opens,
  lateAfterMinutes: number,
): Promise<LaneStands[]> {
  // A week of which PostgreSQL has no statistics yet would be read as a whole, for each lane.
  await client.query('set local enable_seqscan = off')
  const { rows } = await client.query<
    Omit<LaneFacts, 'opens' | 'paused'> & Omit<LaneStands, 'state'> & { secrets: string }
  >(FACTS, [lanes.map(({ shopId }) => shopId), lanes.map(({ vendor }) => vendor), lateAfterMinutes])
  return rows.map(row => {
    const { shopId, vendor, waiting, held, heldToGo, oldestWaiting, oldestHeld, delivered, failed } = row
    const state = laneState({ ...row, opens: opens(row), paused: row.pausedUntil !== null })
    // A circuit that opens pauses its lanes as well: then it is that which keeps them.
    const pausedUntil = row.rests || row.vendorRests ? null : row.pausedUntil
    const ages = { oldestWaiting, oldestHeld, pausedUntil }
    return { shopId, vendor, state, waiting, held, heldToGo, ...ages, delivered, failed }
  })
}

/** Lanes of one statement. */
const CHUNK = 1_000

/** How they stand now, by `laneKey`. */
export async function statesOf(
  { pool, sealer }: { pool: Pool; sealer: Sealer },
  lanes: readonly Lane[],
  lateAfterMinutes: number,
): Promise<Map<string, LaneState>> {
  const states = new Map<string, LaneState>()
  for (let from = 0; from < lanes.length; from += CHUNK) {
    const stands = await withTransaction(pool, client =>
      laneStands(client, lanes.slice(from, from + CHUNK), opensWith(sealer), lateAfterMinutes),
    )
    for (const lane of stands) states.set(laneKey(lane), lane.state)
  }
  return states
}

const OF_LANE = 'd.shop_id = c.shop_id and d.vendor = c.vendor'

const FACTS = `
  select c.shop_id as "shopId", c.vendor, c.secrets, c.hold_reason is not null as "onHold", c.enabled,
    s.uninstalled_at is not null as removed, c.attention, case when c.paused_until > now() then c.paused_until end as "pausedUntil",
    exists (select from circuits where key = 'lane:' || c.shop_id || ':' || c.vendor) as rests,
    exists (select from circuits where key = 'vendor:' || c.vendor) as "vendorRests",
    coalesce(o.oldest < now() - make_interval(mins => $3), false) as late, ${PROVED} as proved,
    o.waiting, h.held, g.to_go as "heldToGo", o.accepted as "oldestWaiting", f.held as "oldestHeld", k.delivered, k.failed
  from (select distinct shop_id, vendor from unnest($1::int[], $2::text[]) x(shop_id, vendor)) l
  join connections c using (shop_id, vendor)
  join shops s on s.id = c.shop_id
  cross join lateral (select day_of(now(), s.days_zone) as today offset 0) t
  cross join lateral (
    select count(*)::int as waiting, min(${WAITS_SINCE}) as oldest, min(d.created_at) as accepted
    from (select d.trying_since, d.updated_at, d.created_at from deliveries d where ${OF_LANE} and d.state in ('pending', 'retry')
          order by d.priority, d.event_id limit ${COUNTED_UP_TO}) d) o
  cross join lateral (
    select count(*)::int as held
    from (select from deliveries d where ${OF_LANE} and d.state = 'held' limit ${COUNTED_UP_TO}) d) h
  cross join lateral (
    select case when h.held > 0 then (
      select d.created_at from deliveries d where ${OF_LANE} and d.state = 'held' order by d.event_id limit 1) end as held) f
  cross join lateral (
    select count(*)::int as to_go
    from (select d.replay, d.created_at from deliveries d
          where ${OF_LANE} and d.state = 'held' and c.hold_reason is not null and not ${STOPPED_BESIDE}
          order by d.event_id desc limit ${COUNTED_UP_TO}) d
    where not ${LATE_NOW}) g
  cross join lateral (
    select ${REACHED}::int as delivered, coalesce(sum(k.count) filter (where k.state = 'dead'), 0)::int as failed
    from delivery_days k where k.shop_id = c.shop_id and k.vendor = c.vendor
      and k.day = any(array[t.today - 1, t.today])) k
  order by 1, 2`
