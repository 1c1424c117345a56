/**
 * Receiving a batch of the web pixel, which a browser sends here itself: it runs where there is no app proxy, and its origin is
 * no shop's. Nothing signs it. The shop's key and, where a browser tells one, the origin keep strangers out of other shops; what
 * it says of a person is not believed.
 */
import { MalformedJson, parsePlainJson } from '../shopify/json.ts'
import { credentialsOf } from '../shopify/storefront.ts'
import { directAddress } from './address.ts'
import type { IngestContext, Received, Reply } from './ingest.ts'
import { isKeyOf, isPageOf } from './pixel-keys.ts'
import { takeBatch, tooMany } from './storefront.ts'

const REFUSED = 'shop or key is wrong'
const OTHER_PAGE = 'the origin is not a page of this shop'

/**
 * `POST /pixel/events`, JSON under whatever content type: text/plain spares the browser a preflight. 401 for a wrong key or
 * a page that is not the shop's; 429 with Retry-After, before anything is parsed, after too many of these from one address; else
 * as takeBatch answers.
 * @throws when the batch is no JSON, or nothing can be kept
 */
export async function receivePixelBatch(context: IngestContext, received: Received): Promise<Reply> {
  const receivedAt = new Date()
  const { header, raw, remoteAddress } = received
  const address = directAddress(remoteAddress, header('x-forwarded-for'), context.trustedProxies)
  const shut = await context.limits.shutFor(address)
  if (shut > 0) return tooMany('batches that were refused', shut)
  const proof = await prove(context, received).catch(async error => {
    if (error instanceof MalformedJson) await countRefusal(context, address)
    throw error
  })
  if ('refused' in proof) {
    await countRefusal(context, address)
    return { status: 401, body: { error: proof.refused } }
  }
  return takeBatch(context, {
    ...proof,
    source: 'pixel',
    customerId: null,
    address,
    userAgent: header('user-agent'),
    receivedAt,
    raw,
  })
}

/** The shop that the batch may write into, and what the batch says. @throws MalformedJson, or when the database has to be asked in vain */
async function prove(
  { pixelKeys, refusals, keepRefusedPage }: IngestContext,
  { header, raw }: Received,
): Promise<{ shop: string; body: unknown } | { refused: string }> {
  const body = parsePlainJson(raw)
  const credentials = credentialsOf(body)
  if (!credentials) return { refused: REFUSED }
  const { shop, key } = credentials
  const host = hostOf(header('origin'))
  const known = await pixelKeys.of(shop, key, host)
  if (!known || !isKeyOf(known, key)) return { refused: REFUSED }
  if (host === null || isPageOf(known, host)) return { shop, body }
  if (refusals.note({ shop, source: 'pixel', result: 'other_page', host })) keepRefusedPage(shop, host)
  return { refused: OTHER_PAGE }
}

async function countRefusal({ limits, log }: IngestContext, address: string | null): Promise<void> {
  if (await limits.refused(address))
    log.warn({ source: 'pixel', result: 'too_many_refused' }, 'an address has to wait: too many were refused')
}

/** A sandboxed worker has an opaque origin, which browsers write as "null": https://fetch.spec.whatwg.org/#origin-header */
function hostOf(origin: string | null): string | null {
  return origin === null || origin === 'null' ? null : (URL.parse(origin)?.host ?? '')
}
