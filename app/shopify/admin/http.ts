/**
 * One POST to a shop's own address: by undici, without redirects (a token must not go elsewhere), within a time and a size.
 * What comes back is an answer or the reason why none came; nothing here throws for what Shopify does.
 *
 * Shopify's library has a GraphQL client and a function for refreshing tokens, but takes `fetch` for all of a process by one
 * global hook, and knows neither another address, nor a time, nor a size.
 */
import { Agent, request } from 'undici'

const TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = 1024 * 1024

export type AdminAnswer = {
  status: number
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  /** Null when it is no JSON. */
  body: unknown
}
export type AdminHttp = {
  /** @param path with its leading slash @param body sent as JSON */
  post(
    shop: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: unknown,
  ): Promise<AdminAnswer | { failure: string }>
  close(): Promise<void>
}

/** @param baseUrl replaces scheme, host and port for every shop; null: `https://` and the shop's domain */
export function createAdminHttp(baseUrl: string | null, timeoutMs = TIMEOUT_MS): AdminHttp {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
  })
  return {
    async post(shop, path, headers, body) {
      try {
        const answer = await request(new URL(path, baseUrl ?? `https://${shop}`), {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify(body),
          dispatcher: agent,
          // Over all of it: an answer may come byte by byte.
          signal: AbortSignal.timeout(timeoutMs),
        })
        const text = await answer.body.text()
        return { status: answer.statusCode, headers: flat(answer.headers), body: json(text) }
      } catch (error) {
        return { failure: failureOf(error) }
      }
    },
    close: () => agent.destroy(),
  }
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** An engineer's words for what went wrong on the wire: never the message, which may quote what was sent or received. */
function failureOf(error: unknown): string {
  const { name, code } = Object(error) as { name?: unknown; code?: unknown }
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return 'no answer in time'
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'the answer is larger than 1 MiB'
  return typeof code === 'string' ? code : 'network failure'
}

/** `Retry-After` in seconds, as milliseconds; 0 when there is none or it is no number. */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number {
  const seconds = Number(headers['retry-after'] ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds * 1000) : 0
}
