/** Checkouts and orders of the sandbox store, and the payloads of their webhooks. */
import { randomBytes } from 'node:crypto'
import { type Cart, copyOf, now } from './carts.ts'
import { sold } from './catalogue.ts'
import type { Customer } from './customers.ts'
import { checkoutPayload, type OrderOptions, orderPayload } from './payloads.ts'

export type Order = { id: number; name: string; createdAt: string }
export type Checkout = {
  token: string
  /** As it was when the checkout was last begun. */
  cart: Cart
  customer: Customer | null
  email: string | null
  marketing: boolean
  shipping: number
  createdAt: string
  updatedAt: string
  order: Order | null
}

/** Beyond what the demo's story uses. */
const FIRST_ORDER_ID = 5200000000000
/** Orders are numbered from here on, one number for each second that goes by. */
const FIRST_ORDER_AT = Date.UTC(2026, 0, 1)
const SHIPPING = 5

/** @param customer who is signed in; gives the checkout its first contact */
export function newCheckout(cart: Cart, customer: Customer | null): Checkout {
  const at = now()
  return {
    token: randomBytes(16).toString('hex'),
    cart: copyOf(cart),
    customer,
    email: customer?.email ?? null,
    marketing: customer?.marketing ?? false,
    shipping: SHIPPING,
    createdAt: at,
    updatedAt: at,
    order: null,
  }
}

/**
 * Numbers go on where those of an earlier start ended, which the app remembers and the store does not: the first is the second of
 * the start, and nobody orders every second.
 */
export function createOrders(startedAt = Date.now()): () => Order {
  let last = Math.floor((startedAt - FIRST_ORDER_AT) / 1000)
  return () => {
    last += 1
    return { id: FIRST_ORDER_ID + last, name: `#${last}`, createdAt: now() }
  }
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
