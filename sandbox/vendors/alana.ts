/**
 * A stand-in for Alana's storefront API (https://docs.alana.shopping/api-reference/v1/events): batches of up to
 * 100 events, where some may fail while the answer is 200, and the read-only autocomplete.
 */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Admission, Answer, Call, Clock, Json, Route, Rules } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { type Allowance, SlidingWindow, secondsUntil, spendAll } from './limiter.ts'
import { check, currency, dotted, freeForm, type Problem } from './validation.ts'

/** "Per API key: 1,000 requests, 1 minute. Per API key + IP: 100 requests, 1 minute." */
export const ALANA_LIMITS: { key: Allowance; keyAndAddress: Allowance } = {
  key: { requests: 1000, windowMs: 60_000 },
  keyAndAddress: { requests: 100, windowMs: 60_000 },
}
/** "Send a batch of up to 100 events in a single request." */
const BATCH = 100

export type AlanaOptions = {
  credentials: Credentials['alana']
  now: Clock
  /** `false` lifts the limits. */
  limits: { key: Allowance; keyAndAddress: Allowance } | false
}

const text = z.string().min(1)
const common = { visitorId: text, userId: z.string().optional(), metadata: freeForm.optional() }

/**
 * Required fields by event type, as the table lists them. It gives no types for categoryPath (elsewhere "string
 * or array"), productIds, revenue and currency: a list of ids, a number and an ISO code are the sandbox's reading.
 */
const EVENTS = {
  'home-page-view': z.strictObject({ eventType: text, ...common }),
  search: z.strictObject({ eventType: text, ...common, query: text }),
  'category-view': z.strictObject({
    eventType: text,
    ...common,
    categoryPath: z.union([text, z.array(text).min(1)], 'must be a string or a list of strings'),
  }),
  'detail-page-view': z.strictObject({ eventType: text, ...common, productId: text }),
  'add-to-cart': z.strictObject({ eventType: text, ...common, productId: text }),
  'shopping-cart-page-view': z.strictObject({ eventType: text, ...common }),
  'purchase-complete': z.strictObject({
    eventType: text,
    ...common,
    productIds: z.array(text).min(1),
    revenue: z.number().nonnegative(),
    currency,
  }),
} as const

const typeSchema = z.looseObject({
  eventType: z.enum(
    Object.keys(EVENTS) as (keyof typeof EVENTS)[],
    `must be one of ${Object.keys(EVENTS).join(', ')}`,
  ),
})
const batchSchema = z.strictObject({ events: z.array(z.unknown()).max(BATCH) })

function refuse(status: number, code: string, message: string, more: Record<string, Json> = {}): Answer {
  return { status, body: { error: { code, message, ...more } } }
}

/** The documented envelope of validation errors. */
function invalid(problems: readonly Problem[], warnings: string[] = []): Answer {
  const details = problems.map(({ path, message }) => ({ field: dotted(path), message }))
  return { ...refuse(400, 'VALIDATION_ERROR', 'The request is invalid.', { details }), warnings }
}

const requestId = () => `req_${randomUUID().replaceAll('-', '').slice(0, 12)}`

export function createAlana(options: AlanaOptions): Rules {
  const byKey = options.limits && new SlidingWindow(options.limits.key, options.now)
  const byAddress = options.limits && new SlidingWindow(options.limits.keyAndAddress, options.now)

  /** "X-RateLimit-Limit/Remaining/Reset on every response"; the unit of Reset is not given: Unix seconds here. */
  function admit(call: Call): Admission {
    if (!byKey || !byAddress) return { headers: {} }
    const key = keyOf(call)
    const { standing, refusedBy } = spendAll([
      { name: 'RATE_001', window: byKey, key },
      { name: 'RATE_002', window: byAddress, key: `${key}\n${call.address}` },
    ])
    const headers = {
      'x-ratelimit-limit': String(standing.limit),
      'x-ratelimit-remaining': String(standing.remaining),
      'x-ratelimit-reset': String(Math.ceil(standing.freesAt / 1000)),
    }
    if (!refusedBy) return { headers }
    const wait = { 'retry-after': secondsUntil(standing.freesAt, options.now()) }
    const refusal = refuse(429, refusedBy, 'Rate limit exceeded.', { request_id: requestId() })
    return { headers: { ...headers, ...wait }, refusal }
  }

  function authenticate(call: Call): Answer | null {
    const key = keyOf(call)
    if (options.credentials.apiKeys.has(key)) return null
    const code = key === '' ? 'AUTH_001' : 'AUTH_002'
    const message = key === '' ? 'The API key is missing.' : 'The API key is invalid or revoked.'
    return refuse(401, code, message, { request_id: requestId() })
  }

  return {
    admit,
    authenticate,
    routes,
    problem: (status, message) =>
      refuse(status, status < 500 ? 'VALIDATION_ERROR' : 'INTERNAL_ERROR', message),
    addContacts() {},
    reset() {
      if (byKey) byKey.reset()
      if (byAddress) byAddress.reset()
    },
  }
}

const routes: readonly Route[] = [
  { method: 'POST', path: '/api/v1/events', handle: takeEvents },
  { method: 'GET', path: '/api/v1/autocomplete', handle: autocomplete },
]

/** "via the x-api-key header or key query parameter" */
function keyOf(call: Call): string {
  return call.headers['x-api-key'] ?? call.query.get('key') ?? ''
}

function takeEvents(call: Call): Answer {
  const checked = check(batchSchema, call.body)
  // More than 100 is not documented beyond "up to 100": refusing the whole batch is the sandbox's choice.
  if (!checked.ok) return invalid(checked.problems, checked.warnings)
  const { events } = checked.value
  const warnings = [...checked.warnings]
  if (events.length === 0) warnings.push('events is empty')
  let stored = 0
  for (const [index, event] of events.entries()) {
    const found = checkEvent(event)
    warnings.push(...found.messages.map(message => `events[${index}] ${message}`))
    if (found.ok) stored += 1
  }
  const body = { status: 'ok', stored, errors: events.length - stored }
  return { status: 200, body, accepted: stored > 0 || events.length === 0, taken: stored, warnings }
}

/** Whether Alana stores the event, and what there is to say about it. No detail of this is in the answer. */
function checkEvent(event: unknown): { ok: boolean; messages: string[] } {
  const typed = check(typeSchema, event)
  const checked = typed.ok ? check(EVENTS[typed.value.eventType], event) : typed
  if (checked.ok) return { ok: true, messages: checked.warnings }
  const problems = checked.problems.map(
    ({ path, message }) => `failed: ${dotted(path) || 'the event'} ${message}`,
  )
  return { ok: false, messages: [...problems, ...checked.warnings] }
}

/** "≥2 chars; 400 on missing query". The shape of the suggestions was not seen: an empty list says least. */
function autocomplete(call: Call): Answer {
  const query = call.query.get('query') ?? ''
  if (query.length < 2) {
    return invalid([{ path: ['query'], message: 'must have at least 2 characters', missing: query === '' }])
  }
  return { status: 200, body: { suggestions: [] } }
}
