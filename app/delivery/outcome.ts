/**
 * What can become of a delivery. `pending` is the state before the first attempt, `waiting` that of an event whose
 * visitor is not known yet (waiting.ts); the others are the closed union of outcomes. Reasons are codes; each delivery also keeps the sentence that a merchant reads.
 */
import { SKIP_REASONS, type SkipReason } from '../vendors/reasons.ts'

export const DELIVERY_STATES = [
  'pending',
  'retry',
  'waiting',
  'delivered',
  'skipped',
  'dead',
  'held',
] as const
/** Of a delivery that has not come to its end. */
export const OPEN_STATES = ['pending', 'retry', 'waiting', 'held'] as const
/** The same as a condition in SQL. `d`: deliveries. */
export const IS_OPEN = `d.state in ('${OPEN_STATES.join("', '")}')`
export type DeliveryState = (typeof DELIVERY_STATES)[number]

export const HELD_REASONS = {
  on_hold: 'Support holds this tool for the shop. Once it is released, what waits goes out.',
  off: 'This tool is switched off for the shop. Switch it on to send what waits.',
  uninstalled:
    'The app was removed from this shop. Once it is installed again, test the connection to send what waits.',
  vendor_missing: 'This version of Sluice does not have this tool. Once it does again, what waits goes out.',
  disconnecting: 'This tool is being disconnected: what waits is given up.',
  refused: 'The tool refused the credentials. Correct them, and what waits goes out.',
} as const
export type HeldReason = keyof typeof HELD_REASONS

/** Why a lane waits for a person, by the sentence that its connection has for it: what is none of Sluice's own is the vendor's refusal. */
export function attentionReason(attention: string): HeldReason {
  const own = (['uninstalled', 'vendor_missing', 'disconnecting'] as const).find(
    reason => HELD_REASONS[reason] === attention,
  )
  return own ?? 'refused'
}

export const DEAD_REASONS = {
  rejected: 'The tool rejected this for good.',
  partly_rejected: 'The tool rejected part of the request that carried this and does not say which part.',
  gave_up: 'The tool could not be reached for three days.',
  not_plannable: 'Sluice could not turn this event into a request for the tool.',
} as const
export type DeadReason = keyof typeof DEAD_REASONS

/** The decision about one delivery, to be recorded. */
export type Outcome =
  | { state: 'delivered'; message: string | null }
  | { state: 'skipped'; reason: SkipReason; message: string }
  /** `dueAt` by this process's clock. */
  | { state: 'retry'; dueAt: Date; reason: string; message: string }
  | { state: 'dead'; reason: DeadReason; message: string }
  | { state: 'held'; reason: HeldReason; message: string }

/** A skip with its sentence; `detail` names the field or setting concerned. */
export function skipped(reason: SkipReason, detail?: string): Outcome {
  return {
    state: 'skipped',
    reason,
    message: detail ? `${SKIP_REASONS[reason]} (${detail})` : SKIP_REASONS[reason],
  }
}
