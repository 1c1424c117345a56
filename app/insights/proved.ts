/** Whether what a shop has saved for its vendors is known to work. */
import type { Pool } from 'pg'

/** So many of a lane's newest deliveries are looked at for one that arrived. */
const NEWEST = 500

/**
 * SQL: of a connection `c`, whether its vendor accepted the last test of what is saved, or something real since that test and since the
 * settings were saved: a test that failed may be older than they are, and what arrived in between was sent by others.
 */
export const PROVED = `(coalesce(c.test_ok, false) or exists (
       select from (
         select d.state, d.updated_at from deliveries d where d.shop_id = c.shop_id and d.vendor = c.vendor
         order by d.event_id desc limit ${NEWEST}) newest
       where newest.state = 'delivered' and newest.updated_at > coalesce(greatest(c.tested_at, (
         select max(h.at) from connection_changes h
         where h.shop_id = c.shop_id and h.vendor = c.vendor and h.what in ('connected', 'settings'))), c.created_at)))`

/** Vendors of which what the shop has saved is known to work. */
export async function provedVendors(pool: Pool, shopId: number): Promise<Set<string>> {
  const { rows } = await pool.query<{ vendor: string }>(
    `select c.vendor from connections c where c.shop_id = $1 and ${PROVED}`,
    [shopId],
  )
  return new Set(rows.map(({ vendor }) => vendor))
}
