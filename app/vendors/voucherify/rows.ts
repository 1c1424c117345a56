/** What goes to Voucherify, as what, and what a visitor must have allowed for it. */
import type { EventType } from '../../events/types.ts'
import type { Row } from '../vendor.ts'

/** The store events that can go to Voucherify, and the names they have there unless the merchant renames them. */
export const EVENT_NAMES = {
  order_created: 'order_placed',
  order_paid: 'order_paid',
  order_fulfilled: 'order_fulfilled',
  order_cancelled: 'order_cancelled',
  order_refunded: 'order_refunded',
  product_viewed: 'product_viewed',
  product_added_to_cart: 'product_added_to_cart',
  checkout_started: 'checkout_started',
  checkout_abandoned: 'cart_abandoned',
  marketing_consent_updated: 'user_subscribed',
  customer_created: 'user_subscribed',
  page_viewed: 'page_viewed',
  collection_viewed: 'collection_viewed',
  search_submitted: 'search_submitted',
  cart_viewed: 'cart_viewed',
} as const satisfies Partial<Record<EventType, string>>
export type SentType = keyof typeof EVENT_NAMES

const OPTIONAL: readonly EventType[] = ['page_viewed', 'collection_viewed', 'search_submitted', 'cart_viewed']
/** Notices of a customer's record, which no browser's choice comes with. */
const OF_CUSTOMERS: readonly EventType[] = ['marketing_consent_updated', 'customer_created']

/** Every event goes to a named customer of a loyalty and promotion tool: that is marketing. */
const row = (type: SentType): Row => ({
  becomes: EVENT_NAMES[type],
  byDefault: !OPTIONAL.includes(type),
  purposes: OF_CUSTOMERS.includes(type) ? [] : ['marketing'],
})

export const rows: Partial<Record<EventType, Row>> = Object.fromEntries(
  Object.keys(EVENT_NAMES).map(type => [type, row(type as SentType)]),
)
