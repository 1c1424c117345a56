/**
 * Retention as a shop has chosen it, shorter than the platform's: what is older of the shop is deleted, by keys that begin with
 * the shop, a few thousand events at a time. Whole weeks, of all shops, are dropped by the platform's time (./retention.ts).
 */
import type { Pool } from 'pg'
import { CHUNK } from '../db/chunks.ts'
import { withTransaction } from '../db/database.ts'
import { firstIdOf } from '../db/partitions.ts'
import { THINNED } from './retention.ts'

/**
 * The shortest time that a shop can choose, in days. Thirty days is the longest in which anything may still be sent of an event (a
 * release, an abandoned checkout); it is the shortest of the platform's too.
 */
export const SHORTEST_RETENTION_DAYS = 31

const DAY_MS = 24 * 3600 * 1000
/** A run that has deleted for so long leaves the rest to the next. */
const MOST_MS = 120_000

/** How long a shop's events are kept, in days. @param chosen null: as long as the platform keeps any */
export function retentionOf(chosen: number | null, platformDays: number): number {
  return chosen === null ? platformDays : Math.min(chosen, platformDays)
}

/**
 * How long one shop's events are kept, in days: of so many days, today among them, nothing has been deleted. A shop that chose to keep
 * them for longer gets there day by day, and so does each shop where the platform does.
 */
export async function retentionOfShop(
  pool: Pool,
  shopId: number,
  platformDays: number,
  now = new Date(),
): Promise<number> {
  const { rows } = await pool.query<{ days: number | null; whole: number | null }>(
    `select retention_days as days, day_of($2::timestamptz, days_zone)
       - day_of(greatest(thinned_until, platform.thinned) - interval '1 millisecond', days_zone) as whole
     from shops left join (select seen_until as thinned from rollups where name = $3 and seen_until > $4) platform on true
     where id = $1`,
    [shopId, now, THINNED, new Date(now.getTime() - platformDays * DAY_MS)],
  )
  const { days = null, whole = null } = rows[0] ?? {}
  return Math.min(retentionOf(days, platformDays), whole ?? Number.POSITIVE_INFINITY)
}

/** What of one shop is to be deleted yet. `before`: the first id that is kept; `after`: the last event that was looked at. */
type Turn = { shopId: number; before: string; after: string }

export type ForgetOptions = {
  /** Ends the work early, between two chunks. */
  lost?: AbortSignal
  mostMs?: number
  /** How many rows are deleted at a time. */
  chunk?: number
}

/**
 * Deletes events, with their keys, deliveries, attempts and requests, of shops that keep them for less time than the platform.
 * What is still being delivered, such as a replay of an old event, is left until it is done; what is held goes. Shops take turns,
 * a chunk each, in an order that is another one each time: neither a shop with years to forget nor its place holds others up.
 * @returns how many events were deleted
 */
export async function forgetOldOfShops(
  pool: Pool,
  now: Date,
  platformDays: number,
  { lost, mostMs = MOST_MS, chunk = CHUNK }: ForgetOptions = {},
): Promise<number> {
  const until = performance.now() + mostMs
  await noteThinned(pool, now, platformDays)
  const shops = await pool.query<{ id: number; days: number }>(
    'select id, retention_days as days from shops where retention_days < $1 order by random()',
    [platformDays],
  )
  const after = firstIdOf(new Date(0))
  let turns: Turn[] = shops.rows.map(({ id, days }) => {
    const before = firstIdOf(new Date(now.getTime() - days * DAY_MS))
    return { shopId: id, before, after }
  })
  let deleted = 0
  while (turns.length > 0) {
    const next: Turn[] = []
    for (const turn of turns) {
      if (lost?.aborted || performance.now() >= until) return deleted
      const done = await takeTurn(pool, turn, chunk)
      deleted += done.deleted
      if (done.next) next.push(done.next)
    }
    turns = next
  }
  return deleted
}

/**
 * Before anything of a day is deleted, when that day ends is written down: what remains of what was received before is not the whole.
 * Once a day for each shop.
 */
async function noteThinned(pool: Pool, now: Date, platformDays: number): Promise<void> {
  await pool.query(
    `update shops s set thinned_until = t.ends
     from (select id, day_begins(day_of($1::timestamptz - make_interval(hours => 24 * retention_days), days_zone) + 1, days_zone) as ends
           from shops where retention_days < $2) t
     where t.id = s.id and (s.thinned_until is null or s.thinned_until < t.ends)`,
    [now, platformDays],
  )
}

/** Deletes a chunk. @returns `next`: null when nothing old is left of the shop */
async function takeTurn(
  pool: Pool,
  { shopId, before, after }: Turn,
  chunk: number,
): Promise<{ deleted: number; next: Turn | null }> {
  const events = await pool.query<{ id: string }>(
    'select id from events where shop_id = $1 and id > $2 and id < $3 order by id limit $4',
    [shopId, after, before, chunk],
  )
  const ids = events.rows.map(({ id }) => id)
  const deleted = await forgetEvents(pool, shopId, ids)
  const exchanges = await pool.query(
    `delete from exchanges where shop_id = $1 and id < $2 and id = any(array(
       select id from exchanges where shop_id = $1 and id < $2 limit $3))`,
    [shopId, before, chunk],
  )
  // What was sent again before was received before. They are few.
  await pool.query('delete from replays where shop_id = $1 and id < $2', [shopId, before])
  const isOver = ids.length < chunk && (exchanges.rowCount ?? 0) < chunk
  return { deleted, next: isOver ? null : { shopId, before, after: ids.at(-1) ?? after } }
}

/** Some events in the order of their ids, but for those of which something is still open. @returns how many were deleted */
function forgetEvents(pool: Pool, shopId: number, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return Promise.resolve(0)
  const these = [shopId, ids, ids[0], ids.at(-1)]
  return withTransaction(pool, async client => {
    await client.query(
      `delete from deliveries d where d.shop_id = $1 and d.event_id = any($2::uuid[]) and d.event_id between $3 and $4
         and d.state not in ('pending', 'retry')`,
      these,
    )
    // A statement of its own sees what a replay has committed while the one before waited for it.
    const left = await client.query<{ id: string }>(
      `select distinct event_id as id from deliveries d
       where d.shop_id = $1 and d.event_id = any($2::uuid[]) and d.event_id between $3 and $4`,
      these,
    )
    const kept = new Set(left.rows.map(({ id }) => id))
    const over = ids.filter(id => !kept.has(id))
    const those = [shopId, over, ids[0], ids.at(-1)]
    await client.query(
      'delete from attempts where shop_id = $1 and event_id = any($2::uuid[]) and event_id between $3 and $4',
      those,
    )
    await client.query(
      `delete from event_keys k using events e
       where e.shop_id = $1 and e.id = any($2::uuid[]) and e.id between $3 and $4
         and k.shop_id = $1 and k.dedupe_key = e.dedupe_key and k.event_id = e.id`,
      those,
    )
    const gone = await client.query(
      'delete from events where shop_id = $1 and id = any($2::uuid[]) and id between $3 and $4',
      those,
    )
    return gone.rowCount ?? 0
  })
}
