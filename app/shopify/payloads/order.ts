/** orders/* (but orders/edited): https://shopify.dev/docs/api/webhooks/2026-10 */
import { z } from 'zod'
import { attributes } from './attributes.ts'
import { amount, currency, exactId, flag, id, list, nested, shopMoney, text, time } from './fields.ts'
import { lineItemSchema } from './line-item.ts'
import { addressSchema, customerSchema } from './person.ts'

/**
 * Amounts without `_set` are in the shop's currency. The `current_*` ones have edits, returns and refunds
 * taken off, and are missing in payloads of old API versions.
 */
export const orderSchema = z
  .object({
    id,
    admin_graphql_api_id: text,
    name: text,
    test: flag,
    email: text,
    contact_email: text,
    phone: text,
    buyer_accepts_marketing: flag,
    cart_token: text,
    checkout_token: text,
    source_name: text,
    created_at: time,
    updated_at: time,
    cancelled_at: time,
    currency,
    taxes_included: flag,
    total_price: amount,
    total_price_set: shopMoney,
    current_total_price: amount,
    current_total_price_set: shopMoney,
    total_tax: amount,
    current_total_tax: amount,
    total_discounts: amount,
    current_total_discounts: amount,
    total_shipping_price_set: shopMoney,
    current_shipping_price_set: shopMoney,
    financial_status: text,
    fulfillment_status: text,
    discount_codes: list(z.object({ code: text })),
    note_attributes: attributes,
    customer: nested(customerSchema),
    billing_address: nested(addressSchema),
    shipping_address: nested(addressSchema),
    line_items: list(lineItemSchema),
  })
  .transform(order => ({ ...order, id: exactId('Order', order.id, order.admin_graphql_api_id) }))
export type OrderPayload = z.infer<typeof orderSchema>

/** orders/edited: what changed, without the order itself. */
export const orderEditedSchema = z.object({
  order_edit: nested(z.object({ id, order_id: id, created_at: time })),
})
