/**
 * checkouts/create and checkouts/update: https://shopify.dev/docs/api/webhooks/2026-10
 * Since API version 2026-04 a checkout has no `id`; its `token` names it.
 */
import { z } from 'zod'
import { attributes } from './attributes.ts'
import { amount, currency, flag, list, nested, text, time } from './fields.ts'
import { lineItemSchema } from './line-item.ts'
import { addressSchema, customerSchema } from './person.ts'

export const checkoutSchema = z.object({
  token: text,
  cart_token: text,
  email: text,
  phone: text,
  buyer_accepts_marketing: flag,
  created_at: time,
  updated_at: time,
  completed_at: time,
  currency,
  taxes_included: flag,
  total_price: amount,
  total_tax: amount,
  total_discounts: amount,
  shipping_lines: list(z.object({ price: amount })),
  discount_codes: list(z.object({ code: text })),
  note_attributes: attributes,
  customer: nested(customerSchema),
  billing_address: nested(addressSchema),
  shipping_address: nested(addressSchema),
  line_items: list(lineItemSchema),
})
export type CheckoutPayload = z.infer<typeof checkoutSchema>
