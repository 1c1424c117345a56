/**
 * One HTTP request to a vendor: by undici, without redirects, within a time and a size. What comes back is an
 * answer or the reason why none came; nothing here throws for what a vendor does.
 */
import { Agent, request } from 'undici'
import type { Json, VendorAnswer, VendorRequest } from '../vendors/vendor.ts'

/** From the first byte sent to the last byte received. */
const TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
/** Enough for every documented answer; what is beyond is not read. */
const MAX_ANSWER_BYTES = 256 * 1024

export type Sent = { answer: VendorAnswer } | { failure: string }
export type Sender = {
  send(request: VendorRequest, baseUrl?: string, signal?: AbortSignal): Promise<Sent>
  close(): Promise<void>
}

export function createSender(timeoutMs = TIMEOUT_MS): Sender {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
  })
  return {
    async send(vendorRequest, baseUrl, signal) {
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        const { statusCode, headers, body } = await request(rebased(vendorRequest.url, baseUrl), {
          dispatcher: agent,
          method: vendorRequest.method,
          headers: vendorRequest.headers,
          ...(vendorRequest.body !== undefined && { body: JSON.stringify(vendorRequest.body) }),
          signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
        })
        const text = await body.text()
        return {
          answer: {
            status: statusCode,
            headers: flat(headers),
            body: json(text),
            text: text.slice(0, 1000),
            receivedAt: new Date(),
          },
        }
      } catch (error) {
        return { failure: failureOf(error) }
      }
    },
    close: () => agent.destroy(),
  }
}

/** The request's address with scheme, host and port of the base; the documented path and query stay. */
export function rebased(url: string, baseUrl?: string): string {
  if (!baseUrl) return url
  const { pathname, search } = new URL(url)
  return `${new URL(baseUrl).origin}${pathname}${search}`
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

function json(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

/** An engineer's words for what went wrong on the wire, without the address (its host may be a merchant's). */
function failureOf(error: unknown): string {
  const { name, code } = Object(error) as { name?: string; code?: unknown }
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return 'no answer in time'
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'no connection in time'
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'the answer is larger than 256 KiB'
  if (name === 'AbortError') return 'stopped while waiting for the answer'
  return typeof code === 'string' ? code : (name ?? 'network failure')
}
