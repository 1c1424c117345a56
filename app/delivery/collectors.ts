/**
 * Which collectors tell of a shop's storefront: the theme's embed, the web pixel, or both. Only where both do can one
 * happening be told twice, and only where the pixel does can a checkout be joined to a visitor that Shopify does not name.
 */
import type { PoolClient } from 'pg'
import type { ShopEvent } from '../identity/links.ts'
import type { ShopConnections } from './connections.ts'

export const COLLECTORS = ['storefront', 'pixel'] as const

type Teller = Pick<ShopConnections, 'id' | 'collectors'>

/** The shops that have ever had an event of the pixel, with those that have one now. */
export function pixelShops(shops: readonly Teller[], events: readonly ShopEvent[]): Set<number> {
  const before = shops.flatMap(({ id, collectors }) => (collectors.includes('pixel') ? id : []))
  const now = events.flatMap(({ shopId, event }) => (event.source === 'pixel' ? shopId : []))
  return new Set([...before, ...now])
}

/** Keeps that a collector has told of something, inside the caller's transaction: once for each in the life of a shop. */
export async function noteCollectors(
  client: PoolClient,
  shops: readonly Teller[],
  events: readonly ShopEvent[],
): Promise<void> {
  const known = new Map(shops.map(({ id, collectors }) => [id, collectors]))
  const fresh = new Set<number>()
  for (const { shopId, event } of events)
    if (isCollector(event.source) && !known.get(shopId)?.includes(event.source)) fresh.add(shopId)
  for (const shopId of [...fresh].sort((a, b) => a - b)) {
    const told = COLLECTORS.filter(source =>
      events.some(one => one.shopId === shopId && one.event.source === source),
    )
    await client.query(
      `update shops set collectors = array(select distinct unnest(collectors || $2::text[]) order by 1) where id = $1`,
      [shopId, told],
    )
  }
}

function isCollector(source: string): boolean {
  return COLLECTORS.some(collector => collector === source)
}
