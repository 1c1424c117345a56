/** Finding the lanes in which something may be wrong, over all shops. */
import type { Pool } from 'pg'
import { laneWalk, WAITS_SINCE } from '../../delivery/due.ts'
import { HELD_REASONS } from '../../delivery/outcome.ts'
import type { LaneState } from './thresholds.ts'

/** `attention`: of a lane that is switched on. */
export type TroubledLane = LaneState & { shopId: number; vendor: string; attention: string | null }

/** Of a lane's open deliveries so many are looked at, in the order in which it is drained. */
const LOOKED_AT = 100
/** For how long a delivery that was given up keeps its lane's alert. */
const GAVE_UP_MS = 24 * 3600_000

/**
 * Lanes of installed shops that wait for a person, have something open for longer than given, or gave up something
 * in the last day while their alert was open. Visits only lanes with something open (a skip from one to the next in
 * the index of what waits) and those that are stopped, however many shops and however much history there is.
 * @param youngestMs open deliveries younger than this are no trouble, in milliseconds
 */
export async function troubledLanes(pool: Pool, now: Date, youngestMs: number): Promise<TroubledLane[]> {
  const result = await pool.query<TroubledLane>(
    `with recursive ${laneWalk('lane', "d.state in ('pending', 'retry')")},
     waiting as (
       select lane.shop_id, lane.vendor, oldest.waiting_since, oldest.trying_since
       from lane join connections c using (shop_id, vendor) cross join lateral (
         select min(o.waits_since) as waiting_since, min(o.trying_since) as trying_since
         from (select ${WAITS_SINCE} as waits_since, d.trying_since from deliveries d
               where d.shop_id = lane.shop_id and d.vendor = lane.vendor and d.state in ('pending', 'retry')
               order by d.priority, d.event_id limit $3) o) oldest
       where c.enabled and oldest.waiting_since <= $1),
     stopped as (
       select shop_id, vendor, attention, updated_at as attention_since from connections
       where attention is not null and attention <> $4 and enabled),
     lost as (
       select a.shop_id, a.vendor, given_up.gave_up_at
       from alerts a cross join lateral (
         select max(d.updated_at) as gave_up_at from deliveries d
         where d.shop_id = a.shop_id and d.vendor = a.vendor and d.state = 'dead'
           and d.reason = 'gave_up' and d.updated_at >= $2) given_up
       where a.resolved_at is null and a.kind = 'giving_up' and given_up.gave_up_at is not null)
     select shop_id as "shopId", vendor, waiting_since as "waitingSince", trying_since as "tryingSince",
            attention, attention_since as "attentionSince", gave_up_at as "gaveUpAt"
     from waiting full join stopped using (shop_id, vendor) full join lost using (shop_id, vendor)
     join shops s on s.id = shop_id and s.uninstalled_at is null`,
    [
      ...[new Date(now.getTime() - youngestMs), new Date(now.getTime() - GAVE_UP_MS), LOOKED_AT],
      // That ends by itself.
      HELD_REASONS.disconnecting,
    ],
  )
  return result.rows
}
