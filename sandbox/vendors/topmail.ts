/**
 * A stand-in for Topmail's API (https://api.topmail.so/developers): bearer keys, contacts that must exist,
 * product views and conversions.
 */
import { createHash } from 'node:crypto'
import type { Admission, Answer, Call, Clock, Route, Rules } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { type Allowance, SlidingWindow, secondsUntil, spendAll } from './limiter.ts'
import { refuse } from './topmail-answers.ts'
import { contactRoutes, TopmailContacts } from './topmail-contacts.ts'
import { trackingRoutes } from './topmail-tracking.ts'

/** A sliding window per key is documented, the number is not: this one is the sandbox's choice. */
export const TOPMAIL_LIMIT: Allowance = { requests: 600, windowMs: 60_000 }
const BASE = '/api/v1'

export type TopmailOptions = {
  credentials: Credentials['topmail']
  now: Clock
  /** `false` lifts the limit. */
  limit: Allowance | false
  /** E-mail addresses that are contacts from the start. */
  contacts: readonly string[]
}

export function createTopmail(options: TopmailOptions): Rules {
  const window = options.limit && new SlidingWindow(options.limit, options.now)
  const contacts = new TopmailContacts(options.contacts, options.now)
  const seen = new Map<string, { body: string; answer: Answer }>()
  const conversions = new Set<string>()

  function admit(call: Call): Admission {
    if (!window) return { headers: {} }
    const { standing, refusedBy } = spendAll([{ name: 'key', window, key: keyOf(call) }])
    const headers = {
      'x-ratelimit-remaining': String(standing.remaining),
      'x-ratelimit-reset': new Date(standing.freesAt).toISOString(),
    }
    if (!refusedBy) return { headers }
    const wait = { 'retry-after': secondsUntil(standing.freesAt, options.now()) }
    return { headers: { ...headers, ...wait }, refusal: refuse(429, 'rate_limited', 'Too many requests.') }
  }

  function authenticate(call: Call): Answer | null {
    if (options.credentials.apiKeys.has(keyOf(call))) return null
    return refuse(401, 'unauthorized', 'The API key is missing, invalid or revoked.')
  }

  /**
   * `Idempotency-Key` is documented "for mutating endpoints (like sending emails)". Here a repeated key gives
   * the first answer again and stores nothing; with another body it is a conflict. That tracking endpoints
   * honour it is the sandbox's choice.
   */
  function once(route: Route): Route {
    if (route.method !== 'POST' && route.method !== 'PATCH') return route
    return {
      ...route,
      handle(call) {
        const key = call.headers['idempotency-key']
        if (key === undefined) return route.handle(call)
        const body = createHash('sha256')
          .update(`${call.path}\n${JSON.stringify(call.body)}`)
          .digest('hex')
        const first = seen.get(key)
        if (first && first.body !== body)
          return refuse(409, 'duplicate', 'The Idempotency-Key was used for another request.')
        if (first)
          return {
            ...first.answer,
            taken: 0,
            warnings: ['the Idempotency-Key was seen before: nothing new is stored'],
          }
        const answer = route.handle(call)
        if (answer.status < 400) seen.set(key, { body, answer })
        return answer
      },
    }
  }

  const routes = [...trackingRoutes(contacts, conversions, options.now), ...contactRoutes(contacts)]
  return {
    admit,
    authenticate,
    routes: routes.map(route => once({ ...route, path: BASE + route.path })),
    problem: (status, message) => refuse(status, CODES[status] ?? 'validation_error', message),
    addContacts: emails => contacts.add(emails),
    reset() {
      if (window) window.reset()
      contacts.reset()
      seen.clear()
      conversions.clear()
    },
  }
}

/** Codes of the documented error table, for answers that no route gives. */
const CODES: Partial<Record<number, string>> = {
  401: 'unauthorized',
  404: 'not_found',
  409: 'duplicate',
  429: 'rate_limited',
  500: 'server_error',
  502: 'server_error',
  503: 'server_error',
}

/** The bearer key, or the legacy `X-API-Key`. */
function keyOf(call: Call): string {
  const bearer = /^Bearer (.+)$/i.exec(call.headers.authorization ?? '')
  return bearer?.[1] ?? call.headers['x-api-key'] ?? ''
}
