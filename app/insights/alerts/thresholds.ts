/** Which alerts a lane deserves. Pure: what is known of a lane goes in, levels come out. */
import { GIVE_UP_AFTER_MS } from '../../delivery/backoff.ts'

export const ALERT_KINDS = ['waiting', 'giving_up', 'attention'] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/** Percent of the time after which a delivery is given up (72 h). */
export const GIVING_UP_LEVELS = [50, 70, 90, 100] as const
/** Of alerts that have one level only. */
export const ONLY_LEVEL = 100

/** What is known of a lane in which something may be wrong; null: nothing of that kind is. */
export type LaneState = {
  /** Since when its longest waiting open delivery could have been sent. */
  waitingSince: Date | null
  /** Since when its longest failing open delivery is being tried. */
  tryingSince: Date | null
  /** When a delivery of it was last given up, if that is recent. */
  gaveUpAt: Date | null
  /** Since when it waits for a person. */
  attentionSince: Date | null
}

/**
 * `level`: percent of what can be borne. `since`: when the cause began. `lingering`: no reason to open an alert, but one
 * that is open is not over yet.
 */
export type Raised = { kind: AlertKind; level: number; since: Date; lingering?: boolean }

/** Of the age that opens an alert: below it the alert is over. An age that hovers about the threshold is told once. */
const OVER_BELOW = 0.75

/**
 * @param maxAgeMs how old the oldest undelivered delivery may be, in milliseconds
 * @returns at most one alert of each kind
 */
export function alertsOf(lane: LaneState, now: Date, maxAgeMs: number): Raised[] {
  const raised: Raised[] = []
  const { waitingSince, tryingSince, gaveUpAt, attentionSince } = lane
  if (attentionSince) raised.push({ kind: 'attention', level: ONLY_LEVEL, since: attentionSince })
  const waited = waitingSince ? ageOf(waitingSince, now) : 0
  if (waitingSince && waited >= maxAgeMs)
    raised.push({ kind: 'waiting', level: ONLY_LEVEL, since: waitingSince })
  else if (waitingSince && waited >= maxAgeMs * OVER_BELOW)
    raised.push({ kind: 'waiting', level: ONLY_LEVEL, since: waitingSince, lingering: true })
  const level = tryingSince ? givingUpLevel(ageOf(tryingSince, now)) : null
  if (gaveUpAt) raised.push({ kind: 'giving_up', level: 100, since: tryingSince ?? gaveUpAt })
  else if (tryingSince && level !== null) raised.push({ kind: 'giving_up', level, since: tryingSince })
  return raised
}

/** The highest level that an age in milliseconds has reached; null below the first. */
export function givingUpLevel(ageMs: number): number | null {
  return GIVING_UP_LEVELS.findLast(level => ageMs >= (GIVE_UP_AFTER_MS * level) / 100) ?? null
}

/** A lane whose deliveries are all younger than this, in milliseconds, needs no alert. */
export function youngestAge(maxAgeMs: number): number {
  return Math.min(maxAgeMs * OVER_BELOW, (GIVE_UP_AFTER_MS * GIVING_UP_LEVELS[0]) / 100)
}

function ageOf(since: Date, now: Date): number {
  return now.getTime() - since.getTime()
}
