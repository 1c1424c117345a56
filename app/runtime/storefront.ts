/** Receiving a batch of storefront events through Shopify's app proxy: verify, translate, accept. */
import type { Spooled } from '../delivery/spool.ts'
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
  const kept = context.spool.wants(raw.byteLength)
    ? await context.spool.keep(proof.shop, {
        kind: 'batch',
        receivedAt,
        facts: { customerId: proof.customerId },
        raw,
      })
    : await keep(context, proof.shop, receivedAt, batch)
  if (!kept) {
    const all = Array.from({ length: events.length + rejected.length }, (_, index) => ({
      index,
      reason: 'the app is not installed in this shop',
    }))
    return { status: 202, body: { accepted: 0, rejected: all } }
  }
  return { status: 202, body: { accepted: events.length, rejected } }
}

/**
 * Accepts a batch that was acknowledged before; once more changes nothing.
 * @throws when it cannot be kept
 */
export async function acceptSpooledBatch(
  context: Keeping,
  shop: string,
  { facts, raw, receivedAt }: Spooled,
): Promise<void> {
  const { customerId = null } = facts
  const batch = translateBatch(parseJson(raw), { customerId, receivedAt, source: 'storefront' })
  if ('malformed' in batch) throw new Error('a batch that was readable is so no longer')
  // The app was installed when it came.
  await keep(context, shop, receivedAt, batch, true)
}

type Keeping = Pick<IngestContext, 'accept' | 'signal' | 'log'>
type Readable = Exclude<ReturnType<typeof translateBatch>, { malformed: string }>

/** @returns false when the app is not installed in the shop */
async function keep(
  { accept, signal, log }: Keeping,
  shopDomain: string,
  receivedAt: Date,
  { events, rejected }: Readable,
  evenIfUninstalled = false,
): Promise<boolean> {
  const accepted = await accept({ shopDomain, receivedAt, receipt: null, events, evenIfUninstalled })
  log.info(
    { shop: shopDomain, result: accepted.kind, events: events.length, rejected: rejected.length },
    'storefront batch',
  )
  if (accepted.kind !== 'accepted') return false
  signal(accepted.lanes)
  return true
}
