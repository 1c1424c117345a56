/**
 * carts/create and carts/update: https://shopify.dev/docs/api/webhooks/2026-10
 * Online-store carts only. They name no customer and no currency but the one in the lines' money sets.
 */
import { z } from 'zod'
import { attributes } from './attributes.ts'
import { amount, count, currency, id, list, shopMoney, text, time } from './fields.ts'

const cartLineSchema = z.object({
  id: text,
  key: text,
  product_id: id,
  variant_id: id,
  title: text,
  variant_title: text,
  sku: text,
  vendor: text,
  handle: text,
  url: text,
  image: text,
  quantity: count,
  original_price: amount,
  price: amount,
  price_set: shopMoney,
  line_price: amount,
  line_price_set: shopMoney,
})
export type CartLinePayload = z.infer<typeof cartLineSchema>

export const cartSchema = z.object({
  id: text,
  token: text,
  currency,
  created_at: time,
  updated_at: time,
  attributes,
  note_attributes: attributes,
  line_items: list(cartLineSchema),
})
export type CartPayload = z.infer<typeof cartSchema>
