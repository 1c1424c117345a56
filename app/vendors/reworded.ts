/**
 * Sentences that are kept with deliveries in English, and are worded otherwise now: what is kept is read as it would be told today, in every
 * language, also where it said what is not so. One may go once nothing is kept any more from when it was written.
 */
import { SKIP_REASONS } from './reasons.ts'

const REWORDED: Readonly<Record<string, string>> = {
  // Until 2026-11-22.
  'A newer state of the same order or cart was sent instead.': SKIP_REASONS.superseded,
}

/** A kept message in today's words; what follows the sentence in brackets stays. */
export function asWordedNow<T extends string | null>(message: T): T | string {
  if (message === null) return message
  const [, sentence = message, detail = ''] = /^(.*[.])( \(.*\))$/s.exec(message) ?? []
  return Object.hasOwn(REWORDED, sentence) ? `${REWORDED[sentence]}${detail}` : message
}
