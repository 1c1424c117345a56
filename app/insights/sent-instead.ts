/** Which event a vendor was sent in the place of one that it was not sent. */
import type { Pool } from 'pg'
import type { Lane } from '../delivery/lane.ts'
import { newestFirst } from '../delivery/states.ts'
import { twinOf } from '../delivery/twins.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { HAS_ARRIVED } from './newer-state.ts'

type Ended = { vendor: string; state: string; reason: string | null; updatedAt: Date }

/** By vendor. Null: the event that was sent is known no more, or did not arrive. */
export async function sentInsteadOf(
  pool: Pool,
  shopId: number,
  event: StoreEvent,
  deliveries: readonly Ended[],
): Promise<Map<string, string | null>> {
  const found = new Map<string, string | null>()
  for (const { vendor, state, reason, updatedAt } of deliveries) {
    if (state !== 'skipped') continue
    const lane = { shopId, vendor }
    if (reason === 'counted_once') found.set(vendor, await twinOf(pool, lane, event, updatedAt))
    if (reason === 'superseded') found.set(vendor, await newerOf(pool, lane, event))
  }
  return found
}

type Row = { id: string; version: Date | null; occurred_at: Date; triggered_at: Date | null }

/** The first newer state of the same thing that has arrived: those between were left out as well. */
async function newerOf(
  pool: Pool,
  { shopId, vendor }: Lane,
  { id, subject }: StoreEvent,
): Promise<string | null> {
  if (subject === null) return null
  const { rows } = await pool.query<Row>(
    `select e.id, e.version, e.occurred_at, e.triggered_at from events e
     where e.shop_id = $1 and e.subject = $2 and (e.id = $4 or exists (
       select from deliveries d where d.shop_id = $1 and d.event_id = e.id and d.vendor = $3 and ${HAS_ARRIVED}))`,
    [shopId, subject, vendor, id],
  )
  const states = rows.map(row => ({
    event: {
      id: row.id,
      version: row.version?.toISOString() ?? null,
      occurredAt: row.occurred_at.toISOString(),
    },
    triggeredAt: row.triggered_at,
  }))
  const sorted = states.toSorted(newestFirst)
  const place = sorted.findIndex(state => state.event.id === id)
  return sorted[place - 1]?.event.id ?? null
}
