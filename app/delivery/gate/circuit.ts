/**
 * When a lane or a whole vendor is let rest because it fails. A failure here is one that has nothing to do with what
 * was sent: the network, a time-out, a 5xx, no JSON. Neither a 429 (that is the allowance's business) nor another 4xx.
 * Pure: `now` is passed in, in ms.
 */

/** What is looked at: long enough for a lane that sends rarely, short enough to notice a recovery. */
export const SPAN_MS = 60_000
/** The span moves on in steps: a count for each keeps memory small whatever the traffic. */
const SLICE_MS = 5_000
/** Half of the requests failing is worse than a bad patch, and would exhaust the retries of half the deliveries. */
const FAILING_SHARE = 0.5
/** Fewer requests than this say nothing about a lane... */
const LANE_REQUESTS = 5
/** ...and fewer than this nothing about a vendor, which is stopped for every shop. */
const VENDOR_REQUESTS = 10
/** One shop's trouble (its own host at the vendor, its own data) is no trouble of the vendor. */
const VENDOR_LANES = 2
/**
 * A failure counts for each of so many ms that it took, at least once: a lane sends few at once, and where each
 * request takes its 30 s to time out, two fill the span.
 */
const FAILURE_MS = 10_000

const FIRST_REST_MS = 10_000
const LONGEST_REST_MS = 5 * 60_000
/** The part of a rest that is left to chance, so that nodes do not try in step. */
const JITTER = 0.2

type Count = { total: number; failed: number }
type Slice = { from: number; lanes: Map<string, Count> }
/** What became of a vendor's requests, by lane, over the span. */
export type History = readonly Slice[]

/**
 * Each request is noted: its count is changed in place, where nothing is over and no slice begins.
 * @param tookMs how long a failure took; of no account for a success
 */
export function note(history: History, now: number, lane: string, failed: boolean, tookMs: number): History {
  const kept = history.every(({ from }) => isRecent(from, now)) ? history : recent(history, now)
  const last = kept.at(-1)
  const slice = last && now < last.from + SLICE_MS ? last : { from: now, lanes: new Map<string, Count>() }
  const weight = failed ? Math.max(1, Math.round(tookMs / FAILURE_MS)) : 1
  const before = slice.lanes.get(lane) ?? { total: 0, failed: 0 }
  slice.lanes.set(lane, { total: before.total + weight, failed: before.failed + (failed ? weight : 0) })
  return slice === last ? kept : [...kept, slice]
}

const isRecent = (from: number, now: number) => from > now - SPAN_MS && from <= now

/** Without what lies outside the span, also after a clock that was set back. */
export function recent(history: History, now: number): History {
  return history.filter(({ from }) => isRecent(from, now))
}

/** Without what a lane did: it starts anew. */
export function without(history: History, lane: string): History {
  return history.map(({ from, lanes }) => ({
    from,
    lanes: new Map([...lanes].filter(([name]) => name !== lane)),
  }))
}

/** Each lane's counts over the span. */
function byLane(history: History, now: number): Map<string, Count> {
  const sums = new Map<string, Count>()
  for (const { lanes } of recent(history, now)) {
    for (const [lane, { total, failed }] of lanes) {
      const sum = sums.get(lane) ?? { total: 0, failed: 0 }
      sums.set(lane, { total: sum.total + total, failed: sum.failed + failed })
    }
  }
  return sums
}

const fails = ({ total, failed }: Count) => failed >= total * FAILING_SHARE

/** Whether the lane's circuit must open. */
export function laneFails(history: History, lane: string, now: number): boolean {
  const count = byLane(history, now).get(lane) ?? { total: 0, failed: 0 }
  return count.total >= LANE_REQUESTS && fails(count)
}

/**
 * Whether the vendor's circuit must open: at least half of all requests fail, and at least half of the lanes, and
 * these are two or more. A single lane, also the only one, is stopped by its own circuit.
 */
export function vendorFails(history: History, now: number): boolean {
  const counts = [...byLane(history, now).values()]
  const sum = counts.reduce(
    (all, { total, failed }) => ({ total: all.total + total, failed: all.failed + failed }),
    { total: 0, failed: 0 },
  )
  const failing = counts.filter(fails).length
  return (
    sum.total >= VENDOR_REQUESTS &&
    fails(sum) &&
    failing >= Math.max(VENDOR_LANES, counts.length * FAILING_SHARE)
  )
}

/** How long to rest, in ms: at first, or after a rest of `lastMs` did not help. */
export function nextRest(lastMs?: number): number {
  return lastMs === undefined ? FIRST_REST_MS : Math.min(LONGEST_REST_MS, Math.max(FIRST_REST_MS, 2 * lastMs))
}

/** The rest shortened by chance. @param random 0 ≤ x < 1 */
export function jittered(restMs: number, random: number): number {
  return Math.round(restMs * (1 - JITTER * random))
}
