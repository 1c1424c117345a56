/** Reading what a lane has to do: due deliveries with their events, and what the vendor was last given. */
import type { Pool } from 'pg'
import { LAST_ID } from '../db/partitions.ts'
import { type Sealer, UnknownKeyError } from '../secrets/seal.ts'
import { GIVE_UP_AFTER_MS } from './backoff.ts'
import { IS_STARTED } from './connections.ts'
import { type Due, notPlannable, type Remembered } from './decide.ts'
import { type EventRow, eventColumns, fromRow } from './event-rows.ts'
import type { Lane } from './lane.ts'
import type { Outcome } from './outcome.ts'

/** After so long a process looks again at what was sealed with a key that it does not know: another may have it. */
export const KEY_RECHECK_MS = 20_000

type DueRow = EventRow & {
  priority: number
  attempts: number
  done: string[]
  tried_ms: number | null
  waited_ms: number
  replay: boolean
}

/**
 * Up to where a lane was read, by event ids: the live ones, those that waited for their person (newest first, so that this
 * one falls), and the replays and imports. `start`: nothing older is there.
 */
export type Place = { start: string; live: string; known: string; background: string }

/**
 * What a lane has to do; an event that cannot be read is condemned alone, not with its lane.
 * `keyless`: those of which only the sealing key is not known to this process, as long as another may be given it or have it: as long as
 * anything is tried. `place`: where to read on.
 */
export type DueDeliveries = { due: Due[]; unreadable: Map<string, Outcome>; keyless: string[]; place: Place }

/** Before an event, and before all others of its millisecond, with which a UUIDv7 begins. */
export function placeBefore(event: string): Place {
  const first = `${event.slice(0, 13)}-0000-0000-000000000000`
  return { start: first, live: first, known: LAST_ID, background: first }
}

/** `priority` in `deliveries`: live traffic, and what is sent when none is due. */
const PRIORITY = { live: 0, background: 1 } as const
/** Of what waited for its person, who is known now: live, and sent newest first. */
export const PRIORITY_OF_KNOWN = -1

/**
 * Since when a delivery `d` that is open waits: since it was first tried, or, never tried yet, since it was accepted, released or
 * replayed, for nothing else has touched it. When it was accepted says nothing of that: a replay keeps it.
 */
export const WAITS_SINCE = 'coalesce(d.trying_since, d.updated_at)'

/** Before every event: reads all weeks. */
const START = placeBefore('00000000-0000')

/** Those of one priority in order. That is also the order of the weeks: no week is read before the one before it has none. */
const duePart = (priority: number, within: string, order: 'asc' | 'desc', limit: string) =>
  `(select event_id, priority, attempts, done, replay, trying_since, updated_at from deliveries
    where shop_id = $1 and vendor = $2 and priority = ${priority} and state in ('pending', 'retry') and due_at <= now()
      and ${within}
    order by event_id ${order} limit ${limit})`

const LIVE_COUNT = '(select count(*) from live)'
const DUE = `
  with live as materialized ${duePart(PRIORITY.live, 'event_id > $5', 'asc', '$3')},
    known as materialized ${duePart(PRIORITY_OF_KNOWN, 'event_id > $4 and event_id < $6', 'desc', `$3 - ${LIVE_COUNT}`)},
    background as materialized ${duePart(PRIORITY.background, 'event_id > $7', 'asc', `$3 - ${LIVE_COUNT} - (select count(*) from known)`)}
  select ${eventColumns('e')}, d.priority, d.attempts, d.done, d.replay,
         (extract(epoch from now() - d.trying_since) * 1000)::float8 as tried_ms,
         (extract(epoch from now() - ${WAITS_SINCE}) * 1000)::float8 as waited_ms
  from (select * from live union all select * from known union all select * from background) d
  join events e on e.shop_id = $1 and e.id = d.event_id and e.id > $4
  order by case d.priority when ${PRIORITY.background} then 3 when ${PRIORITY_OF_KNOWN} then 2 else 1 end,
           case when d.priority <> ${PRIORITY_OF_KNOWN} then d.event_id end, d.event_id desc`

/**
 * Due deliveries of a lane, live ones before replays and imports, oldest event first (ids are UUIDv7), at most `limit`. What
 * waited for its person comes after what is live, newest first: the person's last view says most.
 * @param after nothing up to there is read
 */
export async function dueDeliveries(
  pool: Pool,
  sealer: Sealer,
  lane: Lane,
  limit: number,
  after: Place = START,
): Promise<DueDeliveries> {
  const result = await pool.query<DueRow>({
    name: 'due-deliveries',
    text: DUE,
    values: [lane.shopId, lane.vendor, limit, after.start, after.live, after.known, after.background],
  })
  const unreadable = new Map<string, Outcome>()
  const keyless: string[] = []
  const place = { ...after }
  const due = result.rows.flatMap((row): Due[] => {
    place[partOf(row.priority)] = row.id
    try {
      const { attempts, done, tried_ms: tried, replay: replayed, triggered_at: triggeredAt } = row
      // The database's clock wrote it and this process's reckons with it: how long ago it is means the same by both.
      const since = tried === null ? null : new Date(Date.now() - tried)
      return [{ event: fromRow(sealer, lane.shopId, row), triggeredAt, attempts, done, since, replayed }]
    } catch (error) {
      if (error instanceof UnknownKeyError && row.waited_ms < GIVE_UP_AFTER_MS) keyless.push(row.id)
      else unreadable.set(row.id, notPlannable(error))
      return []
    }
  })
  return { due, unreadable, keyless, place }
}

/** Looked at again in a while. Nobody has tried them: since when they wait stays as it is, so that what waits long is seen. */
export async function putOffKeyless(pool: Pool, lane: Lane, eventIds: readonly string[]): Promise<void> {
  await pool.query(
    `update deliveries set state = 'retry', due_at = now() + make_interval(secs => $4), reason = 'transient', message = $5
     where shop_id = $1 and vendor = $2 and event_id = any($3::uuid[]) and state in ('pending', 'retry')`,
    [
      lane.shopId,
      lane.vendor,
      eventIds,
      KEY_RECHECK_MS / 1000,
      'Sluice cannot read it just now, and tries again by itself.',
    ],
  )
}

function partOf(priority: number): Exclude<keyof Place, 'start'> {
  if (priority === PRIORITY_OF_KNOWN) return 'known'
  return priority === PRIORITY.background ? 'background' : 'live'
}

/** What is in a lane: the oldest event that waits, due or not (null: none does), and whether anything is held. */
export async function standingOf(pool: Pool, lane: Lane): Promise<{ oldest: string | null; held: boolean }> {
  const result = await pool.query<{ oldest: string | null; held: boolean }>({
    name: 'standing-of-lane',
    text: `select (select min(oldest::text) from (values (-1), (0), (1)) p(priority), lateral (
               select event_id as oldest from deliveries
               where shop_id = $1 and vendor = $2 and priority = p.priority and state in ('pending', 'retry')
               order by event_id limit 1) first) as oldest,
            exists (select from deliveries where shop_id = $1 and vendor = $2 and state = 'held') as held`,
    values: [lane.shopId, lane.vendor],
  })
  return result.rows[0] ?? { oldest: null, held: false }
}

/**
 * When the lane is to be drained next by the database's clock, no sooner than its pause ends, and whether only for replays
 * and imports. `at` null: at once; null: nothing waits.
 */
export async function nextDue(
  pool: Pool,
  lane: Lane,
): Promise<{ at: Date | null; background: boolean } | null> {
  // Most often something is due already, live first; only otherwise is all that waits looked through.
  const result = await pool.query<{ at: Date; now: boolean; background: boolean }>({
    name: 'next-due',
    text: `with next as (
     (select due_at as at, priority > 0 as background from deliveries
      where shop_id = $1 and vendor = $2 and state in ('pending', 'retry') and due_at <= now()
      order by priority, event_id limit 1)
     union all
     (select min(due_at), min(priority) > 0 from deliveries
      where shop_id = $1 and vendor = $2 and state in ('pending', 'retry') and not exists (
        select from deliveries where shop_id = $1 and vendor = $2 and state in ('pending', 'retry') and due_at <= now()))
     limit 1)
     select greatest(n.at, c.paused_until) as at, greatest(n.at, c.paused_until) <= now() as now, n.background
     from next n left join connections c on c.shop_id = $1 and c.vendor = $2
     where n.at is not null`,
    values: [lane.shopId, lane.vendor],
  })
  const [next] = result.rows
  return next ? { at: next.now ? null : next.at, background: next.background } : null
}

/**
 * Lanes that have something to do and are not paused: deliveries that are due, or held though the lane is open. A lane
 * that is switched off or waits for a person is among them: its drain holds what was accepted while it was stopped.
 *
 * The indexes of what waits and what is held are walked from lane to lane, so that a lane that is far behind costs no
 * more than another. In no order: where there are more than asked for, each has its chance.
 */
export async function lanesDue(pool: Pool, limit: number): Promise<Lane[]> {
  const result = await pool.query<{ shop_id: number; vendor: string }>(
    `with recursive ${laneWalk('waiting', "d.state in ('pending', 'retry')")},
       ${laneWalk('stopped', "d.state = 'held'")}
     select * from (
     select l.shop_id, l.vendor from waiting l join connections c using (shop_id, vendor)
     where (c.paused_until is null or c.paused_until <= now()) and exists (
       select from deliveries d where d.shop_id = l.shop_id and d.vendor = l.vendor
         and d.state in ('pending', 'retry') and d.due_at <= now())
     union
     select l.shop_id, l.vendor from stopped l join connections c using (shop_id, vendor)
     where ${IS_STARTED}) lanes
     order by random() limit $1`,
    [limit],
  )
  return result.rows.map(row => ({ shopId: row.shop_id, vendor: row.vendor }))
}

/**
 * A recursive query that steps over an index of (shop_id, vendor, …) once per lane.
 * @param condition of a partial index of `deliveries`, which is `d` in it
 * @returns SQL: the query by that name, with columns shop_id and vendor, for after `with recursive`
 */
export function laneWalk(name: string, condition: string): string {
  const next = (after: string) =>
    `(select d.shop_id, d.vendor from deliveries d where ${condition} ${after} order by d.shop_id, d.vendor limit 1)`
  return `${name} as (
    ${next('')}
    union all
    select n.shop_id, n.vendor from ${name} l, lateral ${next('and (d.shop_id, d.vendor) > (l.shop_id, l.vendor)')} n)`
}

/** What the vendor was last given of each subject. */
export async function memoriesOf(
  pool: Pool,
  lane: Lane,
  subjects: readonly string[],
): Promise<Map<string, Remembered>> {
  if (subjects.length === 0) return new Map()
  const result = await pool.query<{
    subject: string
    version: Date | null
    fingerprint: string
    event_id: string
    triggered_at: Date | null
  }>({
    name: 'memories-of',
    text: `select subject, version, fingerprint, event_id, triggered_at from memories where shop_id = $1 and vendor = $2 and subject = any($3)`,
    values: [lane.shopId, lane.vendor, subjects],
  })
  return new Map(
    result.rows.map(row => [
      row.subject,
      {
        version: row.version?.toISOString() ?? null,
        fingerprint: row.fingerprint,
        eventId: row.event_id,
        triggeredAt: row.triggered_at,
      },
    ]),
  )
}
