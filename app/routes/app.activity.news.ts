import type { LoaderFunctionArgs } from '@remix-run/node'
import type { ClientLoaderFunctionArgs } from '@remix-run/react'
import type { News } from '../runtime/merchant-activity.ts'
import { askedBy } from '../ui/activity/search.server.ts'

/** Whether something has come since the event that a list begins with (`after`). */
export async function loader({ request, context }: LoaderFunctionArgs): Promise<News | null> {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const { search, place } = askedBy(new URL(request.url).searchParams, merchant.activity.vendors)
  return place && 'after' in place ? merchant.activity.newsSince(shop, search, place.after) : null
}

/** An answer that did not come is asked for again soon: the list stays. */
export async function clientLoader({ serverLoader }: ClientLoaderFunctionArgs): Promise<News | null> {
  try {
    return await serverLoader<typeof loader>()
  } catch {
    return null
  }
}

/** It is asked at its own times. */
export const shouldRevalidate = () => false
