/**
 * Shopify's app proxy: forwards `/{prefix}/{subpath}/…` of the storefront to the app, signed
 * (https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies).
 */
import type { IncomingHttpHeaders } from 'node:http'
import { proxySignature } from './shopify.ts'

export type ProxyRequest = {
  method: string
  /** What follows the proxy's path in the storefront: "/events". */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
  address: string
  host: string
}
export type ProxyTarget = {
  /** "http://127.0.0.1:3000/proxy" */
  url: string
  secret: string
  shop: string
  pathPrefix: string
  customerId: string
}
export type ProxyAnswer = { status: number; headers: [string, string][]; body: Buffer }

/** Belong to one connection, or are written anew by the client. */
const OWN_OF_CONNECTION = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'expect',
]

/** Shopify documents that it takes these out of the answer; the last three belong to our own connection. */
const STRIPPED_FROM_ANSWER = new Set([
  ...[
    'set-cookie',
    'accept-patch',
    'accept-ranges',
    'connection',
    'date',
    'delta-base',
    'im',
    'p3p',
    'pragma',
  ],
  ...['preference-applied', 'proxy-authenticate', 'public-key-pins', 'server', 'service-worker-allowed'],
  ...['trailer', 'tk', 'warning', 'x-powered-by'],
  ...['content-length', 'content-encoding', 'transfer-encoding'],
])

/** The query Shopify adds. The body is not signed. A name that the page gave itself is replaced. */
export function signedQuery(given: URLSearchParams, target: ProxyTarget, at: Date): URLSearchParams {
  const query = new URLSearchParams(given)
  query.delete('signature')
  query.set('shop', target.shop)
  query.set('path_prefix', target.pathPrefix)
  query.set('timestamp', String(Math.floor(at.getTime() / 1000)))
  query.set('logged_in_customer_id', target.customerId)
  const parameters = Object.fromEntries([...query.keys()].map(name => [name, query.getAll(name).join(',')]))
  query.set('signature', proxySignature(target.secret, parameters))
  return query
}

/** Redirects are followed here, not by the browser. @returns 502 when the app does not answer */
export async function forward(request: ProxyRequest, target: ProxyTarget): Promise<ProxyAnswer> {
  const url = `${target.url}${request.path}?${signedQuery(request.query, target, new Date())}`
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  try {
    const response = await fetch(url, {
      method: request.method,
      headers: forwardedHeaders(request),
      ...(hasBody && { body: new Uint8Array(request.body) }),
    })
    const headers = [...response.headers].filter(([name]) => !STRIPPED_FROM_ANSWER.has(name))
    return { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) }
  } catch {
    const body = Buffer.from('The app did not answer.')
    return { status: 502, headers: [['content-type', 'text/plain']], body }
  }
}

function forwardedHeaders({ headers, address, host }: ProxyRequest): Headers {
  const forwarded = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === 'cookie' || OWN_OF_CONNECTION.includes(name)) continue
    forwarded.set(name, String(value))
  }
  // Documented is one entry, the client's address. What becomes of a header that the client sent is not: left in front, as most
  // proxies do, is the worst case for whoever reads it.
  const chain = [headers['x-forwarded-for'], address].filter(Boolean).join(', ')
  forwarded.set('x-forwarded-for', chain)
  forwarded.set('x-forwarded-host', host)
  return forwarded
}
