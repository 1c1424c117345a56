/**
 * A stand-in Shopify towards the app: signs and sends webhooks and app-proxy requests as Shopify documents
 * them (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries,
 * https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies).
 * It imports nothing of the app, so that both sides' signatures check each other.
 */
import { createHmac, randomUUID } from 'node:crypto'

/** What a visitor's browser says of itself: robots' events are left out. */
export const BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

export type StoreConfig = {
  appUrl: string
  secret: string
  shop: string
  /** Hears of each webhook before it is sent. @param body as it is sent */
  tells?(topic: string, body: string): void
}

export type Webhook = {
  topic: string
  /** An object, or the raw body as text. */
  payload: unknown
  webhookId?: string
  eventId?: string
  /** ISO 8601; now by default. */
  triggeredAt?: string
  /** Another shop than the store's own. */
  shop?: string
  /** Replaces the signature; null sends none. */
  signature?: string | null
}

export type Store = {
  webhook(webhook: Webhook): Promise<Response>
  /** A storefront batch through the app proxy. @param customerId the signed-in customer, if any */
  proxy(batch: unknown, customerId?: string): Promise<Response>
}

export function webhookSignature(secret: string, body: string | Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('base64')
}

/** Hex HMAC over `k=v` pairs, sorted and joined without a separator. */
export function proxySignature(secret: string, parameters: Readonly<Record<string, string>>): string {
  const text = Object.entries(parameters)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('')
  return createHmac('sha256', secret).update(text).digest('hex')
}

export function createStore({ appUrl, secret, shop, tells }: StoreConfig): Store {
  return {
    webhook(webhook) {
      const body = typeof webhook.payload === 'string' ? webhook.payload : JSON.stringify(webhook.payload)
      tells?.(webhook.topic, body)
      const signature = webhook.signature === undefined ? webhookSignature(secret, body) : webhook.signature
      return fetch(`${appUrl}/webhooks`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-shopify-topic': webhook.topic,
          'x-shopify-shop-domain': webhook.shop ?? shop,
          'x-shopify-api-version': '2026-10',
          'x-shopify-webhook-id': webhook.webhookId ?? randomUUID(),
          'x-shopify-event-id': webhook.eventId ?? randomUUID(),
          'x-shopify-triggered-at': webhook.triggeredAt ?? new Date().toISOString(),
          ...(signature !== null && { 'x-shopify-hmac-sha256': signature }),
        },
        body,
      })
    },
    proxy(batch, customerId = '') {
      const parameters: Record<string, string> = {
        logged_in_customer_id: customerId,
        path_prefix: '/apps/sluice',
        shop,
        timestamp: String(Math.floor(Date.now() / 1000)),
      }
      const query = new URLSearchParams({ ...parameters, signature: proxySignature(secret, parameters) })
      return fetch(`${appUrl}/proxy/events?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': BROWSER },
        body: JSON.stringify(batch),
      })
    },
  }
}
