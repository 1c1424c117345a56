/** Who a customer is, asked of Shopify, where only the id is known. */
import { z } from 'zod'
import type { EffectOf } from '../effects.ts'
import type { Admin } from './client.ts'
import type { AdminFailure } from './failure.ts'

/** https://shopify.dev/docs/api/admin-graphql/latest/objects/Customer */
const QUERY = `query SluiceCustomer($id: ID!) {
  customer(id: $id) {
    id
    firstName
    lastName
    updatedAt
    defaultEmailAddress { emailAddress marketingState }
    defaultPhoneNumber { phoneNumber }
  }
}`

/** Without approval for protected data the fields are null, with errors beside them (reading of names, addresses, phones). */
const text = z.string().max(1000).nullish().catch(null)
const schema = z.object({
  customer: z
    .object({
      id: z.string(),
      firstName: text,
      lastName: text,
      updatedAt: z.iso.datetime({ offset: true }).nullish().catch(null),
      defaultEmailAddress: z.object({ emailAddress: text, marketingState: text }).nullish().catch(null),
      defaultPhoneNumber: z.object({ phoneNumber: text }).nullish().catch(null),
    })
    .nullable(),
})

export type FetchedCustomer =
  | { seen: EffectOf<'customer_seen'> }
  /** Shopify knows no such customer, or tells nothing of them; `denied`: because the app may not see it. */
  | { nobody: true; denied: boolean }
  | { failure: AdminFailure }

/**
 * Asks who the customer is.
 * @param shop "name.myshopify.com"
 * @param customerId digits
 * @throws when the database cannot be used
 */
export async function fetchCustomer(
  admin: Admin,
  shop: string,
  customerId: string,
): Promise<FetchedCustomer> {
  const id = `gid://shopify/Customer/${customerId}`
  const asked = new Date()
  // Many may be asked for: one that waited for the shop's limit would keep others from being asked.
  const result = await admin.adminQuery(shop, QUERY, { id }, schema, 0)
  if (!result.ok) return { failure: result.failure }
  const { customer } = result.data
  const denied = result.denied.length > 0
  // Another person's facts must never be kept under this id.
  if (customer === null || customer.id !== id) return { nobody: true, denied }
  const email = filled(customer.defaultEmailAddress?.emailAddress)
  const phone = filled(customer.defaultPhoneNumber?.phoneNumber)
  if (email === null && phone === null) return { nobody: true, denied }
  const state = customer.defaultEmailAddress?.marketingState ?? null
  return {
    seen: {
      kind: 'customer_seen',
      customerId,
      email,
      phone,
      firstName: filled(customer.firstName),
      lastName: filled(customer.lastName),
      // Only "subscribed" is a yes: "pending" waits for the person's confirmation.
      marketing: state === null ? null : state === 'SUBSCRIBED',
      updatedAt: new Date(customer.updatedAt ?? asked).toISOString(),
    },
  }
}

const filled = (value: string | null | undefined) => value?.trim() || null
