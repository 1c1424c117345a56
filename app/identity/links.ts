/**
 * What store events attest about visitors, read from them. Pure.
 *
 * Believed are: the customer id that Shopify signs on a storefront batch; the visitor's id among the attributes of carts,
 * checkouts and orders that Shopify's webhooks bring; and which checkout a pixel was in. What a browser says about a person
 * is not believed, and not even read. Whoever does not allow analytics is not followed: their events attest nothing.
 */
import { isOrderEvent, type NewStoreEvent } from '../events/store-event.ts'

/** A customer, or a guest by e-mail. `acceptsMarketing`: whether they ticked that box there; null: it is not said. */
export type NamedPerson = {
  customerId: string | null
  email: string | null
  acceptsMarketing: boolean | null
}

/** Shopify signed that this customer is signed in where the visitor is. */
export type SessionSaid = { shopId: number; visitorId: string; customerId: string; at: string }
/** A checkout or an order was seen: with a visitor, with a person, or with both. `at`: when it was so, ISO 8601. */
export type CheckoutSaid = {
  shopId: number
  /** "checkout:c0ffee", or "order:123" for an order that was made without one. */
  token: string
  visitorId: string | null
  person: NamedPerson | null
  at: string
}
/** `attested`: checkouts that name both, and that nobody else will say anything of. */
export type Said = { sessions: SessionSaid[]; checkouts: CheckoutSaid[]; attested: Attested[] }
export type Attested = CheckoutSaid & { visitorId: string; person: NamedPerson }

export type ShopEvent = { shopId: number; event: NewStoreEvent }

/** What can be the key of a row. */
const VISITOR = /^[\w.-]{1,200}$/
const NAME = /^[\x21-\x7e]{1,255}$/
/** RFC 5321 §4.5.3.1: 64 octets, "@", 255 octets. */
const EMAIL_LENGTH = 320

/**
 * @param joining shops in which a pixel may tell who was in a checkout. In others a checkout that does not name both
 * leads to no link ever, and is not worth keeping
 */
export function saidIn(events: readonly ShopEvent[], joining: ReadonlySet<number>): Said {
  const allowed = events.filter(({ event }) => event.actor.consent.analytics !== false)
  const checkouts = allowed.flatMap(checkoutIn)
  return {
    sessions: allowed.flatMap(sessionIn),
    checkouts: checkouts.filter(({ shopId }) => joining.has(shopId)),
    attested: checkouts.flatMap(said => (joining.has(said.shopId) ? [] : attestedIn(said))),
  }
}

function attestedIn({ visitorId, person, ...said }: CheckoutSaid): Attested[] {
  return visitorId === null || person === null ? [] : [{ ...said, visitorId, person }]
}

function sessionIn({ shopId, event }: ShopEvent): SessionSaid[] {
  const { visitorId, customerId } = event.actor
  if (event.source !== 'storefront' || !isVisitor(visitorId) || !isName(customerId)) return []
  return [{ shopId, visitorId, customerId, at: event.occurredAt }]
}

function checkoutIn({ shopId, event }: ShopEvent): CheckoutSaid[] {
  const token = originOf(event)
  if (token === null) return []
  const visitorId = isVisitor(event.actor.visitorId) ? event.actor.visitorId : null
  const person = personIn(event)
  if (visitorId === null && person === null) return []
  return [{ shopId, token, visitorId, person, at: event.version ?? event.occurredAt }]
}

/** Where the event ties a visitor to a person. An abandoned checkout says nothing that its state has not said. */
export function originOf(event: NewStoreEvent): string | null {
  if (event.source === 'storefront') return null
  if (isOrderEvent(event)) {
    const { orderId, order } = event.data
    return order && (named('checkout', order.checkoutToken) ?? named('order', orderId))
  }
  switch (event.type) {
    case 'checkout_started':
    case 'checkout_updated':
    case 'checkout_completed':
      return named('checkout', event.data.checkout.token)
    default:
      return null
  }
}

function named(kind: 'checkout' | 'order', name: string | null): string | null {
  return isName(name) ? `${kind}:${name}` : null
}

/** Who the event is of, by Shopify's word. */
function personIn({ source, actor }: NewStoreEvent): NamedPerson | null {
  if (source === 'pixel' || source === 'storefront') return null
  const customerId = isName(actor.customerId) ? actor.customerId : null
  const email = emailOf(actor.email)
  if (customerId === null && email === null) return null
  return { customerId, email, acceptsMarketing: actor.acceptsMarketing }
}

function emailOf(text: string | null): string | null {
  const email = text?.trim() ?? ''
  return email === '' || email.length > EMAIL_LENGTH ? null : email
}

/** Whether it can be the key of a row. */
export function isVisitor(id: string | null): id is string {
  return id !== null && VISITOR.test(id)
}

function isName(name: string | null): name is string {
  return name !== null && NAME.test(name)
}
