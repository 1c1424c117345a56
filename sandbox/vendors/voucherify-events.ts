/** Voucherify's custom events and customers (https://docs.voucherify.io/api-reference/events/track-custom-event). */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Answer, Call, Json, Route } from './contract.ts'
import { check, freeForm, type Problem } from './validation.ts'
import { refuse } from './voucherify-answers.ts'

type Customer = {
  id: string
  name: string | null
  email: string | null
  source_id: string | null
  metadata: Record<string, Json>
  object: 'customer'
}

const text = z.string().optional()
const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, 'should match format "date"')
  .optional()

const eventSchema = z.strictObject({
  event: z.string().min(1).max(300),
  customer: z.strictObject({
    id: text,
    source_id: text,
    name: text,
    description: text,
    email: text,
    phone: text,
    birthdate: date,
    birthday: date,
    address: z
      .strictObject({ city: text, state: text, line_1: text, line_2: text, country: text, postal_code: text })
      .nullable()
      .optional(),
    metadata: freeForm.optional(),
  }),
  referral: z.strictObject({ code: z.string(), referrer_id: text }).optional(),
  loyalty: z.strictObject({ code: z.string() }).optional(),
  metadata: freeForm.optional(),
})
type EventBody = z.output<typeof eventSchema>

/** Customers by Voucherify's own id. */
export class VoucherifyCustomers {
  readonly #customers = new Map<string, Customer>()

  /**
   * "If a customer doesn't exist in Voucherify, the customer will be created", an existing one is updated.
   * "If you also pass a customer ID, the source ID will be ignored." Undefined when the id is not known.
   */
  upsert(given: EventBody['customer']): Customer | undefined {
    const known = given.id !== undefined ? this.#customers.get(given.id) : this.#bySource(given.source_id)
    if (given.id !== undefined && !known) return undefined
    const before: Customer = known ?? {
      id: `cust_${randomBytes(12).toString('hex')}`,
      name: null,
      email: null,
      source_id: given.source_id ?? null,
      metadata: {},
      object: 'customer',
    }
    const customer = {
      ...before,
      name: given.name ?? before.name,
      email: given.email ?? before.email,
      metadata: { ...before.metadata, ...(given.metadata as Record<string, Json> | undefined) },
    }
    this.#customers.set(customer.id, customer)
    return customer
  }

  /** Removes the customer with this id or source_id and returns them. */
  remove(id: string): Customer | undefined {
    const customer = this.#customers.get(id) ?? this.#bySource(id)
    if (customer) this.#customers.delete(customer.id)
    return customer
  }

  all(): Customer[] {
    return [...this.#customers.values()]
  }

  reset(): void {
    this.#customers.clear()
  }

  #bySource(sourceId: string | undefined): Customer | undefined {
    return sourceId === undefined ? undefined : this.all().find(({ source_id }) => source_id === sourceId)
  }
}

export function voucherifyRoutes(customers: VoucherifyCustomers): Route[] {
  function track(call: Call): Answer {
    const checked = check(eventSchema, call.body)
    if (!checked.ok) return invalid(checked.problems, checked.warnings)
    const { event, customer: given, metadata } = checked.value
    const customer = customers.upsert(given)
    if (!customer) {
      // The documented example of an unknown customer; there it is listed under 400 while its own code says 404.
      return refuse(404, 'not_found', 'Resource not found', `Cannot find customer with id ${given.id}`)
    }
    const warnings = [...checked.warnings, ...advise(checked.value)]
    const body: Json = {
      object: 'event',
      type: event,
      customer,
      referral: null,
      loyalty: null,
      ...(metadata && { metadata: metadata as Record<string, Json> }),
    }
    return { status: 200, body, taken: 1, warnings }
  }

  function listCustomers(call: Call): Answer {
    const limit = Number(call.query.get('limit') ?? 10)
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      return refuse(400, 'invalid_query_params', 'Invalid query params', 'limit should be from 1 to 100')
    }
    const found = customers.all()
    const page = found.slice(0, limit)
    return {
      status: 200,
      body: { object: 'list', data_ref: 'customers', customers: page, total: found.length },
    }
  }

  /** "Delete Customer Permanently" in the OpenAPI; only the fields of its answer that say what happened. */
  function erase(call: Call): Answer {
    const id = call.params.id ?? ''
    const customer = customers.remove(id)
    if (!customer) return refuse(404, 'not_found', 'Resource not found', `Cannot find customer with id ${id}`)
    const body = { status: 'DONE', related_object: 'customer', related_object_id: customer.id }
    return { status: 200, body, taken: 1 }
  }

  const tiers = { object: 'list', data_ref: 'tiers', tiers: [], total: 0, has_more: false }
  return [
    { method: 'POST', path: '/client/v1/events', handle: track },
    { method: 'POST', path: '/v1/events', handle: track },
    { method: 'GET', path: '/v1/customers', handle: listCustomers },
    { method: 'POST', path: '/v1/customers/:id/permanent-deletion', bodiless: true, handle: erase },
    { method: 'GET', path: '/client/v1/promotions/tiers', handle: () => ({ status: 200, body: tiers }) },
  ]
}

/** Things that pass and that the guides warn of. */
function advise({ customer, metadata = {} }: EventBody): string[] {
  const warnings = Object.entries(metadata)
    .filter(([, value]) => value === null)
    .map(([name]) => `metadata.${name} is null: values must have the type that the event schema gives them`)
  if (customer.id === undefined && !customer.source_id) {
    warnings.push('customer has neither id nor source_id: every such event creates another customer')
  }
  return warnings
}

/** 400 `invalid_payload` in the words of the documented example: "Property .referral should have required property 'code'". */
function invalid(problems: readonly Problem[], warnings: string[]): Answer {
  const details = problems.map(({ path, message, missing }) => {
    const at = (parts: readonly PropertyKey[]) => parts.map(part => `.${String(part)}`).join('')
    if (missing)
      return `Property ${at(path.slice(0, -1))} should have required property '${String(path.at(-1))}'`
    return `Property ${at(path)} ${message}`
  })
  return { ...refuse(400, 'invalid_payload', 'Invalid payload', details.join('; ')), warnings }
}
