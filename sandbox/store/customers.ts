/** Customers of the sandbox store: three are there from the start, others come by signing in or ordering. */
import { createHash } from 'node:crypto'
import { now } from './carts.ts'
import { customerPayload, type Person, SIGNED_IN } from './payloads.ts'

export type Customer = Person & { orders: number; account: boolean; createdAt: string }

/** Those who can sign in from the start, of whom no webhook tells. */
export const EXAMPLES: readonly Person[] = [
  SIGNED_IN,
  { id: 7012345678902, email: 'jonas@example.com', first: 'Jonas', last: 'Weir', marketing: false },
  { id: 7012345678903, email: 'ines@example.com', first: 'Ines', last: 'Mole', marketing: true },
]
/** Beyond the examples'. */
const FIRST_NEW_ID = 8000000000000
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/

/**
 * Of an e-mail and nothing else: the app remembers people when the store is started anew and has forgotten them, so nobody may
 * come to an id that was another's, and who comes again has theirs.
 */
export function customerIdOf(email: string): number {
  const digest = createHash('sha256').update(email.trim().toLowerCase()).digest()
  return FIRST_NEW_ID + digest.readUIntBE(0, 5)
}

export type Customers = ReturnType<typeof createCustomers>

/** @param announce told the webhook's payload of each new customer */
export function createCustomers(announce: (payload: unknown) => void) {
  const people: Customer[] = EXAMPLES.map(person => ({
    ...person,
    orders: 0,
    account: true,
    createdAt: now(),
  }))
  const byEmail = (email: string) => people.find(person => person.email === email.toLowerCase())

  return {
    all: () => people,
    examples: () => people.slice(0, EXAMPLES.length),
    byId: (id: number | null) => people.find(person => person.id === id) ?? null,
    /**
     * The customer with this e-mail, made when there is none yet.
     * @param account false for someone who orders without signing in
     * @returns null when it is no e-mail
     */
    known(email: string, names: { first?: string; last?: string }, account: boolean): Customer | null {
      const address = email.trim().toLowerCase()
      if (!EMAIL.test(address)) return null
      const existing = byEmail(address)
      if (existing) {
        existing.account ||= account
        return existing
      }
      const { first = '', last = '' } = names
      const id = customerIdOf(address)
      const made = { id, email: address, first, last, marketing: false, orders: 0, account, createdAt: now() }
      people.push(made)
      announce({ ...customerPayload(made, made.createdAt), state: account ? 'enabled' : 'disabled' })
      return made
    },
  }
}
