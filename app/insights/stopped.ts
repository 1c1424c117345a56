/** Why a delivery waited: when its lane was stopped meanwhile, by whom and why. */
import type { Pool } from 'pg'
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

type Waiting = { state: string; createdAt: Date; updatedAt: Date }
type Tried = { number: number; outcome: string; startedAt: Date }

/** After these the delivery waits on. */
const GOES_ON = ['retry', 'refused', 'learned']

/**
 * Pure. From when it was made to its first attempt, and from each attempt after which it was to be tried again to the next. When what had
 * come to its end was asked for again is not known: until it is tried, that is no wait.
 * @param attempts in order
 */
export function waitsOf(
  { state, createdAt, updatedAt }: Waiting,
  attempts: readonly Tried[],
  now: Date,
): Wait[] {
  const waits: Wait[] = []
  let from: Date | null = createdAt
  for (const { outcome, startedAt } of attempts) {
    if (from) waits.push({ from, to: startedAt })
    from = GOES_ON.includes(outcome) ? startedAt : null
  }
  if (from) waits.push({ from, to: isOpen(state) ? now : updatedAt })
  return waits
}

export const isOpen = (state: string): boolean => OPEN_STATES.some(open => open === state)
