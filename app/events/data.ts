/**
 * What an event carries, by type. Every field that Shopify may leave out, null or redact is nullable here:
 * a vendor that needs a missing field skips the event with a reason, and nothing throws.
 *
 * Money is a decimal string in the currency named beside it ("139.99" EUR, "23600" JPY), never a float.
 * Ids are strings: Shopify's numeric ids exceed what a double keeps. Times are ISO 8601 in UTC.
 */
import { z } from 'zod'

/** A decimal amount as a string, at most 15 digits before the point: "0", "-5.00", "139.99". */
export const decimal = z.string().regex(/^-?\d{1,15}(\.\d{1,10})?$/, 'must be a decimal such as "139.99"')
/** ISO 4217, three capital letters. */
export const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a three-letter ISO currency such as "EUR"')
/** ISO 8601 instant in UTC. */
export const instant = z.iso.datetime()

const text = z.string().nullable()

/**
 * A product as it was seen. `brand` is what Shopify calls the product's vendor (that word means something
 * else here). `category`, `tags`, `metafields` and what else the source did not know are filled in from the
 * product cache before a vendor sees the event.
 */
export const productSchema = z.object({
  id: text,
  variantId: text,
  handle: text,
  title: text,
  variantTitle: text,
  sku: text,
  brand: text,
  category: text,
  tags: z.array(z.string()),
  /** Unit price in `currency`, as the shopper saw it. */
  price: decimal.nullable(),
  currency: currencyCode.nullable(),
  url: text,
  imageUrl: text,
  /** "namespace.key" to value, when the cache knows them. */
  metafields: z.record(z.string(), z.string()),
})
export type Product = z.infer<typeof productSchema>

/** One line of a cart, a checkout or an order. */
export const lineSchema = z.object({
  id: text,
  product: productSchema,
  /** Current quantity: after edits and refunds where Shopify tells. */
  quantity: z.number().int().nonnegative(),
  /** Unit price before discounts, as listed (with tax only where the order's prices include it). */
  unitPrice: decimal,
  /** For the whole quantity, after discounts, with tax. */
  total: decimal,
  /** Tax contained in `total`. */
  tax: decimal,
})
export type Line = z.infer<typeof lineSchema>

export const cartSchema = z.object({
  token: text,
  currency: currencyCode.nullable(),
  total: decimal.nullable(),
  lines: z.array(lineSchema),
})
export type Cart = z.infer<typeof cartSchema>

export const checkoutSchema = z.object({
  token: text,
  cartToken: text,
  currency: currencyCode.nullable(),
  /** With tax and shipping. */
  total: decimal.nullable(),
  tax: decimal.nullable(),
  shipping: decimal.nullable(),
  discount: decimal.nullable(),
  discountCodes: z.array(z.string()),
  lines: z.array(lineSchema),
})
export type Checkout = z.infer<typeof checkoutSchema>

/** An order's state at one moment. Amounts are the current ones: edits and refunds already taken off. */
export const orderSchema = z.object({
  /** The name shown to people: "#1001". */
  name: text,
  checkoutToken: text,
  cartToken: text,
  createdAt: instant.nullable(),
  updatedAt: instant.nullable(),
  cancelledAt: instant.nullable(),
  test: z.boolean(),
  currency: currencyCode.nullable(),
  /** With tax and shipping, after discounts, edits and refunds of lines. */
  total: decimal.nullable(),
  tax: decimal.nullable(),
  shipping: decimal.nullable(),
  discount: decimal.nullable(),
  /** Shopify's: pending, authorized, partially_paid, paid, partially_refunded, refunded, voided, expired. */
  financialStatus: text,
  /** Shopify's: null (nothing yet), partial, fulfilled, restocked. */
  fulfillmentStatus: text,
  discountCodes: z.array(z.string()),
  /** Channel the order came through ("web", "pos", …). */
  sourceName: text,
  lines: z.array(lineSchema),
})
export type Order = z.infer<typeof orderSchema>

export const refundSchema = z.object({
  id: z.string(),
  /** Money given back in `currency`: the refund's transactions, or its lines and adjustments if it has none. */
  amount: decimal.nullable(),
  currency: currencyCode.nullable(),
  lines: z.array(
    z.object({ product: productSchema, quantity: z.number().int().nonnegative(), total: decimal.nullable() }),
  ),
})
export type Refund = z.infer<typeof refundSchema>

/**
 * What every order event carries. `order` is null when the notice that Shopify sent does not contain the
 * order (refunds/create, orders/edited): the whole order follows in orders/updated.
 */
export const orderEventSchema = z.object({
  orderId: z.string(),
  order: orderSchema.nullable(),
  refund: refundSchema.nullable(),
})

export const pageSchema = z.object({ type: text, title: text, referrer: text })
export const collectionSchema = z.object({ id: text, handle: text, title: text, path: text })

const url = z.string().nullable()
const productEvent = z.object({ url, product: productSchema })
const cartChange = z.object({ url, product: productSchema, quantity: z.number().int().positive() })
const checkoutEvent = z.object({ checkout: checkoutSchema })

/** Event type to the shape of its data. */
export const DATA_SCHEMAS = {
  page_viewed: z.object({ url, page: pageSchema }),
  collection_viewed: z.object({ url, collection: collectionSchema }),
  product_viewed: productEvent,
  search_submitted: z.object({ url, query: z.string() }),
  product_added_to_cart: cartChange,
  product_removed_from_cart: cartChange,
  cart_viewed: z.object({ url, cart: cartSchema }),
  cart_updated: z.object({ cart: cartSchema }),
  checkout_started: checkoutEvent,
  checkout_updated: checkoutEvent,
  checkout_abandoned: checkoutEvent,
  checkout_completed: checkoutEvent,
  order_created: orderEventSchema,
  order_updated: orderEventSchema,
  order_paid: orderEventSchema,
  order_fulfilled: orderEventSchema,
  order_cancelled: orderEventSchema,
  order_refunded: orderEventSchema,
  customer_created: z.object({ state: text }),
  marketing_consent_updated: z.object({
    channel: z.literal('email'),
    /** Shopify's: subscribed, not_subscribed, pending, unsubscribed, redacted, invalid. */
    state: z.string(),
    optInLevel: text,
  }),
}

export type DataOf<T extends keyof typeof DATA_SCHEMAS> = z.infer<(typeof DATA_SCHEMAS)[T]>
