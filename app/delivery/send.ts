/**
 * One HTTP request to a vendor: by undici, without redirects, within a time and a size. What comes back is an
 * answer or the reason why none came; nothing here throws for what a vendor does.
 */
import { Agent, type Dispatcher } from 'undici'
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
      try {
        const url = rebased(vendorRequest.url, baseUrl)
        return { answer: await dispatched(agent, { ...vendorRequest, url }, timeoutMs, signal) }
      } catch (error) {
        return { failure: failureOf(error) }
      }
    },
    close: () => agent.destroy(),
  }
}

/**
 * The answer, by undici's `dispatch`: its `request` makes a stream of each answer and follows signals for the time, which
 * costs more than sending does.
 * @throws what went wrong on the wire, a TimeoutError, or the signal's reason
 */
function dispatched(
  agent: Agent,
  { url, method, headers, body }: VendorRequest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<VendorAnswer> {
  const { origin, pathname, search } = new URL(url)
  const text = body === undefined ? null : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let head: Pick<VendorAnswer, 'status' | 'headers'> = { status: 0, headers: {} }
    let controller: Dispatcher.DispatchController | undefined
    let broken: Error | undefined

    function end(): void {
      clearTimeout(late)
      signal?.removeEventListener('abort', stop)
    }
    function breakOff(error: unknown): void {
      end()
      reject(error)
      broken = error instanceof Error ? error : new Error('stopped')
      controller?.abort(broken)
    }
    const stop = () => breakOff(signal?.reason)
    const late = setTimeout(() => breakOff(new DOMException('', 'TimeoutError')), timeoutMs).unref()

    if (signal?.aborted) return stop()
    signal?.addEventListener('abort', stop)
    agent.dispatch(
      { origin, path: `${pathname}${search}`, method, headers, body: text },
      {
        onRequestStart(started) {
          controller = started
          // Stopped while it waited for a connection: it is not sent.
          if (broken) started.abort(broken)
        },
        onResponseStart(_controller, status, received) {
          head = { status, headers: flat(received) }
        },
        onResponseData(_controller, part) {
          parts.push(part)
        },
        onResponseEnd() {
          end()
          resolve({ ...head, ...contentOf(parts), receivedAt: new Date() })
        },
        onResponseError(_controller, error) {
          end()
          reject(error)
        },
      },
    )
  })
}

/** The request's address with scheme, host and port of the base; the documented path and query stay. */
export function rebased(url: string, baseUrl?: string): string {
  if (!baseUrl) return url
  const { pathname, search } = new URL(url)
  return `${new URL(baseUrl).origin}${pathname}${search}`
}

/** @param headers with names in lower case */
function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const all: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) all[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return all
}

const UTF8 = new TextDecoder()

function contentOf(parts: readonly Buffer[]): Pick<VendorAnswer, 'body' | 'text'> {
  const [first] = parts
  const text = UTF8.decode(parts.length === 1 ? first : Buffer.concat(parts))
  return { body: json(text), text: text.slice(0, 1000) }
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
