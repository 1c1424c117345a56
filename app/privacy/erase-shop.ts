/**
 * Erasing a shop at our side: everything that is kept of it, table by table and some thousand rows at a time. What stays is that
 * it was asked for, the domain it was asked for, and what support did.
 */
import type { Pool } from 'pg'
import { CHUNK } from '../db/chunks.ts'
import { PARTITIONED, type PartitionedTable, partitionsOf } from '../db/partitions.ts'

/**
 * Every table that has a shop, in the order in which they are emptied: first what would make new rows of the others.
 */
export const TABLES_OF_A_SHOP = [
  'spool',
  'lane_health',
  'connections',
  'connection_changes',
  'lane_health_due',
  'fleet_shops',
  'customer_fetches',
  'order_counts',
  'visitor_links',
  'visitor_checkouts',
  'visitor_refusals',
  'customers',
  'checkouts',
  'attempts',
  'deliveries',
  'replays',
  'delivery_days_due',
  'delivery_days',
  'exchanges',
  'events',
  'event_keys',
  'memories',
  'receipts',
  'alert_notices',
  'alerts',
  'products',
  'privacy_requests',
] as const

/** What comes while it is emptied, such as from a request that was under way, is found by going through it once more. */
const MOST_PASSES = 5

/** A shop that is installed again meanwhile keeps what is left. */
const IS_REMOVED = 'exists (select from shops s where s.id = $1 and s.uninstalled_at is not null)'

/**
 * @param lost ends the work early, between two chunks
 * @returns false when some of it is left, or the app is not removed from the shop
 */
export async function eraseShop(pool: Pool, shopId: number, lost?: AbortSignal): Promise<boolean> {
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let erased = await eraseCredentials(pool, shopId)
    for (const table of TABLES_OF_A_SHOP) {
      for (const part of await partsOf(pool, table)) {
        let some = CHUNK
        while (some === CHUNK) {
          if (lost?.aborted) return false
          some = await eraseSome(pool, part, shopId)
          erased += some
        }
      }
    }
    if (erased === 0) return emptyShop(pool, shopId)
  }
  return false
}

/** A table, or the partitions of one. */
async function partsOf(pool: Pool, table: (typeof TABLES_OF_A_SHOP)[number]): Promise<string[]> {
  if (!isPartitioned(table)) return [table]
  return [...(await partitionsOf(pool, table)).map(({ name }) => name), `${table}_default`]
}

function isPartitioned(table: string): table is PartitionedTable {
  return Object.hasOwn(PARTITIONED, table)
}

/** That the shop itself was to be erased stays, with its time: it names nobody. */
async function eraseSome(pool: Pool, part: string, shopId: number): Promise<number> {
  const but = part === 'privacy_requests' ? `and topic <> 'shop/redact'` : ''
  const result = await pool.query(
    `delete from ${part} where ctid = any(array(
       select ctid from ${part} where shop_id = $1 ${but} and ${IS_REMOVED} limit ${CHUNK}))`,
    [shopId],
  )
  return result.rowCount ?? 0
}

/** What has the shop by another name than its number: tokens of Shopify's by its domain, circuits by its lanes. */
async function eraseCredentials(pool: Pool, shopId: number): Promise<number> {
  const sessions = await pool.query(
    `delete from sessions where shop = (select domain from shops s where s.id = $1 and s.uninstalled_at is not null)`,
    [shopId],
  )
  const circuits = await pool.query(`delete from circuits where key like $2 and ${IS_REMOVED}`, [
    shopId,
    `lane:${shopId}:%`,
  ])
  return (sessions.rowCount ?? 0) + (circuits.rowCount ?? 0)
}

/** What Shopify and the merchant have said of it; its domain stays, for the request. @returns false when it is installed again */
async function emptyShop(pool: Pool, shopId: number): Promise<boolean> {
  const result = await pool.query(
    `update shops set name = null, currency = null, primary_domain = null, time_zone = null, days_zone = null, stated = default,
       scopes = default, scopes_stated_at = null, scopes_noticed_at = null, admin_trouble = null, admin_trouble_at = null,
       pixel_id = null, pixel_settings = null, pixel_trouble = null, pixel_set_at = null, pixel_tried_at = null,
       pixel_tries = default, pixel_key = default, pixel_key_before = null, pixel_key_before_until = null,
       pixel_refused_host = null, pixel_refused_at = null, hosts = null, hosts_asked_at = null, release_within_days = default,
       abandoned_after_minutes = default, person_wait_hours = default, collectors = default, retention_days = null,
       thinned_until = null, language = null, admin_language = null, alert_to = null, alert_channels = default, alert_kinds = default,
       storefront_heard_at = null, pixel_heard_at = null, guide_dismissed_at = null, test_sent_at = null, arrived_event_id = null,
       arrived_vendor = null
     where id = $1 and uninstalled_at is not null`,
    [shopId],
  )
  return result.rowCount === 1
}
