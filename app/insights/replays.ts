/** What became of the deliveries that were sent again together. */
import type { Pool } from 'pg'
import { COUNTED_UP_TO } from '../delivery/lane.ts'
import { DELIVERY_STATES } from '../delivery/outcome.ts'

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

/** For the test of its plan too. */
export const OUTCOMES_OF_REPLAY = `select s.state, n.count from unnest($3::text[]) s(state) cross join lateral (
  select count(*)::int as count from (
    select from deliveries d where d.shop_id = $1 and d.replay_id = $2 and d.state = s.state limit ${COUNTED_UP_TO}) d) n`

/** Of what a later replay took up again, that one tells. */
export async function outcomesOfReplay(pool: Pool, shopId: number, id: string): Promise<ReplayOutcomes> {
  const { rows } = await pool.query<{ state: string; count: number }>(OUTCOMES_OF_REPLAY, [
    ...[shopId, id, DELIVERY_STATES],
  ])
  const counts = new Map(rows.map(({ state, count }) => [state, count]))
  const outcomes = Object.entries(STATE_OF).map(([outcome, states]) => [
    outcome,
    states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0),
  ])
  return Object.fromEntries(outcomes) as ReplayOutcomes
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
