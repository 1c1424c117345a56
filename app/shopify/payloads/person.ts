/** People in payloads: customers and the addresses of orders and checkouts. */
import { z } from 'zod'
import { exactId, flag, id, nested, text, time } from './fields.ts'

export const addressSchema = z.object({
  first_name: text,
  last_name: text,
  phone: text,
  city: text,
  province: text,
  country: text,
  country_code: text,
  zip: text,
})
export type AddressPayload = z.infer<typeof addressSchema>

export const emailConsentSchema = z.object({ state: text, opt_in_level: text, consent_updated_at: time })

/**
 * A customer, alone (customers/*) or inside an order or a checkout. `email_marketing_consent` and
 * `accepts_marketing` left these payloads with API version 2025-01; older ones may still bring them.
 */
export const customerSchema = z
  .object({
    id,
    admin_graphql_api_id: text,
    email: text,
    phone: text,
    first_name: text,
    last_name: text,
    state: text,
    created_at: time,
    updated_at: time,
    accepts_marketing: flag,
    email_marketing_consent: nested(emailConsentSchema),
    default_address: nested(addressSchema),
  })
  .transform(customer => ({
    ...customer,
    id: exactId('Customer', customer.id, customer.admin_graphql_api_id),
  }))
export type CustomerPayload = z.infer<typeof customerSchema>

/** customers_email_marketing_consent/update. */
export const emailConsentUpdateSchema = z.object({
  customer_id: id,
  email_address: text,
  email_marketing_consent: nested(emailConsentSchema),
})
