/**
 * Notices about an order that do not contain it (refunds, edits) carry no person: the person is taken from the
 * newest event that holds the order. Without such an event the order is unknown, or not here yet.
 */
import type { Pool } from 'pg'
import type { StoreEvent } from '../events/store-event.ts'
import { isOrderEvent } from '../events/store-event.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Filled } from './drain.ts'
import { actorOf, type EventRow, eventColumns } from './event-rows.ts'

/** @returns for each event, in order, the event with its order's actor, or that the order is not known */
export async function fillOrders(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  events: readonly StoreEvent[],
): Promise<Filled[]> {
  const subjects = [...new Set(events.flatMap(event => (lacksOrder(event) ? (event.subject ?? []) : [])))]
  if (subjects.length === 0) return events.map(event => ({ event }))
  const result = await pool.query<EventRow>({
    name: 'fill-orders',
    text: `select distinct on (e.subject) ${eventColumns('e')} from events e
     where e.shop_id = $1 and e.subject = any($2) and e.data -> 'order' <> 'null'::jsonb
     order by e.subject, e.id desc`,
    values: [shopId, subjects],
  })
  const actors = new Map(result.rows.map(row => [row.subject, actorOf(sealer, shopId, row)]))
  return events.map(event => {
    if (!lacksOrder(event)) return { event }
    const actor = actors.get(event.subject)
    return actor ? { event: { ...event, actor } } : { orderUnknown: true }
  })
}

function lacksOrder(event: StoreEvent): boolean {
  return isOrderEvent(event) && event.data.order === null
}
