/**
 * The storefront batch as the theme extension and the web pixel send it. Anyone who can open the storefront
 * can send anything, so every value is checked and capped. Unknown keys are dropped, for pages that still
 * run an older or already a newer script than this server.
 *
 * The schemas only check: texts are cleaned where events are made of them (./values.ts), because under load most batches
 * are checked and kept as they came. zod compiles plain objects of plain checks, and takes ten times as long for
 * preprocessing and transforms. Messages name what is expected and never repeat what came.
 */
import { z } from 'zod'
import { currencyCode } from '../../events/data.ts'
import { asText, isFields } from '../payloads/fields.ts'

const MAX_ID = 200
const MAX_TITLE = 500
/** What is kept of an address. */
export const MAX_URL = 2048
/** A page's address and its referrer come as they are, with whatever a campaign appended; what is longer is cut when it is kept. */
const MAX_PAGE_URL = 16_000
const MAX_QUERY = 500
const MAX_ITEMS = 250
const MAX_QUANTITY = 1_000_000
export const MAX_EVENTS = 50

const text = (max: number) => z.string('must be text').max(max, `must have at most ${max} characters`)

/** Liquid prints ids as JSON numbers: whole ones that a double keeps are taken as well. */
const id = z.union([text(MAX_ID), z.int('must be whole')], 'must be text').nullish()
const title = text(MAX_TITLE).nullish()
const currency = currencyCode.nullish()

/** A web address, absolute or relative to the shop: "https://…", "//cdn…", "/products/…". */
const webAddress = text(MAX_URL).refine(isWebAddress, 'must be a web address').nullish()
const pageAddress = text(MAX_PAGE_URL).refine(isWebAddress, 'must be a web address').nullish()

/** Plain addresses, nearly all there are. Making a URL of one, or only trying to, takes many times as long. */
const PLAIN_ADDRESS =
  /^(?:(?:https?:)?\/\/(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}(?:[/?#][\x21-\x7e]*)?|\/(?:[\w-][\x21-\x7e]*)?)$/

function isWebAddress(value: string): boolean {
  if (PLAIN_ADDRESS.test(value)) return true
  // As it will be stored: a NUL inside would hide a "javascript:".
  const address = asText(value)
  return (
    address === null ||
    ['https:', 'http:'].includes(URL.parse(address, 'https://example.com')?.protocol ?? '')
  )
}

const AMOUNT = 'must be a decimal of zero or more, such as "139.99"'
/** A price of zero or more, as text or number, below 10^15. */
const price = z
  .union(
    [
      z.string(AMOUNT).regex(/^\d{1,15}(\.\d{1,10})?$/, AMOUNT),
      z.number(AMOUNT).nonnegative(AMOUNT).lt(1e15, AMOUNT),
    ],
    AMOUNT,
  )
  .nullish()

function quantity(least: number, tooFew: string) {
  const digits = z
    .string()
    .regex(/^\d{1,7}$/, 'must be a number')
    .refine(value => Number(value) >= least, tooFew)
    .refine(value => Number(value) <= MAX_QUANTITY, 'is too large')
  const number = z.int('must be a whole number').min(least, tooFew).max(MAX_QUANTITY, 'is too large')
  return z.union([number, digits], 'must be a whole number')
}

const productFields = {
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
}
const product = z.object(productFields, 'must be an object')
export type WireProduct = z.infer<typeof product>

/** The product's own fields with a quantity; `{product, quantity}` is read as the same. */
const item = z.preprocess(
  value =>
    isFields(value) && isFields(value.product) ? { ...value.product, quantity: value.quantity } : value,
  z.object({ ...productFields, quantity: quantity(0, 'must not be negative') }, 'must be an object'),
)
const items = z.array(item, 'must be a list').max(MAX_ITEMS, `must have at most ${MAX_ITEMS} items`)
export type WireItem = z.infer<typeof item>

const cart = z.object({ token: id, currency, total: price, items }, 'must be an object')
export type WireCart = z.infer<typeof cart>

const required = text(MAX_ID).refine(value => asText(value) !== null, 'is missing')

/** As the pixel sees it, without anything about the person: what a browser says of one is never believed. */
const checkout = z.object(
  {
    /** It stands in keys and in the event's subject; Shopify's are 32 hexadecimal digits. */
    token: z.string('must be text').regex(/^[\w-]{1,200}$/, 'must be 1 to 200 letters, digits, "_" or "-"'),
    orderId: z
      .string('must be text')
      .regex(/^\d{1,30}$/, 'must be digits')
      .nullish(),
    currency,
    total: price,
    items,
  },
  'must be an object',
)
export type WireCheckout = z.infer<typeof checkout>

const collection = z.object({ id, handle: title, title, path: text(MAX_URL).nullish() }, 'must be an object')
const page = z.object({ type: title, title, referrer: text(MAX_PAGE_URL).nullish() }, 'must be an object')
const changed = z.object({ product, quantity: quantity(1, 'must be 1 or more') }, 'must be an object')

const common = {
  id: required,
  at: z.iso.datetime({ offset: true, error: 'must be an ISO 8601 time with its offset' }),
  url: pageAddress,
}

function eventOf<T extends string, D extends z.ZodRawShape>(type: T, data: D) {
  return z.object({ ...common, type: z.literal(type), data: z.object(data, 'must be an object') })
}

const storefrontEvents = [
  eventOf('page_viewed', { page }),
  eventOf('collection_viewed', { collection }),
  eventOf('product_viewed', { product }),
  eventOf('search_submitted', { query: text(MAX_QUERY) }),
  eventOf('product_added_to_cart', changed.shape),
  eventOf('product_removed_from_cart', changed.shape),
  eventOf('cart_viewed', { cart }),
] as const

/** Only the pixel sees the checkout: a theme has no part in it. */
const checkoutEvents = [
  eventOf('checkout_started', { checkout }),
  eventOf('checkout_updated', { checkout }),
  eventOf('checkout_completed', { checkout }),
] as const

const unionError =
  (of: string) =>
  ({ code }: { code?: string }) =>
    code === 'invalid_union' ? `is not an event type of a ${of}` : 'must be an object'

/** One event of a batch, by the way it came. */
export const wireEventSchemas = {
  storefront: z.discriminatedUnion('type', storefrontEvents, { error: unionError('storefront') }),
  pixel: z.discriminatedUnion('type', [...storefrontEvents, ...checkoutEvents], {
    error: unionError('pixel'),
  }),
}
export type WireEvent = z.infer<typeof wireEventSchemas.pixel>

/** A visitor id has no colon, so that it can stand in a key. */
export const VISITOR_ID = /^[\w.-]{1,200}$/

/** The batch around the events. `sentAt` and `consent` are read as far as they can be (./values.ts). */
export const wireBatchSchema = z.object(
  {
    visitorId: z
      .string('must be text')
      .regex(VISITOR_ID, 'must be 1 to 200 letters, digits, ".", "_" or "-"'),
    sentAt: z.unknown().optional(),
    consent: z.unknown().optional(),
    events: z.array(z.unknown(), 'must be a list').max(MAX_EVENTS, `must have at most ${MAX_EVENTS} events`),
  },
  'The body must be an object.',
)
export type WireBatch = z.infer<typeof wireBatchSchema>
