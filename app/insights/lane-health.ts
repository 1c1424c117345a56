/**
 * Keeps `lane_health`: how each lane stands, for lists of all shops, which cannot count. Only lanes that may stand otherwise than when
 * they were last looked at are taken anew:
 *
 * - those noted in `lane_health_due`: triggers note a connection that is made, saved, tested, switched, held, released, refused or gone; the roll-up of days
 *   notes lanes whose deliveries have changed and whose day was counted;
 * - those that time or a circuit changes without any delivery changing: lanes that fail or in which something waits, every two minutes;
 * - each when a day of its shop begins, because its two days, yesterday and today, are others then: once, for each zone.
 *
 * After each round that has taken any, the lanes of each vendor are added up (vendor-fleet.ts).
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { WAITS_SINCE } from '../delivery/due.ts'
import { COUNTED_UP_TO } from '../delivery/lane.ts'
import { LATE_NOW } from '../delivery/lane-rows.ts'
import { STOPPED_BESIDE } from '../delivery/lane-state.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import { DAYS_SEEN, REACHED } from './daily.ts'
import { PROVED } from './proved.ts'
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
const FAILED_LEAST = 5
const FAILED_SHARE = 10

export type TakeOptions = {
  /** How long the oldest may wait, in minutes. */
  lateAfterMinutes: number
  /** Ends it early, between two chunks. */
  lost?: AbortSignal
  mostMs?: number
  /** How long what waits is not looked at again, unless something is noted of it. */
  againSeconds?: number
}

type LaneRow = { shop_id: number; vendor: string }

/** Notes are taken away with the transaction that follows them. One that comes meanwhile is there for the next chunk. */
const NOTED = `delete from lane_health_due where id in (select id from lane_health_due order by id limit ${CHUNK} for update skip locked)
  returning shop_id, vendor`
const MOVING = `select shop_id, vendor from lane_health
  where (waiting > 0 or state = 'failing') and taken_at < $1::timestamptz - make_interval(secs => $2) order by taken_at limit ${CHUNK}`
/** Only of zones in which a day began since `$1`: of the others all were taken then. For the test of what it reads too. */
export const OF_ANOTHER_DAY = `with zones as materialized (
    select zone, began from (select distinct coalesce(days_zone, 'UTC') as zone from shops) z
    cross join lateral (select day_begins(day_of(now(), zone), zone) as began offset 0) b where began >= $1::timestamptz)
  select h.shop_id, h.vendor from lane_health h
  join shops s on s.id = h.shop_id join zones z on z.zone = coalesce(s.days_zone, 'UTC')
  where h.taken_at < z.began order by h.taken_at limit ${CHUNK}`

/**
 * One round. What it does not come to is still noted, or still old, for the next; several processes may do it at once.
 * @returns how many lanes were looked at
 */
export async function takeLaneHealth(pool: Pool, options: TakeOptions): Promise<number> {
  const { lateAfterMinutes, lost, mostMs = MOST_MS, againSeconds = AGAIN_SECONDS } = options
  const until = performance.now() + mostMs
  const goesOn = () => !lost?.aborted && performance.now() < until
  const { now, noted, days } = await begin(pool)
  const all = async (lanes: string, values: unknown[] = []) => {
    for (let some = CHUNK; some === CHUNK; taken += some) {
      if (!goesOn()) return false
      some = await withTransaction(pool, client => takeSome(client, lanes, values, lateAfterMinutes))
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

async function takeSome(
  client: PoolClient,
  lanes: string,
  values: unknown[],
  lateAfterMinutes: number,
): Promise<number> {
  const { rows } = await client.query<LaneRow>(lanes, values)
  if (rows.length === 0) return 0
  // A week of which PostgreSQL has no statistics yet would be read as a whole, for each lane.
  await client.query('set local enable_seqscan = off')
  await client.query(TAKE, [
    ...[rows.map(row => row.shop_id), rows.map(row => row.vendor)],
    ...[lateAfterMinutes, HELD_REASONS.disconnecting],
  ])
  return rows.length
}

const OF_LANE = 'd.shop_id = c.shop_id and d.vendor = c.vendor'

const RESTS = `exists (select from circuits where key = 'lane:' || c.shop_id || ':' || c.vendor)`
const VENDOR_RESTS = `exists (select from circuits where key = 'vendor:' || c.vendor)`
/** A circuit that opens pauses its lanes as well. */
const PAUSED = `case when c.paused_until > now() and not ${RESTS} and not ${VENDOR_RESTS} then c.paused_until end`
const FAILS = `${RESTS} or (o.waiting > 0 and ${VENDOR_RESTS})
  or (k.failed >= ${FAILED_LEAST} and k.failed * ${FAILED_SHARE} >= k.failed + k.delivered)`

const STATE = `case when c.hold_reason is not null then 'held'
  when not c.enabled or s.uninstalled_at is not null or c.attention = $4 then 'off'
  when c.attention is not null then 'attention'
  when ${FAILS} then 'failing'
  when o.oldest < now() - make_interval(mins => $3) then 'late'
  when not ${PROVED} then 'untested'
  else 'ok' end`

const TAKE = `
  insert into lane_health (shop_id, vendor, state, waiting, held, held_to_go, oldest_waiting, oldest_held, paused_until, delivered, failed, taken_at)
  select c.shop_id, c.vendor, ${STATE}, o.waiting, h.held, g.to_go, o.accepted, f.held, ${PAUSED}, k.delivered, k.failed, now()
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
  order by 1, 2
  on conflict (shop_id, vendor) do update set state = excluded.state, waiting = excluded.waiting, held = excluded.held,
    held_to_go = excluded.held_to_go, oldest_waiting = excluded.oldest_waiting, oldest_held = excluded.oldest_held, paused_until = excluded.paused_until, delivered = excluded.delivered,
    failed = excluded.failed, taken_at = excluded.taken_at`
