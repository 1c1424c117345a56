import { type LoaderFunctionArgs, redirect } from '@remix-run/node'

/** Whoever shortens a shop's address comes to the list of shops. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await context.services.support.enter(request)
  return redirect('/support')
}
