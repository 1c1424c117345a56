/**
 * A stand-in of what Shopify's shops answer at `/admin`: the GraphQL Admin API and the token endpoint. It knows the shop by the
 * token, so that one address stands in for all of them. Imports nothing of the app, and checks what it is asked by its own
 * reading of Shopify's documentation.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { shopOfToken } from '../../admin/session-token.ts'
import { listen } from '../../vendors/listen.ts'
import type {
  AdminFault,
  AdminRequest,
  AdminStandIn,
  AdminStandInOptions,
  Grant,
  WebPixel,
} from './contract.ts'
import { answerField, type Variables } from './fields.ts'
import { parseOperation } from './graphql.ts'
import { createOrderBook } from './orders.ts'
import { createTokens } from './tokens.ts'

/** What an app that a merchant opened asks with (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/token-exchange). */
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

type Answer = { status: number; body: unknown }
const GRAPHQL = /^\/admin\/api\/20\d\d-(01|04|07|10)\/graphql\.json$/
/** Points that come back each second, on the standard plan (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits). */
const RESTORE_RATE = 100
const COST = 10

/** @throws when the port is taken */
export async function startAdmin(options: AdminStandInOptions): Promise<AdminStandIn> {
  const tokens = createTokens(options.scopes ?? ['read_customers', 'write_pixels', 'read_customer_events'])
  const pixels = new Map<string, WebPixel>()
  const orders = createOrderBook()
  const closing = new AbortController()
  let requests: AdminRequest[] = []
  let faults: AdminFault[] = []
  let withheld: ReadonlySet<string> = new Set()
  let throttled: { times: number; waitMs: number } = { times: 0, waitMs: 0 }

  async function token(body: Readonly<Record<string, unknown>>): Promise<Answer & Partial<AdminRequest>> {
    const given = String(body.refresh_token ?? '')
    const shop = tokens.ownerOf(given)
    const wrong = body.client_id !== options.apiKey || body.client_secret !== options.apiSecret
    if (wrong) return { status: 401, body: { error: 'invalid_client' }, shop }
    if (body.grant_type === TOKEN_EXCHANGE) {
      const opened = await shopOfToken(String(body.subject_token), options)
      return opened
        ? { status: 200, body: tokens.grant(opened), shop: opened }
        : { status: 400, body: { error: 'invalid_subject_token' }, shop: null }
    }
    if (body.grant_type !== 'refresh_token') return { status: 400, body: { error: 'invalid_request' }, shop }
    const grant: Grant | null = tokens.refresh(given)
    if (grant) return { status: 200, body: grant, shop }
    return {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Refresh token is not valid' },
      shop,
    }
  }

  function graphql(token: string, body: Readonly<Record<string, unknown>>): Answer & Partial<AdminRequest> {
    const shop = tokens.shopOf(token)
    if (shop === null)
      return {
        status: 401,
        body: { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' },
        shop,
      }
    try {
      const { fields } = parseOperation(String(body.query))
      const [field] = fields
      if (!field || fields.length > 1) throw new SyntaxError('The stand-in takes one root field at a time')
      if (throttled.times > 0) {
        throttled.times -= 1
        return { status: 200, body: throttling(throttled.waitMs), shop, field: field.name }
      }
      const variables = Object(body.variables) as Variables
      const { data, errors } = answerField(options, { pixels, orders, withheld }, { shop, field, variables })
      return { status: 200, body: { data, ...(errors.length > 0 && { errors }) }, shop, field: field.name }
    } catch (error) {
      return { status: 200, body: { errors: [{ message: (error as Error).message }] }, shop }
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, body } = await read(request)
    const kind = GRAPHQL.test(path) ? 'graphql' : path === '/admin/oauth/access_token' ? 'refresh' : null
    if (kind === null || request.method !== 'POST') return send(response, 404, { errors: 'Not Found' })
    const fault = faults.find(({ only }) => only === undefined || only === kind)
    if (fault) {
      fault.times -= 1
      faults = faults.filter(({ times }) => times > 0)
    }
    const done =
      fault && !fault.done
        ? { status: fault.status ?? 0, body: null }
        : kind === 'refresh'
          ? await token(body)
          : graphql(String(request.headers['x-shopify-access-token'] ?? ''), body)
    const { shop = null, field = null }: Partial<AdminRequest> = done
    requests.push({ kind, shop, field, status: fault?.status ?? done.status })
    if (fault?.delayMs) await wait(fault.delayMs, null, { signal: closing.signal })
    if (fault?.connection === 'hang') return
    if (fault?.connection === 'reset') return void request.socket.resetAndDestroy()
    if (!fault || (fault.status === undefined && fault.text === undefined))
      return send(response, done.status, done.body)
    response.writeHead(fault.status ?? 200, { 'content-type': 'application/json', ...fault.headers })
    response.end(fault.text ?? '')
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  const url = await listen(server, options.port ?? 0, '127.0.0.1')
  return {
    url,
    grant: tokens.grant,
    endAccess: tokens.endAccess,
    revoke: tokens.revoke,
    throttle(times, waitMs) {
      throttled = { times, waitMs }
    },
    fail: fault => void faults.push({ ...fault }),
    withhold(fields) {
      withheld = new Set(fields)
    },
    pixel: shop => pixels.get(shop) ?? null,
    dropPixel: shop => void pixels.delete(shop),
    addOrders: orders.add,
    removeOrders: orders.remove,
    requests: () => requests,
    reused: tokens.reused,
    reset() {
      requests = []
      faults = []
      withheld = new Set()
      throttled = { times: 0, waitMs: 0 }
    },
    async close() {
      closing.abort()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** So much is missing that it is there after that time. */
function throttling(waitMs: number) {
  const currentlyAvailable = COST - (waitMs / 1000) * RESTORE_RATE
  return {
    errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
    extensions: {
      cost: {
        requestedQueryCost: COST,
        actualQueryCost: null,
        throttleStatus: { maximumAvailable: 2000, currentlyAvailable, restoreRate: RESTORE_RATE },
      },
    },
  }
}

async function read(request: IncomingMessage): Promise<{ path: string; body: Record<string, unknown> }> {
  const raw = await text(request)
  const path = new URL(request.url ?? '/', 'http://admin').pathname
  try {
    return { path, body: Object(JSON.parse(raw)) as Record<string, unknown> }
  } catch {
    return { path, body: {} }
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}
