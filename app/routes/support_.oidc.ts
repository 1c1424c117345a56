import type { LoaderFunctionArgs } from '@remix-run/node'

/** Begins single sign-on: the browser goes to the provider. */
export function loader({ request, context }: LoaderFunctionArgs) {
  const { oidc } = context.services.support
  if (!oidc) throw new Response(null, { status: 404 })
  return oidc.begin(request)
}
