/** What an event's source did not know is added before it is planned; an order's notice may wait for its order. */
import type { ShopFacts } from '../vendors/vendor.ts'
import type { Due } from './decide.ts'
import type { DrainContext } from './drain.ts'
import type { Lane } from './lane.ts'
import { type Outcome, skipped } from './outcome.ts'
import { decisionsOf } from './record-rows.ts'

/** How long an order notice waits for its order, which Shopify may deliver after it. */
const ORDER_WAIT_MS = 5 * 60_000
const ORDER_RECHECK_MS = 20_000

/** Fills the events in; those whose order is unknown wait for it a while, and are then skipped. */
export async function fillEvents(
  context: DrainContext,
  { lane, shop }: { lane: Lane; shop: ShopFacts },
  claimed: readonly Due[],
): Promise<Due[]> {
  const events = claimed.map(delivery => delivery.event)
  const filled = await context.fill(lane.shopId, events, shop)
  const waiting = new Map<string, Outcome>()
  const ready = claimed.flatMap((delivery, i): Due[] => {
    const result = filled[i]
    if (result && 'event' in result) return [{ ...delivery, event: result.event }]
    const young = Date.now() - Date.parse(delivery.event.receivedAt) < ORDER_WAIT_MS
    const wait: Outcome = {
      state: 'retry',
      dueAt: new Date(Date.now() + ORDER_RECHECK_MS),
      reason: 'order_unknown',
      message: 'Waits for the order it belongs to.',
    }
    waiting.set(delivery.event.id, young ? wait : skipped('order_unknown'))
    return []
  })
  if (waiting.size > 0) await context.recorder.record(decisionsOf(lane, waiting))
  return ready
}
