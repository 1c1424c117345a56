/** What the storefront's routes share. */
import type { Request, RequestHandler, Response } from 'express'

/** Express 4 knows nothing of promises: a handler's failure goes on to the error handler. */
export const guarded =
  (handler: (request: Request, response: Response) => Promise<void>): RequestHandler =>
  (request, response, next) => {
    handler(request, response).catch(next)
  }
