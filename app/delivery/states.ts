/** The order among states of one thing: which of two is newer, and which steps an order of states leaves over. */
import type { StoreEvent } from '../events/store-event.ts'
import type { Step } from '../vendors/vendor.ts'
import type { Due, Remembered } from './decide.ts'

type State = Pick<Due, 'triggeredAt'> & { event: Pick<StoreEvent, 'version' | 'occurredAt' | 'id'> }

/** By version; Shopify's have whole seconds: within one, by when Shopify noticed, then by receipt. */
export function newestFirst(a: State, b: State): number {
  const time = ({ event }: State) => Date.parse(event.version ?? event.occurredAt)
  const noticed = ({ triggeredAt }: State) => triggeredAt?.getTime() ?? 0
  const byNotice = a.triggeredAt && b.triggeredAt ? noticed(b) - noticed(a) : 0
  return time(b) - time(a) || byNotice || (a.event.id < b.event.id ? 1 : -1)
}

/** Older than what the vendor has. */
export function isStale(delivery: Due, delivered: Remembered): boolean {
  const { version } = delivery.event
  if (version === null || delivered.version === null || delivered.eventId === delivery.event.id) return false
  const had = { version: delivered.version, occurredAt: delivered.version, id: delivered.eventId }
  return newestFirst(delivery, { event: had, triggeredAt: delivered.triggeredAt }) > 0
}

/**
 * Of steps that leave the same subject only the newest is sent, whatever they are steps of, and none that is older
 * than what the vendor has: a cart from before the order must not fill again the basket that the order empties.
 */
export function withoutOutdated(steps: readonly Step[], memories: ReadonlyMap<string, Remembered>): Step[] {
  const isOlder = (version: string | null | undefined, other: string | null | undefined) =>
    version != null && other != null && Date.parse(version) < Date.parse(other)
  const isOutdated = ({ leaves }: Step) => {
    if (!leaves) return false
    const others = steps.filter(step => step.leaves?.subject === leaves.subject)
    const versions = [memories.get(leaves.subject)?.version, ...others.map(step => step.leaves?.version)]
    return versions.some(version => isOlder(leaves.version, version))
  }
  return steps.filter(step => !isOutdated(step))
}
