/**
 * Receiving a webhook: verify, translate, accept. No session and no network on this path: Shopify waits five
 * seconds, and an app that is already uninstalled must answer too. Under load it is spooled instead, and accepted a
 * moment later.
 */
import { createHash } from 'node:crypto'
import { isPassing } from '../db/database.ts'
import type { Acceptance, Receipt } from '../delivery/accept.ts'
import { reasonOf, type Spooled } from '../delivery/spool.ts'
import { withoutWords } from '../log.ts'
import type { Effect } from '../shopify/effects.ts'
import { MalformedJson, parseJson } from '../shopify/json.ts'
import { SPOOLED_TOPICS, translateWebhook } from '../shopify/translate.ts'
import { shopDomain, verifyWebhook } from '../shopify/verify.ts'
import type { IngestContext, Received, Reply } from './ingest.ts'

/**
 * `POST /webhooks`. Answers 200 accepted, duplicate or ignored; 400, 401.
 * @throws when the payload is no JSON, or nothing can be kept
 */
export async function receiveWebhook(context: IngestContext, received: Received): Promise<Reply> {
  const { raw, header } = received
  if (!verifyWebhook(raw, header('x-shopify-hmac-sha256'), context.apiSecrets)) {
    return { status: 401, body: { error: 'the signature is missing or wrong' } }
  }
  const headers = readHeaders(received)
  if ('missing' in headers) {
    return { status: 400, body: { error: `the header ${headers.missing} is missing or malformed` } }
  }
  const receivedAt = new Date()
  if (SPOOLED_TOPICS.has(headers.topic) && context.spool.wants(raw.byteLength)) {
    return spooled(context, headers, await context.spool.keep(headers.shop, itemOf(headers, raw, receivedAt)))
  }
  try {
    return await keep(context, headers, acceptanceOf(headers, parseJson(raw), receivedAt))
  } catch (err) {
    if (err instanceof MalformedJson || isPassing(err)) throw err
    // A fault of ours: Shopify would give up after four hours, which may be before it is mended.
    const { shop, topic } = headers
    context.log.error({ ...withoutWords(err), shop, topic }, 'could not be accepted')
    const failed = { item: itemOf(headers, raw, receivedAt), why: reasonOf(err) }
    // Of a shop that has uninstalled nothing is kept: Shopify comes again with what concerns it even so.
    if (!(await context.spool.keepFailed(shop, failed))) throw err
    return spooled(context, headers, true)
  }
}

function spooled(context: IngestContext, { shop, topic, webhookId }: WebhookHeaders, kept: boolean): Reply {
  const result = kept ? 'spooled' : 'not_installed'
  context.log.info({ shop, topic, webhook: webhookId, result }, 'webhook')
  if (!kept) return NOT_INSTALLED
  return { status: 200, body: { status: 'accepted', note: 'kept as it came; what it means follows' } }
}

const NOT_INSTALLED: Reply = {
  status: 200,
  body: { status: 'ignored', reason: 'the app is not installed in this shop' },
}

function itemOf(headers: WebhookHeaders, raw: Uint8Array, receivedAt: Date): Spooled {
  const { shop: _, triggeredAt, ...facts } = headers
  return {
    kind: 'webhook',
    receivedAt,
    facts: { ...facts, triggeredAt: triggeredAt?.toISOString() ?? null },
    raw,
  }
}

/**
 * Accepts a webhook that was acknowledged before; once more changes nothing.
 * @throws when it is no JSON, or cannot be kept
 */
export async function acceptSpooledWebhook(
  context: Pick<IngestContext, 'accept' | 'signal' | 'log'>,
  shop: string,
  { facts, raw, receivedAt }: Spooled,
): Promise<void> {
  const { topic, webhookId, eventKey = null, triggeredAt } = facts
  const headers: WebhookHeaders = {
    shop,
    topic: topic ?? '',
    webhookId: webhookId ?? '',
    eventKey,
    triggeredAt: triggeredAt ? new Date(triggeredAt) : null,
  }
  // The app was installed when it came.
  await keep(context, headers, {
    ...acceptanceOf(headers, parseJson(raw), receivedAt),
    evenIfUninstalled: true,
  })
}

/** Apart from what waits for the commit, so that the payload is not kept in memory for as long. */
function acceptanceOf(headers: WebhookHeaders, payload: unknown, receivedAt: Date): WebhookAcceptance {
  const { events, effects, ignored } = translateWebhook({
    topic: headers.topic,
    payload,
    triggeredAt: headers.triggeredAt?.toISOString() ?? null,
    receivedAt,
  })
  return {
    shopDomain: headers.shop,
    receivedAt,
    receipt: { ...headers, ignored },
    events,
    changes: effects,
    evenIfUninstalled: effects.some(effect => effect.kind === 'privacy_request'),
  }
}

type WebhookAcceptance = Acceptance<Effect> & { receipt: Receipt }

async function keep(
  context: Pick<IngestContext, 'accept' | 'signal' | 'log'>,
  headers: WebhookHeaders,
  acceptance: WebhookAcceptance,
): Promise<Reply> {
  const { ignored } = acceptance.receipt
  const accepted = await context.accept(acceptance)
  context.log.info(
    {
      shop: headers.shop,
      topic: headers.topic,
      webhook: headers.webhookId,
      result: accepted.kind,
      events: accepted.kind === 'accepted' ? accepted.events.length : 0,
      ignored,
    },
    'webhook',
  )
  if (accepted.kind === 'duplicate') return { status: 200, body: { status: 'duplicate' } }
  if (accepted.kind === 'not_installed') return NOT_INSTALLED
  context.signal(accepted.lanes)
  if (ignored) return { status: 200, body: { status: 'ignored', reason: ignored } }
  const known = acceptance.events.length > 0 && accepted.events.length === 0
  const note = known && { note: 'this was known already' }
  return { status: 200, body: { status: 'accepted', events: accepted.events, ...note } }
}

type WebhookHeaders = {
  shop: string
  topic: string
  webhookId: string
  eventKey: string | null
  triggeredAt: Date | null
}

/** https://shopify.dev/docs/apps/build/webhooks/delivery-structure */
function readHeaders({ header, raw }: Received): WebhookHeaders | { missing: string } {
  const shop = shopDomain(header('x-shopify-shop-domain'))
  const topic = header('x-shopify-topic')
  const webhookId = header('x-shopify-webhook-id')
  if (!shop) return { missing: 'X-Shopify-Shop-Domain' }
  if (!topic || topic.length > 100) return { missing: 'X-Shopify-Topic' }
  if (!webhookId || webhookId.length > 200) return { missing: 'X-Shopify-Webhook-Id' }
  const eventId = header('x-shopify-event-id')
  const name = header('x-shopify-name')?.slice(0, 50) ?? ''
  const digest = createHash('sha256').update(raw).digest('hex')
  const triggeredAt = new Date(header('x-shopify-triggered-at') ?? Number.NaN)
  return {
    shop,
    topic,
    webhookId,
    eventKey: eventId ? `${eventId.slice(0, 200)} ${topic} ${name} ${digest}` : null,
    triggeredAt: Number.isNaN(triggeredAt.getTime()) ? null : triggeredAt,
  }
}
