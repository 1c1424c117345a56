/**
 * Keeps `delivery_days`: how many deliveries of a day came to what. Nothing is written for it when something is accepted or settled.
 * Whoever changes a delivery sets its `updated_at`; what has changed since the last look says which days are to be counted again,
 * old ones too, such as after a replay; so does a newer state of an order that an older day counts by it (./newer-state.ts). A day is
 * counted from its rows each time, so doing it twice comes to the same.
 *
 * Days are those of the shop's time zone. Where that becomes another one, all days of the shop are to be counted again; by whose days
 * they are counted stands in `shops.days_zone`, so that whoever notes a day and whoever counts it mean the same. A version that counts
 * by other days gives the looks another name, and lets `rollups` refuse the one before (`rollups_name_check`): a worker of the version
 * before, which may still run, then notes and counts nothing.
 */
import type { Pool, PoolClient } from 'pg'
import { tookTooLong, withTransaction } from '../db/database.ts'
import { firstIdInSql, receivedInSql } from '../db/partitions.ts'
import { THINNED } from '../privacy/retention.ts'
import { DAYS_SEEN } from './daily.ts'
import { QUARTER_MS } from './days.ts'
import { NEWER, olderOf } from './newer-state.ts'
import { addVendorDays } from './vendor-days.ts'

/** `updated_at` is when its transaction began. One that began this moment is not seen yet among those that run. */
const JUST_BEGUN_SECONDS = 5
/** Changes of so long are looked for at a time: `most` by a worker that comes back after days, or looks for the first time. */
const SLICE = { usual: "interval '1 hour'", most: "interval '1 day'" }
/** Of an hour, less than a second: what one transaction changed is not told apart any more. */
const SMALLEST_SHARE = 1 / 4096
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

/** No clock is ahead of UTC by more than 14 hours, nor behind by more than 12: between two, a day is another one by two days at most. */
const MOST_DAYS_APART = 2
/** So many shops get another zone at a time, with all of their days. */
const SHOPS_AT_ONCE = 200

/**
 * Finds the days that changed and counts them, notes the lanes in which something changed (`lane_health_due`), and adds up the days of
 * all shops. Several processes may do it at once.
 * @returns how many days were looked at
 */
export async function rollUpDays(pool: Pool, options: RollUpOptions = {}): Promise<number> {
  const { lost, mostMs = MOST_MS, platformDays = null, justBegunSeconds = JUST_BEGUN_SECONDS } = options
  const until = performance.now() + mostMs
  const goesOn = () => !lost?.aborted && performance.now() < until
  while (goesOn() && (await withTransaction(pool, followZones)));
  await noteAllChanges(pool, goesOn, { lost, justBegunSeconds })
  let counted = 0
  while (goesOn() && (await withTransaction(pool, client => countOldestDue(client, platformDays)))) counted++
  await addVendorDays(pool, () => !lost?.aborted)
  return counted
}

/**
 * Counts by the days of a shop's zone from now on, where it has become another one. The row of `rollups` is held, so nobody notes
 * changes meanwhile by the days of before; a day that is just being counted is waited for, and noted again. Counts of before stay until
 * their day has been counted. A transaction of its own: what refers to a shop, such as a checkout, does not wait for its row.
 * @returns whether there may be more of them
 */
async function followZones(client: PoolClient): Promise<boolean> {
  await client.query(
    `insert into rollups (name, seen_until) values ($1, '-infinity')
     on conflict (name) do update set name = excluded.name`,
    [DAYS_SEEN],
  )
  // A shop whose row somebody else is changing has its turn the next time.
  const moved = await client.query<{ id: number }>(
    `update shops set days_zone = time_zone where id = any(array(
       select id from shops where days_zone is distinct from time_zone
       order by id limit ${SHOPS_AT_ONCE} for no key update skip locked))
     returning id`,
  )
  if (moved.rows.length === 0) return false
  await client.query(
    `with known as (
       select shop_id, day from delivery_days where shop_id = any($1::int[])
       union select shop_id, day from delivery_days_due where shop_id = any($1::int[])),
     near as (
       select distinct shop_id, day + apart as day from known, generate_series(-${MOST_DAYS_APART}, ${MOST_DAYS_APART}) apart)
     ${noteDays('select n.shop_id, n.day, now() as since from near n')}`,
    [moved.rows.map(({ id }) => id)],
  )
  return moved.rows.length === SHOPS_AT_ONCE
}

/**
 * Today and yesterday, wherever a shop is, come first: everybody looks at these, and thousands of shops may have years to be counted again.
 * @param days selects `shop_id`, `day` and `since`; a day comes up once
 */
const noteDays = (days: string) => `
  insert into delivery_days_due (shop_id, day, since, recent)
  select n.shop_id, n.day, n.since, n.day >= (now() at time zone 'UTC')::date - ${MOST_DAYS_APART} from (${days}) n order by 1, 2
  on conflict (shop_id, day) do update set since = least(delivery_days_due.since, excluded.since), recent = excluded.recent`

/**
 * Where more has changed in a slice than one statement comes through, half as much is looked for, and half of that: until one has come
 * through, whatever time it takes, as the next run would begin with the same. It then goes on with what did.
 */
async function noteAllChanges(
  pool: Pool,
  goesOn: () => boolean,
  { lost, justBegunSeconds }: { lost: AbortSignal | undefined; justBegunSeconds: number },
): Promise<void> {
  let share = 1
  let isStuck = false
  let more = true
  while (more && !lost?.aborted && (isStuck || goesOn())) {
    try {
      more = await withTransaction(pool, client => noteChanges(client, justBegunSeconds, share))
      isStuck = false
    } catch (error) {
      if (!tookTooLong(error) || share <= SMALLEST_SHARE) throw error
      share /= 2
      isStuck = true
    }
  }
}

/**
 * Notes which days changed since the last look. The next one begins where the oldest transaction that still runs began: what that
 * one changes bears an earlier time than its commit. The first look begins an hour before the oldest event, whose id another machine's
 * clock may have made.
 * @param share of a slice, at most 1
 * @returns whether there is more to look through
 */
async function noteChanges(client: PoolClient, justBegunSeconds: number, share: number): Promise<boolean> {
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
       select at, until, at + $3::float8 * case when at + $3::float8 * ${SLICE.most} < until then ${SLICE.most} else ${SLICE.usual} end
         as until_then
       from begun)
     select at::text as from, until::text, until_then::text as to, until_then < until as more from sliced`,
    [DAYS_SEEN, justBegunSeconds, share],
  )
  const { from, to, until, more } = looks.rows[0] ?? { from: null, to: null, until: null, more: false }
  await client.query(
    `with changed as materialized (
       select shop_id, vendor, ${receivedInSql('event_id')} / ${QUARTER_MS} as quarter, min(updated_at) as since from deliveries
       where updated_at >= $1::timestamptz and updated_at < $2::timestamptz group by 1, 2, 3),
     lanes as (insert into lane_health_due (shop_id, vendor) select distinct shop_id, vendor from changed),
     touched as materialized (
       select shop_id, quarter, since from changed
       union all ${olderOf('c.updated_at >= $1::timestamptz and c.updated_at < $2::timestamptz', '$1::timestamptz')})
     ${noteDays(`select c.shop_id, day_of(to_timestamp(c.quarter * ${QUARTER_MS / 1000}), s.days_zone) as day, min(c.since) as since
       from touched c left join shops s on s.id = c.shop_id group by 1, 2`)}`,
    [from, more ? to : 'infinity'],
  )
  await client.query(
    'update rollups set seen_until = greatest(seen_until, $2::timestamptz) where name = $1',
    [DAYS_SEEN, more ? to : until],
  )
  return more
}

/**
 * Of a day that retention has begun to delete, or had when the shop or the platform kept less, what was counted before is left: what
 * remains of it is not the whole.
 * @returns false when no day waits that nobody else is counting
 */
async function countOldestDue(client: PoolClient, platformDays: number | null): Promise<boolean> {
  const { rows } = await client.query<DueDay>(
    `with due as (
       select shop_id, day from delivery_days_due order by recent desc, since limit 1 for update skip locked)
     select d.shop_id, d.day::text, coalesce(s.days_zone, 'UTC') as zone,
       ${firstIdInSql('day_begins(d.day, s.days_zone)')} as first, ${firstIdInSql('day_begins(d.day + 1, s.days_zone)')} as next,
       coalesce(day_begins(d.day, s.days_zone) < greatest(
         s.thinned_until, (select seen_until from rollups where name = $2),
         now() - make_interval(hours => 24 * least(s.retention_days, $1::int))), false) as thinned,
       d.day >= day_of(now(), s.days_zone) - 1 as recent
     from due d left join shops s on s.id = d.shop_id`,
    [platformDays, THINNED],
  )
  const [due] = rows
  if (!due) return false
  const { shop_id, day, first, next, zone, thinned, recent } = due
  if (!thinned) {
    await client.query(COUNT_DAY, [shop_id, day, first, next, zone])
    // How a lane stands is told with what is counted of today and yesterday.
    if (recent) await client.query(HEALTH_DUE, [shop_id])
  }
  await client.query('delete from delivery_days_due where shop_id = $1 and day = $2', [shop_id, day])
  return true
}

/** `first`: the id with which the day begins; `next`: that of the day after it. */
type DueDay = {
  shop_id: number
  day: string
  zone: string
  first: string
  next: string
  thinned: boolean
  recent: boolean
}

/** What is counted as before is left as it is: a day of live traffic is counted each minute. ($1: the shop, $2: the day, $3 and $4: its ids, $5: the zone) */
const COUNT_DAY = `
  with fresh as materialized (
    select d.vendor, e.type, d.state, coalesce(d.reason, '') as reason, ${NEWER} as newer, count(*)::int as count,
      count(*) filter (where d.delivered_before)::int as delivered_before
    from deliveries d join events e on e.shop_id = d.shop_id and e.id = d.event_id
    where d.shop_id = $1 and d.event_id >= $3 and d.event_id < $4 and e.shop_id = $1 and e.id >= $3 and e.id < $4
    group by 1, 2, 3, 4, 5),
  gone as (
    delete from delivery_days k where k.shop_id = $1 and k.day = $2::date and not exists (
      select from fresh f where f.vendor = k.vendor and f.type = k.type and f.state = k.state and f.reason = k.reason
        and f.newer = k.newer))
  insert into delivery_days as k (shop_id, day, vendor, type, state, reason, newer, zone, count, delivered_before)
  select $1, $2::date, vendor, type, state, reason, newer, $5, count, delivered_before from fresh
  on conflict (shop_id, day, vendor, type, state, reason, newer) do update
    set zone = excluded.zone, count = excluded.count, delivered_before = excluded.delivered_before
  where (k.count, k.delivered_before, k.zone) is distinct from (excluded.count, excluded.delivered_before, excluded.zone)`

const HEALTH_DUE = `
  insert into lane_health_due (shop_id, vendor) select shop_id, vendor from connections where shop_id = $1`

/** Counts outlive what they count, which names nobody: for so long. @returns how many rows were deleted */
export async function forgetDays(pool: Pool, now: Date): Promise<number> {
  const result = await pool.query(
    `delete from delivery_days where day < $1::timestamptz::date - ${KEPT_DAYS}`,
    [now],
  )
  return result.rowCount ?? 0
}
