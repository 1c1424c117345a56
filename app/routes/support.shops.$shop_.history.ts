import type { LoaderFunctionArgs } from '@remix-run/node'
import type { ClientLoaderFunctionArgs } from '@remix-run/react'
import { answeredOr } from '../ui/answered.ts'
import { placeIn, shopAsked, vendorIn } from '../ui/support/shop/asked.server.ts'

/** What became of a connection, for the page of its shop: fetched when somebody wants to see it. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const shop = await shopAsked(support, staff, params)
  const { searchParams } = new URL(request.url)
  return support.shop.history(staff, shop, vendorIn(searchParams), placeIn(searchParams))
}

/** What could not be fetched is told where it was asked for, not in place of the whole page. */
export async function clientLoader({ serverLoader }: ClientLoaderFunctionArgs) {
  return answeredOr(serverLoader<typeof loader>(), { failed: true } as const)
}
