/**
 * From a storefront batch (theme extension by app proxy, web pixel) to store events. Pure; never throws.
 * Nothing in the body can say who the customer is: only Shopify's signed customer id does.
 */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { DataOf } from '../events/data.ts'
import { type Actor, type Consent, type NewStoreEvent, NOBODY } from '../events/store-event.ts'
import type { EventType, Source } from '../events/types.ts'
import { asInstant, asText, isFields } from './payloads/fields.ts'
import { consentOf, pageAddress, toCart, toCheckout, toProduct } from './storefront/values.ts'
import {
  MAX_EVENTS,
  VISITOR_ID,
  type WireEvent,
  wireBatchSchema,
  wireEventSchemas,
} from './storefront/wire.ts'
import { subject } from './translate/keys.ts'
import { shopDomain } from './verify.ts'

/** How a batch came. */
export type BatchSource = Extract<Source, 'storefront' | 'pixel'>

export type BatchContext = {
  /** The signed-in customer as attested by Shopify; null when nobody is, and always for the web pixel. */
  customerId: string | null
  receivedAt: Date
  source: BatchSource
}

/** An event by its place in the batch; a reason names the field and never repeats a value. */
export type Rejected = { index: number; reason: string }
/** That a visitor does not allow analytics, of whom nothing else is kept. `at`: when it was so, ISO 8601. */
export type BatchRefusal = { visitorId: string; consent: Consent; at: string }
export type BatchTranslation =
  | { events: NewStoreEvent[]; rejected: Rejected[]; refusal: BatchRefusal | null }
  | { malformed: string }

/** Longer than any page keeps events before it sends them. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000

/**
 * Translates a batch (parsed JSON). Each event that is not as agreed is rejected alone; a batch whose
 * envelope cannot be read is malformed as a whole. Without the visitor's leave (analytics) every event is rejected.
 */
export function translateBatch(body: unknown, context: BatchContext): BatchTranslation {
  const read = readBatch(body, context)
  if ('malformed' in read) return read
  const { visitorId, consent, accepted, rejected, age } = read
  const actor: Actor = { ...NOBODY, visitorId, customerId: context.customerId, consent }
  const at = new Date(context.receivedAt.getTime() - age).toISOString()
  return {
    events: accepted.map(checked => toEvent(checked, actor, context)),
    rejected,
    refusal: consent.analytics === false ? { visitorId, consent, at } : null,
  }
}

/** What `translateBatch` would come to, without making the events. @returns `accepted`: how many */
export function checkBatch(
  body: unknown,
  context: Pick<BatchContext, 'receivedAt' | 'source'>,
): { accepted: number; rejected: Rejected[] } | { malformed: string } {
  const read = readBatch(body, context)
  return 'malformed' in read ? read : { accepted: read.accepted.length, rejected: read.rejected }
}

/** Rejects each event of a batch, which is malformed as for `translateBatch`. */
export function rejectBatch(body: unknown, reason: string): { rejected: Rejected[] } | { malformed: string } {
  const batch = wireBatchSchema.safeParse(body)
  if (!batch.success) return { malformed: reasonOf(batch.error) }
  return { rejected: batch.data.events.map((_, index) => ({ index, reason })) }
}

/** For counting, of any body: whose it says it is, and how many events it holds, but no fewer than one and no more than a batch can. */
export function sizeOf(body: unknown): { visitorId: string | null; events: number } {
  const { visitorId, events } = isFields(body) ? body : {}
  return {
    visitorId: typeof visitorId === 'string' && VISITOR_ID.test(visitorId) ? visitorId : null,
    events: Array.isArray(events) ? Math.min(MAX_EVENTS, Math.max(1, events.length)) : 1,
  }
}

/** The shop and the key that a pixel's batch names, of any body; null when it names none. */
export function credentialsOf(body: unknown): { shop: string; key: string } | null {
  const { shop, key } = isFields(body) ? body : {}
  const domain = shopDomain(shop)
  return domain !== null && typeof key === 'string' ? { shop: domain, key } : null
}

/** `age`: how long before its receipt it happened, in ms. */
type Checked = { wire: WireEvent; age: number }
/** `age`: of the newest event that can be read; 0 when there is none. */
type ReadBatch = {
  visitorId: string
  consent: Consent
  accepted: Checked[]
  rejected: Rejected[]
  age: number
}

/** Nothing may be collected before this is said. */
const NOT_ALLOWED = 'consent: analytics is not allowed'

function readBatch(
  body: unknown,
  { receivedAt, source }: Pick<BatchContext, 'receivedAt' | 'source'>,
): ReadBatch | { malformed: string } {
  const batch = wireBatchSchema.safeParse(body)
  if (!batch.success) return { malformed: reasonOf(batch.error) }
  const { visitorId, events } = batch.data
  const consent = consentOf(batch.data.consent)
  const sentAt = Date.parse(asInstant(batch.data.sentAt) ?? receivedAt.toISOString())
  const read: ReadBatch = { visitorId, consent, accepted: [], rejected: [], age: 0 }
  const ages: number[] = []
  for (const [index, value] of events.entries()) {
    const wire = wireEventSchemas[source].safeParse(value)
    if (!wire.success) {
      read.rejected.push({ index, reason: reasonOf(wire.error) })
      continue
    }
    // The browser's clock may be wrong, but not what it measured between the event and the sending.
    const age = Math.max(0, sentAt - Date.parse(wire.data.at))
    if (age > MAX_AGE_MS) {
      read.rejected.push({ index, reason: 'at: is too old' })
      continue
    }
    ages.push(age)
    if (consent.analytics === true) read.accepted.push({ wire: wire.data, age })
    else read.rejected.push({ index, reason: NOT_ALLOWED })
  }
  return { ...read, age: ages.length > 0 ? Math.min(...ages) : 0 }
}

/** "field.name: what is expected" of the first thing that is wrong. */
function reasonOf(error: z.ZodError): string {
  const [issue] = error.issues
  return [issue?.path.join('.'), issue?.message].filter(part => part).join(': ')
}

/**
 * One event of a visitor is one, however often it is sent. A key outlives the erasure of its person, so neither the visitor
 * nor what else of theirs there is can be read from it.
 */
function keyOf(visitorId: string | null, id: string | null): string {
  return `sf:${createHash('sha256').update(`${visitorId}\n${id}`).digest('hex').slice(0, 32)}`
}

function toEvent({ wire, age }: Checked, actor: Actor, { receivedAt, source }: BatchContext): NewStoreEvent {
  const event = <T extends EventType>(type: T, data: DataOf<T>, about: string | null = null) =>
    ({
      type,
      source,
      dedupeKey: keyOf(actor.visitorId, asText(wire.id)),
      occurredAt: new Date(receivedAt.getTime() - age).toISOString(),
      subject: about,
      version: null,
      actor,
      data,
    }) as unknown as NewStoreEvent

  const url = pageAddress(wire.url)
  switch (wire.type) {
    case 'page_viewed': {
      const { type, title, referrer } = wire.data.page
      return event(wire.type, {
        url,
        page: { type: asText(type), title: asText(title), referrer: pageAddress(referrer) },
      })
    }
    case 'collection_viewed': {
      const { id, handle, title, path } = wire.data.collection
      const collection = { id: asText(id), handle: asText(handle), title: asText(title), path: asText(path) }
      return event(wire.type, { url, collection })
    }
    case 'product_viewed':
      return event(wire.type, { url, product: toProduct(wire.data.product, url) })
    case 'search_submitted':
      return event(wire.type, { url, query: asText(wire.data.query) ?? '' })
    case 'product_added_to_cart':
    case 'product_removed_from_cart': {
      const { product, quantity } = wire.data
      return event(wire.type, { url, product: toProduct(product, url), quantity: Number(quantity) })
    }
    case 'cart_viewed':
      return event(wire.type, { url, cart: toCart(wire.data.cart, url) })
    case 'checkout_started':
    case 'checkout_updated':
    case 'checkout_completed': {
      const checkout = toCheckout(wire.data.checkout, pageAddress(wire.url))
      return event(wire.type, { checkout }, subject('checkout', checkout.token))
    }
  }
}
