/**
 * A stand-in for Ecomail's API (https://docs.ecomail.cz/api-reference): the `key` header, 1000 requests a
 * minute, tracker events, transactions, lists and contacts.
 */
import type { Admission, Answer, Call, Clock, Rules } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { message } from './ecomail-answers.ts'
import { contactRoutes, EcomailContacts } from './ecomail-contacts.ts'
import { eventRoute } from './ecomail-events.ts'
import { Orders, transactionRoutes } from './ecomail-transactions.ts'
import { type Allowance, SlidingWindow, secondsUntil, spendAll } from './limiter.ts'

/** "1,000 requests/minute per API key; over it 429 with Retry-After in seconds" (introduction). */
export const ECOMAIL_LIMIT: Allowance = { requests: 1000, windowMs: 60_000 }

export type EcomailOptions = {
  credentials: Credentials['ecomail']
  now: Clock
  /** `false` lifts the limit. */
  limit: Allowance | false
  /** E-mail addresses that are in a list from the start. */
  contacts: readonly string[]
  /**
   * What happens to an event of somebody who is in no list. The documentation forbids it and does not say
   * what is answered: `refuse` answers 404, `accept` takes it and warns.
   */
  unknownContacts: 'accept' | 'refuse'
  /** Ecomail's own plug-ins expect "Wrong api key" with a 2xx as well as without: both can be played. */
  wrongKeyStatus: 200 | 401
}

export function createEcomail(options: EcomailOptions): Rules {
  const window = options.limit && new SlidingWindow(options.limit, options.now)
  const contacts = new EcomailContacts(options.contacts)
  const orders = new Orders()

  function admit(call: Call): Admission {
    if (!window) return { headers: {} }
    const { standing, refusedBy } = spendAll([{ name: 'key', window, key: call.headers.key ?? '' }])
    if (!refusedBy) return { headers: {} }
    const headers = { 'retry-after': secondsUntil(standing.freesAt, options.now()) }
    return { headers, refusal: message(429, 'Too Many Attempts.') }
  }

  function authenticate(call: Call): Answer | null {
    if (options.credentials.apiKeys.has(call.headers.key ?? '')) return null
    return { ...message(options.wrongKeyStatus, 'Wrong api key'), accepted: false }
  }

  return {
    admit,
    authenticate,
    routes: [
      eventRoute(contacts, options.unknownContacts),
      ...transactionRoutes(orders, contacts, options.now),
      ...contactRoutes(contacts),
    ],
    problem: message,
    addContacts: emails => contacts.add(emails),
    reset() {
      if (window) window.reset()
      contacts.reset()
      orders.reset()
    },
  }
}
