import type { LoaderFunctionArgs } from '@remix-run/node'
import type { ClientLoaderFunctionArgs } from '@remix-run/react'
import type { KeyUse } from '../runtime/support-keys.ts'
import { answeredOr } from '../ui/answered.ts'

/** What stands under which key, which the page of the keys does not wait for. */
export async function loader({ request, context }: LoaderFunctionArgs): Promise<KeyUse[]> {
  const { support } = context.services
  return support.keys.uses(await support.enter(request, 'admin'))
}

/** A count that did not come through is told where it is missing, not in place of the page. */
export async function clientLoader({ serverLoader }: ClientLoaderFunctionArgs): Promise<KeyUse[] | 'away'> {
  return answeredOr(serverLoader<typeof loader>(), 'away')
}

/** Whole tables are read for it: not after each step of sealing anew, but when the page asks. */
export const shouldRevalidate = () => false
