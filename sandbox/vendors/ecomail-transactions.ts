/**
 * Ecomail's orders: `POST /tracker/transaction`, `PUT /tracker/transaction/{order_id}` and
 * `POST /tracker/transaction-bulk` (https://docs.ecomail.cz/api-reference/transactions/create).
 */
import { z } from 'zod'
import type { Answer, Call, Clock, Json, Route } from './contract.ts'
import { invalid, message } from './ecomail-answers.ts'
import type { EcomailContacts } from './ecomail-contacts.ts'
import { type Checked, check, emailAddress } from './validation.ts'

/** "up to 1000 per request" */
const BULK_LIMIT = 1000
/** "Limited to 5000 characters per account." */
const TAG_LIMIT = 5000
/** Unix seconds beyond this (the year 5138) are milliseconds sent by mistake. */
const SECONDS_LIMIT = 1e11

const text = z.string().optional()
const number = z.number().optional()

const transactionSchema = z.strictObject({
  transaction: z.strictObject({
    order_id: z.string().min(1),
    email: emailAddress,
    shop: text,
    amount: number,
    tax: number,
    shipping: number,
    city: text,
    county: text,
    country: text,
    timestamp: z
      .int('must be a whole number of Unix seconds')
      .nonnegative()
      .max(SECONDS_LIMIT, 'must be Unix seconds, not milliseconds')
      .optional(),
    props: z.union([z.string(), z.record(z.string(), z.json())], 'must be a string or an object').optional(),
    status: z
      .enum(
        ['processing', 'canceled', 'pending', 'completed'],
        'must be processing, canceled, pending, completed or null',
      )
      .nullable()
      .optional(),
  }),
  transaction_items: z.array(
    z.strictObject({
      code: text,
      title: text,
      category: text,
      categories: z.array(z.string().max(100)).max(20).optional(),
      price: number,
      amount: number,
      tags: z.array(z.string()).optional(),
    }),
  ),
})
type Transaction = z.output<typeof transactionSchema>

const bulkSchema = z.strictObject({ transaction_data: z.array(transactionSchema).max(BULK_LIMIT) })

/** The orders that were created, by order_id, with the ids Ecomail gave them; and the account's tags. */
export class Orders {
  readonly #ids = new Map<string, number>()
  readonly #tags = new Set<string>()

  idOf(orderId: string): number | undefined {
    return this.#ids.get(orderId)
  }

  /** Stores the order and returns its id, which stays the same when it is stored again. */
  store({ transaction, transaction_items }: Transaction): number {
    for (const item of transaction_items) for (const tag of item.tags ?? []) this.#tags.add(tag)
    const id = this.#ids.get(transaction.order_id) ?? this.#ids.size + 1
    this.#ids.set(transaction.order_id, id)
    return id
  }

  tagCharacters(): number {
    return [...this.#tags].join('').length
  }

  reset(): void {
    this.#ids.clear()
    this.#tags.clear()
  }
}

export function transactionRoutes(orders: Orders, contacts: EcomailContacts, now: Clock): Route[] {
  function create(call: Call): Answer {
    const checked = check(transactionSchema, call.body)
    if (!checked.ok) return invalid(checked.problems, checked.warnings)
    const warnings = advise(checked, contacts)
    const { transaction } = checked.value
    if (orders.idOf(transaction.order_id) !== undefined) {
      // What a second POST does is not documented. It is taken, and shown, because it may well be a duplicate there.
      warnings.push(
        `order_id ${transaction.order_id} was posted before: a duplicate, unless Ecomail merges them`,
      )
    }
    const id = orders.store(checked.value)
    if (orders.tagCharacters() > TAG_LIMIT)
      warnings.push(`tags exceed ${TAG_LIMIT} characters in this account`)
    const seconds = transaction.timestamp ?? Math.floor(now() / 1000)
    const echo: Json = {
      order_id: transaction.order_id,
      email: transaction.email,
      shop: transaction.shop ?? null,
      amount: transaction.amount ?? null,
      timestamp: utc(seconds),
      id,
      status: transaction.status ?? null,
    }
    return { status: 200, body: echo, taken: 1, warnings }
  }

  function update(call: Call): Answer {
    const checked = check(transactionSchema, call.body)
    if (!checked.ok) return invalid(checked.problems, checked.warnings)
    const orderId = call.params.id ?? ''
    // Documented only as "order to update"; the 404 is the sandbox's choice.
    if (orders.idOf(orderId) === undefined) return message(404, 'Transaction not found')
    const warnings = advise(checked, contacts)
    if (checked.value.transaction.order_id !== orderId) {
      warnings.push(`transaction.order_id is not the order_id of the path, ${orderId}`)
    }
    return { status: 200, body: {}, taken: 1, warnings }
  }

  function createMany(call: Call): Answer {
    const checked = check(bulkSchema, call.body)
    if (!checked.ok) return invalid(checked.problems, checked.warnings)
    for (const one of checked.value.transaction_data) orders.store(one)
    const inserts = checked.value.transaction_data.length
    return { status: 200, body: { inserts }, taken: inserts, warnings: checked.warnings }
  }

  return [
    { method: 'POST', path: '/tracker/transaction', handle: create },
    { method: 'PUT', path: '/tracker/transaction/:id', handle: update },
    { method: 'POST', path: '/tracker/transaction-bulk', handle: createMany },
  ]
}

function advise(checked: Checked<Transaction> & { ok: true }, contacts: EcomailContacts): string[] {
  const { transaction, transaction_items } = checked.value
  const warnings = [...checked.warnings]
  // The page lists items as part of an order and does not say that there may be none.
  if (transaction_items.length === 0) warnings.push('transaction_items is empty: the order names nothing')
  if (!transaction.shop) warnings.push('transaction.shop is empty: the shop cannot be selected in segments')
  if (!contacts.find(transaction.email)) warnings.push('transaction.email is in no list')
  return warnings
}

/** "Timestamps are saved and returned in UTC+0", as "2015-09-10 17:25:35". */
function utc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
}
