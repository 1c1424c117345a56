import type { LoaderFunctionArgs } from '@remix-run/node'

/** `GET /readyz`: a write commits, so webhooks can be kept. 503 when it does not. */
export async function loader({ context }: LoaderFunctionArgs) {
  const headers = { 'cache-control': 'no-store' }
  try {
    await context.services.checkWrite()
    return Response.json({ status: 'ready' }, { headers })
  } catch {
    return Response.json(
      { status: 'not ready', reason: 'the database does not take a write' },
      { status: 503, headers },
    )
  }
}
