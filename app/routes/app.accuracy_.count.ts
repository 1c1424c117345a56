import type { LoaderFunctionArgs } from '@remix-run/node'
import type { ClientLoaderFunctionArgs } from '@remix-run/react'
import type { AccuracyPage } from '../runtime/merchant-accuracy.ts'
import { daysIn } from '../ui/accuracy/search.server.ts'

/** The accuracy page's numbers with Shopify's count, which the page does not wait for. */
export async function loader({ request, context }: LoaderFunctionArgs): Promise<AccuracyPage> {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const again = new URL(request.url).searchParams.has('again')
  return merchant.accuracy.count(shop, daysIn(request), again)
}

/** A count that did not come through is told where it is missing, not in place of the numbers that are there. */
export async function clientLoader({
  serverLoader,
}: ClientLoaderFunctionArgs): Promise<AccuracyPage | 'away'> {
  try {
    return await serverLoader<typeof loader>()
  } catch {
    return 'away'
  }
}
