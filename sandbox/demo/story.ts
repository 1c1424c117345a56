/**
 * A day in the demo store, step by step: what the store sends and the answer it must get. What must have
 * arrived at the vendors in the end is in expected.ts.
 */
import { randomUUID } from 'node:crypto'
import {
  checkoutPayload,
  consentPayload,
  customerPayload,
  GUEST_EMAIL,
  type OrderOptions,
  orderPayload,
  productPayload,
  refundPayload,
  SIGNED_IN,
  wireProduct,
} from '../store/payloads.ts'
import type { Store } from '../store/shopify.ts'

export type Step = { tell: string; expect: number; run(store: Store): Promise<Response> }

export const VISITOR = '3f0c6a1e-5b1d-4c53-9d0e-6c1f4b7a2d10'
const CONSENT = { analytics: true, marketing: true }
const SHOP_URL = 'https://shop.example.com'

/** Times of the day, in minutes before now, so that states follow each other. */
const clock = () => {
  const now = Date.now()
  return (minutesAgo: number) => new Date(now - minutesAgo * 60_000).toISOString()
}

/** The order of the day: two lines, one of which is returned in the evening. */
function dayOrder(at: (minutesAgo: number) => string, state: Partial<OrderOptions>): OrderOptions {
  return {
    id: 5123456789012,
    name: '#1001',
    lines: [
      { product: 'candle', quantity: 2 },
      { product: 'lamp', quantity: 1 },
    ],
    customer: SIGNED_IN,
    email: SIGNED_IN.email,
    visitorId: VISITOR,
    cartToken: 'c1-0123456789abcdef0123456789abcdef',
    createdAt: at(60),
    updatedAt: at(60),
    ...state,
  }
}

export function dayInTheStore(): Step[] {
  const at = clock()
  const webhook = (tell: string, topic: string, payload: unknown): Step => ({
    tell,
    expect: 200,
    run: store => store.webhook({ topic, payload }),
  })
  const duplicate = randomUUID()
  const paid = dayOrder(at, { financial: 'paid', updatedAt: at(50) })
  const returned = dayOrder(at, {
    financial: 'partially_refunded',
    fulfillment: 'fulfilled',
    updatedAt: at(20),
    lines: [
      { product: 'candle', quantity: 2, current: 1 },
      { product: 'lamp', quantity: 1 },
    ],
  })
  const guestOrder: OrderOptions = {
    id: 5123456789013,
    name: '#1002',
    lines: [{ product: 'candle', quantity: 1 }],
    customer: null,
    email: GUEST_EMAIL,
    createdAt: at(15),
    updatedAt: at(15),
    financial: 'paid',
  }
  return [
    webhook('the shop says who it is', 'shop/update', {
      id: 1,
      name: 'Pier Works',
      domain: 'shop.example.com',
      myshopify_domain: 'sluice-demo.myshopify.com',
      currency: 'EUR',
      iana_timezone: 'Europe/Prague',
      updated_at: at(95),
    }),
    webhook('a lamp comes into the catalogue', 'products/create', productPayload('lamp', at(90))),
    webhook('a candle comes into the catalogue', 'products/create', productPayload('candle', at(90))),
    webhook('a customer signs up', 'customers/create', customerPayload(SIGNED_IN, at(85))),
    webhook(
      'and subscribes to the newsletter',
      'customers_email_marketing_consent/update',
      consentPayload(SIGNED_IN, at(84)),
    ),
    {
      tell: 'the customer browses: home, search, collection, product, cart',
      expect: 202,
      run: store => store.proxy(visit(at), String(SIGNED_IN.id)),
    },
    {
      tell: 'a stranger without consent looks at a lamp',
      expect: 202,
      run: store => store.proxy(strangersVisit(at)),
    },
    webhook('the cart is filled', 'carts/update', {
      id: 'c1-0123456789abcdef0123456789abcdef',
      token: 'c1-0123456789abcdef0123456789abcdef',
      line_items: [],
      note: null,
      updated_at: at(66),
      created_at: at(70),
    }),
    webhook(
      'checkout begins',
      'checkouts/create',
      checkoutPayload(dayOrder(at, { createdAt: at(65), updatedAt: at(65) })),
    ),
    webhook('the order is placed', 'orders/create', orderPayload(dayOrder(at, {}))),
    {
      tell: 'and paid',
      expect: 200,
      run: store =>
        store.webhook({ topic: 'orders/paid', payload: orderPayload(paid), webhookId: duplicate }),
    },
    {
      tell: 'Shopify delivers the payment twice',
      expect: 200,
      run: store =>
        store.webhook({ topic: 'orders/paid', payload: orderPayload(paid), webhookId: duplicate }),
    },
    webhook(
      'the parcel leaves',
      'orders/fulfilled',
      orderPayload(dayOrder(at, { financial: 'paid', fulfillment: 'fulfilled', updatedAt: at(40) })),
    ),
    webhook(
      'one candle comes back',
      'refunds/create',
      refundPayload({ id: 9123456789012, orderId: 5123456789012, product: 'candle', at: at(20) }),
    ),
    webhook('and the order shows it', 'orders/updated', orderPayload(returned)),
    webhook('a guest orders a candle', 'orders/create', orderPayload(guestOrder)),
    {
      tell: 'somebody sends a webhook with a wrong signature',
      expect: 401,
      run: store =>
        store.webhook({ topic: 'orders/create', payload: { id: 1 }, signature: 'bm90IHRoZSBzaWduYXR1cmU=' }),
    },
  ]
}

function visit(at: (minutesAgo: number) => string) {
  const event = (type: string, minutesAgo: number, data: unknown) => ({
    id: randomUUID(),
    type,
    at: at(minutesAgo),
    url: SHOP_URL,
    data,
  })
  const lamp = wireProduct('lamp')
  return {
    visitorId: VISITOR,
    sentAt: new Date().toISOString(),
    consent: CONSENT,
    events: [
      event('page_viewed', 80, { page: { type: 'index', title: 'Pier Works', referrer: null } }),
      event('search_submitted', 79, { query: 'lamp' }),
      event('collection_viewed', 78, {
        collection: { id: '4001', handle: 'lamps', title: 'Lamps', path: '/collections/lamps' },
      }),
      event('product_viewed', 77, { product: lamp }),
      event('product_added_to_cart', 76, { product: lamp, quantity: 1 }),
      event('cart_viewed', 75, {
        cart: {
          token: 'c1-0123456789abcdef0123456789abcdef',
          currency: 'EUR',
          total: '120.00',
          items: [{ ...lamp, quantity: 1 }],
        },
      }),
    ],
  }
}

function strangersVisit(at: (minutesAgo: number) => string) {
  return {
    visitorId: 'a-stranger',
    sentAt: new Date().toISOString(),
    consent: { analytics: false, marketing: false },
    events: [
      {
        id: randomUUID(),
        type: 'product_viewed',
        at: at(70),
        url: SHOP_URL,
        data: { product: wireProduct('lamp') },
      },
    ],
  }
}
