/**
 * The storefront batch as the theme extension and the web pixel send it. Anyone who can open the storefront
 * can send anything, so every value is checked and capped. Unknown keys are dropped, for pages that still
 * run an older or already a newer script than this server.
 *
 * Messages name what is expected and never repeat what came.
 */
import { Decimal } from 'decimal.js'
import { z } from 'zod'
import { currencyCode, decimal } from '../../events/data.ts'
import { asInstant, asText, isFields } from '../payloads/fields.ts'

const MAX_ID = 200
const MAX_TITLE = 500
const MAX_URL = 2048
const MAX_QUERY = 500
const MAX_ITEMS = 250
const MAX_QUANTITY = 1_000_000

/** Text of at most `max` characters; missing, null and blank read as null. */
function capped(max: number) {
  return z
    .string('must be text')
    .max(max, `must have at most ${max} characters`)
    .nullish()
    .transform(value => asText(value))
}

/** Liquid prints ids as JSON numbers: whole ones that a double keeps are taken as well. */
const id = z.preprocess(
  value => (typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value),
  capped(MAX_ID),
)

const title = capped(MAX_TITLE)

/** A web address, absolute or relative to the shop: "https://…", "//cdn…", "/products/…". */
const webAddress = capped(MAX_URL).refine(
  value => value === null || isWebAddress(value),
  'must be a web address',
)

function isWebAddress(value: string): boolean {
  const base = 'https://example.com'
  // Almost all begin like this; making a URL to learn its protocol takes three times as long.
  if (/^(https?:)?\//.test(value)) return URL.canParse(value, base)
  return ['https:', 'http:'].includes(URL.parse(value, base)?.protocol ?? '')
}

/** A price of zero or more, as text or number. */
const price = z
  .preprocess(
    value =>
      typeof value === 'number' && Number.isFinite(value)
        ? new Decimal(value).toDecimalPlaces(10).toFixed()
        : value,
    decimal.refine(value => !value.startsWith('-'), 'must not be negative').nullish(),
  )
  .transform(value => value ?? null)

const currency = currencyCode.nullish().transform(value => value ?? null)

const quantity = z.preprocess(
  value => (typeof value === 'string' && /^\d{1,7}$/.test(value) ? Number(value) : value),
  z.number('must be a number').int('must be whole').max(MAX_QUANTITY, 'is too large'),
)

const product = z.object(
  {
    id,
    variantId: id,
    handle: title,
    title,
    variantTitle: title,
    sku: title,
    /** Becomes the product's `brand`. */
    vendor: title,
    /** Becomes the product's `category`. */
    type: title,
    price,
    currency,
    url: webAddress,
    imageUrl: webAddress,
  },
  'must be an object',
)
export type WireProduct = z.infer<typeof product>

/** The product's own fields with a quantity; `{product, quantity}` is read as the same. */
const item = z.preprocess(
  value =>
    isFields(value) && isFields(value.product) ? { ...value.product, quantity: value.quantity } : value,
  product.extend({ quantity: quantity.refine(value => value >= 0, 'must not be negative') }),
)

const cart = z.object(
  {
    token: id,
    currency,
    total: price,
    items: z.array(item, 'must be a list').max(MAX_ITEMS, `must have at most ${MAX_ITEMS} items`),
  },
  'must be an object',
)
export type WireCart = z.infer<typeof cart>

const collection = z.object({ id, handle: title, title, path: capped(MAX_URL) }, 'must be an object')
const page = z.object({ type: title, title, referrer: capped(MAX_URL) }, 'must be an object')
const changed = z.object({ product, quantity: quantity.refine(value => value > 0, 'must be 1 or more') })

const requiredId = z
  .string('must be text')
  .max(MAX_ID, `must have at most ${MAX_ID} characters`)
  .transform(value => asText(value))
  .refine(value => value !== null, 'is missing')
  .transform(value => value ?? '')

const at = z
  .unknown()
  .transform(asInstant)
  .refine(value => value !== null, 'must be an ISO 8601 time with its offset')
  .transform(value => value ?? '')

const common = { id: requiredId, at, url: webAddress }
const query = z.string('must be text').max(MAX_QUERY, `must have at most ${MAX_QUERY} characters`)

/** Wire type to the shape of its `data`. */
const DATA = {
  page_viewed: z.object({ page }),
  collection_viewed: z.object({ collection }),
  product_viewed: z.object({ product }),
  search_submitted: z.object({ query: query.transform(value => asText(value) ?? '') }),
  product_added_to_cart: changed,
  product_removed_from_cart: changed,
  cart_viewed: z.object({ cart }),
} as const

function eventOf<T extends keyof typeof DATA>(type: T) {
  return z.object({ ...common, type: z.literal(type), data: DATA[type] })
}

/** One event of a batch. */
export const wireEventSchema = z.discriminatedUnion(
  'type',
  [
    eventOf('page_viewed'),
    eventOf('collection_viewed'),
    eventOf('product_viewed'),
    eventOf('search_submitted'),
    eventOf('product_added_to_cart'),
    eventOf('product_removed_from_cart'),
    eventOf('cart_viewed'),
  ],
  {
    error: issue =>
      issue.code === 'invalid_union' ? 'is not an event type of a storefront' : 'must be an object',
  },
)
export type WireEvent = z.infer<typeof wireEventSchema>

const MAX_EVENTS = 50

const choice = z
  .unknown()
  .optional()
  .transform(value => (typeof value === 'boolean' ? value : null))

/**
 * The batch around the events. A visitor id has no colon, so that it can stand in a key. Consent that is
 * not said is not known, and a missing `sentAt` only costs the correction of the browser's clock.
 */
export const wireBatchSchema = z.object(
  {
    visitorId: z
      .string('must be text')
      .regex(/^[\w.-]{1,200}$/, 'must be 1 to 200 letters, digits, ".", "_" or "-"'),
    sentAt: z.unknown().optional().transform(asInstant),
    consent: z
      .unknown()
      .optional()
      .transform(value => (isFields(value) ? value : {}))
      .pipe(z.object({ analytics: choice, marketing: choice })),
    events: z.array(z.unknown(), 'must be a list').max(MAX_EVENTS, `must have at most ${MAX_EVENTS} events`),
  },
  'The body must be an object.',
)
export type WireBatch = z.infer<typeof wireBatchSchema>
