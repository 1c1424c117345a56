/** Receiving a batch of storefront events through Shopify's app proxy: verify, translate, accept. */
import type { Spooled } from '../delivery/spool.ts'
import { parseJson } from '../shopify/json.ts'
import { type BatchTranslation, checkBatch, type Rejected, translateBatch } from '../shopify/storefront.ts'
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
  const { shop, customerId } = proof
  const body = parseJson(raw)
  if (context.spool.wants(raw.byteLength)) {
    const checked = checkBatch(body, receivedAt)
    if ('malformed' in checked) return { status: 400, body: { error: checked.malformed } }
    const item = { kind: 'batch', receivedAt, facts: { customerId }, raw } as const
    return replyOf(await context.spool.keep(shop, item), checked.accepted, checked.rejected)
  }
  const batch = translateBatch(body, { customerId, receivedAt, source: 'storefront' })
  if ('malformed' in batch) return { status: 400, body: { error: batch.malformed } }
  return replyOf(await keep(context, shop, receivedAt, batch), batch.events.length, batch.rejected)
}

/** @param kept false: the app is not installed in the shop */
function replyOf(kept: boolean, accepted: number, rejected: readonly Rejected[]): Reply {
  if (kept) return { status: 202, body: { accepted, rejected } }
  const reason = 'the app is not installed in this shop'
  const all = Array.from({ length: accepted + rejected.length }, (_, index) => ({ index, reason }))
  return { status: 202, body: { accepted: 0, rejected: all } }
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
type Readable = Exclude<BatchTranslation, { malformed: string }>

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
