/** Events that wait to be sent. */
import { LARGEST, type WireEvent } from './wire.ts'

/** `marketing`: whether it was allowed at the time. `since`: when the page's worker began, in Unix ms. */
export type Waiting = { event: WireEvent; marketing: boolean; since: number }

const MOST = 50

/** Each once; the oldest go first. @throws when something else is among them */
export const joined = (...lists: Waiting[][]): Waiting[] =>
  [...new Map(lists.flat().map(one => [one.event.id, one])).values()].slice(-MOST)

/** What goes next: of one consent, because a batch says one, and at least one event, because the rest would wait for it. */
export function nextBatch(waiting: Waiting[]): Waiting[] {
  let room = LARGEST
  return waiting
    .filter(({ marketing }) => marketing === waiting[0]?.marketing)
    .filter(({ event }, index) => {
      room -= JSON.stringify(event).length
      return room > 0 || index === 0
    })
}
