/** What keeps a vendor from sending in many shops at once: rests and pauses, and the holds of support. */
import type { Pool } from 'pg'
import { STANDS } from '../../delivery/fleet-filter.ts'

/** Shops that wait on their own, whatever the vendor's own rest: `since` the first of them has. */
export type ShopsAtRest = { resting: number; since: Date | null; paused: number; pausedUntil: Date | null }

/**
 * `resting`: whose own circuit is open, or about to be tried. `paused`: which the vendor, or one of its limits, has told to wait, and which
 * do not rest. A circuit that opens pauses its lane as well.
 */
export async function shopsAtRest(pool: Pool, vendor: string): Promise<ShopsAtRest> {
  const { rows } = await pool.query<ShopsAtRest>(AT_REST, [vendor])
  return rows[0] ?? { resting: 0, since: null, paused: 0, pausedUntil: null }
}

/** For the test of its plan too. */
export const AT_REST = `
  with resting as (
    select split_part(key, ':', 2)::int as shop_id, opened_at from circuits
    where key like 'lane:%' and split_part(key, ':', 3) = $1)
  select (select count(*)::int from resting) as resting, (select min(opened_at) from resting) as since,
    count(*)::int as paused, max(c.paused_until) as "pausedUntil"
  from connections c
  where c.vendor = $1 and c.paused_until > now() and not exists (select from circuits where key = 'vendor:' || $1 and open_until > now())
    and not exists (select from resting r where r.shop_id = c.shop_id)`

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

/** For the test of its plan too. */
export const HOLDS_OF = `
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
