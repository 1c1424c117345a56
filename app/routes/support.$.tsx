import type { LoaderFunctionArgs } from '@remix-run/node'

/** Any address of the console that nothing answers: its frame says so. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await context.services.support.enter(request)
  throw new Response(null, { status: 404 })
}

/** The same for what is sent there, which would else be told of in the log as a failure of ours. */
export const action = loader

/** Never drawn. Without it the answer would be the bare status, as a file's that is not there. */
export default function NoPage() {
  return null
}
