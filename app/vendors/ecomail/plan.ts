/** From store events to Ecomail's requests. */
import type { Order } from '../../events/data.ts'
import { isOrderEvent, isType, type StoreEvent, type StoreEventOf } from '../../events/store-event.ts'
import { changeOf, notAddable } from '../consent.ts'
import { type Decision, planEach } from '../planning.ts'
import { missingPurposes } from '../purposes.ts'
import type { Json, Plan, Planned, ShopFacts, Step, VendorRequest } from '../vendor.ts'
import { basketBody } from './basket.ts'
import { browsingBody } from './browsing.ts'
import { addContact, subscribe, unsubscribe } from './contact.ts'
import { pathPart, request } from './request.ts'
import { BASKETS, rows } from './rows.ts'
import type { EcomailSettings } from './settings.ts'
import { type OrderEvent, orderIdOf, transactionBody } from './transaction.ts'

const DAY = 24 * 60 * 60 * 1000

/** Stable names of the steps; `read` goes by them. */
export const STEP = {
  transaction: 'transaction',
  clearBasket: 'clear-basket',
  basket: 'basket',
  event: 'event',
  createContact: 'create-contact',
  subscribe: 'subscribe',
  unsubscribe: 'unsubscribe',
} as const

/** Facts that `read` learns and `plan` acts on. */
export const FACT = {
  contactMissing: 'contact_missing',
  orderMissing: 'order_missing',
  orderExists: 'order_exists',
} as const

/**
 * What the event is a state of at Ecomail: an order, a cart (a checkout is a state of its cart), a consent. A
 * new customer stands alone: what is known of consent then must not hide the consent's own notice.
 */
export function stateOf(event: StoreEvent): string | null {
  if (isOrderEvent(event)) return event.data.order ? `order:${event.data.orderId}` : null
  const isState = isType(
    event,
    'cart_updated',
    'checkout_started',
    'checkout_updated',
    'marketing_consent_updated',
  )
  return isState ? event.subject || null : null
}

/** Each delivery becomes its own requests: Ecomail takes one event at a time. */
export function plan(deliveries: readonly Planned[], settings: EcomailSettings, shop: ShopFacts): Plan {
  return planEach(deliveries, delivery => decide(delivery, settings, shop))
}

function decide(delivery: Planned, settings: EcomailSettings, shop: ShopFacts): Decision {
  const { event } = delivery
  const email = event.actor.email?.trim() ?? ''
  if (isOrderEvent(event)) return forOrder(delivery, event, email, settings, shop)
  if (email === '') return { skip: 'no_email' }
  if (isType(event, 'cart_updated', 'checkout_started', 'checkout_updated')) {
    const { lines } = event.type === 'cart_updated' ? event.data.cart : event.data.checkout
    const body = basketBody(email, lines, settings, shop)
    if (body === null) return { skip: 'no_product_identifier', detail: settings.productIdentifier }
    return withContact(delivery, email, settings, [
      step(STEP.basket, event, send(settings, body), stateOf(event)),
    ])
  }
  if (isType(event, 'customer_created', 'marketing_consent_updated'))
    return forContact(event, email, settings)
  if (
    isType(event, 'product_viewed', 'page_viewed', 'collection_viewed', 'search_submitted', 'cart_viewed')
  ) {
    const mapped = browsingBody(email, event, settings, shop)
    if ('skip' in mapped) return mapped
    return withContact(delivery, email, settings, [
      step(STEP.event, event, send(settings, mapped.body), null),
    ])
  }
  return { skip: 'mapping_off' }
}

function forOrder(
  delivery: Planned,
  event: OrderEvent,
  email: string,
  settings: EcomailSettings,
  shop: ShopFacts,
): Decision {
  const { order } = event.data
  if (!order) return { skip: 'carried_by_order_update' }
  if (order.test && !settings.testOrders) return { skip: 'test_order' }
  if (email === '') return { skip: 'no_email' }
  const orderId = orderIdOf(event, settings)
  if (!orderId) return { skip: 'missing_field', detail: settings.orderId }
  if (order.total === null) return { skip: 'missing_field', detail: 'total' }
  if (order.lines.length === 0) return { skip: 'missing_field', detail: 'lines' }

  const body = transactionBody({ orderId, email, order, total: order.total }, event, settings, shop)
  const target = isKnownOrder(delivery)
    ? request(settings, 'PUT', `/tracker/transaction/${pathPart(orderId)}`, body)
    : request(settings, 'POST', '/tracker/transaction', body)
  const steps = [step(STEP.transaction, event, target, stateOf(event))]
  // Once the transaction is done, the order is remembered, and the basket of the same attempt may be left to do.
  const first = delivery.memory === null || delivery.done.includes(STEP.transaction)
  if (first && settings.clearBasket && endsCart(delivery, event, order) && mayTellBasket(event, settings)) {
    steps.push(clearBasket(event, order, email, settings, shop))
  }
  return withContact(delivery, email, settings, steps)
}

/** An answer is newer than what is remembered, and a later answer newer than an earlier one. */
function isKnownOrder({ memory, learned }: Planned): boolean {
  const fact = learned.findLast(one => one === FACT.orderExists || one === FACT.orderMissing)
  return fact ? fact === FACT.orderExists : memory !== null
}

/**
 * An order made at the counter, imported, old and touched again, or told late (Ecomail's basket is the person's, and
 * may be another cart's by now) says nothing about the cart of today.
 */
function endsCart(
  { plannedAt }: Planned,
  event: OrderEvent,
  { cartToken, checkoutToken, createdAt }: Order,
): boolean {
  if (event.source === 'import' || !(cartToken || checkoutToken)) return false
  const since = Date.parse(createdAt ?? event.occurredAt)
  if (createdAt === null && event.type !== 'order_created') return false
  return Math.max(Date.parse(event.occurredAt), Date.parse(plannedAt)) - since < DAY
}

/** The emptied basket is a Basket event: it goes where one of the rows that send those is on and has the consent that it needs. */
function mayTellBasket(event: OrderEvent, settings: EcomailSettings): boolean {
  return BASKETS.some(type => {
    const isOn = settings.rows[type] ?? rows[type]?.byDefault ?? false
    return isOn && missingPurposes(event, { rows }, settings, type).length === 0
  })
}

function clearBasket(
  event: OrderEvent,
  { cartToken, createdAt }: Order,
  email: string,
  settings: EcomailSettings,
  shop: ShopFacts,
): Step {
  const target = send(settings, basketBody(email, [], settings, shop))
  const made = { name: STEP.clearBasket, deliveries: [event.id], request: target }
  return cartToken ? { ...made, leaves: { subject: `cart:${cartToken}`, version: createdAt } } : made
}

function forContact(
  event: StoreEventOf<'customer_created' | 'marketing_consent_updated'>,
  email: string,
  settings: EcomailSettings,
): Decision {
  const { apiKey, listId } = settings
  if (!listId) return { skip: 'missing_field', detail: 'listId' }
  const list = { apiKey, listId }
  const subject = stateOf(event)
  if (event.type === 'customer_created') {
    const unwanted = notAddable(event.actor)
    if (unwanted) return { skip: unwanted }
    return { steps: [step(STEP.subscribe, event, addContact(email, event, list), subject)] }
  }
  switch (changeOf(event)) {
    case 'subscribe':
      return { steps: [step(STEP.subscribe, event, subscribe(email, event, list), subject)] }
    case 'unsubscribe':
      return { steps: [step(STEP.unsubscribe, event, unsubscribe(email, list), subject)] }
    case 'undecided':
      return { skip: 'no_marketing_consent' }
  }
}

/** Puts the contact before the steps once Ecomail has said that it does not know the person. */
function withContact(delivery: Planned, email: string, settings: EcomailSettings, steps: Step[]): Decision {
  const { event, done, learned } = delivery
  if (!learned.includes(FACT.contactMissing) || done.includes(STEP.createContact)) return { steps }
  const { apiKey, listId, createContacts } = settings
  if (!createContacts || !listId) return { skip: 'contact_missing' }
  return {
    steps: [step(STEP.createContact, event, addContact(email, event, { apiKey, listId }), null), ...steps],
  }
}

function send(settings: EcomailSettings, body: Json): VendorRequest {
  return request(settings, 'POST', '/tracker/events', body)
}

function step(name: string, event: StoreEvent, target: VendorRequest, subject: string | null): Step {
  const made = { name, deliveries: [event.id], request: target }
  return subject === null ? made : { ...made, leaves: { subject, version: event.version } }
}
