/**
 * The store event: the one shape in which Sluice holds what happened in a shop. Sources are translated into
 * it, vendors are fed from it, and nothing else crosses between the two.
 */
import { z } from 'zod'
import { DATA_SCHEMAS, type DataOf, instant } from './data.ts'
import { EVENT_TYPES, type EventType, ORDER_EVENT_TYPES, type OrderEventType, SOURCES } from './types.ts'

const text = z.string().nullable()

export const addressSchema = z.object({
  city: text,
  province: text,
  country: text,
  countryCode: text,
  postalCode: text,
})
export type Address = z.infer<typeof addressSchema>

/** The purposes a person can consent to. `null`: not known. */
export const CONSENT_PURPOSES = ['analytics', 'marketing'] as const
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number]
export const consentSchema = z.object({
  analytics: z.boolean().nullable(),
  marketing: z.boolean().nullable(),
})
export type Consent = z.infer<typeof consentSchema>

/**
 * Who did it, as far as known when the event was made. `consent` is what the browser's visitor allowed (null
 * where no browser was asked, as on webhooks); `acceptsMarketing` is whether the person agreed to e-mail
 * marketing, which is another question.
 * `attributes` are the cart's or order's note attributes: shoppers can type into them, so they count as personal.
 */
export const actorSchema = z.object({
  visitorId: text,
  customerId: text,
  email: text,
  phone: text,
  firstName: text,
  lastName: text,
  address: addressSchema.nullable(),
  attributes: z.record(z.string(), z.string()),
  consent: consentSchema,
  acceptsMarketing: z.boolean().nullable(),
})
export type Actor = z.infer<typeof actorSchema>

export const NOBODY: Actor = {
  visitorId: null,
  customerId: null,
  email: null,
  phone: null,
  firstName: null,
  lastName: null,
  address: null,
  attributes: {},
  consent: { analytics: null, marketing: null },
  acceptsMarketing: null,
}

const envelopeSchema = z.object({
  /** UUIDv7: sorts by when Sluice made it. */
  id: z.uuid(),
  type: z.enum(EVENT_TYPES),
  source: z.enum(SOURCES),
  /** Deterministic from what happened: the same happening seen twice has the same key. */
  dedupeKey: z.string().min(1).max(500),
  occurredAt: instant,
  receivedAt: instant,
  /** What the event is a state of: "order:123", "cart:c1-…", "checkout:…", "customer:7"; null for views. */
  subject: text,
  /** When that state was taken (Shopify's `updated_at`): the order among states of one subject. */
  version: instant.nullable(),
  actor: actorSchema,
})
type Envelope = Omit<z.infer<typeof envelopeSchema>, 'type'>

/** A store event, discriminated by `type`. */
export type StoreEvent = { [T in EventType]: Envelope & { type: T; data: DataOf<T> } }[EventType]
export type StoreEventOf<T extends EventType> = Extract<StoreEvent, { type: T }>

/** A store event before the accepting transaction has given it an id and a time of receipt. */
export type NewStoreEvent = {
  [T in EventType]: Omit<Envelope, 'id' | 'receivedAt'> & { type: T; data: DataOf<T> }
}[EventType]

/**
 * Reads a stored event back. Throws a ZodError when the row does not hold a valid event, which means that
 * the schema changed without a migration.
 */
export function parseStoreEvent(value: unknown): StoreEvent {
  const envelope = envelopeSchema.parse(value)
  const data = DATA_SCHEMAS[envelope.type].parse((value as { data?: unknown }).data)
  return { ...envelope, data } as StoreEvent
}

/** True for events of the given types, narrowing their data. */
export function isType<T extends EventType>(
  event: StoreEvent,
  ...types: readonly T[]
): event is StoreEventOf<T> {
  return (types as readonly EventType[]).includes(event.type)
}

/** True for events that carry the state of an order, stored or not yet. */
export function isOrderEvent<E extends { type: EventType }>(
  event: E,
): event is Extract<E, { type: OrderEventType }> {
  return (ORDER_EVENT_TYPES as readonly EventType[]).includes(event.type)
}
