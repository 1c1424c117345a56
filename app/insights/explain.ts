/**
 * The whole story of one event: what came in, what was decided for each vendor, what was sent, what came
 * back, what happens next. Personal fields are masked.
 */
import type { Pool } from 'pg'
import { type EventRow, eventColumns, fromRow } from '../delivery/event-rows.ts'
import type { Actor } from '../events/store-event.ts'
import { maskEmail, maskPhone, scrub, scrubJson } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'

export type AttemptStory = {
  number: number
  step: string
  outcome: string
  message: string | null
  log: string | null
  startedAt: Date
  durationMs: number
  request: unknown
  response: unknown
  error: string | null
}
export type DeliveryStory = {
  vendor: string
  state: string
  reason: string | null
  message: string | null
  /** When it is tried next; null when it is not. */
  nextAttemptAt: Date | null
  attempts: AttemptStory[]
}
export type Story = {
  event: {
    id: string
    type: string
    source: string
    occurredAt: string
    receivedAt: string
    subject: string | null
    version: string | null
    dedupeKey: string
    actor: {
      visitorId: string | null
      customerId: string | null
      email: string | null
      phone: string | null
      consent: Actor['consent']
      acceptsMarketing: boolean | null
    }
    data: unknown
  }
  receipt: { webhookId: string; topic: string; triggeredAt: Date | null; receivedAt: Date } | null
  deliveries: DeliveryStory[]
  /** Connected vendors that were given no delivery: the event is of no use there, or its row is not switched on. */
  notWanted: string[]
}

type DeliveryRow = {
  vendor: string
  state: string
  reason: string | null
  message: string | null
  due_at: Date
}
type AttemptRow = {
  vendor: string
  number: number
  step: string
  outcome: string
  message: string | null
  log: string | null
  started_at: Date
  duration_ms: number
  request: unknown
  response: unknown
  error: string | null
}

/** Null when the shop has no such event. */
export async function explainEvent(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  eventId: string,
): Promise<Story | null> {
  const found = await pool.query<EventRow>(
    `select ${eventColumns('e')} from events e where e.shop_id = $1 and e.id = $2`,
    [shopId, eventId],
  )
  const row = found.rows[0]
  if (!row) return null
  const [receipt, deliveries, attempts, connected] = await Promise.all([
    row.webhook_id === null
      ? null
      : pool.query<{ webhook_id: string; topic: string; triggered_at: Date | null; received_at: Date }>(
          'select webhook_id, topic, triggered_at, received_at from receipts where shop_id = $1 and webhook_id = $2',
          [shopId, row.webhook_id],
        ),
    pool.query<DeliveryRow>(
      'select vendor, state, reason, message, due_at from deliveries where shop_id = $1 and event_id = $2 order by vendor',
      [shopId, eventId],
    ),
    pool.query<AttemptRow>(
      `select a.vendor, a.number, a.step, a.outcome, a.message, a.log, x.started_at, x.duration_ms, x.request, x.response, x.error
       from attempts a join exchanges x on x.shop_id = a.shop_id and x.id = a.exchange_id
       where a.shop_id = $1 and a.event_id = $2 order by a.vendor, a.number, a.part`,
      [shopId, eventId],
    ),
    pool.query<{ vendor: string }>('select vendor from connections where shop_id = $1 order by vendor', [
      shopId,
    ]),
  ])
  const received = receipt?.rows[0]
  const given = new Set(deliveries.rows.map(delivery => delivery.vendor))
  return {
    event: describeEvent(sealer, shopId, row),
    receipt: received
      ? {
          webhookId: received.webhook_id,
          topic: received.topic,
          triggeredAt: received.triggered_at,
          receivedAt: received.received_at,
        }
      : null,
    deliveries: deliveries.rows.map(delivery => describeDelivery(delivery, attempts.rows)),
    notWanted: connected.rows.flatMap(({ vendor }) => (given.has(vendor) ? [] : [vendor])),
  }
}

function describeEvent(sealer: Sealer, shopId: number, row: EventRow): Story['event'] {
  const { actor, ...event } = fromRow(sealer, shopId, row)
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    occurredAt: event.occurredAt,
    receivedAt: event.receivedAt,
    subject: event.subject,
    version: event.version,
    dedupeKey: scrub(event.dedupeKey),
    actor: {
      visitorId: actor.visitorId && scrub(actor.visitorId),
      customerId: actor.customerId,
      email: actor.email && maskEmail(actor.email),
      phone: actor.phone && maskPhone(actor.phone),
      consent: actor.consent,
      acceptsMarketing: actor.acceptsMarketing,
    },
    data: scrubJson(event.data),
  }
}

function describeDelivery(row: DeliveryRow, attempts: readonly AttemptRow[]): DeliveryStory {
  const open = row.state === 'pending' || row.state === 'retry'
  return {
    vendor: row.vendor,
    state: row.state,
    reason: row.reason,
    message: row.message,
    nextAttemptAt: open ? row.due_at : null,
    attempts: attempts
      .filter(attempt => attempt.vendor === row.vendor)
      .map(({ started_at, duration_ms, vendor: _vendor, ...attempt }) => ({
        ...attempt,
        startedAt: started_at,
        durationMs: duration_ms,
      })),
  }
}
