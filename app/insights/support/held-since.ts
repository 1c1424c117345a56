/** Since when what is held of a shop is held. */
import type { Pool } from 'pg'
import { STANDS_SINCE } from '../waits-since.ts'

/** Of each vendor of a shop of which something is held: since when the oldest event of these is. By vendor. */
export async function heldSince(pool: Pool, shopId: number): Promise<Map<string, Date>> {
  const { rows } = await pool.query<{ vendor: string; since: Date }>(
    `select c.vendor, ${STANDS_SINCE} as since from connections c cross join lateral (
       select d.* from deliveries d where d.shop_id = c.shop_id and d.vendor = c.vendor and d.state = 'held'
       order by d.event_id limit 1) d
     where c.shop_id = $1`,
    [shopId],
  )
  return new Map(rows.map(({ vendor, since }) => [vendor, since]))
}
