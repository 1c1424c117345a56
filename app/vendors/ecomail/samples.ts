/** Ecomail's documented samples and rules, for the conformance suite. */
import type { VendorSamples } from '../conformance.ts'
import { line, order, orderEvent, planned, product, storeEvent } from '../testing.ts'
import type { Planned } from '../vendor.ts'
import { documentedAnswers, documentedRequests } from './samples-documented.ts'
import { check } from './samples-rules.ts'
import type { EcomailSettings } from './settings.ts'

const KEY = 'YOUR_API_KEY'
const OPTIONAL_ROWS = {
  page_viewed: true,
  collection_viewed: true,
  search_submitted: true,
  cart_viewed: true,
  customer_created: true,
  marketing_consent_updated: true,
}
const PAGE = 'https://lantern.example.com/pages/about'
const id = (n: number): string => `01930000-0000-7000-8000-0000000002${String(n).padStart(2, '0')}`

const cart = { token: 'cart-token-1', currency: 'EUR', total: '99.80', lines: [line()] }
const checkout = {
  token: 'checkout-token-1',
  cartToken: 'cart-token-1',
  currency: 'EUR',
  total: '104.80',
  tax: '17.47',
  shipping: '5.00',
  discount: '0.00',
  discountCodes: [],
  lines: [line()],
}
const state = {
  source: 'webhook',
  subject: 'cart:cart-token-1',
  version: '2026-11-20T11:59:00.000Z',
} as const
const consent = (n: number, value: string): Planned =>
  planned(
    storeEvent(
      'marketing_consent_updated',
      { channel: 'email', state: value, optInLevel: 'single_opt_in' },
      {
        id: id(n),
        source: 'webhook',
        subject: 'customer:7012345678901',
        version: '2026-11-20T11:59:00.000Z',
      },
    ),
  )
const refund = { id: '9', amount: '10.00', currency: 'EUR', lines: [] }
const refunded = storeEvent(
  'order_refunded',
  { orderId: '5123456789012', order: order({ financialStatus: 'partially_refunded' }), refund },
  { source: 'webhook', subject: 'order:5123456789012', version: '2026-11-20T12:05:00.000Z' },
)
const known = {
  memory: { version: '2026-11-20T12:00:00.000Z', eventId: '01930000-0000-7000-8000-000000000000' },
}
const view = storeEvent('product_viewed', { url: null, product: product() })
const accepting = { ...view.actor, firstName: 'A', lastName: 'Shopper', acceptsMarketing: true }

const deliveries: readonly Planned[] = [
  planned({ ...orderEvent('order_created'), id: id(1) }),
  planned({ ...orderEvent('order_updated'), id: id(2) }, known),
  planned({ ...orderEvent('order_paid', { financialStatus: 'paid' }), id: id(3) }, known),
  planned({ ...orderEvent('order_fulfilled', { fulfillmentStatus: 'fulfilled' }), id: id(4) }, known),
  planned(
    { ...orderEvent('order_cancelled', { cancelledAt: '2026-11-20T13:00:00.000Z' }), id: id(5) },
    known,
  ),
  planned({ ...refunded, id: id(6) }, known),
  planned({ ...view, id: id(7) }),
  planned(storeEvent('cart_updated', { cart }, { id: id(8), ...state })),
  planned(storeEvent('checkout_started', { checkout }, { id: id(9), ...state })),
  planned(storeEvent('checkout_updated', { checkout }, { id: id(10), ...state })),
  planned(
    storeEvent(
      'page_viewed',
      { url: PAGE, page: { type: 'page', title: 'About', referrer: null } },
      { id: id(11) },
    ),
  ),
  planned(
    storeEvent(
      'collection_viewed',
      { url: null, collection: { id: '1', handle: 'lamps', title: 'Lamps', path: 'lamps' } },
      { id: id(12) },
    ),
  ),
  planned(storeEvent('search_submitted', { url: null, query: 'lantern' }, { id: id(13) })),
  planned(storeEvent('cart_viewed', { url: null, cart }, { id: id(14) })),
  planned(
    storeEvent('customer_created', { state: 'enabled' }, { id: id(15), source: 'webhook', actor: accepting }),
  ),
  consent(16, 'subscribed'),
  consent(17, 'unsubscribed'),
  planned({ ...view, id: id(18) }, { learned: ['contact_missing'] }),
]

export const samples: VendorSamples<EcomailSettings> = {
  folder: new URL('.', import.meta.url),
  settings: [
    { name: 'a key alone', input: { apiKey: KEY } },
    { name: 'contacts', input: { apiKey: KEY, listId: '1', createContacts: true, rows: OPTIONAL_ROWS } },
    {
      name: 'names and last viewed products',
      input: {
        apiKey: KEY,
        orderId: 'order_name',
        productView: 'last_viewed',
        productIdentifier: 'sku',
        listId: '1',
      },
    },
  ],
  refused: [
    { name: 'no key', input: {}, field: 'apiKey' },
    { name: 'a key with a blank', input: { apiKey: 'one two' }, field: 'apiKey' },
    { name: 'contacts without a list', input: { apiKey: KEY, createContacts: true }, field: 'listId' },
    {
      name: 'a contact row without a list',
      input: { apiKey: KEY, rows: { customer_created: true } },
      field: 'listId',
    },
    { name: 'a list that is no number', input: { apiKey: KEY, listId: '../1' }, field: 'listId' },
    {
      name: 'no metafield',
      input: { apiKey: KEY, productIdentifier: 'metafield' },
      field: 'productMetafield',
    },
  ],
  deliveries,
  requests: documentedRequests,
  answers: documentedAnswers,
  testBody: [{ id: 1, name: 'Newsletter' }],
  check,
}
