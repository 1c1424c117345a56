import type { ClientActionFunctionArgs } from '@remix-run/react'
import { answeredOr, orUnanswered, type Unanswered } from '../answered.ts'

/** What of sending again was not answered. */
type Broken = { broken: 'count' | 'step' | 'outcomes' }

/**
 * As a list's `clientAction`: what did not come through is told where it was asked for, in the dialog or beside the filters, not in
 * place of the whole page.
 * @throws Response: a redirect, such as to what a filter finds, or what was refused of a filter
 */
export async function toldWhereAsked<A>(asked: ClientActionFunctionArgs): Promise<A | Broken | Unanswered> {
  const broken = (await asked.request.clone().formData()).get('intent')
  if (broken !== 'count' && broken !== 'step' && broken !== 'outcomes') return orUnanswered<A>(asked)
  return answeredOr(asked.serverAction<A>() as Promise<A>, { broken })
}
