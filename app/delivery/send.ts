/** One planned request to a vendor, and its answer as vendors read it. Time, size and failures: app/outbound.ts. */
import { createOutbound, jsonOf } from '../outbound.ts'
import { mayBePublic, NOT_PUBLIC, publicLookup } from '../public-network.ts'
import type { Json, VendorAnswer, VendorRequest } from '../vendors/vendor.ts'

const TIMEOUT_MS = 30_000
/** Enough for every documented answer. */
const MAX_ANSWER_BYTES = 256 * 1024
/** Characters of an answer that are kept beside its JSON. */
const KEPT_TEXT = 1000

export type Sent = { answer: VendorAnswer } | { failure: string }
export type Sender = {
  /**
   * @param baseUrl the operator's, in place of the request's own host: that may be a merchant's word, and is connected to on
   * the public network only
   */
  send(request: VendorRequest, baseUrl?: string, signal?: AbortSignal): Promise<Sent>
  close(): Promise<void>
}

export function createSender(timeoutMs = TIMEOUT_MS): Sender {
  const bounds = { timeoutMs, answerBytes: MAX_ANSWER_BYTES }
  const anywhere = createOutbound(bounds)
  const publicOnly = createOutbound({ ...bounds, lookup: publicLookup })
  return {
    async send({ url, method, headers, body }, baseUrl, signal) {
      const host = baseUrl ? null : URL.parse(url)
      if (host && !mayBePublic(host)) return { failure: NOT_PUBLIC }
      const sent = await (baseUrl ? anywhere : publicOnly).ask(
        {
          url: rebased(url, baseUrl),
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
        },
        signal,
      )
      if ('failure' in sent) return sent
      const { status, headers: answered, text } = sent.answer
      return {
        answer: {
          status,
          headers: answered,
          body: jsonOf(text) as Json,
          text: text.slice(0, KEPT_TEXT),
          receivedAt: new Date(),
        },
      }
    },
    close: async () => void (await Promise.all([anywhere.close(), publicOnly.close()])),
  }
}

/** The request's address with scheme, host and port of the base; the documented path and query stay. */
export function rebased(url: string, baseUrl?: string): string {
  if (!baseUrl) return url
  const asked = URL.parse(url)
  // What is no address stays what it is: sending it says so.
  if (!asked) return url
  return `${new URL(baseUrl).origin}${asked.pathname}${asked.search}`
}
