/**
 * Accepting: one transaction writes the receipt, the events and one delivery per connected vendor that wants
 * the event. When it has committed the sender may be told 200; before that nothing is kept.
 */
import type { Pool, PoolClient } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { withTransaction } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'
import type { NewStoreEvent, StoreEvent } from '../events/store-event.ts'
import type { EventType } from '../events/types.ts'
import type { Sealer } from '../secrets/seal.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import type { Want } from '../vendors/vendor.ts'
import { trackCheckouts } from './checkouts.ts'
import { type AnyVendor, type ConnectionRow, connectionRows, openConnection } from './connections.ts'
import { toRow } from './event-rows.ts'
import type { Lane } from './lane.ts'
import { HELD_REASONS } from './outcome.ts'

/** What identifies one webhook delivery of Shopify. */
export type Receipt = {
  webhookId: string
  /**
   * Second key: the same event, topic, subscription and body under another webhook id; null when Shopify sent no
   * event id. The event id alone is shared by all that one action of the merchant changed, such as fifty orders
   * (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
   */
  eventKey: string | null
  topic: string
  triggeredAt: Date | null
  /** Why nothing comes of it, if so. */
  ignored: string | null
}

export type Acceptance = {
  shopDomain: string
  receivedAt: Date
  /** Null for storefront batches: their events are deduplicated by key alone. */
  receipt: Receipt | null
  events: readonly NewStoreEvent[]
  /** A privacy request concerns a shop that has already uninstalled. */
  evenIfUninstalled?: boolean
  /** Writes what else the payload changes, in the same transaction. */
  alongside?: (client: PoolClient, shopId: number) => Promise<void>
}

export type Accepted =
  | { kind: 'accepted'; shopId: number; events: { id: string; type: EventType }[]; lanes: Lane[] }
  | { kind: 'duplicate' }
  | { kind: 'not_installed' }

export type AcceptContext = { pool: Pool; sealer: Sealer; vendors: readonly AnyVendor[] }

/** Throws when the database cannot commit: then nothing was kept, and the caller answers 503. */
export async function accept(context: AcceptContext, acceptance: Acceptance): Promise<Accepted> {
  return withTransaction(context.pool, async client => {
    const shopId = await installedShop(client, acceptance)
    if (shopId === null) return { kind: 'not_installed' }
    if (
      acceptance.receipt &&
      !(await insertReceipt(client, shopId, acceptance.receipt, acceptance.receivedAt))
    ) {
      return { kind: 'duplicate' }
    }
    await acceptance.alongside?.(client, shopId)
    const events = await insertEvents(client, context.sealer, shopId, acceptance)
    await trackCheckouts(client, shopId, events)
    const connections = events.length > 0 ? await connectionsFor(client, shopId) : []
    const lanes = await insertDeliveries(client, context, shopId, events, connections)
    return { kind: 'accepted', shopId, events: events.map(({ id, type }) => ({ id, type })), lanes }
  })
}

async function installedShop(
  client: PoolClient,
  { shopDomain, evenIfUninstalled }: Acceptance,
): Promise<number | null> {
  const result = await client.query<{ id: number; uninstalled_at: Date | null }>(
    'select id, uninstalled_at from shops where domain = $1',
    [shopDomain],
  )
  const shop = result.rows[0]
  if (!shop || (shop.uninstalled_at && !evenIfUninstalled)) return null
  return shop.id
}

async function insertReceipt(
  client: PoolClient,
  shopId: number,
  receipt: Receipt,
  receivedAt: Date,
): Promise<boolean> {
  const result = await client.query(
    `insert into receipts (shop_id, webhook_id, event_key, topic, triggered_at, received_at, ignored)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [
      shopId,
      receipt.webhookId,
      receipt.eventKey,
      receipt.topic,
      receipt.triggeredAt,
      receivedAt,
      receipt.ignored,
    ],
  )
  return result.rowCount === 1
}

async function insertEvents(
  client: PoolClient,
  sealer: Sealer,
  shopId: number,
  acceptance: Acceptance,
): Promise<StoreEvent[]> {
  const { events, receivedAt, receipt } = acceptance
  if (events.length === 0) return []
  const ids = new Map(events.map(event => [event, uuidv7()]))
  const rows = events.map(event =>
    toRow(sealer, shopId, ids.get(event) ?? uuidv7(), event, receivedAt, receipt),
  )
  const inserted = await client.query<{ id: string }>(
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, subject, version,
                         visitor_id, customer_id, webhook_id, triggered_at, consent, data, personal)
     select $1, r.* from jsonb_to_recordset($2::jsonb) as r(
       id uuid, type text, source text, dedupe_key text, occurred_at timestamptz, received_at timestamptz,
       subject text, version timestamptz, visitor_id text, customer_id text, webhook_id text, triggered_at timestamptz,
       consent jsonb, data jsonb, personal text)
     on conflict do nothing returning id`,
    [shopId, toJsonb(rows)],
  )
  const kept = new Set(inserted.rows.map(row => row.id))
  return events.flatMap(event => {
    const id = ids.get(event)
    return id && kept.has(id) ? [{ ...event, id, receivedAt: receivedAt.toISOString() } as StoreEvent] : []
  })
}

/**
 * The connections as they stay until this transaction ends, where it matters: a lane that is started again meanwhile
 * would release before these deliveries are held, and they would wait for nobody. (One that is stopped meanwhile
 * holds them at its next drain.)
 */
async function connectionsFor(client: PoolClient, shopId: number): Promise<ConnectionRow[]> {
  const rows = await connectionRows(client, shopId)
  const stopped = rows.some(row => !row.enabled || row.attention !== null)
  return stopped ? connectionRows(client, shopId, 'for share') : rows
}

type NewDelivery = {
  event_id: string
  vendor: string
  state: string
  reason: string | null
  message: string | null
}

async function insertDeliveries(
  client: PoolClient,
  context: AcceptContext,
  shopId: number,
  events: readonly StoreEvent[],
  connections: readonly ConnectionRow[],
): Promise<Lane[]> {
  const deliveries = connections.flatMap(row => {
    const wants = wantsOf(context, shopId, row)
    return events.flatMap(event => newDelivery(row, event, wants(event)))
  })
  if (deliveries.length === 0) return []
  await client.query(
    `insert into deliveries (shop_id, event_id, vendor, state, reason, message, done, due_at, created_at, updated_at)
     select $1, r.event_id, r.vendor, r.state, r.reason, r.message, '{}', now(), now(), now()
     from jsonb_to_recordset($2::jsonb) as r(event_id uuid, vendor text, state text, reason text, message text)`,
    [shopId, toJsonb(deliveries)],
  )
  const waiting = deliveries.filter(delivery => delivery.state === 'pending')
  return [...new Set(waiting.map(delivery => delivery.vendor))].map(vendor => ({ shopId, vendor }))
}

function newDelivery(row: ConnectionRow, event: StoreEvent, want: Want): NewDelivery[] {
  if (want === 'no') return []
  const base = { event_id: event.id, vendor: row.vendor }
  if (want === 'off')
    return [{ ...base, state: 'skipped', reason: 'mapping_off', message: SKIP_REASONS.mapping_off }]
  if (!row.enabled) return [{ ...base, state: 'held', reason: 'off', message: HELD_REASONS.off }]
  if (row.attention) return [{ ...base, state: 'held', reason: 'refused', message: row.attention }]
  return [{ ...base, state: 'pending', reason: null, message: null }]
}

/** A connection whose settings no longer fit still takes every event: the drain says what is wrong, and nothing is lost. */
function wantsOf(
  { sealer, vendors }: AcceptContext,
  shopId: number,
  row: ConnectionRow,
): (event: StoreEvent) => Want {
  try {
    const { vendor, settings } = openConnection(sealer, shopId, row, vendors)
    return event => vendor.wants(event, settings)
  } catch {
    return () => 'yes'
  }
}
