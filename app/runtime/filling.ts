/** What other rooms know of an event that its source did not: its order's person, its visitor, its customer, its products. */
import type { Pool } from 'pg'
import type { DrainContext, DrainedShop, Filled } from '../delivery/drain.ts'
import { fillOrders } from '../delivery/fill-orders.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { fillCustomers } from '../identity/customers.ts'
import { fillOrderVisitors } from '../identity/order-visitors.ts'
import { fillVisitors } from '../identity/people.ts'
import type { Sealer } from '../secrets/seal.ts'
import { fillProducts } from '../shopify/product-cache.ts'
import { shopById } from '../shopify/shops.ts'
import type { CustomerRequests } from './customer-fetch.ts'

/** What a drain asks of other rooms. */
export function filling(
  pool: Pool,
  sealer: Sealer,
  customers: CustomerRequests,
): Pick<DrainContext, 'fill' | 'shopFacts'> {
  return {
    shopFacts: shopId => shopById(pool, shopId),
    fill: (shopId, events, shop) =>
      filledIn(pool, sealer, shopId, events, {
        shop,
        unknown: withPeople => customers.requestUnknown(shopId, withPeople),
      }),
  }
}

/** The events with whom they are of, as they are filled in, and no more; those whose order is not known are left out. */
export async function withTheirPeople(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  events: readonly StoreEvent[],
): Promise<StoreEvent[]> {
  const found = await fillOrders(pool, sealer, shopId, events)
  const known = found.flatMap(item => ('event' in item ? [item.event] : []))
  const named = await fillVisitors(pool, sealer, shopId, known)
  return fillCustomers(pool, sealer, shopId, named)
}

/** One event filled in; as it is where its order is not known. */
export async function filledEvent(
  pool: Pool,
  sealer: Sealer,
  shop: DrainedShop & { id: number },
  kept: StoreEvent,
): Promise<{ event: StoreEvent; orderUnknown: boolean }> {
  const [filled] = await filledIn(pool, sealer, shop.id, [kept], { shop })
  return filled && 'event' in filled
    ? { event: filled.event, orderUnknown: false }
    : { event: kept, orderUnknown: true }
}

/**
 * Fills events in, in order, and changes nothing.
 * @param unknown told of the events with their people, to ask Shopify for customers of whom nothing is known
 */
export async function filledIn(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  events: readonly StoreEvent[],
  { shop, unknown }: { shop: DrainedShop; unknown?(events: readonly StoreEvent[]): void },
): Promise<Filled[]> {
  const withPeople = await withTheirPeople(pool, sealer, shopId, events)
  unknown?.(withPeople)
  // After the people: a browser that a pixel names says nothing of who has ordered.
  const seen = shop.collectors?.includes('pixel')
    ? await fillOrderVisitors(pool, shopId, withPeople)
    : withPeople
  const complete = await fillProducts(pool, shopId, shop.storefrontUrl, seen)
  const byId = new Map(complete.map(event => [event.id, event]))
  return events.map(({ id }) => {
    const event = byId.get(id)
    return event ? { event } : { orderUnknown: true }
  })
}
