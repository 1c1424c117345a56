/**
 * Keeps `delivery_days`: how many deliveries of a day came to what. Nothing is written for it when something is accepted or settled.
 * Whoever changes a delivery sets its `updated_at`; what has changed since the last look says which days are to be counted again,
 * old ones too, such as after a replay. A day is counted from its rows each time, so doing it twice comes to the same.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { firstIdInSql } from '../db/partitions.ts'

const NAME = 'delivery_days'
/** `updated_at` is when its transaction began. One that began this moment is not seen yet among those that run. */
const JUST_BEGUN_SECONDS = 5
/** Changes of so long are looked for at a time: `most` by a worker that comes back after days, or looks for the first time. */
const SLICE = { usual: "interval '1 hour'", most: "interval '1 day'" }
/** When the oldest event was received, by its id: no delivery changed before. Looked for shop by shop, as the keys begin. */
const OLDEST_EVENT = `
  select min(to_timestamp(${receivedInSql('oldest.id')} / 1000.0)) from shops s cross join lateral (
    select e.id from events e where e.shop_id = s.id order by e.id limit 1) oldest`
/** A run that has counted for so long leaves the rest to the next: others find it too. */
const MOST_MS = 30_000
/** A year, and the same month of the year before. */
export const KEPT_DAYS = 400

export type RollUpOptions = {
  /** Ends it early, between two days. */
  lost?: AbortSignal
  mostMs?: number
  /** For how many days the platform keeps events: days before that are not counted anew. */
  platformDays?: number
  justBegunSeconds?: number
}

/** The day, in UTC, on which the event of an id (UUIDv7) was received. @param id a column or a value */
export const dayInSql = (id: string) => `(date '1970-01-01' + (${receivedInSql(id)} / 86400000)::int)`

/** The moment, in Unix milliseconds. */
function receivedInSql(id: string): string {
  return `('x' || left(replace(${id}::text, '-', ''), 12))::bit(48)::bigint`
}

/**
 * Finds the days that changed and counts them. Several processes may do it at once.
 * @returns how many days were looked at
 */
export async function rollUpDays(pool: Pool, options: RollUpOptions = {}): Promise<number> {
  const { lost, mostMs = MOST_MS, platformDays = null, justBegunSeconds = JUST_BEGUN_SECONDS } = options
  const until = performance.now() + mostMs
  const goesOn = () => !lost?.aborted && performance.now() < until
  while (goesOn() && (await withTransaction(pool, client => noteChanges(client, justBegunSeconds))));
  let counted = 0
  while (goesOn() && (await withTransaction(pool, client => countOldestDue(client, platformDays)))) counted++
  return counted
}

/**
 * Notes which days changed since the last look. The next one begins where the oldest transaction that still runs began: what that
 * one changes bears an earlier time than its commit. The first look begins an hour before the oldest event, whose id another machine's
 * clock may have made.
 * @returns whether there is more to look through
 */
async function noteChanges(client: PoolClient, justBegunSeconds: number): Promise<boolean> {
  const looks = await client.query<{ from: string; to: string; until: string; more: boolean }>(
    `with seen as (
       insert into rollups (name, seen_until) values ($1, '-infinity')
       on conflict (name) do update set name = excluded.name returning seen_until),
     settled as (
       select least(now(), min(xact_start)) - make_interval(secs => $2) as until from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and usename = current_user),
     begun as (
       select until, case when isfinite(seen_until) then seen_until
         else least(until, (${OLDEST_EVENT})) - ${SLICE.usual} end as at
       from seen, settled),
     sliced as (
       select at, until, at + case when at + ${SLICE.most} < until then ${SLICE.most} else ${SLICE.usual} end as until_then
       from begun)
     select at::text as from, until::text, until_then::text as to, until_then < until as more from sliced`,
    [NAME, justBegunSeconds],
  )
  const { from, to, until, more } = looks.rows[0] ?? { from: null, to: null, until: null, more: false }
  await client.query(
    `insert into delivery_days_due (shop_id, day, since)
     select shop_id, ${dayInSql('event_id')}, min(updated_at) from deliveries
     where updated_at >= $1::timestamptz and updated_at < $2::timestamptz
     group by 1, 2 order by 1, 2
     on conflict (shop_id, day) do update set since = least(delivery_days_due.since, excluded.since)`,
    [from, more ? to : 'infinity'],
  )
  await client.query(
    'update rollups set seen_until = greatest(seen_until, $2::timestamptz) where name = $1',
    [NAME, more ? to : until],
  )
  return more
}

/**
 * Of a day that retention has begun to delete, what was counted before is left: what remains of it is not the whole.
 * @returns false when no day waits that nobody else is counting
 */
async function countOldestDue(client: PoolClient, platformDays: number | null): Promise<boolean> {
  const due = await client.query<{ shop_id: number; day: string; thinned: boolean }>(
    `select d.shop_id, d.day::text,
       coalesce(d.day <= ((now() - make_interval(days => least(s.retention_days, $1::int))) at time zone 'UTC')::date, false)
         as thinned
     from delivery_days_due d left join shops s on s.id = d.shop_id
     order by d.since limit 1 for update of d skip locked`,
    [platformDays],
  )
  const [row] = due.rows
  if (!row) return false
  const key = [row.shop_id, row.day]
  if (!row.thinned) await client.query(COUNT_DAY, key)
  await client.query('delete from delivery_days_due where shop_id = $1 and day = $2', key)
  return true
}

/** Where that day's ids begin. */
const firstId = (day: string) => firstIdInSql(`(${day})::timestamp at time zone 'UTC'`)

/** What is counted as before is left as it is: a day of live traffic is counted each minute. ($1: the shop, $2: the day) */
const COUNT_DAY = `
  with fresh as materialized (
    select d.vendor, e.type, d.state, coalesce(d.reason, '') as reason, count(*)::int as count
    from deliveries d join events e on e.shop_id = d.shop_id and e.id = d.event_id
    where d.shop_id = $1 and d.event_id >= ${firstId('$2::date')} and d.event_id < ${firstId('($2::date + 1)')}
      and e.shop_id = $1 and e.id >= ${firstId('$2::date')} and e.id < ${firstId('($2::date + 1)')}
    group by 1, 2, 3, 4),
  gone as (
    delete from delivery_days k where k.shop_id = $1 and k.day = $2::date and not exists (
      select from fresh f where f.vendor = k.vendor and f.type = k.type and f.state = k.state and f.reason = k.reason))
  insert into delivery_days as k (shop_id, day, vendor, type, state, reason, count)
  select $1, $2::date, vendor, type, state, reason, count from fresh
  on conflict (shop_id, day, vendor, type, state, reason) do update set count = excluded.count
  where k.count <> excluded.count`

/** Counts outlive what they count, which names nobody: for so long. @returns how many rows were deleted */
export async function forgetDays(pool: Pool, now: Date): Promise<number> {
  const result = await pool.query(
    `delete from delivery_days where day < $1::timestamptz::date - ${KEPT_DAYS}`,
    [now],
  )
  return result.rowCount ?? 0
}
