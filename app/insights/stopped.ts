/** Why a delivery waited: when its lane was stopped meanwhile, by whom and why. */
import type { Pool } from 'pg'
import { timeOfId } from '../db/partitions.ts'
import type { Lane } from '../delivery/lane.ts'
import { OPEN_STATES } from '../delivery/outcome.ts'
import { ENTRIES_OF_CHANGES, madeBy } from './change-makers.ts'

export type Stopped = {
  /** Held by support, switched off by the merchant, or waiting for a person: credentials refused, the app removed. */
  kind: 'hold' | 'off' | 'attention'
  from: Date
  /** Null: it goes on. */
  until: Date | null
  /** Why, where there is a sentence for it. */
  message: string | null
  /** As the audit has it; null: the merchant, the vendor's answer, or a time before there was an audit. */
  by: string | null
}
/** A change of a connection, of which `what` is as in connection_changes. */
export type LaneChange = { at: Date; what: string; message: string | null; actor: string | null }
/** A time in which a delivery waited. */
export type Wait = { from: Date; to: Date }

/** What begins a stop, and what ends it. A connection that is made anew begins without any. */
const BEGINS = ['hold', 'off', 'attention'] as const
const ENDS: Readonly<Record<string, Stopped['kind']>> = {
  release: 'hold',
  on: 'off',
  attention_over: 'attention',
}
const ENDS_ALL = ['connected', 'disconnected']
const WHATS = [...BEGINS, ...Object.keys(ENDS), ...ENDS_ALL]
/** Changes of each kind that are read. */
const MOST = 20

/** How the lane stood at $3, and its first changes after that. For the test of its plan too. */
export const STANDING_AND_CHANGES = `
  select h.at, h.what, h.message, a.actor
  from shops s cross join unnest($4::text[]) w(what) cross join lateral (
    (select id, at, what, message from connection_changes
     where shop_id = $1 and vendor = $2 and what = w.what and at <= $3 order by at desc limit 1)
    union all
    (select id, at, what, message from connection_changes
     where shop_id = $1 and vendor = $2 and what = w.what and at > $3 order by at limit ${MOST})) h
  ${madeBy('s.domain', '$2', '$5')}
  where s.id = $1 order by h.id`

/** How long a lane was stopped while one of its deliveries waited, in order. */
export async function stoppedWhile(pool: Pool, lane: Lane, waits: readonly Wait[]): Promise<Stopped[]> {
  const [first] = waits
  if (!first) return []
  const { rows } = await pool.query<LaneChange>(STANDING_AND_CHANGES, [
    ...[lane.shopId, lane.vendor, first.from],
    ...[WHATS, ENTRIES_OF_CHANGES],
  ])
  return stopsOf(rows).filter(({ from, until }) =>
    waits.some(wait => from < wait.to && (until === null || until > wait.from)),
  )
}

/** Pure. @param changes in the order in which they were made */
export function stopsOf(changes: readonly LaneChange[]): Stopped[] {
  const stops: Stopped[] = []
  const going = new Map<Stopped['kind'], Stopped>()
  const end = (kind: Stopped['kind'], at: Date) => {
    const stop = going.get(kind)
    if (stop) stop.until = at
    going.delete(kind)
  }
  for (const { at, what, message, actor: by } of changes) {
    const begun = BEGINS.find(kind => kind === what)
    const ended = begun ?? ENDS[what]
    const before = begun && going.get(begun)
    // A hold that takes another end is the same one still.
    if (before && before.message === message && before.by === by) continue
    if (ended) end(ended, at)
    if (ENDS_ALL.includes(what)) for (const kind of BEGINS) end(kind, at)
    if (!begun) continue
    const stop: Stopped = { kind: begun, from: at, until: null, message, by }
    stops.push(stop)
    going.set(begun, stop)
  }
  return stops
}

/** `replay`: it is being sent again. `replayId`: the selection with which it was last sent again; null: none, or it was chosen by itself. */
type Waiting = {
  state: string
  createdAt: Date
  updatedAt: Date
  replay: boolean
  replayId: string | null
}
type Tried = { number: number; step: string; outcome: string; startedAt: Date }

/** After these the delivery waits on. */
const GOES_ON = ['retry', 'refused', 'learned']

/**
 * Pure. From when it was made, or sent again, to its first attempt, and from each attempt after which it was to go on to the next. What was
 * sent again by itself does not say when: until it is tried, that is no wait. Nor is what waits for its visitor, whatever its lane does.
 * @param attempts in order; those of one number followed each other at once
 */
export function waitsOf(
  { state, createdAt, updatedAt, replay, replayId }: Waiting,
  attempts: readonly Tried[],
  now: Date,
): Wait[] {
  if (state === 'waiting') return []
  const asked = replayId === null ? null : timeOfId(replayId)
  const waits: Wait[] = []
  let from = replay || asked ? null : createdAt
  let last: Date | null = null
  let through = new Set<string>()
  /** Where the wait began that ends now. */
  const begun = (to: Date) => (asked && to >= asked && (last === null || last < asked) ? asked : from)
  for (const tries of inTurn(attempts)) {
    const [{ step, startedAt }] = tries
    // Another step than those that are through: it goes on with a chain, and is not sent once more.
    const since = begun(startedAt) ?? (through.size > 0 && !through.has(step) ? last : null)
    if (since) waits.push({ from: since, to: startedAt })
    else through = new Set()
    for (const each of tries) {
      last = each.startedAt
      from = GOES_ON.includes(each.outcome) ? each.startedAt : null
      if (each.outcome === 'delivered') through.add(each.step)
      else if (!from) through.clear()
    }
  }
  const to = isOpen(state) ? now : updatedAt
  const since = begun(to) ?? (isOpen(state) && !replay && through.size > 0 ? last : null)
  if (since) waits.push({ from: since, to })
  return waits
}

/** By their number. */
function inTurn(attempts: readonly Tried[]): [Tried, ...Tried[]][] {
  const turns: [Tried, ...Tried[]][] = []
  for (const each of attempts) {
    const turn = turns.at(-1)
    if (turn && turn[0].number === each.number) turn.push(each)
    else turns.push([each])
  }
  return turns
}

export const isOpen = (state: string): boolean => OPEN_STATES.some(open => open === state)
