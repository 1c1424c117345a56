/** Requests and answers as Ecomail's documentation prints them, for the conformance suite. */
import type { Order } from '../../events/data.ts'
import { NOBODY } from '../../events/store-event.ts'
import type { AnswerSample, RequestSample } from '../conformance.ts'
import { line, order, planned, product, storeEvent } from '../testing.ts'
import type { Json, VendorRequest } from '../vendor.ts'

const KEY = 'YOUR_API_KEY'
const known = {
  memory: { version: '2026-11-20T12:00:00.000Z', eventId: '01930000-0000-7000-8000-000000000000' },
}

function request(method: VendorRequest['method'], path: string, body: Json): VendorRequest {
  const headers = { key: KEY, 'Content-Type': 'application/json' }
  return { method, url: `https://api2.ecomailapp.cz${path}`, headers, body }
}

const shoe = product({
  id: '12345',
  title: 'Nike Air Max 90',
  handle: 'nike-air-max-90',
  variantTitle: 'Black/White',
  price: '139.99',
  currency: 'EUR',
  url: 'https://example.com/products/nike-air-max-90',
})
const by = (email: string) => ({ ...NOBODY, email })
const shoeViewed = planned(
  storeEvent('product_viewed', { url: null, product: shoe }, { actor: by('john@example.com') }),
)

const puzzle = product({
  sku: 'product code',
  title: 'product name',
  category: 'my category 1 > my category 2',
  tags: ['M', '3+', 'puzzle'],
})
const documentedOrder: Order = order({
  createdAt: '2015-09-10T17:25:35.000Z',
  total: '1500.00',
  tax: '200.00',
  shipping: '100.00',
  financialStatus: 'paid',
  fulfillmentStatus: 'fulfilled',
  lines: [line({ product: puzzle, quantity: 1, total: '1500.00' })],
})
const address = { city: 'Praha', province: null, country: null, countryCode: null, postalCode: null }
const transaction = storeEvent(
  'order_created',
  { orderId: 'transaction_1234', order: documentedOrder, refund: null },
  { source: 'webhook', actor: { ...by('foo@bar.cz'), address } },
)
const documentedTransaction: Json = {
  transaction: {
    order_id: 'transaction_1234',
    email: 'foo@bar.cz',
    shop: 'myshop.cz',
    amount: 1500,
    tax: 200,
    shipping: 100,
    city: 'Praha',
    timestamp: 1441905935,
    status: 'completed',
  },
  transaction_items: [
    {
      code: 'product code',
      title: 'product name',
      // Not in the sample: the page's text asks for it while `categories` is not shown.
      category: 'my category 2',
      categories: ['my category 1', 'my category 2'],
      price: 1500,
      amount: 1,
      tags: ['M', '3+', 'puzzle'],
    },
  ],
}
const settings = { apiKey: KEY, shopName: 'myshop.cz', clearBasket: false }

const thing = product({
  id: '1',
  title: 'name',
  variantTitle: 'description',
  url: 'https://example.com/url',
  imageUrl: 'https://example.com/img',
})
const basket = planned(
  storeEvent(
    'cart_updated',
    {
      cart: {
        token: 'c1',
        currency: 'EUR',
        total: '1.00',
        lines: [line({ product: thing, quantity: 1, total: '1.00' })],
      },
    },
    { source: 'webhook' },
  ),
)
const basketValue =
  '{"data":{"data":{"action":"Basket","products":[{"productId":1,"img_url":"https://example.com/img","url":"https://example.com/url","name":"name","price":1,"description":"description"}]}}}'

const withdrawn = storeEvent(
  'marketing_consent_updated',
  { channel: 'email', state: 'unsubscribed', optInLevel: null },
  { source: 'webhook' },
)

export const documentedRequests: readonly RequestSample[] = [
  {
    name: 'api-reference/tracker/create-event',
    settings: { apiKey: KEY },
    deliveries: [shoeViewed],
    requests: [
      request('POST', '/tracker/events', {
        event: {
          email: 'john@example.com',
          category: 'shopping',
          action: 'product_viewed',
          label: 'Nike Air Max 90',
          property: 'nike-air-max-90',
          value: {
            product_id: 12345,
            price: 139.99,
            currency: 'EUR',
            variant: 'Black/White',
            url: 'https://example.com/products/nike-air-max-90',
          },
        },
      }),
    ],
  },
  {
    name: 'api-reference/transactions/create',
    settings,
    deliveries: [planned(transaction)],
    requests: [request('POST', '/tracker/transaction', documentedTransaction)],
  },
  {
    name: 'api-reference/transactions/update',
    settings,
    deliveries: [planned(transaction, known)],
    requests: [request('PUT', '/tracker/transaction/transaction_1234', documentedTransaction)],
  },
  {
    name: 'the basket of the help centre',
    settings: { apiKey: KEY },
    deliveries: [basket],
    requests: [
      request('POST', '/tracker/events', {
        event: {
          email: 'shopper@example.com',
          category: 'ue',
          action: 'Basket',
          label: 'Basket',
          value: basketValue,
        },
      }),
    ],
  },
  {
    name: 'the last viewed product of the official plugins',
    settings: { apiKey: KEY, productView: 'last_viewed' },
    deliveries: [shoeViewed],
    requests: [
      request('POST', '/tracker/events', {
        event: { email: 'john@example.com', category: 'ECM_PRODUCT_VIEW', action: '12345' },
      }),
    ],
  },
  {
    name: 'api-reference/lists/unsubscribe',
    settings: { apiKey: KEY, listId: '1' },
    deliveries: [planned(withdrawn)],
    requests: [request('DELETE', '/lists/1/unsubscribe', { email: 'shopper@example.com' })],
  },
]

export const documentedAnswers: readonly AnswerSample[] = [
  {
    name: 'an event',
    status: 200,
    step: 'event',
    kind: 'delivered',
    body: {
      id: 1234,
      email: 'john@example.com',
      category: 'shopping',
      action: 'product_viewed',
      label: 'Nike Air Max 90',
      property: 'nike-air-max-90',
      value:
        '{"product_id":12345,"price":139.99,"currency":"EUR","variant":"Black/White","url":"https://example.com/products/nike-air-max-90"}',
    },
  },
  {
    name: 'a transaction',
    status: 200,
    step: 'transaction',
    kind: 'delivered',
    body: {
      order_id: 'transaction_1234',
      email: 'foo@bar.cz',
      shop: 'myshop.cz',
      amount: 1500,
      timestamp: '2015-09-10 17:25:35',
      id: 1,
      status: 'completed',
    },
  },
  { name: 'an updated transaction', status: 200, step: 'transaction', kind: 'delivered', body: {} },
  {
    name: 'a contact',
    status: 200,
    step: 'create-contact',
    kind: 'delivered',
    body: { id: 1, already_subscribed: true },
  },
  {
    name: 'an unsubscribed contact',
    status: 200,
    step: 'unsubscribe',
    kind: 'delivered',
    body: { status: 2 },
  },
  { name: 'too many requests', status: 429, headers: { 'retry-after': '30' }, kind: 'retry' },
  { name: 'a wrong key in a 2xx', status: 200, kind: 'refused', body: { message: 'Wrong api key' } },
  { name: 'a wrong key in a 4xx', status: 400, kind: 'refused', body: { message: 'Wrong api key' } },
]
