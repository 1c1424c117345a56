/** Carts of the sandbox store, kept in memory, changed as Shopify's Cart API changes them. */
import { createHash, randomBytes } from 'node:crypto'
import { type Choice, choiceOf, hundredths } from './catalogue.ts'

export type Line = Choice & { key: string; quantity: number; properties: Record<string, string> }

export type Cart = {
  /** Without the `?key=` that the browser's cookie and cart.js carry. */
  token: string
  secret: string
  lines: Line[]
  attributes: Record<string, string>
  note: string | null
  createdAt: string
  updatedAt: string
}

/** Refusals of the Cart API: https://shopify.dev/docs/api/ajax/reference/cart */
export class CartError extends Error {
  status: number
  title: string

  constructor(status: number, description: string, title = 'Cart Error') {
    super(description)
    this.status = status
    this.title = title
  }
}

/** The most of one line: more is refused in words, so that no total leaves what a number can say. */
export const MOST = 1_000

export type Wanted = { id: unknown; quantity?: unknown; properties?: unknown }

export function newCart(): Cart {
  const at = now()
  const token = `c1-${randomBytes(16).toString('hex')}`
  const secret = randomBytes(16).toString('hex')
  return { token, secret, lines: [], attributes: {}, note: null, createdAt: at, updatedAt: at }
}

/** What is done to the copy leaves the cart as it is. */
export const copyOf = (cart: Cart): Cart => ({
  ...cart,
  lines: cart.lines.map(line => ({ ...line })),
  attributes: { ...cart.attributes },
})

/** Whole seconds, as Shopify writes them. */
export const now = () => `${new Date().toISOString().slice(0, 19)}Z`

export const itemCount = (cart: Cart) => cart.lines.reduce((count, line) => count + line.quantity, 0)
/** In hundredths of the currency. */
export const totalOf = (cart: Cart) =>
  cart.lines.reduce((total, line) => total + hundredths(line.variant.price) * line.quantity, 0)

/**
 * Adds to the cart; the same variant with the same properties is the same line, and the newest line is first.
 * @returns the lines that were added to
 * @throws CartError 422 when a variant is sold out or more than `MOST` are wanted, 404 when there is none; nothing is added then
 */
export function addLines(cart: Cart, wanted: readonly Wanted[]): Line[] {
  const additions = wanted.map(lineFor)
  return additions.map(addition => {
    const existing = cart.lines.find(line => line.key === addition.key)
    const count = addition.quantity + (existing?.quantity ?? 0)
    refuseTooMany(count)
    if (existing) existing.quantity = count
    else cart.lines.unshift(addition)
    return existing ?? addition
  })
}

function refuseTooMany(count: number): void {
  if (count > MOST) throw new CartError(422, 'At most 1,000 of one thing fit into a cart.')
}

function lineFor({ id, quantity = 1, properties }: Wanted): Line {
  const choice = choiceOf(Number(id))
  if (!choice) throw new CartError(404, 'Cannot find variant')
  if (!choice.variant.available) {
    const name = [choice.product.title, ...choice.variant.values].join(' - ')
    throw new CartError(422, `The product '${name}' is already sold out.`)
  }
  const count = Math.floor(Number(quantity))
  if (!(count >= 1)) throw new CartError(422, 'Quantity must be 1 or more')
  const own = textsOf(properties)
  const digest = createHash('md5')
    .update(JSON.stringify([choice.variant.id, own]))
    .digest('hex')
  return { ...choice, key: `${choice.variant.id}:${digest}`, quantity: count, properties: own }
}

/** @param by a line's key or a variant's id, or a line's place counted from 1 */
export function setQuantity(cart: Cart, by: { id: unknown } | { line: unknown }, quantity: unknown): void {
  const line = 'line' in by ? cart.lines[Number(by.line) - 1] : lineBy(cart, by.id)
  if (!line) throw new CartError(400, 'no valid id or line parameter', 'bad_request')
  const count = Math.floor(Number(quantity))
  if (!(count >= 0)) throw new CartError(422, 'Quantity must be 0 or more')
  refuseTooMany(count)
  line.quantity = count
  cart.lines = cart.lines.filter(one => one.quantity > 0)
}

const lineBy = (cart: Cart, id: unknown) =>
  cart.lines.find(line => line.key === String(id)) ?? cart.lines.find(line => line.variant.id === Number(id))

/** cart/update: quantities by variant or key, or of every line in order; attributes merge, "" stays "". */
export function updateCart(cart: Cart, body: { updates?: unknown; attributes?: unknown; note?: unknown }) {
  const { updates } = body
  if (Array.isArray(updates)) {
    const keys = cart.lines.map(line => line.key)
    for (const [index, key] of keys.entries()) {
      if (updates[index] !== undefined) setQuantity(cart, { id: key }, updates[index])
    }
  } else if (isRecord(updates)) {
    for (const [id, quantity] of Object.entries(updates)) setOrAdd(cart, id, quantity)
  }
  if (isRecord(body.attributes)) cart.attributes = { ...cart.attributes, ...textsOf(body.attributes) }
  if (typeof body.note === 'string') cart.note = body.note
}

/** A variant that is not in the cart yet is added, as Shopify does. */
function setOrAdd(cart: Cart, id: string, quantity: unknown): void {
  if (lineBy(cart, id)) setQuantity(cart, { id }, quantity)
  else if (Number(quantity) > 0) addLines(cart, [{ id, quantity }])
}

function textsOf(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text ?? '')]))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
