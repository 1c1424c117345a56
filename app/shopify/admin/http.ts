/**
 * One POST of JSON to a shop's own address. No redirect is followed: a token must not go elsewhere. Time, size and failures:
 * app/outbound.ts.
 *
 * Shopify's library has a GraphQL client and a function for refreshing tokens, but takes `fetch` for all of a process by one
 * global hook, and knows neither another address, nor a time, nor a size.
 */
import { createOutbound, type InboundAnswer, jsonOf } from '../../outbound.ts'

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 1024 * 1024

export type AdminAnswer = Pick<InboundAnswer, 'status' | 'headers'> & {
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
  const outbound = createOutbound({ timeoutMs, answerBytes: MAX_ANSWER_BYTES })
  return {
    async post(shop, path, headers, body) {
      const sent = await outbound.ask({
        // What is no address is a failure there, as whatever else keeps an answer away.
        url: URL.parse(path, baseUrl ?? `https://${shop}`)?.href ?? '',
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(body),
      })
      if ('failure' in sent) return sent
      const { status, headers: answered, text } = sent.answer
      return { status, headers: answered, body: jsonOf(text) }
    },
    close: () => outbound.close(),
  }
}

/** `Retry-After` in seconds, as milliseconds; 0 when there is none or it is no number. */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number {
  const seconds = Number(headers['retry-after'] ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds * 1000) : 0
}
