/** carts/create and carts/update: the whole cart, in the shop's currency. */
import type { Cart, Line } from '../../events/data.ts'
import { type CartLinePayload, type CartPayload, cartSchema } from '../payloads/cart.ts'
import { attributesActor } from './actor.ts'
import { cartToken, stateKey, subject } from './keys.ts'
import { Exact, shopAmount, sum, written } from './money.ts'
import { type Handler, translation, webhookEvent } from './notice.ts'
import { lineProduct } from './product-line.ts'

/** Makes cart_updated. An empty cart is a state too: it is what clears a vendor's basket. */
export const cartUpdated: Handler = ({ payload, at }) => {
  const cart = cartSchema.parse(payload)
  const token = cartToken(cart.token ?? cart.id)
  const updatedAt = cart.updated_at ?? cart.created_at
  const data = { cart: toCart(cart, token) }
  const actor = attributesActor({ ...cart.note_attributes, ...cart.attributes })
  const event = webhookEvent('cart_updated', data, {
    dedupeKey: stateKey('cart_updated', [token, cart.updated_at], { data, actor }, payload),
    occurredAt: updatedAt ?? at,
    subject: subject('cart', token),
    version: updatedAt,
    actor,
  })
  return translation([event], [], '')
}

function toCart(cart: CartPayload, token: string | null): Cart {
  const currency = cart.currency ?? cart.line_items.find(line => line.price_set)?.price_set?.currency ?? null
  const lines = cart.line_items.filter(line => line.quantity !== 0).map(line => toLine(line, currency))
  const totals = lines.map(line => line.total)
  return { token, currency, total: written(sum(totals), totals), lines }
}

/** `line_price` has discounts taken off. Tax is not known before the checkout, and counts as none. */
function toLine(line: CartLinePayload, currency: string | null): Line {
  const quantity = line.quantity ?? 1
  const unitPrice = line.original_price ?? shopAmount(line.price_set, line.price) ?? '0'
  const total = shopAmount(line.line_price_set, line.line_price)
  return {
    id: line.id ?? line.key,
    product: lineProduct(line, unitPrice, currency, line.handle),
    quantity,
    unitPrice,
    total: total ?? written(new Exact(unitPrice).times(quantity), [unitPrice]),
    tax: '0',
  }
}
