/**
 * Topmail's `POST /track/product-view` (https://api.topmail.so/developers/tracking) and `POST /conversions`
 * (https://api.topmail.so/developers/conversions).
 */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Answer, Call, Clock, Route } from './contract.ts'
import { checkWithContact, invalid, refuse } from './topmail-answers.ts'
import type { TopmailContacts } from './topmail-contacts.ts'
import { absoluteUrl, currency, emailAddress, freeForm } from './validation.ts'

const short = z.string().max(100)
const who = { email: emailAddress.optional(), contact_id: z.uuid().optional() }

const viewSchema = z.strictObject({
  ...who,
  product_id: short.min(1),
  product_name: z.string().min(1).max(200),
  product_url: absoluteUrl,
  variant_id: short.optional(),
  image_url: absoluteUrl.optional(),
  price: z.number().nonnegative().optional(),
  currency: currency.optional(),
  category: short.optional(),
  brand: short.optional(),
  sku: short.optional(),
  session_id: short.optional(),
})

const conversionSchema = z.strictObject({
  ...who,
  type: z.enum(['purchase', 'signup', 'upgrade', 'custom']).optional(),
  revenue: z.number().nonnegative().optional(),
  currency: currency.optional(),
  order_id: short.optional(),
  campaign_id: z.string().optional(),
  flow_id: z.string().optional(),
  // The whole list of models was not seen; "last_touch" is the documented sample.
  attribution_model: z.string().optional(),
  metadata: freeForm.optional(),
})

const UNKNOWN_CONTACT: Answer = {
  ...refuse(404, 'contact_not_found', 'No contact matches the email or contact_id.'),
  absent: true,
}

export function trackingRoutes(contacts: TopmailContacts, conversions: Set<string>, now: Clock): Route[] {
  function view(call: Call): Answer {
    const checked = checkWithContact(viewSchema, call.body)
    if (!checked.ok) return invalid(checked.problems, checked.warnings)
    const { value } = checked
    const contact = contacts.find(value)
    if (!contact) return { ...UNKNOWN_CONTACT, warnings: checked.warnings }
    const data = {
      id: randomUUID(),
      contact_id: contact.id,
      product_id: value.product_id,
      product_name: value.product_name,
      viewed_at: new Date(now()).toISOString(),
    }
    const warnings = [...checked.warnings, ...adviseCurrency(value.price, value.currency)]
    // 200 or 201 is not documented for this endpoint.
    return { status: 201, body: { data }, taken: 1, warnings }
  }

  function convert(call: Call): Answer {
    const checked = checkWithContact(conversionSchema, call.body)
    if (!checked.ok) return invalid(checked.problems, checked.warnings)
    const { value } = checked
    const contact = contacts.find(value)
    if (!contact) return { ...UNKNOWN_CONTACT, warnings: checked.warnings }
    if (value.order_id !== undefined) {
      // "External order ID for deduplication"; the answer to a second one is not documented. 409 is the table's.
      if (conversions.has(value.order_id))
        return refuse(409, 'duplicate', 'A conversion with this order_id exists.', 'order_id')
      conversions.add(value.order_id)
    }
    const data = {
      id: randomUUID(),
      contact_id: contact.id,
      type: value.type ?? 'custom',
      revenue: value.revenue ?? null,
      currency: value.currency ?? 'USD',
      order_id: value.order_id ?? null,
      converted_at: new Date(now()).toISOString(),
    }
    const warnings = [...checked.warnings, ...adviseCurrency(value.revenue, value.currency)]
    return { status: 201, body: { data }, taken: 1, warnings }
  }

  return [
    { method: 'POST', path: '/track/product-view', handle: view },
    { method: 'POST', path: '/conversions', handle: convert },
  ]
}

/** "currency: default USD" turns an amount in any other currency into dollars. */
function adviseCurrency(amount: number | undefined, code: string | undefined): string[] {
  return amount !== undefined && code === undefined ? ['currency is not sent: it defaults to USD'] : []
}
