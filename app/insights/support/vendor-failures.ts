/** What of a vendor failed of late in any shop, or fails and is tried again, by cause. */
import type { Pool } from 'pg'
import { receivedInSql } from '../../db/partitions.ts'
import { type FailureCause, failuresOf, firstRecent, LAST_ANSWER, MOST_CAUSES } from './failures.ts'

export type FleetCause = Omit<FailureCause, 'vendor'> & {
  shops: number
  /** When the oldest event of them was received, and the newest. */
  since: Date
  until: Date
  /** The domain of the newest event's shop. */
  shop: string
}
/** `capped`: there may be more than were looked at. */
export type FleetFailures = { causes: FleetCause[]; capped: boolean }

/** The newest that are looked at of what was given up, and as many of what is tried again. */
export const MOST_LOOKED_AT = 500

/**
 * Of events received in the last seven days, the most frequent cause first. Read by an index of what failed, from its newest end: however
 * many there are, no more is looked at.
 */
export async function failuresOfVendor(pool: Pool, vendor: string, now: Date): Promise<FleetFailures> {
  const { rows } = await pool.query<FleetCause & { looked: number }>(FLEET_CAUSES, [
    ...[vendor, firstRecent(now)],
    ...[MOST_LOOKED_AT, MOST_CAUSES],
  ])
  return failuresOf(rows, MOST_LOOKED_AT)
}

const newest = (state: 'dead' | 'retry') => `
    (select d.shop_id, d.event_id, d.vendor, d.state, d.reason, d.message from deliveries d
     where d.vendor = $1 and d.state = '${state}' and d.event_id >= $2::uuid order by d.event_id desc limit $3)`
const received = (id: string) => `to_timestamp(${receivedInSql(id)} / 1000.0)`

/** For the test of its plan too. */
export const FLEET_CAUSES = `with failed as materialized (${newest('dead')} union all ${newest('retry')}),
  counted as (select f.*, count(*) over (partition by f.state)::int as looked from failed f),
  told as (
    select f.*, (x.response ->> 'status')::int as status from counted f
    ${LAST_ANSWER}),
  grouped as (
    select case state when 'dead' then 'failed' else 'retrying' end as kind, reason, status, message,
      count(*)::int as count, count(distinct shop_id)::int as shops, max(looked) as looked,
      min(event_id::text) as oldest, max(event_id::text) as newest,
      (array_agg(shop_id order by event_id desc))[1] as shop_id
    from told group by state, reason, status, message
    order by count(*) desc, max(event_id::text) desc limit $4)
  select g.kind, g.reason, g.status, g.message, g.count, g.shops, g.newest, g.looked, s.domain as shop,
    ${received('g.oldest')} as since, ${received('g.newest')} as until
  from grouped g join shops s on s.id = g.shop_id
  order by g.count desc, g.newest desc`
