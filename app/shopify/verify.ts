/**
 * Proof that a request comes from Shopify: the signatures of webhooks and of app-proxy requests.
 * Algorithms: https://shopify.dev/docs/apps/build/webhooks/verify-deliveries and
 * https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies
 *
 * Every function takes a list of secrets, because for up to an hour after a rotation Shopify may still sign
 * with the previous one. An empty secret never proves anything.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a proven proxy request says. `customerId` is the signed-in customer, attested by Shopify. */
export type ProxyRequest = { shop: string; customerId: string | null; pathPrefix: string }
/** Why a proxy request is not believed: for the log, without any value of the request. */
export type ProxyRefusal = { refused: string }

const SHOP_DOMAIN = /^[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com$/
const BASE64_SHA256 = /^[A-Za-z0-9+/]{43}=$/
const HEX_SHA256 = /^[0-9a-f]{64}$/i
const TIMESTAMP = /^\d{1,12}$/
const TOLERANCE_SECONDS = 90

/** Repeated, these would leave open which one was meant; Shopify sends each once. */
const SINGLE_PARAMETERS = ['hmac', 'shop', 'signature', 'timestamp', 'logged_in_customer_id', 'path_prefix']

/** The shop's "name.myshopify.com" in lower case, or null when the value is not one. */
export function shopDomain(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const domain = value.toLowerCase()
  return SHOP_DOMAIN.test(domain) ? domain : null
}

/**
 * True when `hmacHeader` (X-Shopify-Hmac-Sha256) is the base64 HMAC-SHA256 of the raw body under one of the
 * secrets. Takes the same time whichever secret matches, or none. Never throws.
 */
export function verifyWebhook(
  rawBody: Uint8Array,
  hmacHeader: string | null,
  secrets: readonly string[],
): boolean {
  if (hmacHeader === null || !BASE64_SHA256.test(hmacHeader)) return false
  return isSignedByAny(rawBody, Buffer.from(hmacHeader, 'base64'), secrets)
}

/**
 * Reads an app-proxy request's URL: who it is about when Shopify signed it within 90 seconds of `now`,
 * else why it is refused. Only the query is signed, never the body. Never throws.
 */
export function verifyProxy(url: URL, secrets: readonly string[], now: Date): ProxyRequest | ProxyRefusal {
  const query = url.searchParams
  const repeated = SINGLE_PARAMETERS.find(name => query.getAll(name).length > 1)
  if (repeated) return { refused: `${repeated} is repeated` }

  const signature = query.get('signature')
  if (signature === null) return { refused: 'signature is missing' }
  if (!HEX_SHA256.test(signature)) return { refused: 'signature is malformed' }
  const message = Buffer.from(signedMessage(query), 'utf8')
  if (!isSignedByAny(message, Buffer.from(signature, 'hex'), secrets))
    return { refused: 'signature is wrong' }

  const timestamp = query.get('timestamp') ?? ''
  if (!TIMESTAMP.test(timestamp)) return { refused: 'timestamp is missing or malformed' }
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    return { refused: 'timestamp is too far from now' }
  }

  const shop = shopDomain(query.get('shop'))
  if (shop === null) return { refused: 'shop is not a myshopify.com domain' }
  return {
    shop,
    customerId: customerIdOf(query.get('logged_in_customer_id')),
    pathPrefix: query.get('path_prefix') ?? '',
  }
}

/** `key=value` of every parameter but the signature, repeated values joined by ",", sorted by bytes, joined. */
function signedMessage(query: URLSearchParams): string {
  const names = new Set([...query.keys()].filter(name => name !== 'signature'))
  return [...names]
    .map(name => `${name}=${query.getAll(name).join(',')}`)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .join('')
}

function customerIdOf(value: string | null): string | null {
  return value !== null && /^\d{1,30}$/.test(value) ? value : null
}

function isSignedByAny(message: Uint8Array, digest: Uint8Array, secrets: readonly string[]): boolean {
  const matches = secrets
    .filter(secret => secret !== '')
    .map(secret => timingSafeEqual(createHmac('sha256', secret).update(message).digest(), digest))
  return matches.includes(true)
}
