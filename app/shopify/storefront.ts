/**
 * From a storefront batch (theme extension by app proxy, web pixel) to store events. Pure; never throws.
 * Nothing in the body can say who the customer is: only Shopify's signed customer id does.
 */
import type { z } from 'zod'
import type { Cart, DataOf, Line, Product } from '../events/data.ts'
import { type Actor, type NewStoreEvent, NOBODY } from '../events/store-event.ts'
import type { EventType, Source } from '../events/types.ts'
import {
  type WireBatch,
  type WireCart,
  type WireEvent,
  type WireProduct,
  wireBatchSchema,
  wireEventSchema,
} from './storefront/wire.ts'
import { cartToken } from './translate/keys.ts'
import { Exact, written } from './translate/money.ts'

export type BatchContext = {
  /** The signed-in customer as attested by Shopify; null when nobody is, and always for the web pixel. */
  customerId: string | null
  receivedAt: Date
  source: Extract<Source, 'storefront' | 'pixel'>
}

/** An event by its place in the batch; a reason names the field and never repeats a value. */
export type Rejected = { index: number; reason: string }
export type BatchTranslation = { events: NewStoreEvent[]; rejected: Rejected[] } | { malformed: string }

/** Longer than any page keeps events before it sends them. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000

/**
 * Translates a batch (parsed JSON). Each event that is not as agreed is rejected alone; a batch whose
 * envelope cannot be read is malformed as a whole.
 */
export function translateBatch(body: unknown, context: BatchContext): BatchTranslation {
  const read = readBatch(body, context.receivedAt)
  if ('malformed' in read) return read
  const { batch, accepted, rejected } = read
  return {
    events: accepted.map(({ wire, occurredAt }) => toEvent(wire, occurredAt, batch, context)),
    rejected,
  }
}

/** What `translateBatch` would come to, without making the events. @returns `accepted`: how many */
export function checkBatch(
  body: unknown,
  receivedAt: Date,
): { accepted: number; rejected: Rejected[] } | { malformed: string } {
  const read = readBatch(body, receivedAt)
  return 'malformed' in read ? read : { ...read, accepted: read.accepted.length }
}

type ReadBatch = {
  batch: WireBatch
  accepted: { wire: WireEvent; occurredAt: string }[]
  rejected: Rejected[]
}

function readBatch(body: unknown, receivedAt: Date): ReadBatch | { malformed: string } {
  const batch = wireBatchSchema.safeParse(body)
  if (!batch.success) return { malformed: reasonOf(batch.error) }
  const read: ReadBatch = { batch: batch.data, accepted: [], rejected: [] }
  for (const [index, value] of batch.data.events.entries()) {
    const wire = wireEventSchema.safeParse(value)
    const occurredAt = wire.success ? occurredAtOf(wire.data.at, batch.data.sentAt, receivedAt) : null
    if (!wire.success) read.rejected.push({ index, reason: reasonOf(wire.error) })
    else if (occurredAt === null) read.rejected.push({ index, reason: 'at: is too old' })
    else read.accepted.push({ wire: wire.data, occurredAt })
  }
  return read
}

/** "field.name: what is expected" of the first thing that is wrong. */
function reasonOf(error: z.ZodError): string {
  const [issue] = error.issues
  return [issue?.path.join('.'), issue?.message].filter(part => part).join(': ')
}

/**
 * The browser's clock may be wrong, but not what it measured between the event and the sending: that time
 * is taken off the time of receipt. Never in the future; null when the event is implausibly old.
 */
function occurredAtOf(at: string, sentAt: string | null, receivedAt: Date): string | null {
  const received = receivedAt.getTime()
  const age = Math.max(0, (sentAt === null ? received : Date.parse(sentAt)) - Date.parse(at))
  return age > MAX_AGE_MS ? null : new Date(received - age).toISOString()
}

function toEvent(
  wire: WireEvent,
  occurredAt: string,
  batch: WireBatch,
  { customerId, source }: BatchContext,
): NewStoreEvent {
  const actor: Actor = { ...NOBODY, visitorId: batch.visitorId, customerId, consent: batch.consent }
  const event = <T extends EventType>(type: T, data: DataOf<T>) =>
    ({
      type,
      source,
      dedupeKey: `sf:${batch.visitorId}:${wire.id}`,
      occurredAt,
      subject: null,
      version: null,
      actor,
      data,
    }) as unknown as NewStoreEvent

  const { url } = wire
  switch (wire.type) {
    case 'page_viewed':
      return event(wire.type, { url, page: wire.data.page })
    case 'collection_viewed':
      return event(wire.type, { url, collection: wire.data.collection })
    case 'product_viewed':
      return event(wire.type, { url, product: toProduct(wire.data.product) })
    case 'search_submitted':
      return event(wire.type, { url, query: wire.data.query })
    case 'product_added_to_cart':
    case 'product_removed_from_cart':
      return event(wire.type, { url, product: toProduct(wire.data.product), quantity: wire.data.quantity })
    case 'cart_viewed':
      return event(wire.type, { url, cart: toCart(wire.data.cart) })
  }
}

function toProduct({ vendor, type, ...product }: WireProduct): Product {
  return { ...product, brand: vendor, category: type, tags: [], metafields: {} }
}

function toCart({ token, currency, total, items }: WireCart): Cart {
  return { token: cartToken(token), currency, total, lines: items.map(item => toLine(item, currency)) }
}

/** The page knows neither line ids nor taxes; discounts are in the cart's total only. */
function toLine({ quantity, ...item }: WireCart['items'][number], currency: string | null): Line {
  const unitPrice = item.price ?? '0'
  return {
    id: null,
    product: toProduct({ ...item, currency: item.currency ?? currency }),
    quantity,
    unitPrice,
    total: written(new Exact(unitPrice).times(quantity), [unitPrice]),
    tax: '0',
  }
}
