/**
 * The ingest routes in front of the framework: `POST /webhooks`, `POST /proxy/events` and `POST /pixel/events`. They need none of what Remix
 * does for a request and are by far the most called (docs/decisions/010-ingest-in-front-of-the-framework.md).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isUnavailable } from '../db/database.ts'
import type { Acceptance, Accepted } from '../delivery/accept.ts'
import type { Lane } from '../delivery/lane.ts'
import type { Spool } from '../delivery/spool.ts'
import { type Log, withoutWords } from '../log.ts'
import type { Effect } from '../shopify/effects.ts'
import { MalformedJson } from '../shopify/json.ts'
import { BodyTooLarge, CutOff, readBody } from './body.ts'
import type { Heard } from './heard.ts'
import type { Limits } from './limits.ts'
import { receivePixelBatch } from './pixel.ts'
import type { PixelKeys } from './pixel-keys.ts'
import type { Refusals } from './refusals.ts'
import { receiveBatch } from './storefront.ts'
import { receiveWebhook } from './webhooks.ts'

export type IngestContext = {
  accept(acceptance: Acceptance<Effect>): Promise<Accepted>
  log: Log
  apiSecrets: readonly string[]
  /** Wakes lanes that were given something; never throws. */
  signal(lanes: readonly Lane[]): void
  spool: Spool & {
    /** Whether a request of so many bytes is to be spooled rather than accepted: more come than can be. */
    wants(bytes: number): boolean
  }
  /** Of storefront events. */
  limits: Limits
  pixelKeys: PixelKeys
  /** Tells of refused batches, not too often. */
  refusals: Refusals
  /** Remembers from what other host's page the shop's pixel was refused; never throws. */
  keepRefusedPage(shop: string, host: string): void
  /** That the shop's storefront was heard. */
  heard: Heard
  /** How many proxies of our own stand between browsers and this process. */
  trustedProxies: number
}

/** A request whose body has been read. */
export type Received = {
  url: URL
  /** One header's value, or null. @param name in lower case */
  header(name: string): string | null
  raw: Uint8Array
  /** The socket's. */
  remoteAddress: string | undefined
}
export type Reply = {
  status: number
  /** Null: none. */
  body: Record<string, unknown> | null
  headers?: Record<string, string>
}

type Route = {
  /** For the log. */
  name: string
  /** In bytes. */
  limit: number
  /** Called by pages of other origins. */
  crossOrigin?: boolean
  receive(context: IngestContext, received: Received): Promise<Reply>
}

const ROUTES: Readonly<Record<string, Route>> = {
  /** Shopify documents no limit; an order of 500 lines is about 1 MB. */
  '/webhooks': { name: 'webhook', limit: 10 * 1024 * 1024, receive: receiveWebhook },
  /** A browser's own limit for requests that outlive their page (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch). */
  '/proxy/events': { name: 'storefront batch', limit: 64 * 1024, receive: receiveBatch },
  '/pixel/events': {
    name: 'pixel batch',
    limit: 64 * 1024,
    crossOrigin: true,
    receive: receivePixelBatch,
  },
}

/** Every page may ask: what is answered holds nothing that a page must not know, and no cookie is ever looked at. */
const ANY_ORIGIN = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }
/** The answer to a browser that asks first whether it may send. A day: https://fetch.spec.whatwg.org/#cors-preflight-fetch */
const PREFLIGHT: Reply = {
  status: 204,
  body: null,
  headers: {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '86400',
  },
}

/** How long a sender should wait before it tries again when nothing could be kept, in seconds. */
const RETRY_AFTER_SECONDS = 5

/** Answers the request if it is one for an ingest route. @returns whether it is */
export function ingest(context: IngestContext, request: IncomingMessage, response: ServerResponse): boolean {
  const route = ROUTES[request.url?.split('?', 1)[0] ?? '']
  if (!route) return false
  const reply = (one: Reply) =>
    send(response, route.crossOrigin ? { ...one, headers: { ...ANY_ORIGIN, ...one.headers } } : one)
  if (request.method === 'POST') answer(context, route, request).then(one => one && reply(one))
  else if (request.method === 'OPTIONS' && route.crossOrigin) reply(PREFLIGHT)
  else reply({ status: 405, body: { error: 'only POST is answered here' }, headers: { allow: 'POST' } })
  return true
}

/**
 * Whatever fails was not kept and says so: 413 for a body over the limit, 400 for one that is not JSON, 503 with
 * Retry-After for everything else, so that the sender delivers again.
 * @returns null when the sender is gone
 */
async function answer(context: IngestContext, route: Route, request: IncomingMessage): Promise<Reply | null> {
  const { log } = context
  try {
    const raw = await readBody(request, route.limit)
    const header = (name: string) => {
      const value = request.headers[name]
      return (Array.isArray(value) ? value.join(', ') : value) ?? null
    }
    const url = new URL(request.url ?? '/', 'http://ingest')
    const { remoteAddress } = request.socket
    return await route.receive(context, { url, header, raw, remoteAddress })
  } catch (error) {
    if (error instanceof CutOff) return null
    if (error instanceof BodyTooLarge)
      return { status: 413, body: { error: 'the body is too large' }, headers: { connection: 'close' } }
    if (error instanceof MalformedJson) return { status: 400, body: { error: 'the body is not valid JSON' } }
    const what = route.name
    if (isUnavailable(error))
      log.warn({ err: error, what }, 'the database is unavailable; nothing was acknowledged')
    else log.error({ ...withoutWords(error), what }, 'could not be kept; nothing was acknowledged')
    return {
      status: 503,
      body: { error: 'could not be kept; send it again' },
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    }
  }
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  if (body === null) {
    response.writeHead(status, headers).end()
    return
  }
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(text)
}
