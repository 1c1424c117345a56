/** The rows that accepting writes, whole groups of them per statement. Part of accept.ts. */
import type { PoolClient } from 'pg'
import { toJsonb } from '../db/jsonb.ts'
import type { StoreEvent } from '../events/store-event.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Receipt } from './accept.ts'
import { toRow } from './event-rows.ts'

export type NewReceipt = Receipt & { shopId: number; receivedAt: Date }
export type EventToKeep = { shopId: number; event: StoreEvent; receivedAt: Date; receipt: Receipt | null }
export type NewDelivery = {
  shop_id: number
  event_id: string
  vendor: string
  /** 0: live; 1: an import */
  priority: number
  state: string
  reason: string | null
  message: string | null
}

/** @returns "shop id, webhook id" of those that were not known yet, by either key */
export async function insertReceipts(
  client: PoolClient,
  receipts: readonly NewReceipt[],
): Promise<Set<string>> {
  if (receipts.length === 0) return new Set()
  const rows = receipts.map(receipt => ({
    shop_id: receipt.shopId,
    webhook_id: receipt.webhookId,
    event_key: receipt.eventKey,
    topic: receipt.topic,
    triggered_at: receipt.triggeredAt,
    received_at: receipt.receivedAt,
    ignored: receipt.ignored,
  }))
  // In the order of the key: two groups with the same webhooks then wait for each other instead of locking up.
  const inserted = await client.query<{ shop_id: number; webhook_id: string }>({
    name: 'insert-receipts',
    text: `insert into receipts (shop_id, webhook_id, event_key, topic, triggered_at, received_at, ignored)
     select * from jsonb_to_recordset($1::jsonb) as r(
       shop_id int, webhook_id text, event_key text, topic text, triggered_at timestamptz, received_at timestamptz,
       ignored text)
     order by shop_id, webhook_id
     on conflict do nothing returning shop_id, webhook_id`,
    values: [toJsonb(rows)],
  })
  return new Set(inserted.rows.map(row => `${row.shop_id} ${row.webhook_id}`))
}

/** Keeps the events that are not known yet, and the deliveries of those. @returns the ids of the events kept */
export async function insertEvents(
  client: PoolClient,
  sealer: Sealer,
  events: readonly EventToKeep[],
  deliveries: readonly NewDelivery[],
): Promise<Set<string>> {
  if (events.length === 0) return new Set()
  const rows = events.map(({ shopId, event, receivedAt, receipt }) => ({
    shop_id: shopId,
    ...toRow(sealer, shopId, event.id, event, receivedAt, receipt),
  }))
  const kept = await client.query<{ event_id: string }>({
    name: 'insert-events',
    text: `with given as (
       select * from jsonb_to_recordset($1::jsonb) as r(
         shop_id int, id uuid, type text, source text, dedupe_key text, occurred_at timestamptz,
         received_at timestamptz, subject text, version timestamptz, visitor_id text, customer_id text,
         webhook_id text, triggered_at timestamptz, consent jsonb, data jsonb, personal text, email_mark text)),
     keys as (
       insert into event_keys (shop_id, dedupe_key, event_id)
       select shop_id, dedupe_key, id from given order by 1, 2 on conflict do nothing returning event_id),
     kept as (
       insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, subject, version,
                           visitor_id, customer_id, webhook_id, triggered_at, consent, data, personal, email_mark)
       select given.* from given join keys on event_id = id),
     waiting as (
       insert into deliveries (shop_id, event_id, vendor, priority, state, reason, message, done, due_at, created_at, updated_at)
       select shop_id, event_id, vendor, priority, state, reason, message, '{}', now(), now(), now()
       from jsonb_to_recordset($2::jsonb) as d(
         shop_id int, event_id uuid, vendor text, priority smallint, state text, reason text, message text)
       join keys using (event_id))
     select event_id from keys`,
    values: [toJsonb(rows), toJsonb(deliveries)],
  })
  return new Set(kept.rows.map(row => row.event_id))
}
