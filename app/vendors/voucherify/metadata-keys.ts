/** The closed lists from which a merchant chooses an event's metadata. */

/** What an event can carry; each key goes with the events that know it. */
export const METADATA_KEYS = [
  'occurred_at',
  'shop_domain',
  'order_id',
  'order_name',
  'order_created_at',
  'financial_status',
  'fulfillment_status',
  'sales_channel',
  'total',
  'tax',
  'shipping',
  'discount',
  'currency',
  'discount_codes',
  'items_count',
  'product_ids',
  'refund_amount',
  'product_id',
  'variant_id',
  'sku',
  'product_title',
  'product_handle',
  'brand',
  'category',
  'product_url',
  'image_url',
  'price',
  'quantity',
  'collection_id',
  'collection_title',
  'collection_handle',
  'query',
  'page_type',
  'page_title',
] as const
export type MetadataKey = (typeof METADATA_KEYS)[number]

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
