/** Receiving a batch of storefront events through Shopify's app proxy: verify, translate, accept. */
import { accept } from '../delivery/accept.ts'
import { parseJson } from '../shopify/json.ts'
import { translateBatch } from '../shopify/storefront.ts'
import { verifyProxy } from '../shopify/verify.ts'
import { readBody } from './body.ts'
import { answering, respond } from './respond.ts'
import type { IngestContext } from './webhooks.ts'

/** A browser's own limit for requests that outlive their page (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch). */
const MAX_BATCH_BYTES = 64 * 1024

/**
 * `POST /proxy/events`. Answers 202 with how many events were accepted and which were rejected, by index and
 * reason; 400, 401, 413; 503 when nothing could be kept. An event seen before counts as accepted.
 */
export function receiveBatch(context: IngestContext, request: Request): Promise<Response> {
  return answering(context.log, 'storefront batch', async () => {
    const raw = await readBody(request, MAX_BATCH_BYTES)
    const receivedAt = new Date()
    const proof = verifyProxy(new URL(request.url), context.apiSecrets, receivedAt)
    if ('refused' in proof) return respond(401, { error: proof.refused })
    const body = parseJson(raw)
    const batch = translateBatch(body, { customerId: proof.customerId, receivedAt, source: 'storefront' })
    if ('malformed' in batch) return respond(400, { error: batch.malformed })
    const accepted = await accept(context, {
      shopDomain: proof.shop,
      receivedAt,
      receipt: null,
      events: batch.events,
    })
    context.log.info(
      {
        shop: proof.shop,
        result: accepted.kind,
        events: batch.events.length,
        rejected: batch.rejected.length,
      },
      'storefront batch',
    )
    if (accepted.kind !== 'accepted') {
      const all = Array.from({ length: batch.events.length + batch.rejected.length }, (_, index) => ({
        index,
        reason: 'the app is not installed in this shop',
      }))
      return respond(202, { accepted: 0, rejected: all })
    }
    await context.signal(accepted.lanes)
    return respond(202, { accepted: batch.events.length, rejected: batch.rejected })
  })
}
