/** The effect that a known person was in a payload. */
import type { EffectOf } from '../effects.ts'
import type { CustomerPayload } from '../payloads/person.ts'

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
