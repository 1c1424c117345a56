import type { LoaderFunctionArgs } from '@remix-run/node'

/** Where the provider of single sign-on sends the browser back. */
export function loader({ request, context }: LoaderFunctionArgs) {
  const { oidc } = context.services.support
  if (!oidc) throw new Response(null, { status: 404 })
  return oidc.finish(request)
}
