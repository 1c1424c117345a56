/**
 * The state of one rate limit, and what may go. Pure: `now` is passed in, in ms since 1970 by the database's clock, with
 * fractions; what is kept is rounded up, so that nothing counts too short.
 *
 * Never above the limit, whatever the network does. A permit counts from the moment it is given until the vendor's
 * answer came, plus the window. One whose answer was never recorded (the process died) counts until the latest
 * moment at which its request could have been answered, plus the window. A request reaches the vendor after its
 * permit was given and before its answer comes, so at every instant T each request that reached the vendor within
 * the window before T has a permit that counts at T; and no permit is given while as many count as are allowed.
 */
import { GIVE_UP_AFTER_MS, pauseEnd } from '../backoff.ts'

/** How long a permit may be used after it was given: longer than a turn and a slow request before it. */
export const USABLE_MS = 20_000
/** The longest time from the first byte of a request to the last of its answer: the sender's time-out. */
export const REQUEST_MS = 30_000
/** A request that was given up may be on its way still: so much later it may reach the vendor. */
export const IN_FLIGHT_MS = 5_000
/** A lane that does not come so long after the time it was told has lost its place. */
export const GRACE_MS = 5_000
/** What an announcement may make of a declared number, at most: headers may hold anything. */
const LARGEST_RAISE = 100
/** The pause after "slow down" without a time. */
const REST_MS = 10_000
/** Answers older than this are counted in slices, so that a state stays small however many permits there are. */
const RECENT_MS = 10_000
const SLICES = 100

/** So many requests in so many milliseconds. */
export type Rule = {
  requests: number
  windowMs: number
  /** The number is ours: what the vendor says remains replaces it. */
  assumed: boolean
}

export type AllowanceState = {
  /** Given and not yet answered. */
  open: { id: string; permits: number; at: number }[]
  /** Answered: when, and how many. Oldest first. */
  past: [at: number, permits: number][]
  /** Nothing goes before this: the vendor said so. 0: it did not. */
  blockedUntil: number
  /**
   * What the vendor said remains until `resetAt`, less what was given since: negative when more was given than it then
   * said. `at`: when the request that heard it began.
   */
  budget: { left: number; at: number; resetAt: number } | null
  /** The number that the vendor announced in place of the declared one. */
  limit: number | null
  /** Lanes that wait, in their order, and the time each was told. */
  queue: [lane: string, at: number][]
}

/** A request's end. */
export type Answered = {
  at: number
  /** False when no answer came: the request may reach the vendor still. */
  answered: boolean
}

/** What an answer says about the limit. `at`: when its request began; `wait`: ms until the reset, from `heardAt`. */
export type Announced = { limit?: number; remaining?: number; wait?: number; at: number; heardAt: number }

export function unused(): AllowanceState {
  return { open: [], past: [], blockedUntil: 0, budget: null, limit: null, queue: [] }
}

/**
 * The state as of now, without what counts no longer. Times that lie further ahead than any could be are drawn in:
 * a clock that was set back must not stop a lane for longer than one request and one window.
 */
export function current(state: AllowanceState, rule: Rule, now: number): AllowanceState {
  const { open, past, blockedUntil, budget, limit, queue } = state
  const horizon = now + (Math.ceil(queue.length / limitOf(state, rule)) + 1) * (rule.windowMs + HOLD_MS)
  return {
    open: open
      .map(grant => ({ ...grant, at: Math.min(grant.at, Math.ceil(now)) }))
      .filter(grant => grant.at + HOLD_MS + rule.windowMs > now),
    past: sliced(
      past
        .map(([at, permits]): [number, number] => [Math.min(at, Math.ceil(now) + IN_FLIGHT_MS), permits])
        .filter(([at]) => at + rule.windowMs > now),
      rule,
      now,
    ),
    blockedUntil: blockedUntil > now ? Math.min(blockedUntil, now + GIVE_UP_AFTER_MS) : 0,
    budget:
      budget && budget.resetAt > now
        ? {
            left: budget.left,
            at: Math.min(budget.at, now),
            resetAt: Math.min(budget.resetAt, now + GIVE_UP_AFTER_MS),
          }
        : null,
    limit,
    queue: queue
      .filter(([, at]) => at + GRACE_MS > now)
      .map(([lane, at]): [string, number] => [lane, Math.min(at, horizon)]),
  }
}

/** A permit that is never answered counts so long, and the window. */
export const HOLD_MS = USABLE_MS + REQUEST_MS + IN_FLIGHT_MS

/** Older answers rounded up to slices of the window: they count a little longer, never shorter. */
function sliced(past: AllowanceState['past'], rule: Rule, now: number): AllowanceState['past'] {
  const slice = Math.max(1, Math.min(1_000, Math.floor(rule.windowMs / SLICES)))
  const counts = new Map<number, number>()
  for (const [at, permits] of past) {
    const rounded = at < now - RECENT_MS ? Math.ceil(at / slice) * slice : at
    counts.set(rounded, (counts.get(rounded) ?? 0) + permits)
  }
  return [...counts].sort(([a], [b]) => a - b)
}

/** The number that holds: the vendor's, if it announced one, else the declared. At least one. */
export function limitOf({ limit }: AllowanceState, rule: Rule): number {
  return Math.max(1, limit === null ? rule.requests : Math.min(limit, LARGEST_RAISE * rule.requests))
}

/** How many permits count now. */
export function held({ open, past }: AllowanceState): number {
  return (
    open.reduce((sum, { permits }) => sum + permits, 0) + past.reduce((sum, [, permits]) => sum + permits, 0)
  )
}

/** How many permits are free, of a `current` state. */
export function room(state: AllowanceState, rule: Rule): number {
  if (state.blockedUntil > 0) return 0
  const own = limitOf(state, rule) - held(state)
  if (!state.budget) return Math.max(0, own)
  return Math.max(0, rule.assumed ? state.budget.left : Math.min(own, state.budget.left))
}

/** Until when the vendor's own word holds things up, of a `current` state; 0: it does not. */
export function announcedUntil({ blockedUntil, budget }: AllowanceState): number {
  return Math.max(blockedUntil, budget && budget.left <= 0 ? budget.resetAt : 0)
}

/** Without the vendor's word that holds things up. Permits count as before, and so does what the vendor said remains. */
export function lift(state: AllowanceState): AllowanceState {
  const { budget } = state
  return { ...state, blockedUntil: 0, budget: budget && budget.left > 0 ? budget : null }
}

/** Gives `permits` to the lane under the id, and takes the lane out of the queue. */
export function grant(
  state: AllowanceState,
  lane: string,
  id: string,
  permits: number,
  now: number,
): AllowanceState {
  const { budget } = state
  return {
    ...state,
    open: [...state.open, { id, permits, at: Math.ceil(now) }],
    budget: budget && { ...budget, left: budget.left - permits },
    queue: state.queue.filter(([waiting]) => waiting !== lane),
  }
}

/**
 * Records ends of requests that used permits of the id, and takes `unused` permits back. What is neither stays open.
 * Ends count also when the permit was forgotten meanwhile.
 */
export function settle(
  state: AllowanceState,
  id: string,
  ends: readonly Answered[],
  unused: number,
): AllowanceState {
  const given = state.open.find(each => each.id === id)
  const left = given ? Math.max(0, given.permits - ends.length - unused) : 0
  const returned = given ? Math.min(unused, Math.max(0, given.permits - ends.length)) : 0
  const { budget } = state
  return {
    ...state,
    open: state.open.flatMap(each =>
      each.id !== id ? [each] : left > 0 ? [{ ...each, permits: left }] : [],
    ),
    past: [
      ...state.past,
      ...ends.map(({ at, answered }): [number, number] => [Math.ceil(answered ? at : at + IN_FLIGHT_MS), 1]),
    ],
    budget: budget && { ...budget, left: budget.left + returned },
  }
}

/**
 * "Slow down": nothing goes before the time announced.
 * @param heardAt when the answer came
 * @param wait ms from then; undefined when no time was announced
 */
export function block(state: AllowanceState, heardAt: number, wait: number | undefined): AllowanceState {
  const until = endOf(heardAt, wait)
  return { ...state, blockedUntil: Math.max(state.blockedUntil, until) }
}

function endOf(heardAt: number, wait: number | undefined): number {
  const from = Math.ceil(heardAt)
  const announced = wait === undefined ? undefined : new Date(from + wait)
  return pauseEnd(new Date(from), announced, REST_MS).getTime()
}

/**
 * Takes the vendor's word: a limit replaces the declared one until another is announced; what remains holds until its
 * reset. Permits that the vendor may not have counted yet when it said so are taken off: those that are open, and
 * those answered after its request began. An answer to an older request than the last one heard says nothing new.
 */
export function announce(state: AllowanceState, rule: Rule, said: Announced): AllowanceState {
  const { limit, remaining } = said
  const limited = limit === undefined ? state : { ...state, limit: Math.max(1, limit) }
  if (remaining === undefined || (state.budget && state.budget.at > said.at)) return limited
  const uncounted =
    state.open.reduce((sum, { permits }) => sum + permits, 0) +
    state.past.reduce((sum, [at, permits]) => sum + (at >= said.at ? permits : 0), 0) -
    // Its own request is among the answered ones.
    1
  const left = Math.min(remaining, LARGEST_RAISE * rule.requests) - Math.max(0, uncounted)
  const resetAt =
    remaining === 0
      ? endOf(said.heardAt, said.wait ?? rule.windowMs)
      : said.heardAt + Math.min(said.wait && said.wait > 0 ? said.wait : rule.windowMs, GIVE_UP_AFTER_MS)
  return { ...limited, budget: { left, at: said.at, resetAt } }
}

/** When a state counts nothing any more, of a `current` state. An announced limit is knowledge, not a count. */
export function idleFrom(state: AllowanceState, rule: Rule, now: number): number {
  return Math.max(
    now,
    state.blockedUntil,
    state.budget?.resetAt ?? 0,
    ...state.open.map(({ at }) => at + HOLD_MS + rule.windowMs),
    ...state.past.map(([at]) => at + rule.windowMs),
    ...state.queue.map(([, at]) => at + GRACE_MS),
  )
}
