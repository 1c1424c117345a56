/** The effect that a known person was in a payload. */
import { isOtherAddress } from '../../events/email.ts'
import type { EffectOf } from '../effects.ts'
import type { CustomerPayload } from '../payloads/person.ts'
import { customerMarketing } from './actor.ts'

type Saying = { marketing: boolean | null; email: string | null; updatedAt: string }

/**
 * A list of one effect, or none when there is no customer with an id. `email` stands in where the customer
 * record itself has none.
 */
export function customerSeen(
  customer: CustomerPayload | null,
  { marketing, email, updatedAt }: Saying,
): EffectOf<'customer_seen'>[] {
  if (customer === null || customer.id === null) return []
  return [
    {
      kind: 'customer_seen',
      customerId: customer.id,
      email: customer.email ?? email,
      phone: customer.phone,
      firstName: customer.first_name,
      lastName: customer.last_name,
      marketing,
      updatedAt: customer.updated_at ?? updatedAt,
    },
  ]
}

/**
 * What an order or a checkout for `email` states of its customer's consent, for the address in `customerSeen`. A ticked box is a
 * statement about the address that it was ticked for; one that is not ticked says nothing about a subscription made
 * before. Otherwise the customer's own record speaks for itself: if it names no address, its yes is for none that stands in.
 */
export function statedMarketing(
  customer: CustomerPayload | null,
  email: string | null,
  box: boolean | null,
): boolean | null {
  const own = customer?.email ?? null
  if (box && !isOtherAddress(email, own)) return true
  const said = customerMarketing(customer)
  return said && own === null && email !== null ? null : said
}
