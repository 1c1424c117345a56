/**
 * Receiving a webhook: verify, translate, accept. No session and no network on this path: Shopify waits five
 * seconds, and an app that is already uninstalled must answer too.
 */
import { createHash } from 'node:crypto'
import type { PoolClient } from 'pg'
import { type AcceptContext, accept, type Receipt } from '../delivery/accept.ts'
import { completeCheckout } from '../delivery/checkouts.ts'
import type { Lane } from '../delivery/lane.ts'
import { holdShop } from '../delivery/lane-state.ts'
import { learnCustomer } from '../identity/customers.ts'
import type { Log } from '../log.ts'
import { recordPrivacyRequest } from '../privacy/requests.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Effect } from '../shopify/effects.ts'
import { parseJson } from '../shopify/json.ts'
import { deleteProduct, saveProduct } from '../shopify/product-cache.ts'
import { changeScopes, changeShop, uninstallShop } from '../shopify/shops.ts'
import { translateWebhook } from '../shopify/translate.ts'
import { shopDomain, verifyWebhook } from '../shopify/verify.ts'
import { readBody } from './body.ts'
import { answering, respond } from './respond.ts'

/** Shopify documents no limit; an order of 500 lines is about 1 MB. */
const MAX_WEBHOOK_BYTES = 10 * 1024 * 1024

export type IngestContext = AcceptContext & {
  log: Log
  apiSecrets: readonly string[]
  signal(lanes: readonly Lane[]): Promise<void>
}

/** `POST /webhooks`. Answers 200 accepted, duplicate or ignored; 400, 401, 413; 503 when it cannot be kept. */
export function receiveWebhook(context: IngestContext, request: Request): Promise<Response> {
  return answering(context.log, 'webhook', async () => {
    const raw = await readBody(request, MAX_WEBHOOK_BYTES)
    if (!verifyWebhook(raw, request.headers.get('x-shopify-hmac-sha256'), context.apiSecrets)) {
      return respond(401, { error: 'the signature is missing or wrong' })
    }
    const headers = readHeaders(request.headers, raw)
    if ('missing' in headers)
      return respond(400, { error: `the header ${headers.missing} is missing or malformed` })
    const payload = parseJson(raw)
    return keep(context, headers, payload)
  })
}

async function keep(context: IngestContext, headers: WebhookHeaders, payload: unknown): Promise<Response> {
  const receivedAt = new Date()
  const { events, effects, ignored } = translateWebhook({
    topic: headers.topic,
    payload,
    triggeredAt: headers.triggeredAt?.toISOString() ?? null,
    receivedAt,
  })
  const receipt: Receipt = { ...headers, ignored }
  const accepted = await accept(context, {
    shopDomain: headers.shop,
    receivedAt,
    receipt,
    events,
    evenIfUninstalled: effects.some(effect => effect.kind === 'privacy_request'),
    alongside: (client, shopId) =>
      applyEffects(client, context.sealer, shopId, effects, headers.webhookId, receivedAt),
  })
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
  if (accepted.kind === 'duplicate') return respond(200, { status: 'duplicate' })
  if (accepted.kind === 'not_installed')
    return respond(200, { status: 'ignored', reason: 'the app is not installed in this shop' })
  await context.signal(accepted.lanes)
  if (ignored) return respond(200, { status: 'ignored', reason: ignored })
  const known = events.length > 0 && accepted.events.length === 0
  return respond(200, {
    status: 'accepted',
    events: accepted.events,
    ...(known && { note: 'this was known already' }),
  })
}

type WebhookHeaders = {
  shop: string
  topic: string
  webhookId: string
  eventKey: string | null
  triggeredAt: Date | null
}

/** https://shopify.dev/docs/apps/build/webhooks/delivery-structure */
function readHeaders(headers: Headers, body: Uint8Array): WebhookHeaders | { missing: string } {
  const shop = shopDomain(headers.get('x-shopify-shop-domain'))
  const topic = headers.get('x-shopify-topic')
  const webhookId = headers.get('x-shopify-webhook-id')
  if (!shop) return { missing: 'X-Shopify-Shop-Domain' }
  if (!topic || topic.length > 100) return { missing: 'X-Shopify-Topic' }
  if (!webhookId || webhookId.length > 200) return { missing: 'X-Shopify-Webhook-Id' }
  const eventId = headers.get('x-shopify-event-id')
  const name = headers.get('x-shopify-name')?.slice(0, 50) ?? ''
  const digest = createHash('sha256').update(body).digest('hex')
  const triggeredAt = new Date(headers.get('x-shopify-triggered-at') ?? Number.NaN)
  return {
    shop,
    topic,
    webhookId,
    eventKey: eventId ? `${eventId.slice(0, 200)} ${topic} ${name} ${digest}` : null,
    triggeredAt: Number.isNaN(triggeredAt.getTime()) ? null : triggeredAt,
  }
}

async function applyEffects(
  client: PoolClient,
  sealer: Sealer,
  shopId: number,
  effects: readonly Effect[],
  webhookId: string,
  receivedAt: Date,
): Promise<void> {
  for (const effect of effects) {
    switch (effect.kind) {
      case 'product_saved':
        await saveProduct(client, shopId, effect)
        break
      case 'product_deleted':
        await deleteProduct(client, shopId, effect.productId, effect.at)
        break
      case 'customer_seen':
        await learnCustomer(client, sealer, shopId, effect)
        break
      case 'checkout_completed':
        await completeCheckout(client, shopId, effect)
        break
      case 'shop_changed':
        await changeShop(client, shopId, effect)
        break
      case 'scopes_changed':
        await changeScopes(client, shopId, effect.scopes, effect.updatedAt)
        break
      case 'uninstalled':
        if (await uninstallShop(client, shopId, effect.at)) await holdShop(client, shopId)
        break
      case 'privacy_request':
        await recordPrivacyRequest(client, sealer, shopId, webhookId, effect, receivedAt)
        break
    }
  }
}
