import { type LoaderFunctionArgs, redirect } from '@remix-run/node'

/** Whoever shortens an event's address comes to its shop, or to that there is no such shop. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  await context.services.support.enter(request)
  return redirect(`/support/shops/${encodeURIComponent(params.shop ?? '')}`)
}
