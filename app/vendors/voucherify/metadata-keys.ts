/** The closed lists from which a merchant chooses an event's metadata. */
import type { SentType } from './rows.ts'

/** What an event can carry, and what a merchant knows it as. */
export const METADATA_NAMES = {
  occurred_at: 'Time of the event',
  shop_domain: 'Shop address',
  order_id: 'Order ID',
  order_name: 'Order number',
  order_created_at: 'Time of the order',
  financial_status: 'Payment status',
  fulfillment_status: 'Fulfillment status',
  sales_channel: 'Sales channel',
  total: 'Total',
  tax: 'Tax',
  shipping: 'Shipping',
  discount: 'Discount',
  currency: 'Currency',
  discount_codes: 'Discount codes',
  items_count: 'Number of items',
  product_ids: 'Product IDs',
  refund_amount: 'Refunded amount',
  product_id: 'Product ID',
  variant_id: 'Variant ID',
  sku: 'SKU',
  product_title: 'Product title',
  product_handle: 'Product handle',
  brand: 'Brand',
  category: 'Category',
  product_url: 'Product address',
  image_url: 'Image address',
  price: 'Price',
  quantity: 'Quantity',
  collection_id: 'Collection ID',
  collection_title: 'Collection title',
  collection_handle: 'Collection handle',
  query: 'Search words',
  page_type: 'Page type',
  page_title: 'Page title',
} as const satisfies Record<string, string>
export type MetadataKey = keyof typeof METADATA_NAMES
export const METADATA_KEYS = Object.keys(METADATA_NAMES) as [MetadataKey, ...MetadataKey[]]

type Keys = readonly MetadataKey[]
const ALWAYS: Keys = ['occurred_at', 'shop_domain']
const AMOUNTS: Keys = ['total', 'tax', 'shipping', 'discount', 'currency', 'discount_codes']
const LINES: Keys = ['items_count', 'product_ids']
const ORDER: Keys = [
  ...['order_id', 'order_name', 'order_created_at', 'financial_status', 'fulfillment_status'],
  ...['sales_channel', ...AMOUNTS, ...LINES],
] as Keys
const PRODUCT: Keys = [
  ...['product_id', 'variant_id', 'sku', 'product_title', 'product_handle', 'brand', 'category'],
  ...['product_url', 'image_url', 'price', 'currency'],
] as Keys

const OWN: Readonly<Record<SentType, Keys>> = {
  order_created: ORDER,
  order_paid: ORDER,
  order_fulfilled: ORDER,
  order_cancelled: ORDER,
  order_refunded: [...ORDER, 'refund_amount'],
  product_viewed: PRODUCT,
  product_added_to_cart: [...PRODUCT, 'quantity'],
  checkout_started: [...AMOUNTS, ...LINES],
  checkout_abandoned: [...AMOUNTS, ...LINES],
  marketing_consent_updated: [],
  customer_created: [],
  page_viewed: ['page_type', 'page_title'],
  collection_viewed: ['collection_id', 'collection_title', 'collection_handle'],
  search_submitted: ['query'],
  cart_viewed: ['total', 'currency', ...LINES],
}

/** What an event of this kind can know (`metadataOf`), in the order of `METADATA_KEYS`. */
export function keysKnownTo(type: SentType): [MetadataKey, ...MetadataKey[]] {
  const known = new Set([...ALWAYS, ...OWN[type]])
  return METADATA_KEYS.filter(key => known.has(key)) as [MetadataKey, ...MetadataKey[]]
}

/** What earning rules usually ask for. */
export const DEFAULT_METADATA: readonly MetadataKey[] = [
  'occurred_at',
  'order_id',
  'order_name',
  'total',
  'currency',
  'items_count',
  'refund_amount',
  'product_id',
  'sku',
  'product_title',
  'price',
  'quantity',
  'collection_title',
  'query',
]

/** The types in which a note attribute, always a text in Shopify, can be sent. */
export const ATTRIBUTE_TYPES = ['text', 'number', 'boolean', 'date'] as const
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number]
