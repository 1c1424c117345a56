/** Checkouts and orders of the sandbox store, and the payloads of their webhooks. */
import { randomBytes } from 'node:crypto'
import { type Cart, now } from './carts.ts'
import { sold } from './catalogue.ts'
import type { Customer } from './customers.ts'
import { checkoutPayload, type OrderOptions, orderPayload } from './payloads.ts'

export type Order = { id: number; name: string; createdAt: string }
export type Checkout = {
  token: string
  /** As it was when the checkout began; changes of the cart make a new checkout. */
  cart: Cart
  customer: Customer | null
  email: string | null
  marketing: boolean
  shipping: number
  createdAt: string
  updatedAt: string
  order: Order | null
}

const FIRST_ORDER_ID = 5123456780000
const FIRST_ORDER_NUMBER = 1001
const SHIPPING = 5

/** @param customer who is signed in; gives the checkout its first contact */
export function newCheckout(cart: Cart, customer: Customer | null): Checkout {
  const at = now()
  return {
    token: randomBytes(16).toString('hex'),
    cart: { ...cart, lines: cart.lines.map(line => ({ ...line })), attributes: { ...cart.attributes } },
    customer,
    email: customer?.email ?? null,
    marketing: customer?.marketing ?? false,
    shipping: SHIPPING,
    createdAt: at,
    updatedAt: at,
    order: null,
  }
}

/** @param earlier how many orders were placed before */
export function newOrder(earlier: number): Order {
  // Beyond what the demo's story uses, and never twice after the store was started anew.
  const id = FIRST_ORDER_ID + (Math.floor(Date.now() / 1000) % 100_000_000) * 10 + (earlier % 10)
  return { id, name: `#${FIRST_ORDER_NUMBER + earlier}`, createdAt: now() }
}

export const checkoutBody = (checkout: Checkout) => ({
  ...checkoutPayload(options(checkout)),
  buyer_accepts_marketing: checkout.marketing,
})

/** Of a checkout that ended in an order. */
export function orderBody(checkout: Checkout, financial: 'pending' | 'paid') {
  return {
    ...orderPayload({ ...options(checkout), financial }),
    buyer_accepts_marketing: checkout.marketing,
  }
}

function options({ order, cart, customer, ...checkout }: Checkout): OrderOptions {
  return {
    id: order?.id ?? 0,
    name: order?.name ?? '',
    lines: cart.lines.map(line => ({ product: sold(line), quantity: line.quantity })),
    customer,
    email: checkout.email,
    createdAt: order?.createdAt ?? checkout.createdAt,
    updatedAt: order?.createdAt ?? checkout.updatedAt,
    attributes: cart.attributes,
    checkoutToken: checkout.token,
    cartToken: cart.token,
    shipping: checkout.shipping,
  }
}
