/** Why a delivery waited: when its lane was stopped meanwhile, by whom and why. */
import type { Pool } from 'pg'
import type { Lane } from '../delivery/lane.ts'
import { OPEN_STATES } from '../delivery/outcome.ts'
import { ENTRIES_OF_CHANGES, madeBy } from './change-makers.ts'
import { goesOn, type Sending } from './sendings.ts'

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
    // A hold that takes another end or other words is the same one still, since it began.
    if (before && (begun === 'hold' || (before.message === message && before.by === by))) {
      Object.assign(before, { message, by })
      continue
    }
    if (ended) end(ended, at)
    if (ENDS_ALL.includes(what)) for (const kind of BEGINS) end(kind, at)
    if (!begun) continue
    const stop: Stopped = { kind: begun, from: at, until: null, message, by }
    stops.push(stop)
    going.set(begun, stop)
  }
  return stops
}

/**
 * Pure. The times in which a delivery waited to be sent: from when it was made, or sent again, to the first attempt after that, and from each
 * attempt to the next of the same sending. When something was sent again that does not say so begins no wait; nor does what waits for its
 * visitor, whatever its lane does.
 * @param sendings in order
 */
export function waitsOf(
  { state, updatedAt }: { state: string; updatedAt: Date },
  sendings: readonly Sending[],
  now: Date,
): Wait[] {
  if (state === 'waiting') return []
  const waits = sendings.flatMap(({ at, turns }) =>
    turns.flatMap(([{ startedAt: to }], place): Wait[] => {
      const from = turns[place - 1]?.at(-1)?.startedAt ?? at
      return from ? [{ from, to }] : []
    }),
  )
  const last = sendings.at(-1)
  const from = last && waitsSince(last, isOpen(state))
  return from ? [...waits, { from, to: isOpen(state) ? now : updatedAt }] : waits
}

/** From when on it waited for what did not come, or has not yet. @param open a chain whose steps all arrived may have further ones */
function waitsSince(sending: Sending, open: boolean): Date | null {
  const last = sending.turns.at(-1)?.at(-1)
  if (!last) return sending.at
  return goesOn(sending) || (open && last.outcome === 'delivered') ? last.startedAt : null
}

export const isOpen = (state: string): boolean => OPEN_STATES.some(open => open === state)
