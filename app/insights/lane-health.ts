/**
 * Keeps `lane_health`: how each lane stands, for lists of all shops, which cannot count. Only lanes that may stand otherwise than when
 * they were last looked at are taken anew:
 *
 * - those noted in `lane_health_due`: triggers note a connection that is made, saved, tested, switched, held, released, refused or gone; the roll-up of days
 *   notes lanes whose deliveries have changed and whose day was counted;
 * - those that time, a circuit or a key changes without any delivery changing: lanes that fail, that wait for a person or in which something waits,
 *   every two minutes. Whether credentials open is said by the process that takes the round: one that lacks the key says it of all it comes to;
 * - each when a day of its shop begins, because its two days, yesterday and today, are others then: once, for each zone.
 *
 * After each round that has taken any, the lanes of each vendor are added up (vendor-fleet.ts).
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { type Lane, type LaneState, laneKey } from '../delivery/lane.ts'
import type { Sealer } from '../secrets/seal.ts'
import { DAYS_SEEN } from './daily.ts'
import { type LaneStands, laneStands, type Opens, statesOf } from './lane-stands.ts'
import { addUpFleet, isBehind } from './vendor-fleet.ts'

const NAME = 'lane_health'
/** Of every day that began before, all lanes were taken. A shop whose zone becomes another one has its lanes noted as its days are counted anew. */
const DAYS = 'lane_health_days'
/** Another process may have begun to take a lane just before a day began, and be done after this round. */
const UNSEEN_SECONDS = 60
/** Lanes taken by one statement: some 100 ms. */
const CHUNK = 1_000
/** A round that has gone on for so long leaves the rest to the next. */
const MOST_MS = 20_000
const AGAIN_SECONDS = 120

export type TakeOptions = {
  /** Whether a lane's credentials can be opened. */
  opens: Opens
  /** How long the oldest may wait, in minutes. */
  lateAfterMinutes: number
  /** Ends it early, between two chunks. */
  lost?: AbortSignal
  mostMs?: number
  /** How long what waits is not looked at again, unless something is noted of it. */
  againSeconds?: number
}

/** Notes are taken away with the transaction that follows them. One that comes meanwhile is there for the next chunk. */
const NOTED = `delete from lane_health_due where id in (select id from lane_health_due order by id limit ${CHUNK} for update skip locked)
  returning shop_id as "shopId", vendor`
/** An index has these alone (`lane_health_again_idx`). For the test of its plan too. */
export const MOVING = `select shop_id as "shopId", vendor from lane_health
  where (waiting > 0 or state in ('failing', 'attention')) and taken_at < $1::timestamptz - make_interval(secs => $2) order by taken_at limit ${CHUNK}`
/** Only of zones in which a day began since `$1`: of the others all were taken then. For the test of what it reads too. */
export const OF_ANOTHER_DAY = `with zones as materialized (
    select zone, began from (select distinct coalesce(days_zone, 'UTC') as zone from shops) z
    cross join lateral (select day_begins(day_of(now(), zone), zone) as began offset 0) b where began >= $1::timestamptz)
  select h.shop_id as "shopId", h.vendor from lane_health h
  join shops s on s.id = h.shop_id join zones z on z.zone = coalesce(s.days_zone, 'UTC')
  where h.taken_at < z.began order by h.taken_at limit ${CHUNK}`

/**
 * One round. What it does not come to is still noted, or still old, for the next; several processes may do it at once.
 * @returns how many lanes were looked at
 */
export async function takeLaneHealth(pool: Pool, options: TakeOptions): Promise<number> {
  const { lost, mostMs = MOST_MS, againSeconds = AGAIN_SECONDS } = options
  const until = performance.now() + mostMs
  const goesOn = () => !lost?.aborted && performance.now() < until
  const { now, noted, days } = await begin(pool)
  const all = async (lanes: string, values: unknown[] = []) => {
    for (let some = CHUNK; some === CHUNK; taken += some) {
      if (!goesOn()) return false
      some = await withTransaction(pool, client => takeSome(client, lanes, values, options))
    }
    return true
  }
  let taken = 0
  if (await all(NOTED)) {
    await saySeen(pool, NAME, noted)
    if ((await all(MOVING, [now, againSeconds])) && (await all(OF_ANOTHER_DAY, [days])))
      await saySeen(pool, DAYS, now, UNSEEN_SECONDS)
  }
  if (taken > 0 || (await isBehind(pool))) await addUpFleet(pool)
  return taken
}

async function saySeen(pool: Pool, name: string, until: string, less = 0): Promise<void> {
  await pool.query(
    `insert into rollups (name, seen_until) values ($1, $2::timestamptz - make_interval(secs => $3))
     on conflict (name) do update set seen_until = greatest(rollups.seen_until, excluded.seen_until)`,
    [name, until, less],
  )
}

/**
 * When the round begins, by the database's clock; before when all changes of deliveries are noted; and of which days all lanes were
 * taken, those that began before. As texts: they may be `-infinity`, and JavaScript's times have no microseconds.
 */
async function begin(pool: Pool): Promise<{ now: string; noted: string; days: string }> {
  const seen = (name: string) =>
    `coalesce((select seen_until from rollups where name = '${name}'), '-infinity')::text`
  const { rows } = await pool.query<{ now: string; noted: string; days: string }>(
    `select now()::text as now, ${seen(DAYS_SEEN)} as noted, ${seen(DAYS)} as days`,
  )
  return rows[0] ?? { now: '-infinity', noted: '-infinity', days: '-infinity' }
}

/** @returns every change before this is in the rows; null: nothing was taken yet */
export async function healthUntil(pool: Pool): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>(
    'select case when isfinite(seen_until) then seen_until end as at from rollups where name = $1',
    [NAME],
  )
  return rows[0]?.at ?? null
}

/** So many lanes, a tenth of a second's work, are looked at for whoever asks. */
const MOST_NOW = 1_000
/** The chore that keeps the rows is away, or behind: what they say is no more to be relied on. */
const OLD_MS = 3 * 60_000

/**
 * How lanes of all shops stand, by `laneKey`: as they do now, or where they are many as they stood when each was last looked at.
 * @param most so many lanes are looked at now
 * @returns `asOf`: every change before this is in what is told; null: it is as of now
 */
export async function statesListed(
  store: { pool: Pool; sealer: Sealer },
  lanes: readonly Lane[],
  lateAfterMinutes: number,
  most = MOST_NOW,
): Promise<{ states: Map<string, LaneState>; asOf: Date | null }> {
  const asOf = lanes.length > most ? await healthUntil(store.pool) : null
  if (asOf === null || Date.now() - asOf.getTime() > OLD_MS)
    return { states: await statesOf(store, lanes, lateAfterMinutes), asOf: null }
  const { rows } = await store.pool.query<Lane & { state: LaneState }>(
    'select shop_id as "shopId", vendor, state from lane_health',
  )
  const taken = new Map(rows.map(row => [laneKey(row), row.state]))
  const untaken = lanes.filter(lane => !taken.has(laneKey(lane)))
  return { states: new Map([...taken, ...(await statesOf(store, untaken, lateAfterMinutes))]), asOf }
}

async function takeSome(
  client: PoolClient,
  lanes: string,
  values: unknown[],
  { opens, lateAfterMinutes }: TakeOptions,
): Promise<number> {
  const { rows } = await client.query<Lane>(lanes, values)
  if (rows.length === 0) return 0
  const stands = await laneStands(client, rows, opens, lateAfterMinutes)
  const column = <K extends keyof LaneStands>(key: K) => stands.map(lane => lane[key])
  await client.query(WRITE, [
    ...[
      column('shopId'),
      column('vendor'),
      column('state'),
      column('waiting'),
      column('held'),
      column('heldToGo'),
    ],
    ...[column('oldestWaiting'), column('oldestHeld'), column('pausedUntil')],
    ...[column('delivered'), column('failed')],
  ])
  return rows.length
}

const WRITE = `
  insert into lane_health (shop_id, vendor, state, waiting, held, held_to_go, oldest_waiting, oldest_held, paused_until, delivered, failed, taken_at)
  select l.shop_id, l.vendor, l.state, l.waiting, l.held, l.to_go, l.oldest, l.oldest_held, l.paused_until, l.delivered, l.failed, now()
  from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::int[], $6::int[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::int[], $11::int[])
    l(shop_id, vendor, state, waiting, held, to_go, oldest, oldest_held, paused_until, delivered, failed)
  join connections using (shop_id, vendor)
  on conflict (shop_id, vendor) do update set state = excluded.state, waiting = excluded.waiting, held = excluded.held,
    held_to_go = excluded.held_to_go, oldest_waiting = excluded.oldest_waiting, oldest_held = excluded.oldest_held, paused_until = excluded.paused_until, delivered = excluded.delivered,
    failed = excluded.failed, taken_at = excluded.taken_at`
