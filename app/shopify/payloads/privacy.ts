/**
 * The compliance topics: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
 * A customer record may hold only an e-mail address; shop/redact has no customer at all.
 */
import { z } from 'zod'
import { id, ids, nested, text } from './fields.ts'

export const privacySchema = z.object({
  customer: nested(z.object({ id, email: text, phone: text })),
  data_request: nested(z.object({ id })),
  orders_requested: ids,
  orders_to_redact: ids,
})
