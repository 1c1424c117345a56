/** That a delivery was first tried late, where nothing else in its story says why. Pure. */
import { isOrderEvent, type StoreEvent } from '../events/store-event.ts'
import { isVisit } from '../vendors/purposes.ts'
import type { Stopped } from './stopped.ts'

/** `mayWaitFor`: what it may have waited for besides its turn; what of it it was is not kept once it is over. */
export type Late = { ms: number; mayWaitFor: 'visitor' | 'order' | null }

/** Longer than a lane takes that has nothing else to do. */
const LATE_MS = 10_000

type Tried = { number: number; startedAt: Date }

/**
 * @param createdAt when the event was taken up @param stopped when its lane was stopped while it waited
 * @returns null: in time, or not tried yet, or what kept it is told
 */
export function lateOf(
  event: StoreEvent,
  createdAt: Date,
  [first]: readonly Tried[],
  stopped: readonly Pick<Stopped, 'from'>[],
): Late | null {
  // Of a first attempt that is not kept any more nothing says when it was.
  if (first?.number !== 1) return null
  const ms = first.startedAt.getTime() - createdAt.getTime()
  const isTold = stopped.some(({ from }) => from < first.startedAt)
  return ms <= LATE_MS || isTold ? null : { ms, mayWaitFor: waitable(event) }
}

function waitable(event: StoreEvent): Late['mayWaitFor'] {
  if (isVisit(event) && event.actor.visitorId !== null) return 'visitor'
  return isOrderEvent(event) && event.data.order === null ? 'order' : null
}
