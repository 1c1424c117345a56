/**
 * Whose turn it is at one allowance. Lanes that were refused stand in a queue and are told a time by their place in
 * it: a thousand lanes that share an allowance come one by one, not all of them each second. Pure.
 */
import { type AllowanceState, limitOf, type Rule, room } from './allowance.ts'

/** More lanes than this are not remembered: the state is written with every permit. They are told a time all the same. */
const LONGEST_QUEUE = 2_000
/** When to ask again for a permit that is in use: its answer may come at any moment. */
const SOON_MS = 1_000
/** Nobody is told to come at once: it was refused just now. */
const SHORTEST_WAIT_MS = 50

/**
 * How many permits the lane may have now, at most `want`; 0: it has to wait. Permits are kept for those ahead of it
 * whose time has come; while others wait, a lane gets its share of the rest, at least one.
 */
export function offer(state: AllowanceState, rule: Rule, lane: string, want: number, now: number): number {
  const place = placeOf(state, lane)
  const kept = state.queue.slice(0, place).filter(([, at]) => at <= now).length
  const free = room(state, rule) - kept
  if (free < 1) return 0
  const others = state.queue.filter(([waiting]) => waiting !== lane).length
  return Math.min(want, Math.max(1, Math.floor(free / (1 + others))))
}

/** When the lane's turn comes, by its place: when so many permits are free as there are lanes up to it. */
export function turnOf(state: AllowanceState, rule: Rule, lane: string, now: number): number {
  return Math.max(now + SHORTEST_WAIT_MS, freeAt(state, rule, placeOf(state, lane), now))
}

/** Keeps the lane's place, or gives it the last one, and notes the time it was told. */
export function enqueue(state: AllowanceState, lane: string, at: number): AllowanceState {
  const place = placeOf(state, lane)
  if (place >= LONGEST_QUEUE) return state
  const queue = [...state.queue]
  queue[place] = [lane, at]
  return { ...state, queue }
}

/** How many lanes are ahead of it. */
function placeOf({ queue }: AllowanceState, lane: string): number {
  const found = queue.findIndex(([waiting]) => waiting === lane)
  return found === -1 ? queue.length : found
}

/** When a permit is free for the one with `ahead` others ahead. Permits beyond those that count now come a window later each time round. */
function freeAt(state: AllowanceState, rule: Rule, ahead: number, now: number): number {
  const limit = limitOf(state, rule)
  const { budget } = state
  const start = Math.max(now, state.blockedUntil, budget && ahead >= budget.left ? budget.resetAt : 0)
  const ends = [
    ...state.past.map(([at, permits]) => ({ at: at + rule.windowMs, permits })),
    ...state.open.map(({ at, permits }) => ({ at: Math.max(at + rule.windowMs, now + SOON_MS), permits })),
  ].sort((a, b) => a.at - b.at)
  const total = ends.reduce((sum, { permits }) => sum + permits, 0)
  const needed = total - limit + ahead + 1
  const rounds = needed > total ? Math.ceil((needed - total) / limit) : 0
  let missing = needed - rounds * limit
  let end = start
  for (const { at, permits } of ends) {
    if (missing <= 0) break
    end = Math.max(start, at)
    missing -= permits
  }
  return end + rounds * rule.windowMs
}
