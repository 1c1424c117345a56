/** Topmail's contacts: `GET` and `POST /contacts`, `GET`, `PATCH` and `DELETE /contacts/:id` (https://api.topmail.so/developers/contacts). */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Answer, Call, Clock, Json, Route } from './contract.ts'
import { invalid, refuse } from './topmail-answers.ts'
import { check, emailAddress, freeForm } from './validation.ts'

/** "limit (default 100, max 1000)" */
const PAGE = { default: 100, max: 1000 }

export type Contact = {
  id: string
  email: string
  first_name: string | null
  last_name: string | null
  attributes: Record<string, Json>
  subscribed: boolean
  created_at: string
  lists: string[]
}

/** The workspace's contacts, by e-mail address in lower case. */
export class TopmailContacts {
  readonly #initial: readonly string[]
  readonly #now: Clock
  readonly #contacts = new Map<string, Contact>()

  constructor(initial: readonly string[], now: Clock) {
    this.#initial = initial
    this.#now = now
    this.add(initial)
  }

  add(emails: readonly string[]): void {
    for (const email of emails) if (!this.find({ email })) this.create({ email })
  }

  create(fields: Pick<Contact, 'email'> & Partial<Contact>): Contact {
    const contact: Contact = {
      id: randomUUID(),
      first_name: null,
      last_name: null,
      attributes: {},
      subscribed: true,
      created_at: new Date(this.#now()).toISOString(),
      lists: [],
      ...fields,
    }
    this.#contacts.set(contact.email.toLowerCase(), contact)
    return contact
  }

  /** By id when there is one, otherwise by e-mail address. */
  find({ email, contact_id }: { email?: string; contact_id?: string }): Contact | undefined {
    if (contact_id !== undefined) return this.all().find(({ id }) => id === contact_id)
    return this.#contacts.get((email ?? '').toLowerCase())
  }

  remove(contact: Contact): void {
    this.#contacts.delete(contact.email.toLowerCase())
  }

  all(): Contact[] {
    return [...this.#contacts.values()]
  }

  reset(): void {
    this.#contacts.clear()
    this.add(this.#initial)
  }
}

const contactSchema = z.strictObject({
  email: emailAddress,
  first_name: z.string().max(100).optional(),
  last_name: z.string().max(100).optional(),
  attributes: freeForm.optional(),
  subscribed: z.boolean().optional(),
  list_id: z.uuid().optional(),
})

/** "PATCH: same, nullable names, attributes merged not replaced" */
const changeSchema = z.strictObject({
  email: emailAddress.optional(),
  first_name: z.string().max(100).nullable().optional(),
  last_name: z.string().max(100).nullable().optional(),
  attributes: freeForm.optional(),
  subscribed: z.boolean().optional(),
})

export function contactRoutes(contacts: TopmailContacts): Route[] {
  function list(call: Call): Answer {
    const limit = Number(call.query.get('limit') ?? PAGE.default)
    const offset = Number(call.query.get('offset') ?? 0)
    if (!Number.isInteger(limit) || limit < 1 || limit > PAGE.max) {
      return refuse(400, 'validation_error', `limit must be from 1 to ${PAGE.max}`, 'limit')
    }
    if (!Number.isInteger(offset) || offset < 0)
      return refuse(400, 'validation_error', 'offset must be 0 or more', 'offset')
    const search = call.query.get('search')?.toLowerCase() ?? ''
    const subscribed = call.query.get('subscribed')
    const found = contacts
      .all()
      .filter(contact => contact.email.toLowerCase().includes(search))
      .filter(contact => subscribed === null || String(contact.subscribed) === subscribed)
    return { status: 200, body: { data: found.slice(offset, offset + limit) } }
  }

  function create(call: Call): Answer {
    const checked = check(contactSchema, call.body)
    if (!checked.ok) return invalid(checked.problems, checked.warnings)
    const { list_id, ...fields } = checked.value
    // The error table has `duplicate`; that it is meant for this is the sandbox's choice.
    if (contacts.find(fields)) return refuse(409, 'duplicate', 'A contact with this email already exists.')
    const warnings = [...checked.warnings]
    if (fields.subscribed === undefined) warnings.push('subscribed is not sent: it defaults to true')
    const contact = contacts.create({ ...fields, lists: list_id === undefined ? [] : [list_id] })
    return { status: 201, body: { data: contact }, taken: 1, warnings }
  }

  /** Runs with the contact of the path, or answers that there is none. */
  const withContact = (then: (contact: Contact, call: Call) => Answer) => (call: Call) => {
    const contact = contacts.find({ contact_id: call.params.id ?? '' })
    return contact ? then(contact, call) : refuse(404, 'contact_not_found', 'No contact has this id.')
  }

  function change(contact: Contact, call: Call): Answer {
    const checked = check(changeSchema, call.body)
    if (!checked.ok) return invalid(checked.problems, checked.warnings)
    const attributes = { ...contact.attributes, ...checked.value.attributes }
    contacts.remove(contact)
    const changed = contacts.create({ ...contact, ...checked.value, attributes })
    return { status: 200, body: { data: changed }, taken: 1, warnings: checked.warnings }
  }

  function remove(contact: Contact): Answer {
    contacts.remove(contact)
    // The answer to a deletion was not seen.
    return { status: 200, body: { data: { id: contact.id, deleted: true } }, taken: 1 }
  }

  return [
    { method: 'GET', path: '/contacts/:id', handle: withContact(data => ({ status: 200, body: { data } })) },
    { method: 'PATCH', path: '/contacts/:id', handle: withContact(change) },
    { method: 'DELETE', path: '/contacts/:id', handle: withContact(remove) },
    { method: 'GET', path: '/contacts', handle: list },
    { method: 'POST', path: '/contacts', handle: create },
  ]
}
