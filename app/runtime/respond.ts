/** Answers of the ingest routes: JSON, never cached, with what went wrong in words. */
import { isUnavailable } from '../db/database.ts'
import type { Log } from '../log.ts'
import { MalformedJson } from '../shopify/json.ts'
import { BodyTooLarge } from './body.ts'

/** How long a sender should wait before it tries again when nothing could be kept, in seconds. */
const RETRY_AFTER_SECONDS = 5

export function respond(
  status: number,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
}

/**
 * Runs an ingest handler; whatever fails in it was not kept and says so: 413 for a body over the limit, 400 for
 * one that is not JSON, 503 with Retry-After for everything else, so that the sender delivers again.
 */
export async function answering(log: Log, what: string, handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle()
  } catch (error) {
    if (error instanceof BodyTooLarge) return respond(413, { error: 'the body is too large' })
    if (error instanceof MalformedJson) return respond(400, { error: 'the body is not valid JSON' })
    if (isUnavailable(error))
      log.warn({ err: error, what }, 'the database is unavailable; nothing was acknowledged')
    else log.error({ err: error, what }, 'could not be kept; nothing was acknowledged')
    return respond(
      503,
      { error: 'could not be kept; send it again' },
      { 'retry-after': String(RETRY_AFTER_SECONDS) },
    )
  }
}
