/**
 * Replay: sending deliveries again that a person chose, as new attempts of the same delivery, to the vendor
 * each belongs to and to no other. What the vendor already has is sent again: that is what was asked for.
 */
import type { Pool } from 'pg'
import type { EventType } from '../events/types.ts'
import type { Lane } from './lane.ts'
import { type DeliveryState, HELD_REASONS } from './outcome.ts'

export type ReplayFilter = {
  shopId: number
  vendor?: string
  /** Open deliveries are on their way anyway, and held ones wait for their lane: neither is replayed. */
  states: readonly Extract<DeliveryState, 'delivered' | 'skipped' | 'dead'>[]
  /** Received at or after. */
  since?: Date
  /** Received before. */
  until?: Date
  eventId?: string
  type?: EventType
  /**
   * Takes along what a vendor rejected a part of without saying which (`partly_rejected`): most of it is there
   * already, and would be there twice. A single event asked for by its id is always taken.
   */
  partlyRejected?: boolean
}

/** What is chosen by a filter goes out below live traffic; a single event at once. @returns how many, and the lanes to signal */
export async function replay(pool: Pool, filter: ReplayFilter): Promise<{ count: number; lanes: Lane[] }> {
  const result = await pool.query<{ vendor: string }>(
    `with c as (select vendor, enabled, attention from connections where shop_id = $1 for share)
     update deliveries d
     set state = case when c.enabled and c.attention is null then 'pending' else 'held' end,
         reason = case when not c.enabled then 'off' when c.attention = $10 then 'uninstalled' when c.attention is not null then 'refused' end,
         message = case when not c.enabled then $7 else c.attention end, done = '{}', replay = true, priority = case when $6::uuid is null then 1 else 0 end, due_at = now(), trying_since = null, updated_at = now()
     from events e, c
     where d.shop_id = $1 and e.shop_id = d.shop_id and e.id = d.event_id
       and c.vendor = d.vendor
       and ($2::text is null or d.vendor = $2)
       and d.state = any($3)
       and ($4::timestamptz is null or e.received_at >= $4)
       and ($5::timestamptz is null or e.received_at < $5)
       and ($6::uuid is null or d.event_id = $6)
       and ($9::text is null or e.type = $9)
       and ($8 or $6::uuid is not null or d.reason is distinct from 'partly_rejected')
     returning d.vendor`,
    [
      filter.shopId,
      filter.vendor ?? null,
      filter.states,
      filter.since ?? null,
      filter.until ?? null,
      filter.eventId ?? null,
      HELD_REASONS.off,
      filter.partlyRejected ?? false,
      filter.type ?? null,
      HELD_REASONS.uninstalled,
    ],
  )
  const vendors = [...new Set(result.rows.map(row => row.vendor))]
  return { count: result.rowCount ?? 0, lanes: vendors.map(vendor => ({ shopId: filter.shopId, vendor })) }
}
