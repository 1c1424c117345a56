/**
 * What every answer under /support carries: pages, data, redirects and errors. What merchants' pages carry is Shopify's library's
 * (app/shopify/admin/embedded.ts), and stays as it is.
 */
import { randomBytes } from 'node:crypto'
import type { RequestHandler, Response } from 'express'

/** By which the socket's address reaches a loader, which sees headers only. What a client sends of that name is replaced. */
export const REMOTE_HEADER = 'x-sluice-remote'
const NONCE_BYTES = 16
/** In seconds, a year: after a first visit the browser asks for this host over TLS only (RFC 6797). */
const TLS_ONLY_SECONDS = 365 * 24 * 3600
const nonces = new WeakMap<object, string>()

/** @returns undefined for an answer that is not the console's */
export const nonceOf = (response: Response): string | undefined => nonces.get(response)

/** @param appUrl what it is reached by: over TLS, browsers are told to stay with that */
export const guardConsole =
  (appUrl: string): RequestHandler =>
  (request, response, next) => {
    request.headers[REMOTE_HEADER] = request.socket.remoteAddress ?? ''
    if (isConsole(request.path)) {
      const nonce = randomBytes(NONCE_BYTES).toString('base64')
      nonces.set(response, nonce)
      if (appUrl.startsWith('https:'))
        response.set('strict-transport-security', `max-age=${TLS_ONLY_SECONDS}`)
      response.set({
        'content-security-policy': policy(nonce),
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cache-control': 'no-store',
      })
    }
    next()
  }

/** As the router reads a path: decoded, in any case, with any number of slashes. */
function isConsole(path: string): boolean {
  try {
    return /^\/+support(\/|$)/i.test(decodeURIComponent(path))
  } catch {
    // Nothing answers to what cannot be decoded.
    return false
  }
}

/** Polaris sets styles on elements. Pictures are of ours, or in the page itself. */
function policy(nonce: string): string {
  return [
    `default-src 'none'`,
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}
