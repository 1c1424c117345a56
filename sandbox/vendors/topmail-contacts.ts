/** Topmail's contacts: `GET` and `POST /contacts` (https://api.topmail.so/developers/contacts). */
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

  return [
    { method: 'GET', path: '/contacts', handle: list },
    { method: 'POST', path: '/contacts', handle: create },
  ]
}
