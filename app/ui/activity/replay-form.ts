/** What a list's sending again asks its action for. */
import type { ReplayPlace } from '../../runtime/merchant-activity.ts'
import type { Which } from './replay-many.tsx'
import type { SearchTexts } from './words.ts'

/** What of a list's filters is gone by, as the action takes them (`chosenBy`): an outcome and its reason where they are of these. */
export function filtersOf(texts: SearchTexts, which: Which): SearchTexts {
  const { outcome, reason, newer, undelivered: _, ...others } = texts
  return outcome === which ? { ...others, outcome, reason, newer } : others
}

/** As the form names what it begins with: `replay` is what the list is asked for. */
export function formOf({ before, vendor, ...place }: ReplayPlace): Record<string, string> {
  return { ...place, at: before, ...(vendor && { lane: vendor }) }
}
