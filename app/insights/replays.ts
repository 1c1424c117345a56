/** What was sent again together, and what became of it. */
import type { Pool } from 'pg'
import { withTransaction } from '../db/database.ts'
import type { ReplayChosen, ReplayedBy } from '../delivery/kept-replays.ts'
import { COUNTED_UP_TO } from '../delivery/lane.ts'
import { DELIVERY_STATES } from '../delivery/outcome.ts'
import { type EventName, eventNames } from './activity.ts'

/** `waiting`: on its way. `forVisitor`: until its person is known. No more than `COUNTED_UP_TO` are counted of a delivery state. */
export type ReplayOutcomes = Record<
  'delivered' | 'failed' | 'skipped' | 'held' | 'waiting' | 'forVisitor',
  number
>

const STATE_OF = {
  delivered: ['delivered'],
  failed: ['dead'],
  skipped: ['skipped'],
  held: ['held'],
  waiting: ['pending', 'retry'],
  forVisitor: ['waiting'],
} as const satisfies Record<keyof ReplayOutcomes, readonly (typeof DELIVERY_STATES)[number][]>

/** For the test of its plan too: $2 are replays, $3 states, and $4 is how many are counted of each. */
export const OUTCOMES_OF_REPLAYS = `select r.id, s.state, n.count from unnest($2::uuid[]) r(id) cross join unnest($3::text[]) s(state)
  cross join lateral (select count(*)::int as count from (
    select from deliveries d where d.shop_id = $1 and d.replay_id = r.id and d.state = s.state limit $4) d) n`

/** Of what a later replay took up again, that one tells. */
export async function outcomesOfReplay(pool: Pool, shopId: number, id: string): Promise<ReplayOutcomes> {
  const outcomes = await outcomesOf(pool, shopId, [{ id, chosen: {} }], COUNTED_UP_TO)
  return outcomes(id)
}

type Counted = { id: string; state: string; count: number }

/**
 * The same of replays of one event alone: deliveries do not bear their ids, but each tells when it was sent again last. $2 are the
 * replays, $3 their events.
 */
const OUTCOMES_ALONE = `select r.id, d.state, count(*)::int as count from unnest($2::uuid[], $3::uuid[]) r(id, event_id)
  cross join lateral (select state, replays from deliveries where shop_id = $1 and event_id = r.event_id offset 0) d
  where d.replays -> -1 ->> 'id' = r.id::text group by 1, 2`

async function outcomesOf(
  pool: Pool,
  shopId: number,
  replays: readonly Pick<KeptReplay, 'id' | 'chosen'>[],
  most: number,
): Promise<(id: string) => ReplayOutcomes> {
  const alone = aloneOf(replays)
  const ids = replays.flatMap(({ id, chosen }) => (chosen.event === undefined ? id : []))
  const rows = await withTransaction(pool, async client => {
    // Of a week most of which was sent again at once PostgreSQL expects to find any state soon, and reads all of it for one that is not there.
    await client.query('set local enable_seqscan = off')
    const together = await client.query<Counted>(OUTCOMES_OF_REPLAYS, [shopId, ids, DELIVERY_STATES, most])
    if (alone.length === 0) return together.rows
    const values = [shopId, alone.map(({ id }) => id), alone.map(({ event }) => event)]
    return [...together.rows, ...(await client.query<Counted>(OUTCOMES_ALONE, values)).rows]
  })
  const byId = Map.groupBy(rows, row => row.id)
  return id => {
    const counts = new Map(byId.get(id)?.map(({ state, count }) => [state, count]))
    const outcomes = Object.entries(STATE_OF).map(([outcome, states]) => [
      outcome,
      states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0),
    ])
    return Object.fromEntries(outcomes) as ReplayOutcomes
  }
}

const aloneOf = (replays: readonly Pick<KeptReplay, 'id' | 'chosen'>[]) =>
  replays.flatMap(({ id, chosen: { event } }) => (event === undefined ? [] : [{ id, event }]))

/**
 * On one page, and of each no more deliveries of one state are counted. Of 200,000 deliveries, 50,000 of them sent again in one to 30 replays,
 * the first page takes 10 to 40 ms, and 30 to 100 ms until PostgreSQL has vacuumed what was just sent again (two busy cores).
 */
const PAGE = 20
const COUNTED_IN_A_LIST = 1_000

/**
 * `outcomes`: one more than `countedUpTo` where there are more. Of what later replays took again, those tell. `event`: the one that was
 * sent again alone; null: it was chosen by a filter, or is not kept any more.
 */
export type KeptReplay = {
  id: string
  by: ReplayedBy
  chosen: ReplayChosen
  /** Deliveries that it took. */
  count: number
  outcomes: ReplayOutcomes
  countedUpTo: number
  event: EventName | null
}

/**
 * What was sent again, by filters or one event alone, the newest first.
 * @param before those that came before this one; null: from the newest
 * @returns `older`: the last of the page, where there are older ones
 */
export async function keptReplays(
  pool: Pool,
  shopId: number,
  before: string | null,
): Promise<{ replays: KeptReplay[]; older: string | null }> {
  const { rows } = await pool.query<Pick<KeptReplay, 'id' | 'by' | 'chosen' | 'count'>>(
    `select id, sent_by as by, chosen, count from replays
     where shop_id = $1 and ($2::uuid is null or id < $2) order by id desc limit ${PAGE + 1}`,
    [shopId, before],
  )
  const page = rows.slice(0, PAGE)
  const [outcomes, names] = await Promise.all([
    outcomesOf(pool, shopId, page, COUNTED_IN_A_LIST + 1),
    eventNames(
      pool,
      shopId,
      aloneOf(page).map(({ event }) => event),
    ),
  ])
  return {
    replays: page.map(each => ({
      ...each,
      outcomes: outcomes(each.id),
      countedUpTo: COUNTED_IN_A_LIST,
      event: names.get(each.chosen.event ?? '') ?? null,
    })),
    older: rows.length > PAGE ? (page.at(-1)?.id ?? null) : null,
  }
}

/** What one replay took. `reason`: what support gave as one; null: it did not, or it was the merchant. */
export type OpenedReplay = Pick<KeptReplay, 'id' | 'by' | 'chosen' | 'count'> & { reason: string | null }

/** Null: the shop has no such replay that is kept. */
export async function keptReplay(pool: Pool, shopId: number, id: string): Promise<OpenedReplay | null> {
  const { rows } = await pool.query<OpenedReplay>(
    `select r.id, r.sent_by as by, r.chosen, r.count, e.reason from replays r left join lateral (
       select e.reason from shops s join audit_entries e on e.shop = s.domain
       where s.id = r.shop_id and r.sent_by = 'staff' and e.action = 'replay' and e.after ->> 'replay' = r.id::text
       order by e.id limit 1) e on true
     where r.shop_id = $1 and r.id = $2`,
    [shopId, id],
  )
  return rows[0] ?? null
}

/**
 * How many deliveries it sent again, and how many of these are held by now: all of them, by an index. It is asked right after they were
 * changed, so each row is looked at too.
 */
export type ReplayTotal = { count: number; held: number }

export async function totalOfReplay(pool: Pool, shopId: number, id: string): Promise<ReplayTotal> {
  const { rows } = await pool.query<ReplayTotal>(
    `select count(*)::int as count, count(*) filter (where d.state = 'held')::int as held from deliveries d
     where d.shop_id = $1 and d.replay_id = $2`,
    [shopId, id],
  )
  return rows[0] ?? { count: 0, held: 0 }
}
