/** What failed of late in a shop, or fails and is tried again, by cause. */
import type { Pool } from 'pg'
import { firstIdOf } from '../../db/partitions.ts'
import { VENDORS } from '../../vendors/registry.ts'

export type FailureCause = {
  vendor: string
  /** Given up, or tried again later. */
  kind: 'failed' | 'retrying'
  reason: string | null
  /** Of the vendor's answer to the last request; null: no answer came, or no request was made. */
  status: number | null
  message: string | null
  count: number
  /** The newest event of them. */
  newest: string
}
/** `capped`: there may be more than were looked at. */
export type Failures = { causes: FailureCause[]; capped: boolean }

const DAYS = 7
const DAY_MS = 24 * 3600_000
/** Deliveries that are looked at of a lane and a state. */
export const MOST_LOOKED_AT = 2_000
export const MOST_CAUSES = 50

/** With which id the events begin that are looked at. */
export const firstRecent = (now: Date) => firstIdOf(new Date(now.getTime() - DAYS * DAY_MS))

/** @param rows causes, each with how many deliveries of its kind were looked at @param most of a kind */
export function failuresOf<T extends { looked: number }>(rows: readonly T[], most: number) {
  return {
    causes: rows.map(({ looked: _, ...cause }) => cause),
    capped: rows.some(({ looked }) => looked >= most),
  }
}

/**
 * Of events received in the last seven days, the most frequent cause first. A failed try whose delivery came through later is none.
 * Read by the indexes of what is dead, the newest first, and of what is open, the oldest first: those are what was tried.
 */
export async function recentFailures(pool: Pool, shopId: number, now: Date): Promise<Failures> {
  const vendors = VENDORS.map(({ id }) => id)
  const { rows } = await pool.query<FailureCause & { looked: number }>(CAUSES, [
    ...[shopId, firstRecent(now), vendors],
    ...[MOST_LOOKED_AT, MOST_CAUSES],
  ])
  return failuresOf(rows, MOST_LOOKED_AT)
}

const COLUMNS = 'd.shop_id, d.event_id, d.vendor, d.state, d.reason, d.message'
const OF_LANE = 'd.shop_id = $1 and d.vendor = v.vendor and d.event_id >= $2::uuid'

/** SQL: of deliveries `f`, how the vendor answered (`x.response`) the last request. */
export const LAST_ANSWER = `left join lateral (
      select a.exchange_id from attempts a where a.shop_id = f.shop_id and a.event_id = f.event_id and a.vendor = f.vendor
      order by a.number desc, a.part desc limit 1) a on true
    left join lateral (
      select response from exchanges x where x.shop_id = f.shop_id and x.id = a.exchange_id limit 1) x on true`

/** For the test of its plan too. */
export const CAUSES = `with failed as materialized (
    select d.* from unnest($3::text[]) v(vendor) cross join lateral (
      select ${COLUMNS} from deliveries d where ${OF_LANE} and d.state = 'dead'
      order by d.event_id desc limit $4) d
    union all
    select d.* from unnest($3::text[]) v(vendor) cross join unnest(array[-1, 0, 1]::smallint[]) p(priority)
    cross join lateral (
      select ${COLUMNS} from deliveries d where ${OF_LANE} and d.state in ('pending', 'retry') and d.priority = p.priority
      order by d.event_id limit $4) d),
  counted as (
    select f.*, count(*) over (partition by f.vendor, f.state = 'dead')::int as looked from failed f),
  told as (
    select f.*, (x.response ->> 'status')::int as status from counted f
    ${LAST_ANSWER}
    where f.state <> 'pending')
  select vendor, case state when 'dead' then 'failed' else 'retrying' end as kind, reason, status, message,
    count(*)::int as count, max(event_id::text) as newest, max(looked) as looked
  from told group by vendor, state, reason, status, message
  order by count(*) desc, max(event_id::text) desc limit $5`
