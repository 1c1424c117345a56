/**
 * Receiving a batch of the web pixel, which a browser sends here itself: it runs where there is no app proxy, and its origin is
 * no shop's. Nothing signs it. The shop's key and, where a browser tells one, the origin keep strangers out of other shops; what
 * it says of a person is not believed.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { parsePlainJson } from '../shopify/json.ts'
import { credentialsOf } from '../shopify/storefront.ts'
import { directAddress } from './address.ts'
import type { IngestContext, Received, Reply } from './ingest.ts'
import { takeBatch } from './storefront.ts'

const REFUSED: Reply = { status: 401, body: { error: 'shop or key is wrong' } }

/**
 * `POST /pixel/events`, JSON under whatever content type: text/plain spares the browser a preflight. 401 for a wrong key or
 * a page that is not the shop's; else as takeBatch answers.
 * @throws when the batch is no JSON, or nothing can be kept
 */
export async function receivePixelBatch(
  context: IngestContext,
  { header, raw, remoteAddress }: Received,
): Promise<Reply> {
  const receivedAt = new Date()
  const body = parsePlainJson(raw)
  const credentials = credentialsOf(body)
  if (!credentials) return REFUSED
  const { shop, key } = credentials
  const host = hostOf(header('origin'))
  const known = await context.pixelKeys.of(shop, key, host)
  if (!known || !isSame(known.key, key)) return REFUSED
  if (host !== null && !known.hosts.includes(host))
    return { status: 401, body: { error: 'the origin is not a page of this shop' } }
  return takeBatch(context, {
    shop,
    source: 'pixel',
    customerId: null,
    address: directAddress(remoteAddress, header('x-forwarded-for'), context.trustedProxies),
    userAgent: header('user-agent'),
    receivedAt,
    raw,
    body,
  })
}

/** Takes the same time wherever they differ. */
function isSame(key: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(key), digest(given))
}

/** A sandboxed worker has an opaque origin, which browsers write as "null": https://fetch.spec.whatwg.org/#origin-header */
function hostOf(origin: string | null): string | null {
  return origin === null || origin === 'null' ? null : (URL.parse(origin)?.host ?? '')
}
