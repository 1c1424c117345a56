/** What keeps a vendor from sending in many shops: their own rests, and the holds of support. */
import type { Pool } from 'pg'
import { STANDS } from '../../delivery/fleet-filter.ts'

/** Shops whose own circuit is open or about to be tried, and since when the first of them is. */
export type ShopsAtRest = { resting: number; since: Date | null }

/** Whatever the vendor's own rest. */
export async function shopsAtRest(pool: Pool, vendor: string): Promise<ShopsAtRest> {
  const { rows } = await pool.query<ShopsAtRest>(
    `select count(*)::int as resting, min(opened_at) as since from circuits where key like 'lane:%:' || $1`,
    [vendor],
  )
  return rows[0] ?? { resting: 0, since: null }
}

/** Support's holds that give one reason. */
export type HoldsOfReason = {
  reason: string
  shops: number
  /** When the first of them began. */
  since: Date
  /** When the first and the last of them end by themselves. `last` null: one of them ends with a release alone. */
  endsFirst: Date | null
  endsLast: Date | null
  /** Who: of the fleet action, or of the hold of the shop that has been known longest; null: the audit does not know. */
  by: string | null
  /** The newest fleet action that held for this reason; null: each shop was held by itself. */
  action: string | null
}

/** The reasons with most shops first, at most 50. */
export async function holdsOfVendor(pool: Pool, vendor: string): Promise<HoldsOfReason[]> {
  const { rows } = await pool.query<HoldsOfReason>(HOLDS_OF, [vendor])
  return rows
}

const HOLDS_OF = `
  with held as materialized (
    select c.hold_reason as reason, count(*)::int as shops, min(c.hold_since) as since, max(c.hold_since) as newest, min(c.hold_until) as first,
      case when count(*) = count(c.hold_until) then max(c.hold_until) end as last, min(c.shop_id) as shop_id
    from connections c where c.vendor = $1 and ${STANDS} group by 1 order by 2 desc, 1 limit 50)
  select h.reason, h.shops, h.since, h.first as "endsFirst", h.last as "endsLast", coalesce(f.actor, a.actor) as by, f.id as action
  from held h join shops s on s.id = h.shop_id
  left join lateral (
    select id, actor from fleet_actions f where f.vendor = $1 and f.action = 'hold' and f.reason = h.reason and f.created_at <= h.newest
    order by created_at desc limit 1) f on true
  left join lateral (
    select actor from audit_entries e
    where f.id is null and e.shop = s.domain and e.vendor = $1 and e.action = 'hold' and e.at >= h.since order by e.id desc limit 1) a on true
  order by h.shops desc, h.reason`
