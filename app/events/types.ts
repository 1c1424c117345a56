/**
 * The store event vocabulary: every type Sluice knows, and where an event can come from.
 * Names are Shopify's own for customer events where Shopify has one
 * (https://shopify.dev/docs/api/web-pixels-api/standard-events).
 */

export const EVENT_TYPES = [
  'page_viewed',
  'collection_viewed',
  'product_viewed',
  'search_submitted',
  'product_added_to_cart',
  'product_removed_from_cart',
  'cart_viewed',
  'cart_updated',
  'checkout_started',
  'checkout_updated',
  'checkout_abandoned',
  'checkout_completed',
  'order_created',
  'order_updated',
  'order_paid',
  'order_fulfilled',
  'order_cancelled',
  'order_refunded',
  'customer_created',
  'marketing_consent_updated',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** Where an event was seen: Shopify's webhook, the theme extension, the web pixel, an import of history; or a merchant's test, seen nowhere. */
export const SOURCES = ['webhook', 'storefront', 'pixel', 'import', 'test'] as const
export type Source = (typeof SOURCES)[number]

/** The types that only a browser tells of. */
export const SEEN_TYPES = [
  'page_viewed',
  'collection_viewed',
  'product_viewed',
  'search_submitted',
  'product_added_to_cart',
  'product_removed_from_cart',
  'cart_viewed',
] as const satisfies readonly EventType[]

/** The types that carry the state of an order. */
export const ORDER_EVENT_TYPES = [
  'order_created',
  'order_updated',
  'order_paid',
  'order_fulfilled',
  'order_cancelled',
  'order_refunded',
] as const satisfies readonly EventType[]
export type OrderEventType = (typeof ORDER_EVENT_TYPES)[number]

export const CHECKOUT_EVENT_TYPES = [
  'checkout_started',
  'checkout_updated',
  'checkout_abandoned',
  'checkout_completed',
] as const satisfies readonly EventType[]
