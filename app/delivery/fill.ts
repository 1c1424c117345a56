/** What an event's source did not know is added before it is planned; an order's notice may wait for its order. */
import type { Pool } from 'pg'
import type { ShopFacts } from '../vendors/vendor.ts'
import type { Due } from './decide.ts'
import type { DrainContext, Filled } from './drain.ts'
import type { Lane } from './lane.ts'
import { type Outcome, skipped } from './outcome.ts'
import { decisionsOf } from './record-rows.ts'
import { mayBeSpooled } from './spool.ts'

/** How long an order notice waits for its order, which Shopify may deliver after it, in minutes. */
const ORDER_WAIT = 5
const ORDER_RECHECK_MS = 20_000

/** Fills the events in; those whose order is unknown wait for it a while, and are then skipped. */
export async function fillEvents(
  context: DrainContext,
  { lane, shop }: { lane: Lane; shop: ShopFacts },
  claimed: readonly Due[],
): Promise<Due[]> {
  const events = claimed.map(delivery => delivery.event)
  const filled = await context.fill(lane.shopId, events, shop)
  const unknown = claimed.flatMap(({ event }, i) => (isFilled(filled[i]) ? [] : event.id))
  const young = unknown.length > 0 ? await youngOf(context.pool, lane, unknown) : new Set()
  const waiting = new Map<string, Outcome>()
  const ready = claimed.flatMap((delivery, i): Due[] => {
    const result = filled[i]
    if (isFilled(result)) return [{ ...delivery, event: result.event }]
    const wait: Outcome = {
      state: 'retry',
      dueAt: new Date(Date.now() + ORDER_RECHECK_MS),
      reason: 'order_unknown',
      message: 'Waits for the order it belongs to.',
    }
    waiting.set(delivery.event.id, young.has(delivery.event.id) ? wait : skipped('order_unknown'))
    return []
  })
  if (waiting.size > 0) await context.recorder.record(decisionsOf(lane, waiting))
  return ready
}

function isFilled(result: Filled | undefined): result is Extract<Filled, { event: unknown }> {
  return result !== undefined && 'event' in result
}

/** Those accepted a moment ago, or whose order may be in the spool still; by the one clock that all nodes share: a wrong one of a node must not end the wait. */
export async function youngOf(pool: Pool, lane: Lane, ids: readonly string[]): Promise<Set<string>> {
  const result = await pool.query<{ event_id: string }>(
    `select event_id from deliveries
     where shop_id = $1 and vendor = $2 and event_id = any($3)
       and (created_at > now() - make_interval(mins => $4) or ${mayBeSpooled('$1')})`,
    [lane.shopId, lane.vendor, ids, ORDER_WAIT],
  )
  return new Set(result.rows.map(row => row.event_id))
}
