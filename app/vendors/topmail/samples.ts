/** Topmail's documented samples and rules, for the conformance suite. */
import { z } from 'zod'
import type { VendorSamples } from '../conformance.ts'
import { orderEvent, planned, product, storeEvent } from '../testing.ts'
import type { Planned, VendorRequest } from '../vendor.ts'
import type { TopmailSettings } from './settings.ts'

const KEY = 'tm_live_abc123'
const OPTIONAL_ROWS = { order_created: true, customer_created: true, marketing_consent_updated: true }
const id = (n: number): string => `01930000-0000-7000-8000-0000000003${String(n).padStart(2, '0')}`

const view = storeEvent('product_viewed', { url: null, product: product() })
const accepting = { ...view.actor, firstName: 'A', lastName: 'Shopper', acceptsMarketing: true }
const consent = (n: number, state: string, learned: string[]): Planned =>
  planned(
    storeEvent(
      'marketing_consent_updated',
      { channel: 'email', state, optInLevel: null },
      {
        id: id(n),
        source: 'webhook',
        subject: 'customer:7012345678901',
        version: '2026-11-20T11:59:00.000Z',
      },
    ),
    { learned },
  )

const deliveries: readonly Planned[] = [
  planned({ ...view, id: id(1) }),
  planned({ ...orderEvent('order_created'), id: id(2) }),
  planned(
    storeEvent('customer_created', { state: 'enabled' }, { id: id(3), source: 'webhook', actor: accepting }),
  ),
  consent(4, 'subscribed', []),
  consent(5, 'subscribed', ['contact_missing']),
  consent(6, 'unsubscribed', ['contact_id:contact-uuid-67890']),
]

const headphones = product({
  id: 'prod_abc123',
  variantId: null,
  title: 'Premium Wireless Headphones',
  url: 'https://yourstore.com/products/wireless-headphones',
  imageUrl: 'https://yourstore.com/images/headphones.jpg',
  price: '99.99',
  currency: 'USD',
  category: 'Electronics',
  brand: 'AudioCo',
  sku: 'WH-PRO-BLK',
})
const headphonesViewed = storeEvent(
  'product_viewed',
  { url: null, product: headphones },
  { id: id(10), actor: { ...view.actor, visitorId: null } },
)

const short = z.string().min(1).max(100)
const webAddress = z.url({ protocol: /^https?$/ })
const person = { email: z.string().min(1) }
const viewSchema = z.strictObject({
  ...person,
  product_id: short,
  product_name: z.string().min(1).max(200),
  product_url: webAddress,
  variant_id: short.optional(),
  image_url: webAddress.optional(),
  price: z.number().nonnegative().optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  category: short.optional(),
  brand: short.optional(),
  sku: short.optional(),
  session_id: short.optional(),
})
const conversionSchema = z.strictObject({
  ...person,
  type: z.literal('purchase'),
  revenue: z.number().nonnegative(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  order_id: short,
})
const contactSchema = z.strictObject({
  ...person,
  first_name: short.optional(),
  last_name: short.optional(),
  subscribed: z.boolean(),
})
const RULES: readonly [string, RegExp, z.ZodType][] = [
  ['POST', /^\/api\/v1\/track\/product-view$/, viewSchema],
  ['POST', /^\/api\/v1\/conversions$/, conversionSchema],
  ['POST', /^\/api\/v1\/contacts$/, contactSchema],
  ['PATCH', /^\/api\/v1\/contacts\/[^/]+$/, z.strictObject({ subscribed: z.boolean() })],
  ['GET', /^\/api\/v1\/contacts$/, z.undefined()],
]

/** The documented rules that the request breaks; empty when it keeps all. */
export function check({ method, url, headers, body }: VendorRequest): string[] {
  const { origin, pathname } = new URL(url)
  const rule = RULES.find(([verb, path]) => verb === method && path.test(pathname))?.[2]
  if (origin !== 'https://api.topmail.so' || !rule) return [`${method} ${url} is not documented`]
  const faults =
    rule.safeParse(body).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
  if (!headers.Authorization?.startsWith('Bearer ')) faults.push('the bearer key is missing')
  if (method !== 'GET' && !headers['Idempotency-Key']) faults.push('a change needs an Idempotency-Key')
  return faults
}

const error = (code: string, message: string, path?: string) => ({
  error: { code, message, ...(path && { path }) },
})

export const samples: VendorSamples<TopmailSettings> = {
  folder: new URL('.', import.meta.url),
  settings: [
    { name: 'a key alone', input: { apiKey: KEY } },
    {
      name: 'contacts and SKUs',
      input: { apiKey: KEY, createContacts: true, productIdentifier: 'sku', rows: OPTIONAL_ROWS },
    },
  ],
  refused: [
    { name: 'no key', input: {}, field: 'apiKey' },
    { name: 'a key with a blank', input: { apiKey: 'tm_live_ abc' }, field: 'apiKey' },
    {
      name: 'no metafield',
      input: { apiKey: KEY, productIdentifier: 'metafield' },
      field: 'productMetafield',
    },
  ],
  deliveries,
  requests: [
    {
      name: 'developers/tracking',
      settings: { apiKey: KEY },
      deliveries: [planned(headphonesViewed)],
      requests: [
        {
          method: 'POST',
          url: 'https://api.topmail.so/api/v1/track/product-view',
          headers: {
            Authorization: 'Bearer tm_live_abc123',
            'Content-Type': 'application/json',
            'Idempotency-Key': `${id(10)}:product-view`,
          },
          body: {
            email: 'shopper@example.com',
            product_id: 'prod_abc123',
            product_name: 'Premium Wireless Headphones',
            product_url: 'https://yourstore.com/products/wireless-headphones',
            image_url: 'https://yourstore.com/images/headphones.jpg',
            price: 99.99,
            currency: 'USD',
            category: 'Electronics',
            brand: 'AudioCo',
            sku: 'WH-PRO-BLK',
          },
        },
      ],
    },
  ],
  answers: [
    {
      name: 'a product view',
      status: 200,
      step: 'product-view',
      kind: 'delivered',
      body: {
        data: {
          id: 'view-uuid-12345',
          contact_id: 'contact-uuid-67890',
          product_id: 'prod_abc123',
          product_name: 'Premium Wireless Headphones',
          viewed_at: '2025-01-15T14:30:00.000Z',
        },
      },
    },
    {
      name: 'a bad field',
      status: 400,
      step: 'product-view',
      kind: 'dead',
      body: error('validation_error', 'Invalid', 'product_url'),
    },
    {
      name: 'no sender',
      status: 400,
      step: 'product-view',
      kind: 'dead',
      body: error('missing_from_email', 'No sender'),
    },
    { name: 'a bad key', status: 401, kind: 'refused', body: error('unauthorized', 'Invalid API key') },
    {
      name: 'a reached limit of the plan',
      status: 403,
      kind: 'refused',
      body: error('limit_reached', 'Limit reached'),
    },
    { name: 'a bad domain', status: 403, kind: 'refused', body: error('domain_invalid', 'Invalid domain') },
    {
      name: 'an unknown contact',
      status: 404,
      step: 'product-view',
      kind: 'learned',
      body: error('contact_not_found', 'Contact not found'),
    },
    { name: 'an unknown thing', status: 404, kind: 'dead', body: error('not_found', 'Not found') },
    {
      name: 'an unknown workspace',
      status: 404,
      kind: 'dead',
      body: error('workspace_not_found', 'Not found'),
    },
    {
      name: 'an unknown template',
      status: 404,
      kind: 'dead',
      body: error('template_not_found', 'Not found'),
    },
    {
      name: 'a contact that exists',
      status: 409,
      step: 'create-contact',
      kind: 'delivered',
      body: error('duplicate', 'Duplicate'),
    },
    {
      name: 'too many requests',
      status: 429,
      headers: { 'retry-after': '30' },
      kind: 'retry',
      body: error('rate_limited', 'Slow down'),
    },
    { name: 'a failure at Topmail', status: 500, kind: 'retry', body: error('server_error', 'Server error') },
  ],
  testBody: { data: [] },
  check,
}
