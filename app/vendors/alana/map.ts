/**
 * From a store event to an Alana shopping event.
 * Fields and event types: https://docs.alana.shopping/api-reference/v1/events
 */
import type { Line } from '../../events/data.ts'
import { isType, type StoreEvent, type StoreEventOf } from '../../events/store-event.ts'
import type { SkipReason } from '../reasons.ts'
import { amount, compact, cut, identifierOf } from '../values.ts'
import type { Json } from '../vendor.ts'
import type { AlanaSettings } from './settings.ts'

/** Alana's search refuses longer queries; its events page names no limit, so the same one is kept. In UTF-16 units. */
export const QUERY_LIMIT = 512
/** No limit is documented for ids and paths; real ones are far shorter. In UTF-16 units. */
export const TEXT_LIMIT = 512

export type AlanaEvent = { [key: string]: Json }
export type NotSent = { reason: SkipReason; detail?: string }
/** `details` become `metadata`, beside the time. */
type Own = { fields: { eventType: string; [key: string]: Json }; details?: Record<string, Json | undefined> }

const missing = (detail: string): NotSent => ({ reason: 'missing_field', detail })

/** True for the pages that Alana counts as the home page; themes name the template `index`. */
export function isHome(event: StoreEventOf<'page_viewed'>): boolean {
  return event.data.page.type === 'index' || event.data.page.type === 'home'
}

function productEvent(
  eventType: string,
  event: StoreEventOf<'product_viewed' | 'product_added_to_cart'>,
  settings: AlanaSettings,
): Own | NotSent {
  const { product } = event.data
  const productId = identifierOf(product, settings)
  if (!productId) return { reason: 'no_product_identifier', detail: settings.productIdentifier }
  const quantity = event.type === 'product_added_to_cart' ? event.data.quantity : undefined
  const title = product.title ? cut(product.title, 200) : undefined
  return { fields: { eventType, productId: cut(productId, TEXT_LIMIT) }, details: { quantity, title } }
}

function categoryEvent(event: StoreEventOf<'collection_viewed'>, settings: AlanaSettings): Own | NotSent {
  const path = event.data.collection[settings.categoryPath]?.trim()
  if (!path) return missing(`collection.${settings.categoryPath}`)
  return { fields: { eventType: 'category-view', categoryPath: cut(path, TEXT_LIMIT) } }
}

/** The identifiers of the lines still in the order, each once: lines without one are left out. */
function productIds(lines: readonly Line[], settings: AlanaSettings): string[] {
  const ids = lines.filter(line => line.quantity > 0).map(line => identifierOf(line.product, settings))
  return [...new Set(ids.filter(id => id !== null && id !== '').map(id => cut(id as string, TEXT_LIMIT)))]
}

function purchase(event: StoreEventOf<'order_created'>, settings: AlanaSettings): Own | NotSent {
  const { order, orderId } = event.data
  if (!order) return missing('order')
  if (order.test && !settings.testOrders) return { reason: 'test_order' }
  if (order.total === null) return missing('order.total')
  if (order.currency === null) return missing('order.currency')
  const ids = productIds(order.lines, settings)
  if (ids.length === 0) return { reason: 'no_product_identifier', detail: settings.productIdentifier }
  const quantity = order.lines.reduce((sum, line) => sum + line.quantity, 0)
  return {
    fields: {
      eventType: 'purchase-complete',
      productIds: ids,
      revenue: amount(order.total),
      currency: order.currency,
    },
    details: {
      orderId: cut(orderId, TEXT_LIMIT),
      orderName: order.name ? cut(order.name, TEXT_LIMIT) : undefined,
      quantity,
    },
  }
}

function ownFields(event: StoreEvent, settings: AlanaSettings): Own | NotSent {
  if (isType(event, 'page_viewed'))
    return isHome(event) ? { fields: { eventType: 'home-page-view' } } : { reason: 'mapping_off' }
  if (isType(event, 'search_submitted')) {
    const query = event.data.query.trim()
    return query ? { fields: { eventType: 'search', query: cut(query, QUERY_LIMIT) } } : missing('query')
  }
  if (isType(event, 'collection_viewed')) return categoryEvent(event, settings)
  if (isType(event, 'product_viewed')) return productEvent('detail-page-view', event, settings)
  if (isType(event, 'product_added_to_cart')) return productEvent('add-to-cart', event, settings)
  if (isType(event, 'cart_viewed')) return { fields: { eventType: 'shopping-cart-page-view' } }
  if (isType(event, 'order_created')) return purchase(event, settings)
  return { reason: 'mapping_off' }
}

/** Alana requires a visitor: the browser's id, or by choice what stands in for it. Null when there is neither. */
function visitorOf(event: StoreEvent, settings: AlanaSettings): string | null {
  const { visitorId, customerId } = event.actor
  if (visitorId?.trim()) return visitorId
  if (settings.visitorFallback === 'skip') return null
  if (customerId?.trim()) return `customer-${customerId}`
  return isType(event, 'order_created') && event.data.orderId.trim() ? `order-${event.data.orderId}` : null
}

/**
 * The Alana event, or why there is none. Alana dates events at receipt and knows no order id, so both travel
 * in `metadata` (free-form by its documentation).
 */
export function toAlana(event: StoreEvent, settings: AlanaSettings): { event: AlanaEvent } | NotSent {
  const own = ownFields(event, settings)
  if ('reason' in own) return own
  const visitorId = visitorOf(event, settings)
  if (!visitorId) return { reason: 'no_visitor' }
  const { eventType, ...fields } = own.fields
  const userId = event.actor.customerId?.trim() ? cut(event.actor.customerId, TEXT_LIMIT) : undefined
  const metadata = settings.metadata ? compact({ ...own.details, occurredAt: event.occurredAt }) : undefined
  return {
    event: compact({
      eventType,
      visitorId: cut(visitorId, TEXT_LIMIT),
      userId,
      ...fields,
      metadata,
    }) as AlanaEvent,
  }
}
