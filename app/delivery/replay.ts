/**
 * Replay: sending deliveries again that a person chose, as new attempts of the same delivery, to the vendor
 * each belongs to and to no other. What the vendor already has is sent again: that is what was asked for.
 */
import type { Pool, PoolClient } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { withTransaction } from '../db/database.ts'
import { FIRST_ID, LAST_ID } from '../db/partitions.ts'
import type { EventType } from '../events/types.ts'
import { type ConnectionRow, connectionsOf } from './connections.ts'
import type { Lane } from './lane.ts'
import { lockedConnection, type Stop, stopOf } from './lane-state.ts'
import type { DeliveryState } from './outcome.ts'
import { ONE_MORE } from './replays.ts'

export type ReplayFilter = {
  shopId: number
  vendor?: string
  /** Open deliveries are on their way anyway, and held ones wait for their lane: neither is replayed. */
  states: readonly Extract<DeliveryState, 'delivered' | 'skipped' | 'dead'>[]
  /** Received at or after. */
  since?: Date
  /** Received before. */
  until?: Date
  eventId?: string
  /** Of these events only, as many as were found by what deliveries do not know. */
  eventIds?: readonly string[]
  type?: EventType
  /** Why it was skipped or given up. */
  reason?: string
  /** Only what this earlier replay took. */
  replayId?: string
  /**
   * Takes along what a vendor rejected a part of without saying which (`partly_rejected`): most of it is there
   * already, and would be there twice. A single event asked for by its id is always taken.
   */
  partlyRejected?: boolean
}

/** What one transaction of a replay started anew in a lane. `id`: the replay's. */
export type Replayed = { id: string; vendor: string; count: number; held: number }
/** Writes down what a transaction started anew, within it; not called where that is nothing. */
export type Noting = (client: PoolClient, done: Replayed) => Promise<void>

/** Deliveries of a lane that one transaction looks through, and starts anew where they were chosen: some 100 ms. */
const STEP = 5_000

/**
 * What is chosen by a filter goes out below live traffic; a single event at once. Chosen is what is in these states when
 * this begins; it is started anew lane by lane, the oldest first, so many at a time. If that is broken off, what was
 * started anew goes out all the same, and saying it again goes on with what is left in these states.
 * @param step how many deliveries a transaction looks through
 * @param note who writes it down, if anybody
 * @param start where its id is to be known before it begins; else it begins now
 * @returns how many, how many of these are held because their lane is stopped, the lanes to signal, and by which id its deliveries are found
 */
export async function replay(
  pool: Pool,
  filter: ReplayFilter,
  step = STEP,
  note?: Noting,
  start?: ReplayStart,
): Promise<{ count: number; held: number; lanes: Lane[]; id: string }> {
  const total = { count: 0, held: 0 }
  const lanes = new Map<string, Lane>()
  const begun = start ?? (await beginReplay(pool))
  let place: ReplayPlace | null = begun
  do {
    const done: ReplayStep = await replayStep(pool, filter, place, step, note)
    total.count += done.count
    total.held += done.held
    if (done.lane && done.held < done.count) lanes.set(done.lane.vendor, done.lane)
    place = done.next
  } while (place)
  return { ...total, lanes: [...lanes.values()], id: begun.id }
}

/**
 * What a replay is known by. `before`: when it began, by the database's clock: what has changed since is not as it was when it was chosen.
 * `id`: its own, a UUIDv7 of that time. A step that is said again, because its answer was lost, belongs to the same replay.
 */
export type ReplayStart = { before: string; id: string }
/** Where a replay goes on; without a lane: at its beginning. */
export type ReplayPlace = ReplayStart & { vendor?: string; from?: string }
/** `lane`: the one that was looked at; null: the shop has none of these. `next`: null when that was the last step. */
export type ReplayStep = {
  count: number
  held: number
  lane: Lane | null
  next: ReplayPlace | null
}

/** The next millisecond of the database's clock, as which it may have kept the present one, and a new id. */
export async function beginReplay(pool: Pool): Promise<ReplayStart> {
  const now = await pool.query<{ soon: Date }>(
    `select (now() + interval '1 millisecond')::timestamptz(3) as soon`,
  )
  const soon = now.rows[0]?.soon ?? new Date()
  return { before: soon.toISOString(), id: uuidv7({ msecs: soon.getTime() }) }
}

/**
 * One step of a replay: what `replay` does, for whoever shows how far it is.
 * @param place what `beginReplay` gave, or the step before as `next`
 */
export async function replayStep(
  pool: Pool,
  filter: ReplayFilter,
  { before, id, ...place }: ReplayPlace,
  step = STEP,
  note?: Noting,
): Promise<ReplayStep> {
  const { shopId } = filter
  const lanes = (await lanesOf(pool, filter)).filter(({ vendor }) => !place.vendor || vendor >= place.vendor)
  const [row, after] = lanes
  if (!row) return { count: 0, held: 0, lane: null, next: null }
  const lane = { shopId, vendor: row.vendor }
  const from = (place.vendor === row.vendor ? place.from : null) ?? firstOf(filter)
  const { count, held, next } = await withTransaction(pool, async client => {
    const done = await replaySome(client, lane, { ...filter, before, id }, from, step)
    if (done.count > 0) await note?.(client, { id, vendor: row.vendor, count: done.count, held: done.held })
    return done
  })
  const further = next !== undefined ? { vendor: row.vendor, from: next } : null
  const other = after ? { vendor: after.vendor, from: firstOf(filter) } : null
  const goesOn = further ?? other
  return { count, held, lane, next: goesOn && { ...goesOn, before, id } }
}

async function lanesOf(pool: Pool, { shopId, vendor }: ReplayFilter): Promise<ConnectionRow[]> {
  const connections = (await connectionsOf(pool, [shopId])).get(shopId) ?? []
  const chosen = connections.filter(row => vendor === undefined || row.vendor === vendor)
  return chosen.toSorted((a, b) => (a.vendor < b.vendor ? -1 : 1))
}

/** The first event that can be chosen. */
function firstOf({ eventId, eventIds }: ReplayFilter): string {
  return eventId ?? eventIds?.toSorted()[0] ?? FIRST_ID
}

/**
 * What a replay would take of one vendor and state. `held`: it would wait, because the lane is stopped. `superseded`: so many were left to a
 * newer state, and are left to it again where it arrived.
 * `arrived`: so many that have failed or were skipped since had arrived before they were sent again.
 */
export type Replayable = {
  vendor: string
  state: string
  held: boolean
  count: number
  superseded: number
  arrived: number
}

/** Counts what a replay that begins so would take with the same filter, and changes nothing. By vendor and state. */
export async function countReplay(
  pool: Pool,
  filter: ReplayFilter,
  { before }: ReplayStart,
): Promise<Replayable[]> {
  const { shopId } = filter
  const chosen = { ...filter, before }
  const found: Replayable[] = []
  for (const row of await lanesOf(pool, filter)) {
    const held = stopOf(row) !== null
    const counted = await pool.query<Pick<Replayable, 'state' | 'count' | 'superseded' | 'arrived'>>(
      `select d.state, count(*)::int as count, count(*) filter (where d.state = 'skipped' and d.reason = 'superseded')::int as superseded,
         count(*) filter (where d.state <> 'delivered' and d.delivered_before)::int as arrived
       from ${among(filter)} where ${isChosen(filter, held)} group by 1 order by 1`,
      chosenBy({ shopId, vendor: row.vendor }, chosen, firstOf(filter), LAST_ID),
    )
    found.push(...counted.rows.map(each => ({ vendor: row.vendor, held, ...each })))
  }
  return found
}

/** The newest of what it would take of one vendor, no more than so many events. */
export async function newestReplayable(
  pool: Pool,
  filter: ReplayFilter,
  { before }: ReplayStart,
  { vendor, held }: Pick<Replayable, 'vendor' | 'held'>,
  most: number,
): Promise<string[]> {
  const chosen = { ...filter, before }
  const { rows } = await pool.query<{ id: string }>(
    `select d.event_id as id from ${among(filter)} where ${isChosen(filter, held)} order by d.event_id desc limit ${most}`,
    chosenBy({ shopId: filter.shopId, vendor }, chosen, firstOf(filter), LAST_ID),
  )
  return rows.map(({ id }) => id)
}

/** Given events are looked up one by one ("limit 1"): where few are expected, a join is planned that looks through all of them for each. */
const among = ({ eventIds }: ReplayFilter) =>
  eventIds
    ? `unnest($11::uuid[]) x(id)
       cross join lateral (select * from deliveries d where d.shop_id = $1 and d.event_id = x.id and d.vendor = $2 limit 1) d
       cross join lateral (select * from events e where e.shop_id = $1 and e.id = x.id limit 1) e`
    : 'deliveries d, events e'

type Chosen = ReplayFilter & { before: string }

/** @returns `next`: the event with which the next step begins; undefined: there is none */
async function replaySome(
  client: PoolClient,
  lane: Lane,
  chosen: Chosen & { id: string },
  from: string,
  step: number,
): Promise<Pick<ReplayStep, 'count' | 'held'> & { next: string | undefined }> {
  const connection = await lockedConnection(client, lane)
  if (!connection) return { count: 0, held: 0, next: undefined }
  const next = chosen.eventId || chosen.eventIds ? undefined : await idAfter(client, lane, chosen, from, step)
  const stop = stopOf(connection)
  const count = await setGoing(client, lane, chosen, from, next ?? LAST_ID, stop)
  return { count, held: stop ? count : 0, next }
}

/** As words of SQL, by which PostgreSQL knows which of its indexes has them. */
const oneOf = (states: ReplayFilter['states']) =>
  `d.state in (${states.map(state => `'${state}'`).join(', ')})`

/**
 * So many deliveries on. All of the lane are counted, as looking for few among many may take long; what is dead has an index
 * of its own.
 */
async function idAfter(
  client: PoolClient,
  lane: Lane,
  { states }: Chosen,
  from: string,
  step: number,
): Promise<string | undefined> {
  await client.query('set local enable_sort = off')
  const dead = states.every(state => state === 'dead') ? `and ${oneOf(states)}` : ''
  const found = await client.query<{ id: string }>(
    `select event_id as id from deliveries d where shop_id = $1 and vendor = $2 and event_id >= $3 ${dead}
     order by event_id offset $4 limit 1`,
    [lane.shopId, lane.vendor, from, step],
  )
  return found.rows[0]?.id
}

/** Those from one event on and before another. @returns how many */
async function setGoing(
  client: PoolClient,
  lane: Lane,
  chosen: Chosen & { id: string },
  from: string,
  to: string,
  stop: Stop | null,
): Promise<number> {
  const set = await client.query(
    `update deliveries d
     set state = case when $14::text is null then 'pending' else 'held' end, reason = $14, message = $15,
         done = '{}', replay = true, priority = case when $8::uuid is null then 1 else 0 end, due_at = now(),
         delivered_before = d.delivered_before or d.state = 'delivered', trying_since = null, updated_at = now(),
         replay_id = case when $8::uuid is null then $16::uuid else d.replay_id end,
         replays = ${ONE_MORE('d.replays', '$16', '$8::uuid is not null')}
     from events e where ${isChosen(chosen, stop !== null)}`,
    [...chosenBy(lane, chosen, from, to), stop?.reason ?? null, stop?.message ?? null, chosen.id],
  )
  return set.rowCount ?? 0
}

/**
 * Which deliveries `d` with their events `e` are chosen; `chosenBy` gives the values. Of a lane that is stopped no merchant's test: it keeps
 * none for later.
 */
const isChosen = ({ states }: ReplayFilter, stopped: boolean) =>
  `${stopped ? "e.source <> 'test' and " : ''}d.shop_id = $1 and d.vendor = $2 and d.event_id >= $3 and d.event_id < $4 and ${oneOf(states)}
   and e.shop_id = $1 and e.id = d.event_id and e.id >= $3 and e.id < $4
   and d.updated_at <= $5
   and ($6::timestamptz is null or e.received_at >= $6)
   and ($7::timestamptz is null or e.received_at < $7)
   and ($8::uuid is null or d.event_id = $8)
   and ($9::text is null or e.type = $9)
   and ($10 or $8::uuid is not null or d.reason is distinct from 'partly_rejected')
   and ($11::uuid[] is null or d.event_id = any($11))
   and ($12::text is null or d.reason = $12)
   and ($13::uuid is null or d.replay_id = $13)`

function chosenBy(lane: Lane, chosen: Chosen, from: string, to: string): unknown[] {
  const { before, since, until, eventId, eventIds, type, reason, replayId, partlyRejected } = chosen
  return [
    lane.shopId,
    lane.vendor,
    from,
    to,
    before,
    since ?? null,
    until ?? null,
    eventId ?? null,
    type ?? null,
    partlyRejected ?? false,
    eventIds ?? null,
    reason ?? null,
    replayId ?? null,
  ]
}
