/** Cart and order attributes, which Shopify sends as a list of name and value, or as one object. */
import { z } from 'zod'
import { asText, isFields } from './fields.ts'

/**
 * `note_attributes` (orders, checkouts: `[{name, value}]`) or `attributes` (carts: an object) as a record.
 * Shoppers can type into them. Entries without a name or a value are left out.
 */
export const attributes = z
  .unknown()
  .optional()
  .transform(value => {
    const entries: [unknown, unknown][] = Array.isArray(value)
      ? value.filter(isFields).map(item => [item.name, item.value])
      : Object.entries(isFields(value) ? value : {})
    return Object.fromEntries(
      entries.flatMap(([name, content]) => {
        const key = asText(name)
        const text = asText(content)
        return key === null || key === '__proto__' || text === null ? [] : [[key, text]]
      }),
    )
  })
