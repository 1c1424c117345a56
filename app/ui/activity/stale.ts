import type { ShouldRevalidateFunctionArgs } from '@remix-run/react'
import { isOnTheWay, unlessUnanswered } from '../answered.ts'

/**
 * Whether a list is to be loaded again, as a route's `shouldRevalidate`. Counting what would be sent again and looking at what became of it
 * leave it as it is; steps of sending again make another one of it, which is shown after the last. A filter that was not answered has found nothing.
 */
export function isStale(asked: ShouldRevalidateFunctionArgs): boolean {
  if (isOnTheWay(asked)) return asked.defaultShouldRevalidate
  const { formData, actionResult } = asked
  const intent = formData?.get('intent')
  if (intent === 'count' || intent === 'outcomes') return false
  // Of a step whose answer did not come nobody knows what it did; the list is asked for again once the dialog is closed.
  if (intent === 'step') return !actionResult?.broken && !actionResult?.progress?.next
  return unlessUnanswered(asked)
}
