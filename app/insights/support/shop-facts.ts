/** What is known of one shop apart from its deliveries. */
import type { Pool } from 'pg'

export type ShopFacts = {
  /** Why its Admin API cannot be asked, as a code (app/shopify/admin/failure.ts); null: nothing known. */
  trouble: string | null
  troubleAt: Date | null
  /** When the theme's embed and the web pixel last sent anything, to a minute. */
  storefrontHeardAt: Date | null
  pixelHeardAt: Date | null
  /** When the newest order that is kept was received; null: none is. */
  lastOrderAt: Date | null
}

/** @throws when there is no such shop */
export async function shopFacts(pool: Pool, shopId: number): Promise<ShopFacts> {
  const { rows } = await pool.query<ShopFacts>(
    `select admin_trouble as trouble, admin_trouble_at as "troubleAt",
            storefront_heard_at as "storefrontHeardAt", pixel_heard_at as "pixelHeardAt",
            (select received_at from events where shop_id = $1 and type = 'order_created'
             order by id desc limit 1) as "lastOrderAt"
     from shops where id = $1`,
    [shopId],
  )
  if (!rows[0]) throw new Error(`there is no shop ${shopId}`)
  return rows[0]
}
