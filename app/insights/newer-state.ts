/**
 * What became of an order that was left to a newer state of it (`superseded`): it is at the tool where a newer state arrived. Where
 * none did, it is what its newest state came to. One that arrived counts however the states after it end, as an order does that
 * arrived by its own delivery. In words of SQL, for counts and for lists, so that these agree. `d`: a delivery, `e`: its event.
 */
import { firstIdInSql, receivedInSql } from '../db/partitions.ts'
import { IS_OPEN } from '../delivery/outcome.ts'
import { ORDER_EVENT_TYPES } from '../events/types.ts'
import type { SkipReason } from '../vendors/reasons.ts'
import { QUARTER_MS } from './days.ts'

/**
 * What a newer state came to; where it was skipped, the reason. `none`: no newer state is known (any more); empty: the order was not
 * left to one.
 */
export type Newer = 'delivered' | 'waiting' | 'held' | 'failed' | 'none' | SkipReason | ''

/** What is being sent again has arrived none the less. */
export const HAS_ARRIVED = `(d.state = 'delivered' or d.delivered_before and ${IS_OPEN})`
export const IS_LEFT = "(d.state = 'skipped' and d.reason = 'superseded')"

const LATER_TYPES = ORDER_EVENT_TYPES.filter(type => type !== 'order_created')
const LATER = `(${LATER_TYPES.map(type => `'${type}'`).join(', ')})`
/** A newer state may be received first, as Shopify repeats a notice for some hours; but not by more than this. */
const OUT_OF_ORDER = "interval '7 days'"
const EARLIEST = firstIdInSql(`(to_timestamp(${receivedInSql('e.id')} / 1000.0) - ${OUT_OF_ORDER})`)

const quarterOf = (id: string) => `${receivedInSql(id)} / ${QUARTER_MS}`

/**
 * See `Newer`. One delivery after the other ("limit 1"): where few are expected, a join is planned that reads all of the shop's for each order.
 * Of states that are newer than one another the last counts, by the order of app/delivery/states.ts.
 */
export const NEWER = `case when e.type = 'order_created' and ${IS_LEFT} then coalesce((
  select case when ${HAS_ARRIVED} then 'delivered' when d.state = 'skipped' then coalesce(d.reason, 'none')
    when d.state = 'dead' then 'failed' when d.state = 'held' then 'held' else 'waiting' end
  from (select d.vendor) tool, events s cross join lateral (
    select d.state, d.reason, d.delivered_before from deliveries d
    where d.shop_id = s.shop_id and d.event_id = s.id and d.vendor = tool.vendor and not ${IS_LEFT} limit 1) d
  where s.shop_id = e.shop_id and s.subject = e.subject and s.type in ${LATER} and s.id >= ${EARLIEST}
  order by ${HAS_ARRIVED} desc, coalesce(s.version, s.occurred_at) desc, s.triggered_at desc nulls last, s.id desc limit 1), 'none')
  else '' end`

/**
 * Selects `shop_id`, `quarter` and `since` of orders that were left to a newer state of which something changed, but for those that had
 * arrived by then: these stay as they were counted. A quarter may come up more than once.
 * Each step is apart, so that it is one by an index whatever the planner thinks of how many have just changed.
 * @param changes a condition on what changed (deliveries `c`) @param from SQL of a moment: what changed before it is counted
 * @param orders a condition on the orders (events `e`)
 */
export const olderOf = (changes: string, from: string, orders = 'true') => `
  select e.shop_id, ${quarterOf('e.id')} as quarter, c.updated_at as since
  from (select c.shop_id, c.event_id, c.vendor, c.updated_at from deliveries c
    where ${changes} and c.reason is distinct from 'superseded' offset 0) c
  cross join lateral (select s.subject from events s
    where s.shop_id = c.shop_id and s.id = c.event_id and s.type in ${LATER} offset 0) s
  cross join lateral (select e.shop_id, e.id, e.subject from events e
    where e.shop_id = c.shop_id and e.subject = s.subject and e.type = 'order_created' and ${orders} offset 0) e
  where ${quarterOf('e.id')} <> ${quarterOf('c.event_id')}
    and exists (select from deliveries d where d.shop_id = c.shop_id and d.event_id = e.id and d.vendor = c.vendor and ${IS_LEFT} offset 0)
    and not exists (
      select from events n join deliveries d on d.shop_id = n.shop_id and d.event_id = n.id
      where d.vendor = c.vendor and n.shop_id = c.shop_id and n.subject = e.subject and n.type in ${LATER} and n.id >= ${EARLIEST}
        and ${HAS_ARRIVED} and d.updated_at < ${from} offset 0)`
