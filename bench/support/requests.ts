/** Requests made and signed before a run, so that making them costs nothing while it runs. */
import { randomUUID } from 'node:crypto'
import { PRODUCTS, wireProduct } from '../../sandbox/store/payloads.ts'
import { BROWSER, proxySignature, webhookSignature } from '../../sandbox/store/shopify.ts'
import { FIRST_CUSTOMER, orderTemplate } from './orders.ts'

export type Prepared = { path: string; headers: string[]; body: Buffer }

/** How many customers take turns at being signed in, a batch each. */
export const SIGNED_IN = 40

/** What is to be sent. Numbers run from `from`, so that two pools share no order, event or webhook id. */
export type PoolSpec = { secret: string; shop: string; from: number; count: number } & (
  | { kind: 'orders' }
  /** Storefront batches of product views, all different. @see batchOf */
  | { kind: 'batches'; batch: number; signedIn: boolean }
)

export function prepare(spec: PoolSpec): Prepared[] {
  const make = spec.kind === 'orders' ? orderWebhook(spec) : storefrontBatch(spec)
  return Array.from({ length: spec.count }, (_, i) => make(spec.from + i))
}

function orderWebhook({ secret, shop }: PoolSpec): (number: number) => Prepared {
  const order = orderTemplate()
  const triggeredAt = new Date().toISOString()
  return number => {
    const body = Buffer.from(order(number))
    const headers = {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/create',
      'x-shopify-shop-domain': shop,
      'x-shopify-api-version': '2026-10',
      'x-shopify-webhook-id': randomUUID(),
      'x-shopify-event-id': randomUUID(),
      'x-shopify-triggered-at': triggeredAt,
      'x-shopify-hmac-sha256': webhookSignature(secret, body),
    }
    return { path: '/webhooks', headers: Object.entries(headers).flat(), body }
  }
}

/** The proxy's signature holds for a minute and a half only: a pool of these is made just before its run. */
function storefrontBatch(spec: Extract<PoolSpec, { kind: 'batches' }>): (number: number) => Prepared {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const at = new Date().toISOString()
  return number => {
    const parameters: Record<string, string> = {
      logged_in_customer_id: spec.signedIn ? String(FIRST_CUSTOMER + (number % SIGNED_IN)) : '',
      path_prefix: '/apps/sluice',
      shop: spec.shop,
      timestamp,
    }
    const signature = proxySignature(spec.secret, parameters)
    const query = new URLSearchParams({ ...parameters, signature })
    const body = Buffer.from(JSON.stringify(batchOf(spec.batch, at, number)))
    // As Shopify sends it on: who the browser says it is, and where it is, are looked at too.
    const headers = {
      'content-type': 'application/json',
      'user-agent': BROWSER,
      'x-forwarded-for': `203.0.113.${number % 256}`,
    }
    return { path: `/proxy/events?${query}`, headers: Object.entries(headers).flat(), body }
  }
}

function batchOf(size: number, at: string, number: number) {
  const product = wireProduct(number % 2 === 0 ? 'lamp' : 'candle')
  return {
    visitorId: `visitor-${number}`,
    sentAt: at,
    consent: { analytics: true, marketing: true },
    events: Array.from({ length: size }, () => ({
      id: randomUUID(),
      type: 'product_viewed',
      at,
      url: `https://shop.example.com/products/${PRODUCTS.lamp.handle}`,
      data: { product },
    })),
  }
}
