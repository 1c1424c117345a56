/**
 * A stand-in for Voucherify's API (https://docs.voucherify.io/api-reference/introduction-api): custom events from the server
 * side and from the client side, each with its own keys and limits, and the two read-only probes.
 */
import type { Admission, Answer, Call, Clock, Rules } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { type Allowance, SlidingWindow, secondsUntil, spendAll } from './limiter.ts'
import { refuse } from './voucherify-answers.ts'
import { VoucherifyCustomers, voucherifyRoutes } from './voucherify-events.ts'

/** "Client-side requests: 5 requests per 5 seconds per single IP"; server: the Business plan's 100 a minute. */
export const VOUCHERIFY_LIMITS: { client: Allowance; server: Allowance } = {
  client: { requests: 5, windowMs: 5_000 },
  server: { requests: 100, windowMs: 60_000 },
}

export type VoucherifyOptions = {
  credentials: Credentials['voucherify']
  now: Clock
  /** `false` lifts the limits. */
  limits: { client: Allowance; server: Allowance } | false
}

export function createVoucherify(options: VoucherifyOptions): Rules {
  const byAddress = options.limits && new SlidingWindow(options.limits.client, options.now)
  const byApp = options.limits && new SlidingWindow(options.limits.server, options.now)
  const customers = new VoucherifyCustomers()

  function admit(call: Call): Admission {
    if (!byAddress || !byApp) return { headers: {} }
    const { standing, refusedBy } = isClient(call)
      ? spendAll([{ name: 'address', window: byAddress, key: call.address }])
      : spendAll([{ name: 'app', window: byApp, key: call.headers['x-app-id'] ?? '' }])
    const headers = {
      'x-rate-limit-limit': String(standing.limit),
      'x-rate-limit-remaining': String(standing.remaining),
      // "Unix epoch seconds of the next allowed call"
      'x-rate-limit-retry': String(
        Math.ceil((standing.remaining > 0 ? options.now() : standing.freesAt) / 1000),
      ),
      'x-rate-limit-type': 'api_calls',
    }
    if (!refusedBy) return { headers }
    const wait = { 'retry-after': secondsUntil(standing.freesAt, options.now()) }
    // The documented body of a 429, which has no key and no request_id.
    const body = { code: 429, message: 'Too many requests hit the API too quickly.' }
    return { headers: { ...headers, ...wait }, refusal: { status: 429, body } }
  }

  function authenticate(call: Call): Answer | null {
    return isClient(call) ? authenticateClient(call) : authenticateServer(call)
  }

  function authenticateServer({ headers }: Call): Answer | null {
    const token = options.credentials.server.get(headers['x-app-id'] ?? '')
    return token !== undefined && token === headers['x-app-token']
      ? null
      : unauthorized('X-App-Id or X-App-Token is wrong.')
  }

  /** Client keys are one way in, OAuth bearers the other; the sandbox issues no bearers. */
  function authenticateClient({ headers }: Call): Answer | null {
    const token = options.credentials.client.get(headers['x-client-application-id'] ?? '')
    if (token === undefined || token !== headers['x-client-token']) {
      return unauthorized('X-Client-Application-Id or X-Client-Token is wrong.')
    }
    if (!headers.origin) return unauthorized('The origin header is required.')
    if (!allows(options.credentials.origins, headers.origin))
      return unauthorized(`Origin ${headers.origin} is not allowed.`)
    return null
  }

  return {
    admit,
    authenticate,
    routes: voucherifyRoutes(customers),
    problem(status, message) {
      return refuse(
        status,
        status === 404 ? 'not_found' : status === 400 ? 'invalid_payload' : undefined,
        message,
      )
    },
    addContacts() {},
    reset() {
      if (byAddress) byAddress.reset()
      if (byApp) byApp.reset()
      customers.reset()
    },
  }
}

/** 401 is documented; its words, and that a foreign origin gets it too, are the sandbox's choice. */
function unauthorized(details: string): Answer {
  return refuse(401, undefined, 'Unauthorized', details)
}

function isClient(call: Call): boolean {
  return call.path.startsWith('/client/')
}

/**
 * "`.domain.com` covers subdomains incl. www, `domain.com` covers the bare host, `*` = any". The pages disagree
 * on whether the header has a scheme, so both "https://domain.com" and "domain.com" are read.
 */
function allows(allowed: ReadonlySet<string>, origin: string): boolean {
  const address = origin.includes('://') ? origin : `https://${origin}`
  if (!URL.canParse(address)) return false
  const { hostname } = new URL(address)
  return [...allowed].some(
    entry => entry === '*' || entry === hostname || (entry.startsWith('.') && hostname.endsWith(entry)),
  )
}
