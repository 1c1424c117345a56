/** Forms that another site's page makes a browser send: refused before Remix sees them, which would answer them as an error of ours. */
import type { Request, RequestHandler } from 'express'

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Refuses with 403 what Remix throws an error for (`throwIfPotentialCSRFAttack` of @remix-run/server-runtime), so that nobody can fill
 * the log. What its pages' scripts send (`_data`) goes on: each action says itself whom it takes that from.
 */
export const refuseForeignForms: RequestHandler = (request, response, next) => {
  if (!WRITES.has(request.method) || '_data' in request.query || isFromHere(request)) return next()
  response.status(403).type('text').send('This did not come from a page of the app.')
}

/** Without an origin it is not known. */
function isFromHere(request: Request): boolean {
  const origin = request.get('origin')
  const [forwarded] = request.get('x-forwarded-host')?.split(',') ?? []
  return !origin || URL.parse(origin)?.host === (forwarded?.trim() || request.get('host'))
}
