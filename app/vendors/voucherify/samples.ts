/** Voucherify's documented samples and rules, for the conformance suite. */
import { NOBODY, type StoreEvent } from '../../events/store-event.ts'
import type { VendorSamples } from '../conformance.ts'
import { line, order, orderEvent, planned, product, storeEvent } from '../testing.ts'
import type { Json, Planned, VendorRequest } from '../vendor.ts'
import type { VoucherifySettings } from './settings.ts'

const id = (n: number): string => `01930000-0000-7000-8000-0000000002${String(n).padStart(2, '0')}`
const webhook = { source: 'webhook' } as const
const cart = { token: 'c1', currency: 'EUR', total: '99.80', lines: [line()] }
const checkout = {
  token: 't1',
  cartToken: 'c1',
  currency: 'EUR',
  total: '104.80',
  tax: '17.47',
  shipping: '5.00',
  discount: '0.00',
  discountCodes: ['REF-AB12', 'CARD-9'],
  lines: [line()],
}
const refund = { id: 'r1', amount: '49.90', currency: 'EUR', lines: [] }
const named = {
  ...storeEvent('customer_created', { state: null }).actor,
  firstName: 'Sam',
  lastName: 'Lamp',
  phone: '+420 777 000 000',
  attributes: { ref: 'REF-XY', referrer: 'cust_1', card: 'CARD-7', points: '4', joined: '2026-11-20' },
  acceptsMarketing: true,
}

const events: StoreEvent[] = [
  orderEvent('order_created', { discountCodes: ['REF-AB12'] }),
  orderEvent('order_paid'),
  orderEvent('order_fulfilled'),
  orderEvent('order_cancelled'),
  storeEvent('order_refunded', { orderId: '5123456789012', order: order(), refund }, webhook),
  storeEvent('product_viewed', { url: null, product: product() }),
  storeEvent('product_added_to_cart', { url: null, product: product(), quantity: 2 }),
  storeEvent('checkout_started', { checkout }, webhook),
  storeEvent('checkout_abandoned', { checkout }, webhook),
  storeEvent(
    'marketing_consent_updated',
    { channel: 'email', state: 'subscribed', optInLevel: null },
    webhook,
  ),
  storeEvent(
    'customer_created',
    { state: 'enabled' },
    { ...webhook, actor: { ...named, customerId: '7012345678902' } },
  ),
  storeEvent('page_viewed', { url: null, page: { type: 'index', title: 'Home', referrer: null } }),
  storeEvent('collection_viewed', {
    url: null,
    collection: { id: '1', handle: 'lamps', title: 'Lamps', path: 'lamps' },
  }),
  storeEvent('search_submitted', { url: null, query: 'lantern' }),
  storeEvent('cart_viewed', { url: null, cart }, { actor: named }),
]
const deliveries: readonly Planned[] = events.map((event, index) => planned({ ...event, id: id(index + 1) }))

const client = {
  mode: 'client',
  applicationId: 'client-app-1',
  clientToken: 'client-token-secret',
  origin: 'https://shop.example.com',
}
const server = { appId: 'server-app-1', appToken: 'server-token-secret' }

/** The page's example names attributes that only note attributes can hold. */
const attributes = { login: 'login', pricing_plan: 'pricing_plan', volume_number: 'volume_number:number' }
const documented = { metadata: [], attributes, referralAttribute: 'referral', referrerAttribute: 'referrer' }
const subscribed = planned(
  storeEvent(
    'customer_created',
    { state: null },
    {
      id: id(90),
      actor: {
        ...NOBODY,
        customerId: 'source_customer_event',
        acceptsMarketing: true,
        attributes: {
          login: 'bob',
          pricing_plan: 'PP1',
          volume_number: '4',
          referral: '46jL0kYI',
          referrer: 'cust_Vzck5i8U3OhcEUFY6MKhN9Rv',
        },
      },
    },
  ),
)
const documentedBody: Json = {
  event: 'user_subscribed',
  customer: { source_id: 'source_customer_event' },
  referral: { code: '46jL0kYI', referrer_id: 'cust_Vzck5i8U3OhcEUFY6MKhN9Rv' },
  metadata: { login: 'bob', pricing_plan: 'PP1', volume_number: 4 },
}

function check({ method, url, headers, body }: VendorRequest, settings: VoucherifySettings): string[] {
  const faults: string[] = []
  const path = settings.mode === 'client' ? '/client/v1/events' : '/v1/events'
  if (method !== 'POST' || new URL(url).pathname !== path) faults.push(`events go to POST ${path}`)
  const required =
    settings.mode === 'client'
      ? ['X-Client-Application-Id', 'X-Client-Token', 'origin']
      : ['X-App-Id', 'X-App-Token']
  faults.push(...required.filter(name => !headers[name]).map(name => `header ${name} is required`))
  const sent = body as Record<string, Json>
  const unknown = Object.keys(sent).filter(
    key => !['event', 'customer', 'referral', 'loyalty', 'metadata'].includes(key),
  )
  faults.push(...unknown.map(key => `${key} is not a field of an event`))
  if (typeof sent.event !== 'string' || sent.event.length < 1 || sent.event.length > 300)
    faults.push('event must have 1 to 300 characters')
  const customer = (sent.customer ?? {}) as Record<string, Json>
  if (typeof customer.source_id !== 'string' || customer.source_id === '')
    faults.push('customer.source_id is required')
  if (Object.values(customer).some(value => value === null || value === ''))
    faults.push('an empty value would overwrite the customer’s')
  for (const key of ['referral', 'loyalty']) {
    const part = sent[key] as Record<string, Json> | undefined
    if (part !== undefined && (typeof part.code !== 'string' || part.code === ''))
      faults.push(`${key}.code is required`)
  }
  const values = Object.values((sent.metadata ?? {}) as Record<string, Json>)
  if (values.some(value => value === null || value === ''))
    faults.push('metadata without a value must be left out')
  return faults
}

export const samples: VendorSamples<VoucherifySettings> = {
  folder: new URL('.', import.meta.url),
  settings: [
    { name: 'application keys', input: server },
    { name: 'client keys', input: { ...client, region: 'us1', metadata: 'total, currency' } },
    {
      name: 'every optional event, renamed, with codes',
      input: {
        ...server,
        baseUrl: 'https://dedicated.voucherify.io/',
        rows: { page_viewed: true, collection_viewed: true, search_submitted: true, cart_viewed: true },
        eventNames: { order_created: 'purchase', cart_viewed: 'v'.repeat(300) },
        attributes: { points: 'points:number', joined: 'joined:date', note: 'ref' },
        referralAttribute: 'ref',
        referrerAttribute: 'referrer',
        loyaltyAttribute: 'card',
        referralFromDiscount: 'ref-',
        loyaltyFromDiscount: 'card-',
        testOrders: true,
      },
    },
    { name: 'no metadata', input: { ...server, region: 'as1', metadata: '', accountPlan: 'sandbox' } },
  ],
  refused: [
    { name: 'no keys', input: {}, field: 'appToken' },
    { name: 'client mode without an origin', input: { ...client, origin: '' }, field: 'origin' },
    { name: 'client mode with application keys', input: { ...server, mode: 'client' }, field: 'clientToken' },
    { name: 'a custom region without an address', input: { ...server, region: 'custom' }, field: 'baseUrl' },
    { name: 'an http address', input: { ...server, baseUrl: 'http://api.voucherify.io' }, field: 'baseUrl' },
    {
      name: 'an address inside a private network',
      input: { ...server, baseUrl: 'https://10.0.0.1' },
      field: 'baseUrl',
    },
    {
      name: 'an empty event name',
      input: { ...server, eventNames: { order_created: '' } },
      field: 'eventNames',
    },
    {
      name: 'a name of 301 characters',
      input: { ...server, eventNames: { order_paid: 'x'.repeat(301) } },
      field: 'eventNames',
    },
    { name: 'an unknown metadata key', input: { ...server, metadata: 'total,shoe_size' }, field: 'metadata' },
    {
      name: 'an unknown attribute type',
      input: { ...server, attributes: { a: 'b:money' } },
      field: 'attributes',
    },
  ],
  deliveries,
  requests: [
    {
      name: 'client-side page, without Authorization, which belongs to the OAuth alternative and not beside the client keys',
      settings: { ...client, ...documented },
      deliveries: [subscribed],
      requests: [
        {
          method: 'POST',
          url: 'https://api.voucherify.io/client/v1/events',
          headers: {
            'Content-Type': 'application/json',
            'X-Client-Application-Id': 'client-app-1',
            'X-Client-Token': 'client-token-secret',
            origin: 'https://shop.example.com',
          },
          body: documentedBody,
        },
      ],
    },
    {
      name: 'the same body with application keys',
      settings: { ...server, ...documented },
      deliveries: [subscribed],
      requests: [
        {
          method: 'POST',
          url: 'https://api.voucherify.io/v1/events',
          headers: {
            'Content-Type': 'application/json',
            'X-App-Id': 'server-app-1',
            'X-App-Token': 'server-token-secret',
          },
          body: documentedBody,
        },
      ],
    },
  ],
  answers: [
    {
      name: 'the event was received',
      status: 200,
      body: {
        object: 'event',
        type: 'cart_abandoned',
        customer: {
          id: 'cust_1',
          name: 'A Customer',
          email: 'shopper@example.com',
          source_id: 'source_customer_event',
          object: 'customer',
        },
        referral: null,
        loyalty: null,
      },
      kind: 'delivered',
    },
    {
      name: 'a referral without its code',
      status: 400,
      body: {
        code: 400,
        key: 'invalid_payload',
        message: 'Invalid payload',
        details: "Property .referral should have required property 'code'",
        request_id: 'v-1',
      },
      kind: 'dead',
    },
    { name: 'plan exceeded', status: 402, body: { code: 402, message: 'Payment required' }, kind: 'refused' },
    {
      name: 'too many client-side requests',
      status: 429,
      body: { code: 429, message: 'Too many requests hit the API too quickly.' },
      kind: 'retry',
    },
    {
      name: 'too many requests, in plain text',
      status: 429,
      text: 'API calls limit exceeded.',
      kind: 'retry',
    },
  ],
  testBody: { object: 'list', data_ref: 'customers', customers: [], total: 0 },
  check,
}
