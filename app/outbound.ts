/**
 * One HTTP request to somebody else: by undici, without redirects, within a time and a size. What comes back is an answer
 * or the reason why none came; nothing here throws for what the other side does.
 */
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher } from 'undici'

const CONNECT_TIMEOUT_MS = 5_000
const KIB = 1024

export type OutboundRequest = {
  /** Absolute. */
  url: string
  method: Dispatcher.HttpMethod
  headers: Readonly<Record<string, string>>
  /** Null: none. */
  body: string | null
}
export type InboundAnswer = {
  status: number
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  /** All of it, as UTF-8. */
  text: string
}
export type Outbound = {
  /**
   * @param signal breaks off
   * @returns the answer, or an engineer's words for what went wrong on the wire, without the address (its host may be a
   * merchant's) or anything else that was sent or received
   */
  ask(
    request: OutboundRequest,
    signal?: AbortSignal,
  ): Promise<{ answer: InboundAnswer } | { failure: string }>
  close(): Promise<void>
}

/**
 * @param bounds `timeoutMs`: from the first byte sent to the last byte received; `answerBytes`: what is beyond is not read, and
 * makes it a failure; `lookup`: what finds a name's addresses, for each new connection
 */
export function createOutbound({
  timeoutMs,
  answerBytes,
  lookup,
}: {
  timeoutMs: number
  answerBytes: number
  lookup?: LookupFunction
}): Outbound {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(lookup && { lookup }) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: answerBytes,
  })
  return {
    async ask(request, signal) {
      try {
        return { answer: await dispatched(agent, request, timeoutMs, signal) }
      } catch (error) {
        return { failure: failureOf(error, answerBytes) }
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
  { url, method, headers, body }: OutboundRequest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<InboundAnswer> {
  const { origin, pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let head: Pick<InboundAnswer, 'status' | 'headers'> = { status: 0, headers: {} }
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
      { origin, path: `${pathname}${search}`, method, headers, body },
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
          resolve({ ...head, text: textOf(parts) })
        },
        onResponseError(_controller, error) {
          end()
          reject(error)
        },
      },
    )
  })
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

function textOf(parts: readonly Buffer[]): string {
  const [first] = parts
  return UTF8.decode(parts.length === 1 ? first : Buffer.concat(parts))
}

/** What an answer's text says; null when it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function failureOf(error: unknown, answerBytes: number): string {
  const { name, code } = Object(error) as { name?: string; code?: unknown }
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return 'no answer in time'
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'no connection in time'
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return `the answer is larger than ${answerBytes / KIB} KiB`
  if (name === 'AbortError') return 'stopped while waiting for the answer'
  return typeof code === 'string' ? code : (name ?? 'network failure')
}
