/** How many orders a shop has, by Shopify's own count. */
import { z } from 'zod'
import type { Admin } from './client.ts'
import type { AdminFailure } from './failure.ts'

/**
 * https://shopify.dev/docs/api/admin-graphql/latest/queries/ordersCount: needs `read_orders`; counts to 10,000 unless `limit` is
 * null. Test orders, cancelled and archived ones are counted; those that the merchant has deleted are not there any more.
 */
const QUERY = `query SluiceOrders($query: String!, $limit: Int) {
  ordersCount(query: $query, limit: $limit) { count precision }
}`
const schema = z.object({
  ordersCount: z.object({ count: z.number().int().nonnegative(), precision: z.string() }),
})

/**
 * So many days back an app sees orders without the scope `read_all_orders`
 * (https://shopify.dev/docs/api/admin-graphql/latest/objects/Order).
 */
export const ORDERS_SHOWN_DAYS = 60

export type OrdersCounted =
  | { count: number }
  | { failure: AdminFailure }
  /** Shopify gave an estimate. */
  | { imprecise: true }

/**
 * Orders created at or after `since` and before `until`, of whatever status.
 * @param shop "name.myshopify.com"
 * @throws when the database cannot be used
 */
export async function countOrders(
  admin: Admin,
  shop: string,
  { since, until }: { since: Date; until: Date },
): Promise<OrdersCounted> {
  const asked = await admin.adminQuery(
    shop,
    QUERY,
    { query: placedBetween({ since, until }), limit: null },
    schema,
  )
  if (!asked.ok) return { failure: asked.failure }
  const { count, precision } = asked.data.ordersCount
  return precision === 'EXACT' ? { count } : { imprecise: true }
}

/**
 * What finds these orders, in the API and in Shopify's own list of orders. Dates are quoted
 * (https://shopify.dev/docs/api/usage/search-syntax), and in UTC, because Shopify may take others for the shop's.
 */
export const placedBetween = ({ since, until }: { since: Date; until: Date }): string =>
  `created_at:>='${inSeconds(since)}' AND created_at:<'${inSeconds(until)}'`

/** Orders have whole seconds. */
const inSeconds = (at: Date) => at.toISOString().replace(/\.\d+Z$/, 'Z')
