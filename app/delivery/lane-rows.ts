/** The rows of a lane that follow its connection, some thousands by one statement: held, and released (lane-state.ts says when). */
import type { PoolClient } from 'pg'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import type { Lane } from './lane.ts'
import type { HeldReason } from './outcome.ts'

/** Deliveries held or released by one statement: some 50 ms. */
export const CHUNK = 2_000

/** What became of deliveries that were held. */
export type Released = { released: number; expired: number }

export type Stop = { reason: HeldReason; message: string }

/**
 * Locks some deliveries of the lane, in an order that an index has. Their ids are given back: joined in one statement,
 * PostgreSQL may read the whole lane for each. It may do so too where it sorts, for it knows the states as they were some
 * time ago and takes what is changing now to be few.
 * @returns the ids, ascending
 */
export async function someOf(
  client: PoolClient,
  lane: Lane,
  conditionAndOrder: string,
  ...values: string[]
): Promise<string[]> {
  await client.query('set local enable_sort = off')
  const some = await client.query<{ id: string }>(
    `select event_id as id from deliveries where shop_id = $1 and vendor = $2 and ${conditionAndOrder}
     limit ${CHUNK} for update`,
    [lane.shopId, lane.vendor, ...values],
  )
  return some.rows.map(({ id }) => id).sort()
}

/** Those of a shop's events that are a merchant's tests, of which a stopped lane keeps none. @param ids ascending */
export async function testsAmong(
  client: PoolClient,
  shopId: number,
  ids: readonly string[],
): Promise<string[]> {
  const tests = await client.query<{ id: string }>(
    `select id from events where shop_id = $1 and id = any($2::uuid[]) and id between $3 and $4 and source = 'test'`,
    [shopId, ids, ids[0], ids.at(-1)],
  )
  return tests.rows.map(({ id }) => id)
}

/** A test among them is skipped. @returns how many are held */
export async function holdThese(
  client: PoolClient,
  lane: Lane,
  { reason, message }: Stop,
  ids: string[],
): Promise<number> {
  if (ids.length === 0) return 0
  const tests = await testsAmong(client, lane.shopId, ids)
  const held = ids.filter(id => !tests.includes(id))
  const change = (some: string[], state: 'held' | 'skipped', why: string, says: string) =>
    client.query(
      `update deliveries set state = $3, reason = $4, message = $5, replay = replay and $3 = 'held', updated_at = now()
       where shop_id = $1 and vendor = $2 and event_id = any($6::uuid[]) and event_id between $7 and $8`,
      [lane.shopId, lane.vendor, state, why, says, some, some[0], some.at(-1)],
    )
  if (tests.length > 0) await change(tests.sort(), 'skipped', 'test_stopped', SKIP_REASONS.test_stopped)
  if (held.length > 0) await change(held, 'held', reason, message)
  return held.length
}

const lateBefore = (oldest: string) => `(not d.replay and d.created_at < ${oldest})`
const LATE = lateBefore('terms.oldest')
/** SQL: the delivery `d` of the shop `s` is too old for a release that began now. */
export const LATE_NOW = lateBefore('now() - make_interval(days => s.release_within_days)')

/**
 * Oldest first. What was received longer before the release than the shop allows expires, unless a person has asked for
 * it again. Released deliveries start anew: the retry horizon begins with their next attempt.
 */
export async function releaseSome(client: PoolClient, lane: Lane): Promise<Released> {
  const ids = await someOf(client, lane, "state = 'held' order by event_id")
  if (ids.length === 0) return { released: 0, expired: 0 }
  const result = await client.query<{ released: number; expired: number }>(
    `with terms as (
       select coalesce(c.released_at, now()) - make_interval(days => s.release_within_days) as oldest
       from connections c join shops s on s.id = c.shop_id where c.shop_id = $1 and c.vendor = $2),
     changed as (
       update deliveries d
       set state = case when ${LATE} then 'skipped' else 'pending' end, reason = case when ${LATE} then 'expired' end,
           message = case when ${LATE} then $3 end, due_at = now(), trying_since = null, updated_at = now()
       from terms where d.shop_id = $1 and d.vendor = $2 and d.event_id = any($4::uuid[]) and d.event_id between $5 and $6
       returning d.state)
     select count(*) filter (where state = 'pending')::int as released,
            count(*) filter (where state = 'skipped')::int as expired from changed`,
    [lane.shopId, lane.vendor, SKIP_REASONS.expired, ids, ids[0], ids.at(-1)],
  )
  return result.rows[0] ?? { released: 0, expired: 0 }
}
