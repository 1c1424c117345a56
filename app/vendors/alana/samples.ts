/** Alana's documented samples and rules, for the conformance suite. */
import type { VendorSamples } from '../conformance.ts'
import { orderEvent, planned, product, storeEvent } from '../testing.ts'
import type { Json, Planned, VendorRequest } from '../vendor.ts'
import { QUERY_LIMIT, TEXT_LIMIT } from './map.ts'
import { BATCH } from './plan.ts'
import type { AlanaSettings } from './settings.ts'

const id = (n: number): string => `01930000-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`
const cart = { token: 'c1', currency: 'EUR', total: '99.80', lines: [] }

const deliveries: readonly Planned[] = [
  storeEvent(
    'page_viewed',
    { url: null, page: { type: 'index', title: 'Home', referrer: null } },
    { id: id(1) },
  ),
  storeEvent('search_submitted', { url: null, query: 'lantern' }, { id: id(2) }),
  storeEvent(
    'collection_viewed',
    { url: null, collection: { id: '1', handle: 'lamps', title: 'Lamps', path: 'garden/lamps' } },
    { id: id(3) },
  ),
  storeEvent(
    'product_viewed',
    { url: null, product: product({ metafields: { 'alana.id': 'a-1' } }) },
    { id: id(4) },
  ),
  storeEvent('product_added_to_cart', { url: null, product: product(), quantity: 2 }, { id: id(5) }),
  storeEvent('cart_viewed', { url: null, cart }, { id: id(6) }),
  { ...orderEvent('order_created'), id: id(7) },
].map(event => planned(event))

const actor = (visitorId: string, customerId: string | null) => ({
  ...storeEvent('search_submitted', { url: null, query: 'x' }).actor,
  visitorId,
  customerId,
})

/** The page's own examples have no metadata and name products by Alana's catalogue id. */
const documented = {
  apiKey: 'ak_your_api_key',
  metadata: false,
  productIdentifier: 'metafield',
  productMetafield: 'alana.id',
}
const catalogued = product({ metafields: { 'alana.id': '550e8400-e29b-41d4-a716-446655440000' } })
const search = storeEvent(
  'search_submitted',
  { url: null, query: 'camiseta azul' },
  { id: id(11), actor: actor('visitor-abc', 'user-123') },
)
const view = (visitorId: string) =>
  planned(
    storeEvent(
      'product_viewed',
      { url: null, product: catalogued },
      { id: id(12), actor: actor(visitorId, null) },
    ),
  )
const request = (events: Json[]): VendorRequest => ({
  method: 'POST',
  url: 'https://alana.shopping/api/v1/events',
  headers: { 'Content-Type': 'application/json', 'x-api-key': 'ak_your_api_key' },
  body: { events },
})

/** Required fields by event type (https://docs.alana.shopping/api-reference/v1/events). */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'home-page-view': [],
  search: ['query'],
  'category-view': ['categoryPath'],
  'detail-page-view': ['productId'],
  'add-to-cart': ['productId'],
  'shopping-cart-page-view': [],
  'purchase-complete': ['productIds', 'revenue', 'currency'],
}
const isText = (value: Json | undefined): boolean =>
  typeof value === 'string' && value !== '' && value.length <= TEXT_LIMIT

function eventFaults(event: Record<string, Json>): string[] {
  const type = String(event.eventType)
  const required = REQUIRED[type]
  if (!required) return [`eventType ${type} is not one of the seven`]
  const faults = required
    .filter(name => event[name] === undefined || event[name] === null)
    .map(name => `${type} lacks ${name}`)
  for (const name of ['visitorId', 'userId', 'query', 'categoryPath', 'productId', 'currency']) {
    if (name in event && !isText(event[name])) faults.push(`${name} must be a text of 1 to ${TEXT_LIMIT}`)
  }
  if (!isText(event.visitorId)) faults.push('visitorId is required')
  if (typeof event.query === 'string' && event.query.length > QUERY_LIMIT) faults.push('query is too long')
  if ('revenue' in event && typeof event.revenue !== 'number') faults.push('revenue must be a number')
  const ids = event.productIds
  if (ids !== undefined && !(Array.isArray(ids) && ids.length > 0 && ids.every(isText)))
    faults.push('productIds must be texts')
  return faults
}

function check({ method, url, headers, body }: VendorRequest): string[] {
  const faults: string[] = []
  if (method !== 'POST' || url !== 'https://alana.shopping/api/v1/events')
    faults.push('events go to POST /api/v1/events')
  if (!headers['x-api-key']) faults.push('x-api-key is required')
  const events = (body as { events: Record<string, Json>[] }).events
  if (events.length < 1 || events.length > BATCH) faults.push(`a request holds 1 to ${BATCH} events`)
  if (events.length > 1 && events.some(e => e.eventType === 'purchase-complete'))
    faults.push('a purchase goes alone')
  return [...faults, ...events.flatMap(eventFaults)]
}

export const samples: VendorSamples<AlanaSettings> = {
  folder: new URL('.', import.meta.url),
  settings: [
    { name: 'defaults', input: { apiKey: 'ak_live_defaults1' } },
    {
      name: 'a metafield and no fallback',
      input: { ...documented, apiKey: 'ak_live_metafield1', visitorFallback: 'skip' },
    },
    {
      name: 'SKU, paths and test orders',
      input: { apiKey: 'ak_live_sku1', productIdentifier: 'sku', categoryPath: 'path', testOrders: true },
    },
  ],
  refused: [
    { name: 'no key', input: {}, field: 'apiKey' },
    { name: 'a key with a line break inside', input: { apiKey: 'ak_1\nak_2' }, field: 'apiKey' },
    {
      name: 'a metafield without its name',
      input: { apiKey: 'ak_1', productIdentifier: 'metafield' },
      field: 'productMetafield',
    },
    {
      name: 'an unknown category path',
      input: { apiKey: 'ak_1', categoryPath: 'breadcrumb' },
      field: 'categoryPath',
    },
  ],
  deliveries,
  requests: [
    {
      name: 'Authentication, a product view (Events page)',
      settings: documented,
      deliveries: [view('visitor-123')],
      requests: [
        request([
          {
            eventType: 'detail-page-view',
            visitorId: 'visitor-123',
            productId: '550e8400-e29b-41d4-a716-446655440000',
          },
        ]),
      ],
    },
    {
      name: 'Request Format, a search and a product view in one batch (Events page)',
      settings: documented,
      deliveries: [planned(search), view('visitor-abc')],
      requests: [
        request([
          { eventType: 'search', visitorId: 'visitor-abc', userId: 'user-123', query: 'camiseta azul' },
          {
            eventType: 'detail-page-view',
            visitorId: 'visitor-abc',
            productId: '550e8400-e29b-41d4-a716-446655440000',
          },
        ]),
      ],
    },
  ],
  answers: [
    {
      name: 'everything stored',
      status: 200,
      body: { status: 'ok', stored: 6, errors: 0 },
      kind: 'delivered',
    },
    {
      name: 'a 200 that hides a failure',
      status: 200,
      body: { status: 'ok', stored: 5, errors: 1 },
      kind: 'dead',
    },
    {
      name: 'a missing key',
      status: 401,
      body: { error: { code: 'AUTH_001', message: 'Missing API key', request_id: 'req_1' } },
      kind: 'refused',
    },
    {
      name: 'a key without the scope',
      status: 403,
      body: { error: { code: 'AUTH_003', message: 'Scope' } },
      kind: 'refused',
    },
    {
      name: 'too many requests',
      status: 429,
      body: { error: { code: 'RATE_001', message: 'Slow down' } },
      kind: 'retry',
    },
  ],
  testBody: { suggestions: [] },
  check,
}
