/** One stand-in vendor as an HTTP server: limits, credentials, routes, faults, and the inbox that sees it all. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer, Call, Clock, Json, Received, Rules, VendorName } from './contract.ts'
import { maskHeaders, maskPath } from './credentials.ts'
import { describe, type Fault, Faults, spoils } from './faults.ts'
import { Inbox } from './inbox.ts'
import { listen } from './listen.ts'

/** The largest body that is read, in bytes. No vendor documents one; this only protects the sandbox. */
const BODY_LIMIT = 10 * 1024 * 1024
const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH'])
/** What `badJson` answers with: cut off in the middle. */
const BROKEN_JSON = '{"status":"ok","id":12'

type Request = { call: Call; text: string; tooLarge: boolean }

export class StandIn {
  readonly inbox = new Inbox()
  readonly faults: Faults
  readonly rules: Rules
  readonly #now: Clock
  readonly #closing = new AbortController()
  readonly #server: Server

  /** @param random decides whom a fault with a rate befalls */
  constructor(rules: Rules, now: Clock, random: () => number) {
    this.rules = rules
    this.faults = new Faults(random)
    this.#now = now
    this.#server = createServer((req, res) => {
      // A caller that goes away, or a closing sandbox, leaves nobody to answer.
      this.#serve(req, res).catch(() => res.destroy())
    })
  }

  /** Starts on the port (0: any free one) and returns the base address. Rejects when the port is taken. */
  listen(port: number, host: string): Promise<string> {
    return listen(this.#server, port, host)
  }

  /** Cuts every connection, also those a fault left hanging. */
  async close(): Promise<void> {
    this.#closing.abort()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = await read(req)
    const fault = this.faults.take(request.call.method, request.call.path)
    if (!fault) return this.#send(res, this.#handle(request))
    await this.#fail(fault, request, res)
  }

  async #fail(fault: Fault, request: Request, res: ServerResponse): Promise<void> {
    const handled = fault.record === 'before' ? this.#handle(request, describe(fault)) : undefined
    if (fault.delayMs) await wait(fault.delayMs, undefined, { signal: this.#closing.signal })
    if (!spoils(fault)) {
      const own =
        handled ?? (fault.record === 'none' ? this.#decide(request) : this.#handle(request, describe(fault)))
      return this.#send(res, { ...own, headers: { ...own.headers, ...fault.headers } })
    }
    const spoiled = this.#spoiled(fault)
    if (fault.record === 'after') {
      const silent = fault.hang || fault.reset
      const seen = silent
        ? { status: 0, body: null }
        : fault.badJson
          ? { ...spoiled, body: BROKEN_JSON }
          : spoiled
      this.#record(request, { ...seen, accepted: false }, describe(fault))
    }
    if (fault.hang) return
    if (fault.reset) {
      res.socket?.resetAndDestroy()
      return
    }
    this.#send(res, spoiled, fault.badJson ? BROKEN_JSON : undefined)
  }

  #spoiled(fault: Fault): Answer {
    const status = fault.status ?? 200
    const own = status < 400 ? {} : this.rules.problem(status, 'The sandbox was told to fail.').body
    return { status, body: fault.body ?? own, headers: fault.headers ?? {} }
  }

  #handle(request: Request, fault?: string): Answer {
    const answer = this.#decide(request)
    this.#record(request, answer, fault)
    return answer
  }

  #decide(request: Request): Answer {
    const { headers, refusal } = this.rules.admit(request.call)
    const answer = refusal ?? this.rules.authenticate(request.call) ?? this.#route(request)
    return { ...answer, headers: { ...headers, ...answer.headers } }
  }

  #route({ call, text, tooLarge }: Request): Answer {
    if (tooLarge) return this.rules.problem(413, 'The body is too large.')
    const fitting = this.rules.routes.flatMap(route => {
      const params = match(route.path, call.path)
      return params ? [{ route, params }] : []
    })
    const found = fitting.find(({ route }) => route.method === call.method)
    if (!found) {
      return fitting.length === 0
        ? this.rules.problem(404, `There is nothing at ${call.path}.`)
        : this.rules.problem(405, `${call.method} is not supported by this endpoint.`)
    }
    if (!BODY_METHODS.has(call.method) || found.route.bodiless)
      return found.route.handle({ ...call, params: found.params })
    const type = call.headers['content-type'] ?? ''
    // All four document `Content-Type: application/json`; Voucherify documents 415, the rest is the sandbox's choice.
    if (!/^application\/json\b/i.test(type))
      return this.rules.problem(415, 'Content-Type must be application/json.')
    if (call.body === undefined)
      return this.rules.problem(400, text ? 'The body is not JSON.' : 'The body is empty.')
    return found.route.handle({ ...call, params: found.params })
  }

  #send(res: ServerResponse, answer: Answer, text = JSON.stringify(answer.body)): void {
    if (res.destroyed) return
    const date = new Date(this.#now()).toUTCString()
    res.writeHead(answer.status, { date, 'content-type': 'application/json', ...answer.headers })
    res.end(text)
  }

  #record({ call, text }: Request, answer: Answer, fault?: string): Received {
    const idempotencyKey = call.headers['idempotency-key']
    return this.inbox.add({
      at: new Date(this.#now()).toISOString(),
      method: call.method,
      path: maskPath(call.path, call.query),
      headers: maskHeaders(call.headers),
      body: call.body === undefined ? text || null : (call.body as Json),
      status: answer.status,
      answer: answer.body,
      accepted: answer.accepted ?? answer.status < 400,
      taken: answer.taken ?? 0,
      warnings: answer.warnings ?? [],
      ...(answer.absent && { absent: true as const }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(fault !== undefined && { fault }),
    })
  }
}

/** One server per vendor. */
export type StandIns = Record<VendorName, StandIn>

async function read(req: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req) {
    size += (chunk as Buffer).length
    if (size <= BODY_LIMIT) chunks.push(chunk as Buffer)
  }
  const text = size > BODY_LIMIT ? '' : Buffer.concat(chunks).toString('utf8')
  // The target is a path; only its parsing needs a host.
  const url = new URL(req.url ?? '/', 'http://stand-in')
  const headers = Object.fromEntries(
    Object.entries(req.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
  const call: Call = {
    method: req.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    params: {},
    headers,
    body: parse(text),
    address: req.socket.remoteAddress ?? '',
  }
  return { call, text, tooLarge: size > BODY_LIMIT }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The decoded `:name` segments when the path fits the pattern, otherwise null. */
function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? ''
    if (!segment.startsWith(':')) {
      if (segment !== value) return null
    } else {
      if (value === '') return null
      params[segment.slice(1)] = decode(value)
    }
  }
  return params
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
