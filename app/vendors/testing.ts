/**
 * Events and answers for vendors' unit tests: complete, valid defaults that a test changes in one place.
 * Values are invented; example.com addresses only.
 */
import type { Line, Order, Product } from '../events/data.ts'
import { NOBODY, type StoreEvent, type StoreEventOf } from '../events/store-event.ts'
import type { EventType } from '../events/types.ts'
import type { Json, Planned, ShopFacts, VendorAnswer } from './vendor.ts'

export const SHOP: ShopFacts = {
  domain: 'lantern-shop.myshopify.com',
  name: 'Lantern Shop',
  currency: 'EUR',
  storefrontUrl: 'https://lantern.example.com',
}

export function product(over: Partial<Product> = {}): Product {
  return {
    id: '8012345678901',
    variantId: '43012345678901',
    handle: 'brass-lantern',
    title: 'Brass Lantern',
    variantTitle: 'Large',
    sku: 'BL-L',
    brand: 'Glow',
    category: 'Lamps',
    tags: ['garden', 'brass'],
    price: '49.90',
    currency: 'EUR',
    url: 'https://lantern.example.com/products/brass-lantern',
    imageUrl: 'https://cdn.example.com/brass-lantern.jpg',
    metafields: {},
    ...over,
  }
}

export function line(over: Partial<Line> = {}): Line {
  return {
    id: '1',
    product: product(),
    quantity: 2,
    unitPrice: '49.90',
    total: '99.80',
    tax: '16.63',
    ...over,
  }
}

export function order(over: Partial<Order> = {}): Order {
  return {
    name: '#1001',
    checkoutToken: 'checkout-token-1',
    cartToken: 'cart-token-1',
    createdAt: '2026-11-20T12:00:00.000Z',
    updatedAt: '2026-11-20T12:00:05.000Z',
    cancelledAt: null,
    test: false,
    currency: 'EUR',
    total: '104.80',
    tax: '17.47',
    shipping: '5.00',
    discount: '0.00',
    financialStatus: 'pending',
    fulfillmentStatus: null,
    discountCodes: [],
    sourceName: 'web',
    lines: [line()],
    ...over,
  }
}

/** A valid event of the type with the data given; the actor is a signed-in shopper who allowed everything. */
export function storeEvent<T extends EventType>(
  type: T,
  data: StoreEventOf<T>['data'],
  over: Partial<StoreEvent> = {},
): StoreEventOf<T> {
  return {
    id: '01930000-0000-7000-8000-000000000001',
    type,
    source: 'storefront',
    dedupeKey: `test:${type}`,
    occurredAt: '2026-11-20T12:00:00.000Z',
    receivedAt: '2026-11-20T12:00:01.000Z',
    subject: null,
    version: null,
    actor: {
      ...NOBODY,
      visitorId: 'visitor-1',
      customerId: '7012345678901',
      email: 'shopper@example.com',
      consent: { analytics: true, marketing: true },
    },
    data,
    ...over,
  } as unknown as StoreEventOf<T>
}

export function orderEvent(
  type: 'order_created' | 'order_updated' | 'order_paid' | 'order_fulfilled' | 'order_cancelled',
  over: Partial<Order> = {},
): StoreEvent {
  const state = order(over)
  return storeEvent(
    type,
    { orderId: '5123456789012', order: state, refund: null },
    { source: 'webhook', subject: 'order:5123456789012', version: state.updatedAt },
  )
}

export function planned(event: StoreEvent, over: Partial<Planned> = {}): Planned {
  return { event, memory: null, done: [], learned: [], replayed: false, plannedAt: event.receivedAt, ...over }
}

export function answer(
  status: number,
  body: Json = null,
  headers: Record<string, string> = {},
): VendorAnswer {
  return {
    status,
    headers,
    body,
    text: body === null ? '' : JSON.stringify(body),
    receivedAt: new Date('2026-11-20T12:00:02.000Z'),
  }
}
