import {
  type ActionFunctionArgs,
  type HeadersFunction,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useActionData, useLoaderData, useSearchParams } from '@remix-run/react'
import polarisStyles from '@shopify/polaris/build/esm/styles.css?url'
import type { NotSignedIn } from '../runtime/support.ts'
import { orFailed, unlessUnanswered } from '../ui/answered.ts'
import { Room } from '../ui/support/room.tsx'
import { SignIn } from '../ui/support/sign-in.tsx'
import { SignInElsewhere } from '../ui/support/sign-in-elsewhere.tsx'
import { consoleTitle } from '../ui/support/texts.ts'
import { ConsoleTrouble } from '../ui/support/trouble.tsx'

const STATUS = { incomplete: 400, wrong: 401, wait: 429 } as const

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: polarisStyles }]
export const meta: MetaFunction = () => consoleTitle('signIn')

/** Of the answer to a form that was sent without the page's scripts. */
export const headers: HeadersFunction = ({ actionHeaders }) => {
  const after = actionHeaders.get('retry-after')
  return after === null ? new Headers() : { 'retry-after': after }
}

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const session = await support.sessionOf(request)
  if (session === 'live') throw redirect('/support')
  return { elsewhere: support.oidc !== null, ended: session === 'ended' }
}

export async function action({ request, context }: ActionFunctionArgs): Promise<Response> {
  const answer = await context.services.support.signIn(request)
  if (answer instanceof Response) return answer
  const headers = new Headers()
  if (answer.kind === 'wait') headers.set('retry-after', String(answer.seconds))
  return Response.json(answer, { status: STATUS[answer.kind], headers })
}

type Answer = NotSignedIn | { kind: 'failed' }

export const clientAction = orFailed<Awaited<ReturnType<typeof action>>>

export const shouldRevalidate = unlessUnanswered

export default function SignInPage() {
  const { elsewhere, ended } = useLoaderData<typeof loader>()
  const answer = useActionData<Answer>()
  const [search] = useSearchParams()
  return (
    <Room>
      {elsewhere ? (
        <SignInElsewhere to={search.get('to')} why={search.get('why')} ended={ended} />
      ) : (
        <SignIn answer={answer ?? null} to={search.get('to')} ended={ended} />
      )}
    </Room>
  )
}

export function ErrorBoundary() {
  return (
    <Room>
      <main>
        <ConsoleTrouble />
      </main>
    </Room>
  )
}
