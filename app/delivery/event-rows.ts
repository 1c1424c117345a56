/**
 * Store events as rows and back. Personal fields of the actor are sealed together under the shop and the
 * event's id; ids, consent and the event's data stay readable for queries.
 */
import type { Pool } from 'pg'
import { comparable } from '../events/email.ts'
import type { Actor, NewStoreEvent, StoreEvent } from '../events/store-event.ts'
import { NOBODY, parseStoreEvent } from '../events/store-event.ts'
import { markContext } from '../identity/learn-links.ts'
import type { Sealer } from '../secrets/seal.ts'

/** A row of `events` as PostgreSQL takes and gives it (snake case, through node-postgres). */
export type EventRow = {
  id: string
  type: string
  source: string
  dedupe_key: string
  occurred_at: Date
  received_at: Date
  subject: string | null
  version: Date | null
  visitor_id: string | null
  customer_id: string | null
  webhook_id: string | null
  triggered_at: Date | null
  consent: unknown
  data: unknown
  personal: string | null
}

/** The columns of an EventRow, for select lists; `alias` is the table's. */
export const eventColumns = (alias: string) =>
  [
    'id',
    'type',
    'source',
    'dedupe_key',
    'occurred_at',
    'received_at',
    'subject',
    'version',
    'visitor_id',
    'customer_id',
    'webhook_id',
    'triggered_at',
    'consent',
    'data',
    'personal',
  ]
    .map(column => `${alias}.${column}`)
    .join(', ')

type Personal = Pick<
  Actor,
  'email' | 'phone' | 'firstName' | 'lastName' | 'address' | 'attributes' | 'acceptsMarketing'
>

export const eventContext = (shopId: number, eventId: string) => [String(shopId), 'event', eventId]

/** @returns the row to insert; instants as ISO strings, JSON as objects. */
export function toRow(
  sealer: Sealer,
  shopId: number,
  id: string,
  event: NewStoreEvent,
  receivedAt: Date,
  notice: { webhookId: string; triggeredAt: Date | null } | null,
) {
  const { visitorId, customerId, consent, ...personal } = event.actor
  return {
    id,
    type: event.type,
    source: event.source,
    dedupe_key: event.dedupeKey,
    occurred_at: event.occurredAt,
    received_at: receivedAt.toISOString(),
    subject: event.subject,
    version: event.version,
    visitor_id: visitorId,
    customer_id: customerId,
    webhook_id: notice?.webhookId ?? null,
    triggered_at: notice?.triggeredAt?.toISOString() ?? null,
    consent,
    data: event.data,
    personal: isEmpty(personal) ? null : sealer.seal(JSON.stringify(personal), eventContext(shopId, id)),
    email_mark:
      personal.email === null ? null : sealer.marks(comparable(personal.email), markContext(shopId))[0],
  }
}

/** Null for a row whose personal fields do not unseal. Throws when it does not hold a valid event. */
export function readableFrom(sealer: Sealer, shopId: number, row: EventRow): StoreEvent | null {
  const personal = row.personal === null ? '{}' : sealer.tryUnseal(row.personal, eventContext(shopId, row.id))
  return personal === null ? null : eventOf(row, personal)
}

/** An event but for what is sealed of its person. Throws when the row does not hold a valid event. */
export function impersonalFrom(row: EventRow): StoreEvent {
  return eventOf(row, '{}')
}

/** As `readableFrom`, of its actor. */
export function actorOf(sealer: Sealer, shopId: number, row: EventRow): Actor | null {
  return readableFrom(sealer, shopId, row)?.actor ?? null
}

/** Null: the shop has no such event, or its person cannot be unsealed any more. */
export async function keptEvent(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  id: string,
): Promise<StoreEvent | null> {
  const row = await eventRow(pool, shopId, id)
  return row && readableFrom(sealer, shopId, row)
}

/** Null: the shop has no such event. */
export async function eventRow(pool: Pool, shopId: number, id: string): Promise<EventRow | null> {
  const { rows } = await pool.query<EventRow>(
    `select ${eventColumns('e')} from events e where e.shop_id = $1 and e.id = $2`,
    [shopId, id],
  )
  return rows[0] ?? null
}

/** The address among an event's sealed fields; null when there is none, or they do not unseal. */
export function emailIn(sealer: Sealer, shopId: number, eventId: string, sealed: string): string | null {
  const personal = sealer.tryUnseal(sealed, eventContext(shopId, eventId))
  const known: Partial<Personal> = personal === null ? {} : JSON.parse(personal)
  return known.email ?? null
}

/** Throws when the row was sealed with a key that is not configured, or does not hold a valid event. */
export function fromRow(sealer: Sealer, shopId: number, row: EventRow): StoreEvent {
  return eventOf(
    row,
    row.personal === null ? '{}' : sealer.unseal(row.personal, eventContext(shopId, row.id)),
  )
}

/** @param personal the unsealed fields, as JSON */
function eventOf(row: EventRow, personal: string): StoreEvent {
  const known: Partial<Personal> = JSON.parse(personal)
  return parseStoreEvent({
    id: row.id,
    type: row.type,
    source: row.source,
    dedupeKey: row.dedupe_key,
    occurredAt: row.occurred_at.toISOString(),
    receivedAt: row.received_at.toISOString(),
    subject: row.subject,
    version: row.version?.toISOString() ?? null,
    actor: {
      ...NOBODY,
      ...known,
      visitorId: row.visitor_id,
      customerId: row.customer_id,
      consent: row.consent,
    },
    data: row.data,
  })
}

function isEmpty(personal: Personal): boolean {
  const { attributes, ...rest } = personal
  return Object.keys(attributes).length === 0 && Object.values(rest).every(value => value === null)
}
