/** checkouts/*: a checkout's state, in the shop's currency. */
import type { Checkout } from '../../events/data.ts'
import type { Effect } from '../effects.ts'
import { type CheckoutPayload, checkoutSchema } from '../payloads/checkout.ts'
import { attributesActor, buyerActor } from './actor.ts'
import { customerSeen, statedMarketing } from './customer-seen.ts'
import { cartToken, dedupeKey, stateKey, subject } from './keys.ts'
import { currentLines } from './lines.ts'
import { sum, written } from './money.ts'
import { type Handler, ignored, translation, webhookEvent } from './notice.ts'

/** checkouts/create. */
export const checkoutStarted: Handler = notice => {
  const checkout = checkoutSchema.parse(notice.payload)
  const key = dedupeKey('checkout_started', [checkout.token], notice.payload)
  return checkoutState('checkout_started', checkout, key, checkout.created_at ?? notice.at, notice.at)
}

/**
 * checkouts/update. A completed checkout has become an order: its last update must not bring back a basket
 * that the order has emptied, so it only tells that, and who the customer is.
 */
export const checkoutUpdated: Handler = notice => {
  const checkout = checkoutSchema.parse(notice.payload)
  if (checkout.completed_at !== null) {
    return translation(
      [],
      [...completedIn(checkout, checkout.completed_at), ...seenIn(checkout, notice.at)],
      'The checkout is completed; its order tells the rest.',
    )
  }
  const { visitorId, consent } = attributesActor(checkout.note_attributes)
  const key = stateKey(
    'checkout_updated',
    [checkout.token, checkout.updated_at],
    { data: toCheckout(checkout), email: checkout.email, visitorId, consent },
    notice.payload,
  )
  return checkoutState('checkout_updated', checkout, key, checkout.updated_at ?? notice.at, notice.at)
}

/**
 * checkouts/delete names no token (API 2026-04 and later), changes nothing that a vendor has, and says nothing about
 * an order: a checkout that waits goes on waiting.
 */
export const checkoutDeleted: Handler = () => ignored('Deleted checkouts have no follow-up.')

function checkoutState(
  type: 'checkout_started' | 'checkout_updated',
  checkout: CheckoutPayload,
  key: string,
  occurredAt: string,
  at: string,
) {
  const event = webhookEvent(
    type,
    { checkout: toCheckout(checkout) },
    {
      dedupeKey: key,
      occurredAt,
      // A cart and its checkout are states of one thing.
      subject: subject('cart', cartToken(checkout.cart_token)) ?? subject('checkout', checkout.token),
      version: checkout.updated_at ?? checkout.created_at,
      actor: buyerActor({
        emails: [checkout.email],
        phone: checkout.phone,
        customer: checkout.customer,
        billing: checkout.billing_address,
        shipping: checkout.shipping_address,
        attributes: checkout.note_attributes,
        box: checkout.buyer_accepts_marketing,
      }),
    },
  )
  return translation([event], seenIn(checkout, at), '')
}

function completedIn({ token, cart_token }: CheckoutPayload, at: string): Effect[] {
  const named = { token, cartToken: cartToken(cart_token) }
  return named.token || named.cartToken ? [{ kind: 'checkout_completed', ...named, at }] : []
}

/**
 * A box that is not ticked in a checkout says nothing about a subscription made before, so the checkout's
 * own `buyer_accepts_marketing` is no statement about the customer.
 */
function seenIn(checkout: CheckoutPayload, at: string) {
  return customerSeen(checkout.customer, {
    marketing: statedMarketing(checkout.customer, checkout.email, null),
    email: checkout.email,
    updatedAt: checkout.updated_at ?? at,
  })
}

/**
 * `shipping` contains tax only where the shop's prices do; null until a rate is chosen. A line of none is not in
 * the checkout any more.
 */
function toCheckout(checkout: CheckoutPayload): Checkout {
  const { currency } = checkout
  const pricing = { currency, taxesIncluded: checkout.taxes_included ?? false }
  const rates = checkout.shipping_lines.map(({ price }) => price).filter(price => price !== null)
  return {
    token: checkout.token,
    cartToken: cartToken(checkout.cart_token),
    currency,
    total: checkout.total_price,
    tax: checkout.total_tax,
    shipping: rates.length === 0 ? null : written(sum(rates), rates),
    discount: checkout.total_discounts,
    discountCodes: checkout.discount_codes.map(({ code }) => code).filter(code => code !== null),
    lines: currentLines(checkout.line_items, pricing).filter(line => line.quantity > 0),
  }
}
