/**
 * One invented event of each type with every field known, to show what becomes of it. They are never stored or sent, and
 * name nobody: addresses of example.com, a telephone number that is not given to anybody.
 */
import type { Cart, Checkout, Line, Order, Product, Refund } from './data.ts'
import type { Actor, StoreEvent, StoreEventOf } from './store-event.ts'
import type { EventType, Source } from './types.ts'

export type SampleOptions = {
  /** When it happened, ISO 8601. */
  at: string
  /** ISO 4217 */
  currency: string
  /** "https://shop.example", without a trailing slash. */
  storefrontUrl: string
  /** Names of product metafields ("namespace.key") that the product has. */
  metafields?: readonly string[]
}

const VISITOR = '0199f2c0-0000-7000-8000-000000000001'
const CUSTOMER = '7010000000001'
const ORDER = '5010000000001'

/** A complete event of the type. Its id is the same each time: nothing tells samples apart but their type. */
export function sampleOf<T extends EventType>(type: T, options: SampleOptions): StoreEventOf<T> {
  const { source, subject } = ORIGINS[type]
  const event = {
    id: '0199f2c0-0000-7000-8000-0000000000ff',
    type,
    source,
    dedupeKey: `sample:${type}`,
    occurredAt: options.at,
    receivedAt: options.at,
    subject,
    version: subject === null ? null : options.at,
    actor: actor(),
    data: dataOf(type, options),
  }
  return event as StoreEvent as StoreEventOf<T>
}

type Origin = { source: Source; subject: string | null }
const seen: Origin = { source: 'storefront', subject: null }
const ofCheckout: Origin = { source: 'webhook', subject: 'checkout:sample-checkout' }
const ofOrder: Origin = { source: 'webhook', subject: `order:${ORDER}` }
const ofCustomer: Origin = { source: 'webhook', subject: `customer:${CUSTOMER}` }
const ORIGINS: Readonly<Record<EventType, Origin>> = {
  page_viewed: seen,
  collection_viewed: seen,
  product_viewed: seen,
  search_submitted: seen,
  product_added_to_cart: seen,
  product_removed_from_cart: seen,
  cart_viewed: seen,
  cart_updated: { source: 'webhook', subject: 'cart:sample-cart' },
  checkout_started: ofCheckout,
  checkout_updated: ofCheckout,
  checkout_abandoned: ofCheckout,
  checkout_completed: { source: 'pixel', subject: ofCheckout.subject },
  order_created: ofOrder,
  order_updated: ofOrder,
  order_paid: ofOrder,
  order_fulfilled: ofOrder,
  order_cancelled: ofOrder,
  order_refunded: ofOrder,
  customer_created: ofCustomer,
  marketing_consent_updated: ofCustomer,
}

const actor = (): Actor => ({
  visitorId: VISITOR,
  customerId: CUSTOMER,
  email: 'shopper@example.com',
  phone: '+12025550123',
  firstName: 'Sample',
  lastName: 'Shopper',
  address: {
    city: 'Springfield',
    province: 'Illinois',
    country: 'United States',
    countryCode: 'US',
    postalCode: '62701',
  },
  attributes: { gift: 'yes' },
  consent: { analytics: true, marketing: true },
  acceptsMarketing: true,
})

const product = ({ currency, storefrontUrl, metafields = [] }: SampleOptions): Product => ({
  id: '8010000000001',
  variantId: '43010000000001',
  handle: 'brass-lantern',
  title: 'Brass Lantern',
  variantTitle: 'Large',
  sku: 'LANTERN-L',
  brand: 'Lantern Works',
  category: 'Lighting',
  tags: ['garden', 'brass'],
  price: '49.90',
  currency,
  url: `${storefrontUrl}/products/brass-lantern`,
  imageUrl: `${storefrontUrl}/cdn/brass-lantern.jpg`,
  metafields: Object.fromEntries(
    [...metafields, 'custom.catalogue_id'].map(name => [name, '5f0c7f3e-0000-4000-8000-000000000001']),
  ),
})

const line = (options: SampleOptions): Line => ({
  id: '15010000000001',
  product: product(options),
  quantity: 2,
  unitPrice: '49.90',
  total: '99.80',
  tax: '16.63',
})

const cart = (options: SampleOptions): Cart => ({
  token: 'sample-cart',
  currency: options.currency,
  total: '99.80',
  lines: [line(options)],
})

const checkout = (options: SampleOptions): Checkout => ({
  token: 'sample-checkout',
  cartToken: 'sample-cart',
  currency: options.currency,
  total: '94.80',
  tax: '15.80',
  shipping: '5.00',
  discount: '10.00',
  discountCodes: ['WELCOME10'],
  lines: [line(options)],
})

const order = (options: SampleOptions, over: Partial<Order> = {}): Order => ({
  name: '#1001',
  checkoutToken: 'sample-checkout',
  cartToken: 'sample-cart',
  createdAt: options.at,
  updatedAt: options.at,
  cancelledAt: null,
  test: false,
  currency: options.currency,
  total: '94.80',
  tax: '15.80',
  shipping: '5.00',
  discount: '10.00',
  financialStatus: 'paid',
  fulfillmentStatus: null,
  discountCodes: ['WELCOME10'],
  sourceName: 'web',
  lines: [line(options)],
  ...over,
})

const refund = (options: SampleOptions): Refund => ({
  id: '9010000000001',
  amount: '49.90',
  currency: options.currency,
  lines: [{ product: product(options), quantity: 1, total: '49.90' }],
})

function dataOf(type: EventType, options: SampleOptions): StoreEvent['data'] {
  const { storefrontUrl } = options
  const ordered = (over: Partial<Order> = {}, refunded: Refund | null = null) => ({
    orderId: ORDER,
    order: order(options, over),
    refund: refunded,
  })
  switch (type) {
    case 'page_viewed':
      return {
        url: `${storefrontUrl}/`,
        page: { type: 'index', title: 'Home', referrer: 'https://search.example.com/' },
      }
    case 'collection_viewed':
      return {
        url: `${storefrontUrl}/collections/lighting`,
        collection: {
          id: '3010000000001',
          handle: 'lighting',
          title: 'Lighting',
          path: '/collections/lighting',
        },
      }
    case 'search_submitted':
      return { url: `${storefrontUrl}/search?q=lantern`, query: 'lantern' }
    case 'product_viewed':
      return { url: `${storefrontUrl}/products/brass-lantern`, product: product(options) }
    case 'product_added_to_cart':
    case 'product_removed_from_cart':
      return { url: `${storefrontUrl}/products/brass-lantern`, product: product(options), quantity: 2 }
    case 'cart_viewed':
      return { url: `${storefrontUrl}/cart`, cart: cart(options) }
    case 'cart_updated':
      return { cart: cart(options) }
    case 'checkout_started':
    case 'checkout_updated':
    case 'checkout_abandoned':
    case 'checkout_completed':
      return { checkout: checkout(options) }
    case 'order_created':
    case 'order_updated':
    case 'order_paid':
      return ordered()
    case 'order_fulfilled':
      return ordered({ fulfillmentStatus: 'fulfilled' })
    case 'order_cancelled':
      return ordered({ cancelledAt: options.at, financialStatus: 'voided' })
    case 'order_refunded':
      return ordered({ financialStatus: 'partially_refunded' }, refund(options))
    case 'customer_created':
      return { state: 'enabled' }
    case 'marketing_consent_updated':
      return { channel: 'email', state: 'subscribed', optInLevel: 'single_opt_in' }
  }
}
