/** Receiving a batch of storefront events through Shopify's app proxy: verify, translate, accept. */
import { parseJson } from '../shopify/json.ts'
import { translateBatch } from '../shopify/storefront.ts'
import { verifyProxy } from '../shopify/verify.ts'
import type { IngestContext, Received, Reply } from './ingest.ts'

/**
 * `POST /proxy/events`. Answers 202 with how many events were accepted and which were rejected, by index and
 * reason; 400, 401. An event seen before counts as accepted.
 * @throws when the batch is no JSON, or nothing can be kept
 */
export async function receiveBatch(context: IngestContext, { url, raw }: Received): Promise<Reply> {
  const receivedAt = new Date()
  const proof = verifyProxy(url, context.apiSecrets, receivedAt)
  if ('refused' in proof) return { status: 401, body: { error: proof.refused } }
  const body = parseJson(raw)
  const batch = translateBatch(body, { customerId: proof.customerId, receivedAt, source: 'storefront' })
  if ('malformed' in batch) return { status: 400, body: { error: batch.malformed } }
  const { events, rejected } = batch
  const accepted = await context.accept({ shopDomain: proof.shop, receivedAt, receipt: null, events })
  context.log.info(
    { shop: proof.shop, result: accepted.kind, events: events.length, rejected: rejected.length },
    'storefront batch',
  )
  if (accepted.kind !== 'accepted') {
    const all = Array.from({ length: events.length + rejected.length }, (_, index) => ({
      index,
      reason: 'the app is not installed in this shop',
    }))
    return { status: 202, body: { accepted: 0, rejected: all } }
  }
  context.signal(accepted.lanes)
  return { status: 202, body: { accepted: events.length, rejected } }
}
