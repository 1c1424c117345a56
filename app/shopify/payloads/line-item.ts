/** Lines of orders and checkouts, which share most of their fields. */
import { z } from 'zod'
import { amount, asText, count, exactId, id, isFields, list, shopMoney, text } from './fields.ts'

const moneyPartSchema = z.object({ price: amount, price_set: shopMoney, amount, amount_set: shopMoney })

/** An image as a URL, or as an object that holds one under `src` or `url`. */
const image = z
  .unknown()
  .optional()
  .transform(value => asText(isFields(value) ? (value.src ?? value.url) : value))

export const lineItemSchema = z
  .object({
    id,
    admin_graphql_api_id: text,
    /** Checkout lines have a key instead of an id. */
    key: text,
    product_id: id,
    variant_id: id,
    title: text,
    variant_title: text,
    sku: text,
    vendor: text,
    url: text,
    image,
    quantity: count,
    /** What is left after edits and refunds; orders only, since 2024. */
    current_quantity: count,
    price: amount,
    price_set: shopMoney,
    line_price: amount,
    total_discount: amount,
    total_discount_set: shopMoney,
    discount_allocations: list(moneyPartSchema),
    tax_lines: list(moneyPartSchema.extend({ rate: amount })),
  })
  .transform(line => ({ ...line, id: exactId('LineItem', line.id, line.admin_graphql_api_id) ?? line.key }))
export type LineItemPayload = z.infer<typeof lineItemSchema>
