/**
 * When a failed delivery is tried again: exponential back-off with full jitter, bounded, and never before a
 * time that the vendor announced. Times are Dates; the random source is passed in so that tests can choose.
 */

/** After this long without success a delivery is dead: three days. */
export const GIVE_UP_AFTER_MS = 72 * 3600 * 1000
const BASE_MS = 2_000
const CAP_MS = 3600 * 1000
/** Never sooner than this, whatever the jitter says: a vendor that just failed gets a breath. */
const FLOOR_MS = 500

/** The shortest pause of a lane: an announced time may have passed already, or the vendor's clock be behind. */
const MIN_PAUSE_MS = 1_000

/**
 * When a lane that was told to slow down may go on: at the time announced, but no later than when everything that
 * waits has given up.
 * @param restMs the pause when nothing was announced
 */
export function pauseEnd(now: Date, notBefore: Date | undefined, restMs: number): Date {
  const wait = notBefore ? notBefore.getTime() - now.getTime() : restMs
  return new Date(now.getTime() + Math.min(Math.max(wait, MIN_PAUSE_MS), GIVE_UP_AFTER_MS))
}

/**
 * @param attempts how many attempts there have been, 1 or more
 * @param now when the last one ended
 * @param since when trying began (creation, or the last replay)
 * @param notBefore what the vendor announced, if anything; an announcement beyond the horizon ends at it
 * @param random 0 ≤ x < 1
 * @returns when to try next, always after `now`; null when it is time to give up
 */
export function nextAttempt(
  attempts: number,
  now: Date,
  since: Date,
  notBefore: Date | undefined,
  random: () => number = Math.random,
): Date | null {
  const end = since.getTime() + GIVE_UP_AFTER_MS
  if (now.getTime() >= end) return null
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempts - 1, 30))
  const jittered = now.getTime() + Math.max(FLOOR_MS, random() * ceiling)
  const due = Math.max(jittered, notBefore?.getTime() ?? 0)
  return new Date(Math.max(Math.min(due, end), now.getTime() + 1))
}
