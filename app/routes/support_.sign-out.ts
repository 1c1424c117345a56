import { type ActionFunctionArgs, redirect } from '@remix-run/node'

export const loader = () => redirect('/support')

export function action({ request, context }: ActionFunctionArgs) {
  return context.services.support.signOut(request)
}
