/** Taking in a batch of storefront events, however it came: count, translate, accept. */
import { isbot } from 'isbot'
import type { Spooled } from '../delivery/spool.ts'
import { refusalOf } from '../identity/refusals.ts'
import { parsePlainJson } from '../shopify/json.ts'
import {
  type BatchSource,
  type BatchTranslation,
  checkBatch,
  type Rejected,
  rejectBatch,
  sizeOf,
  translateBatch,
} from '../shopify/storefront.ts'
import { verifyProxy } from '../shopify/verify.ts'
import { proxiedAddress } from './address.ts'
import type { IngestContext, Received, Reply } from './ingest.ts'

/** A batch whose sender may write into the shop. */
export type Batch = {
  shop: string
  source: BatchSource
  /** As Shopify attests; null for the pixel. */
  customerId: string | null
  /** For counting. */
  address: string | null
  userAgent: string | null
  receivedAt: Date
  raw: Uint8Array
  /** What `raw` says. */
  body: unknown
}

/**
 * `POST /proxy/events`, through Shopify's app proxy.
 * @throws when the batch is no JSON, or nothing can be kept
 */
export async function receiveBatch(context: IngestContext, { url, header, raw }: Received): Promise<Reply> {
  const receivedAt = new Date()
  const proof = verifyProxy(url, context.apiSecrets, receivedAt)
  if ('refused' in proof) return { status: 401, body: { error: proof.refused } }
  return takeBatch(context, {
    shop: proof.shop,
    source: 'storefront',
    customerId: proof.customerId,
    address: proxiedAddress(header('x-forwarded-for'), context.trustedProxies),
    userAgent: header('user-agent'),
    receivedAt,
    raw,
    body: parsePlainJson(raw),
  })
}

/**
 * Answers 202 with how many events were accepted and which were rejected, by index and reason; 400; 429 with
 * Retry-After. An event seen before counts as accepted.
 * @throws when nothing can be kept
 */
export async function takeBatch(context: IngestContext, batch: Batch): Promise<Reply> {
  const { shop, source, customerId, address, receivedAt, raw, body } = batch
  const { visitorId, events } = sizeOf(body)
  // A browser that says nothing of itself is none that says it is a robot.
  const isRobot = batch.userAgent !== null && isbot(batch.userAgent)
  // Robots take nothing from the shop's visitors.
  const sender = isRobot ? { shop: null, address, visitor: null } : { shop, address, visitor: visitorId }
  const wait = await context.limits.take(sender, events)
  if (wait > 0) {
    context.refusals.note({ shop, source, result: 'too_many' })
    return tooMany('events', wait)
  }
  if (isRobot) {
    const automated = rejectBatch(body, 'automated')
    if ('malformed' in automated) return { status: 400, body: { error: automated.malformed } }
    context.refusals.note({ shop, source, result: 'automated' })
    return replyOf(true, 0, automated.rejected)
  }
  if (context.spool.wants(raw.byteLength)) {
    const checked = checkBatch(body, batch)
    if ('malformed' in checked) return { status: 400, body: { error: checked.malformed } }
    const item = { kind: 'batch', receivedAt, facts: { customerId, source }, raw } as const
    const spooled = await context.spool.keep(shop, item)
    if (spooled) context.heard(shop, source)
    return replyOf(spooled, checked.accepted, checked.rejected)
  }
  const translated = translateBatch(body, batch)
  if ('malformed' in translated) return { status: 400, body: { error: translated.malformed } }
  const kept = await keep(context, shop, receivedAt, translated)
  if (kept) context.heard(shop, source)
  return replyOf(kept, translated.events.length, translated.rejected)
}

/** @param what came too often, as the sender is told @param seconds until it may come again */
export function tooMany(what: string, seconds: number): Reply {
  return {
    status: 429,
    body: { error: `too many ${what}; send them again later` },
    headers: { 'retry-after': String(seconds) },
  }
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
  const source = facts.source === 'pixel' ? 'pixel' : 'storefront'
  const batch = translateBatch(parsePlainJson(raw), { customerId, receivedAt, source })
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
  { events, rejected, refusal }: Readable,
  evenIfUninstalled = false,
): Promise<boolean> {
  const refused =
    refusal && refusalOf(refusal.consent, refusal.at, { visitorId: refusal.visitorId, subjects: [] })
  const refusals = refused ? [refused] : []
  const accepted = await accept({
    shopDomain,
    receivedAt,
    receipt: null,
    events,
    refusals,
    evenIfUninstalled,
  })
  log.info(
    { shop: shopDomain, result: accepted.kind, events: events.length, rejected: rejected.length },
    'storefront batch',
  )
  if (accepted.kind !== 'accepted') return false
  signal(accepted.lanes)
  return true
}
