/**
 * The browser in which an order was made, where Shopify's notice names none, because only the theme's embed writes it into the
 * cart: the one whose web pixel was in the order's checkout. It says nothing of the person.
 */
import type { Pool } from 'pg'
import { isOrderEvent, type StoreEvent } from '../events/store-event.ts'
import { originOf } from './links.ts'

/**
 * The events, orders with their visitor where just one is known that has never refused anything: which purposes a vendor needs for
 * an order is the shop's choice. Of several nobody can say which has ordered: others may have had the checkout's address.
 */
export async function fillOrderVisitors(
  pool: Pool,
  shopId: number,
  events: readonly StoreEvent[],
): Promise<StoreEvent[]> {
  const origins = new Map(events.flatMap(event => (lacksVisitor(event) ? [[event.id, originOf(event)]] : [])))
  if (origins.size === 0) return [...events]
  const found = await pool.query<{ token: string; visitor_id: string }>({
    name: 'visitors-of-orders',
    text: `select c.token, v.visitor_id from visitor_checkouts c, unnest(c.visitors) v (visitor_id)
     where c.shop_id = $1 and c.token = any($2) and cardinality(c.visitors) = 1 and not exists (
       select from visitor_refusals r where r.shop_id = c.shop_id and r.visitor_id = v.visitor_id)`,
    values: [shopId, [...origins.values()]],
  })
  const visitors = new Map(found.rows.map(row => [row.token, row.visitor_id]))
  return events.map(event => {
    const visitorId = visitors.get(origins.get(event.id) ?? '')
    return visitorId === undefined ? event : { ...event, actor: { ...event.actor, visitorId } }
  })
}

/** Whose order refuses analytics itself is followed nowhere. */
function lacksVisitor(event: StoreEvent): boolean {
  const { visitorId, consent } = event.actor
  return isOrderEvent(event) && visitorId === null && consent.analytics !== false
}
