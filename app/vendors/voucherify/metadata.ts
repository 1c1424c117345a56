/**
 * An event's metadata at Voucherify. Values are typed as its metadata schemas are (text, number, boolean, ISO
 * 8601 date, list): a value of another type is rejected there, so one that does not fit is left out here.
 */
import type { Line, Product } from '../../events/data.ts'
import { isOrderEvent, isType, type StoreEvent } from '../../events/store-event.ts'
import { amount, compact, cut } from '../values.ts'
import type { Json, ShopFacts } from '../vendor.ts'
import { ATTRIBUTE_TYPES, type AttributeType, type MetadataKey } from './metadata-keys.ts'
import type { VoucherifySettings } from './settings.ts'

/** No limit is documented; a longer text is of no use in a rule. In UTF-16 units. */
export const TEXT_LIMIT = 500
/** Longest list of products or codes. */
const LIST_LIMIT = 100

type Facts = Partial<Record<MetadataKey, Json>>

const money = (value: string | null): number | null => (value === null ? null : amount(value))

const list = (texts: readonly (string | null)[]): string[] | null => {
  const known = [...new Set(texts.filter(text => text !== null && text !== ''))].slice(0, LIST_LIMIT)
  return known.length > 0 ? (known as string[]) : null
}

/** Lines of none are no longer in the order: an earning rule must not count them. */
const linesFacts = (lines: readonly Line[]): Facts => ({
  items_count: lines.reduce((sum, line) => sum + line.quantity, 0),
  product_ids: list(lines.filter(line => line.quantity > 0).map(line => line.product.id)),
})

const productFacts = (product: Product): Facts => ({
  product_id: product.id,
  variant_id: product.variantId,
  sku: product.sku,
  product_title: product.title,
  product_handle: product.handle,
  brand: product.brand,
  category: product.category,
  product_url: product.url,
  image_url: product.imageUrl,
  price: money(product.price),
  currency: product.currency,
})

function orderFacts(event: StoreEvent): Facts {
  if (!isOrderEvent(event)) return {}
  const { orderId, order, refund } = event.data
  const refunded: Facts = refund ? { refund_amount: money(refund.amount), currency: refund.currency } : {}
  if (!order) return { order_id: orderId, ...refunded }
  return {
    order_id: orderId,
    order_name: order.name,
    order_created_at: order.createdAt,
    financial_status: order.financialStatus,
    fulfillment_status: order.fulfillmentStatus,
    sales_channel: order.sourceName,
    total: money(order.total),
    tax: money(order.tax),
    shipping: money(order.shipping),
    discount: money(order.discount),
    discount_codes: list(order.discountCodes),
    ...linesFacts(order.lines),
    ...refunded,
    currency: order.currency ?? refund?.currency ?? null,
  }
}

function checkoutFacts(event: StoreEvent): Facts {
  if (!isType(event, 'checkout_started', 'checkout_abandoned')) return {}
  const { checkout } = event.data
  return {
    total: money(checkout.total),
    tax: money(checkout.tax),
    shipping: money(checkout.shipping),
    discount: money(checkout.discount),
    discount_codes: list(checkout.discountCodes),
    currency: checkout.currency,
    ...linesFacts(checkout.lines),
  }
}

function browsingFacts(event: StoreEvent): Facts {
  if (isType(event, 'product_viewed')) return productFacts(event.data.product)
  if (isType(event, 'product_added_to_cart'))
    return { ...productFacts(event.data.product), quantity: event.data.quantity }
  if (isType(event, 'cart_viewed')) {
    const { cart } = event.data
    return { total: money(cart.total), currency: cart.currency, ...linesFacts(cart.lines) }
  }
  if (isType(event, 'collection_viewed')) {
    const { id, title, handle } = event.data.collection
    return { collection_id: id, collection_title: title, collection_handle: handle }
  }
  if (isType(event, 'search_submitted')) return { query: event.data.query }
  if (isType(event, 'page_viewed'))
    return { page_type: event.data.page.type, page_title: event.data.page.title }
  return {}
}

/** A note attribute in the type asked for, or null when it is not one. */
function typed(value: string, type: AttributeType): Json {
  const text = value.trim()
  switch (type) {
    case 'text':
      return text
    case 'number':
      return /^-?\d{1,15}(\.\d{1,10})?$/.test(text) ? Number(text) : null
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : null
    case 'date':
      return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) && !Number.isNaN(Date.parse(text))
        ? text
        : null
  }
}

/** The metadata that the merchant takes from note attributes, as it is sent; null where there is none. */
export function attributeFacts(event: StoreEvent, settings: VoucherifySettings): Record<string, Json> {
  const wanted = Object.entries(settings.attributes).map(([key, source]): [string, Json] => {
    const type = ATTRIBUTE_TYPES.find(name => source.endsWith(`:${name}`))
    const name = type ? source.slice(0, -type.length - 1) : source
    const value = Object.hasOwn(event.actor.attributes, name) ? event.actor.attributes[name] : undefined
    return [key, value === undefined ? null : shortened(typed(value, type ?? 'text'))]
  })
  return Object.fromEntries(wanted)
}

const shortened = (value: Json): Json => {
  if (typeof value === 'string') return cut(value, TEXT_LIMIT)
  return Array.isArray(value) ? value.map(shortened) : value
}

/** The metadata that the merchant chose and this event knows; null when there is none. */
export function metadataOf(
  event: StoreEvent,
  settings: VoucherifySettings,
  shop: ShopFacts,
): Record<string, Json> | null {
  const known: Facts = {
    occurred_at: event.occurredAt,
    shop_domain: shop.domain,
    ...orderFacts(event),
    ...checkoutFacts(event),
    ...browsingFacts(event),
  }
  const keys = settings.eventMetadata[event.type] ?? settings.metadata
  const chosen = Object.fromEntries(keys.map(key => [key, shortened(known[key] ?? null)]))
  const metadata = compact({ ...chosen, ...attributeFacts(event, settings) }) as Record<string, Json>
  return Object.keys(metadata).length > 0 ? metadata : null
}
