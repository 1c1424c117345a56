/** refunds/create: https://shopify.dev/docs/api/webhooks/2026-10 */
import { z } from 'zod'
import { amount, count, currency, exactId, id, list, nested, shopMoney, text, time } from './fields.ts'
import { lineItemSchema } from './line-item.ts'

/** `subtotal` and `total_tax` are JSON numbers here, unlike every other amount; the sets are strings. */
const refundLineSchema = z.object({
  quantity: count,
  subtotal: amount,
  subtotal_set: shopMoney,
  total_tax: amount,
  total_tax_set: shopMoney,
  line_item: nested(lineItemSchema),
})
export type RefundLinePayload = z.infer<typeof refundLineSchema>

export const refundSchema = z
  .object({
    id,
    admin_graphql_api_id: text,
    order_id: id,
    created_at: time,
    processed_at: time,
    refund_line_items: list(refundLineSchema),
    transactions: list(z.object({ kind: text, status: text, amount, amount_set: shopMoney, currency })),
    order_adjustments: list(
      z.object({ amount, amount_set: shopMoney, tax_amount: amount, tax_amount_set: shopMoney }),
    ),
  })
  .transform(refund => ({ ...refund, id: exactId('Refund', refund.id, refund.admin_graphql_api_id) }))
export type RefundPayload = z.infer<typeof refundSchema>
