/**
 * What was sent and not answered: a failed action would put an error in place of the whole page, and take with it all that was typed. Every
 * route with an action says here what its page is told instead.
 */
import {
  type ClientActionFunctionArgs,
  isRouteErrorResponse,
  type ShouldRevalidateFunctionArgs,
} from '@remix-run/react'

/** `unreachable`: there is no line to Sluice. `away`: its database does not answer, `shopify`: Shopify does not. `failed`: all else. */
export type Why = 'unreachable' | 'away' | 'shopify' | 'failed'
/** Takes the place of an action's answer. `saves`: what was sent was to be saved. */
export type Unanswered = { kind: 'unanswered'; why: Why; saves: boolean }

/** Of `fetch` where there is no line, as browsers word it: no code says so. A page that is broken throws a TypeError as well. */
const NO_LINE = /fetch|network|load failed|connection/i

/** Null: it is no answer. */
export const statusOf = (error: unknown): number | null =>
  error instanceof Response || isRouteErrorResponse(error) ? error.status : null

/** @param error what a loader or an action threw; the facade says by the status what is away (app/runtime/merchant.ts) */
export function whyOf(error: unknown): Why {
  if (error instanceof TypeError && NO_LINE.test(error.message)) return 'unreachable'
  const status = statusOf(error)
  if (status === 503) return 'away'
  return status === 502 ? 'shopify' : 'failed'
}

/**
 * What the server answers; where it cannot be asked, or fails, `otherwise`: the page then stays as it is, with all that was typed, and
 * says so where it was asked for.
 * @throws Response: a redirect, such as to where one signs in
 */
export async function answeredOr<A, B>(asked: Promise<A>, otherwise: B): Promise<A | B> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Response && error.status < 400) throw error
    return otherwise
  }
}

/**
 * As a merchant's route's `clientAction`, whose page tells it (./unanswered.tsx).
 * @throws Response: a redirect, or what was refused, such as of something that is gone
 */
export async function orUnanswered<A>({
  request,
  serverAction,
}: ClientActionFunctionArgs): Promise<A | Unanswered> {
  const intent = String((await request.clone().formData()).get('intent'))
  try {
    return (await serverAction<A>()) as A
  } catch (error) {
    if (error instanceof Response && error.status < 500) throw error
    return { kind: 'unanswered', why: whyOf(error), saves: intent.startsWith('save') }
  }
}

/**
 * As a console route's `clientAction`, whose page tells it where it was asked for.
 * @throws Response: a redirect
 */
export const orFailed = <A>({ serverAction }: ClientActionFunctionArgs): Promise<A | { kind: 'failed' }> =>
  answeredOr(serverAction<A>() as Promise<A>, { kind: 'failed' })

/**
 * Whether another page is on its way. The router takes what is loaded after an answer for all that this page needs (`completeNavigation` in
 * its `handleFetcherAction`): what is not loaded then stays as it was on the page before, under the address of the new one.
 */
export const isOnTheWay = ({
  currentUrl,
  nextUrl,
}: Pick<ShouldRevalidateFunctionArgs, 'currentUrl' | 'nextUrl'>) =>
  currentUrl.pathname + currentUrl.search !== nextUrl.pathname + nextUrl.search

/** As a route's `shouldRevalidate`: what was not answered has changed nothing that is known, and the page would be asked for in vain. */
export function unlessUnanswered(asked: ShouldRevalidateFunctionArgs): boolean {
  const kind = asked.actionResult?.kind
  if ((kind === 'unanswered' || kind === 'failed') && !isOnTheWay(asked)) return false
  return asked.defaultShouldRevalidate
}
