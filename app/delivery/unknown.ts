/** What a drain cannot send because nobody knows who the visitor is: it is left waiting. */
import type { Due } from './decide.ts'
import type { DrainContext } from './drain.ts'
import { settleVisitors } from './known.ts'
import type { Lane } from './lane.ts'
import type { Outcome } from './outcome.ts'
import { putToWait, waitingAmong } from './waiting.ts'

/**
 * Takes what is to wait out of the outcomes, and puts it to wait. Whoever became known between the filling in of an event and
 * this is looked for once more when it waits: whoever is linked after that look finds it waiting.
 */
export async function leaveWaiting(
  { pool, sealer, engine }: Pick<DrainContext, 'pool' | 'sealer' | 'engine'>,
  lane: Lane,
  due: Iterable<Pick<Due, 'event'>>,
  outcomes: Map<string, Outcome>,
): Promise<void> {
  const unknown = waitingAmong(due, outcomes)
  if (unknown.length === 0) return
  for (const { eventId } of unknown) outcomes.delete(eventId)
  await putToWait(pool, lane, unknown)
  const visitors = [...new Set(unknown.map(({ visitorId }) => visitorId))]
  for (const woken of await settleVisitors(pool, sealer, lane.shopId, visitors)) await engine.signal(woken)
}
