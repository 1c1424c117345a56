/**
 * Ecomail's lists and contacts: `GET /lists`, `POST /lists/{id}/subscribe`, `DELETE /lists/{id}/unsubscribe`,
 * `DELETE /subscribers/{email}/delete`
 * (https://docs.ecomail.cz/api-reference/lists/subscribe).
 */
import { z } from 'zod'
import type { Answer, Call, Json, Route } from './contract.ts'
import { invalid, message } from './ecomail-answers.ts'
import { check, emailAddress } from './validation.ts'

/** The lists of the sandbox's account. The response is an array that official plug-ins read by `id` and `name`. */
const LISTS = [
  { id: 1, name: 'Newsletter' },
  { id: 2, name: 'Customers' },
]
/** 1 subscribed, 2 unsubscribed, 3 soft bounce, 4 hard bounce, 5 spam complaint, 6 unconfirmed. */
const STATUSES = [1, 2, 3, 4, 5, 6]
const SUBSCRIBED = 1
const UNSUBSCRIBED = 2
const UNCONFIRMED = 6

type Contact = {
  id: number
  email: string
  name: string | null
  surname: string | null
  lists: Map<number, number>
}

/** Everybody Ecomail knows, by e-mail address in lower case. */
export class EcomailContacts {
  readonly #initial: readonly string[]
  readonly #contacts = new Map<string, Contact>()
  #lastId = 0

  constructor(initial: readonly string[]) {
    this.#initial = initial
    this.add(initial)
  }

  /** Adds people as subscribed to the first list. */
  add(emails: readonly string[]): void {
    for (const email of emails) this.ensure(email).lists.set(1, SUBSCRIBED)
  }

  find(email: string): Contact | undefined {
    return this.#contacts.get(email.toLowerCase())
  }

  ensure(email: string): Contact {
    const known = this.find(email)
    if (known) return known
    this.#lastId += 1
    const contact = { id: this.#lastId, email, name: null, surname: null, lists: new Map<number, number>() }
    this.#contacts.set(email.toLowerCase(), contact)
    return contact
  }

  remove(email: string): boolean {
    return this.#contacts.delete(email.toLowerCase())
  }

  reset(): void {
    this.#contacts.clear()
    this.add(this.#initial)
  }
}

const text = z.string().nullable().optional()
const flag = z.boolean().optional()

const subscribeSchema = z.strictObject({
  subscriber_data: z.strictObject({
    email: emailAddress,
    name: text,
    surname: text,
    gender: z.enum(['male', 'female']).nullable().optional(),
    status: z.literal(STATUSES, 'must be a status from 1 to 6').optional(),
    company: text,
    city: text,
    street: text,
    zip: text,
    country: text,
    phone: text,
    pretitle: text,
    surtitle: text,
    birthday: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d$/, 'must be YYYY-MM-DD')
      .nullable()
      .optional(),
    nameday: z
      .string()
      .regex(/^\d\d-\d\d$/, 'must be MM-DD')
      .nullable()
      .optional(),
    source: text,
    custom_fields: z
      .record(z.string(), z.json())
      .refine(fields => JSON.stringify(fields).length <= 5000, 'may have 5000 characters in total')
      .refine(
        fields =>
          new Set(Object.keys(fields).map(key => key.trim().toLowerCase())).size ===
          Object.keys(fields).length,
        'has keys that differ only in case',
      )
      .optional(),
    tags: z
      .array(z.string().max(50))
      .refine(tags => tags.join('').length <= 2000, 'may have 2000 characters in total')
      .optional(),
    groups: z.json().optional(),
  }),
  trigger_autoresponders: flag,
  trigger_notification: flag,
  update_existing: flag,
  skip_confirmation: flag,
  resubscribe: flag,
})

const unsubscribeSchema = z.strictObject({ email: emailAddress })

export function contactRoutes(contacts: EcomailContacts): Route[] {
  return [
    { method: 'GET', path: '/lists', handle: () => ({ status: 200, body: LISTS }) },
    { method: 'POST', path: '/lists/:id/subscribe', handle: call => subscribe(contacts, call) },
    { method: 'DELETE', path: '/lists/:id/unsubscribe', handle: call => unsubscribe(contacts, call) },
    { method: 'DELETE', path: '/subscribers/:email/delete', handle: call => remove(contacts, call) },
  ]
}

/** "DELETE with JSON body"; returns the membership with status 2. The 404s are the sandbox's choice. */
function unsubscribe(contacts: EcomailContacts, call: Call): Answer {
  const list = LISTS.find(({ id }) => String(id) === call.params.id)
  if (!list) return message(404, 'List not found')
  const checked = check(unsubscribeSchema, call.body)
  if (!checked.ok) return invalid(checked.problems, checked.warnings)
  const contact = contacts.find(checked.value.email)
  if (!contact?.lists.has(list.id)) return message(404, 'Subscriber not found')
  contact.lists.set(list.id, UNSUBSCRIBED)
  const body: Json = { id: contact.id, list_id: list.id, email: contact.email, status: UNSUBSCRIBED }
  return { status: 200, body, taken: 1, warnings: checked.warnings }
}

function subscribe(contacts: EcomailContacts, call: Call): Answer {
  const list = LISTS.find(({ id }) => String(id) === call.params.id)
  if (!list) return message(404, 'List not found')
  const checked = check(subscribeSchema, call.body)
  if (!checked.ok) return invalid(checked.problems, checked.warnings)
  const { subscriber_data: data, update_existing, skip_confirmation } = checked.value
  const warnings = [...checked.warnings]
  const contact = contacts.ensure(data.email)
  const already = contact.lists.has(list.id)
  if (!already && !skip_confirmation) {
    warnings.push('skip_confirmation is not true: Ecomail sends a double opt-in e-mail')
  }
  if (!already) contact.lists.set(list.id, skip_confirmation ? (data.status ?? SUBSCRIBED) : UNCONFIRMED)
  else if (update_existing && data.status !== undefined) contact.lists.set(list.id, data.status)
  if (!already || update_existing) {
    contact.name = data.name ?? contact.name
    contact.surname = data.surname ?? contact.surname
  }
  // Only `already_subscribed` is documented; the rest of the answer is the sandbox's choice.
  const body: Json = {
    id: contact.id,
    email: contact.email,
    name: contact.name,
    surname: contact.surname,
    status: contact.lists.get(list.id) ?? null,
    already_subscribed: already,
  }
  return { status: 200, body, taken: 1, warnings }
}

/** Erasing a person: in the official PHP client, not in the documentation, so the answers are the sandbox's choice. */
function remove(contacts: EcomailContacts, call: Call): Answer {
  if (!contacts.remove(call.params.email ?? '')) return message(404, 'Subscriber not found')
  return { status: 200, body: { deleted: true }, taken: 1 }
}
