/**
 * What a vendor would be sent of an event, by the planning that delivery uses. Nothing is sent, and nothing is changed.
 */
import type { Pool } from 'pg'
import type { StoreEvent } from '../events/store-event.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Step } from '../vendors/vendor.ts'
import { type Deciding, type Due, decide, type Remembered } from './decide.ts'
import { memoriesOf } from './due.ts'
import { type EventRow, eventColumns, readableFrom } from './event-rows.ts'
import type { Lane } from './lane.ts'
import { waitingAmong } from './waiting.ts'

/** What would come of the event. `waits`: until it is known who the visitor is. `left`: there is nothing to send. */
export type Made =
  | { kind: 'sent'; steps: Step[] }
  | { kind: 'skipped' | 'waits' | 'failed'; reason: string; message: string }
  | { kind: 'unwanted'; switchedOff: boolean }

/** Decides about one event alone, as if it were sent now for the first time. Pure. */
export function madeOf(event: StoreEvent, deciding: Deciding): Made {
  const { vendor, settings } = deciding
  const want = vendor.wants(event, settings)
  if (want !== 'yes') return { kind: 'unwanted', switchedOff: want === 'off' || switchedOff(event, deciding) }
  const due: Due = { event, attempts: 0, done: [], triggeredAt: null, since: null, replayed: false }
  const { steps, outcomes } = decide([due], deciding)
  const outcome = outcomes.get(event.id)
  if (!outcome || !('reason' in outcome)) return { kind: 'sent', steps }
  const { reason, message } = outcome
  if (outcome.state === 'dead') return { kind: 'failed', reason, message }
  return { kind: waitingAmong([due], outcomes).length > 0 ? 'waits' : 'skipped', reason, message }
}

/** Optional rows that are not on are of no use to a vendor, as rows that it does not have: here they are told apart. */
function switchedOff(event: StoreEvent, { vendor, settings }: Deciding): boolean {
  const rows = { [event.type]: true }
  const on = vendor.settings.safeParse({ ...(settings as object), rows })
  return on.success && vendor.wants(event, on.data) === 'yes'
}

/** What else is sent, or not, once an answer of the vendor's has taught something. By fact, where it makes a difference. */
export function madeOnceLearned(event: StoreEvent, deciding: Deciding): { fact: string; made: Made }[] {
  const requests = (made: Made) =>
    JSON.stringify(made.kind === 'sent' ? made.steps.map(({ request }) => request) : made)
  const plain = madeOf(event, deciding)
  if (plain.kind !== 'sent') return []
  return (deciding.vendor.learns ?? []).flatMap(fact => {
    const made = madeOf(event, { ...deciding, learned: new Map([[event.id, [fact]]]) })
    return requests(made) === requests(plain) ? [] : { fact, made }
  })
}

/**
 * What the vendor had of these subjects before the event, as far as that is known: what came by this event, or by one
 * received later, is not looked at.
 * @param stateOf what an event is a state of at the vendor
 */
export async function memoriesBefore(
  { pool, sealer }: { pool: Pool; sealer: Sealer },
  lane: Lane,
  event: StoreEvent,
  stateOf: (event: StoreEvent) => string | null,
  subjects: readonly string[],
): Promise<Map<string, Remembered>> {
  const remembered = await memoriesOf(pool, lane, subjects)
  const before = [...remembered].filter(([, { eventId }]) => eventId < event.id)
  const memories = new Map(before)
  const own = stateOf(event)
  if (own === null || memories.has(own) || !remembered.has(own)) return memories
  const previous = await deliveredBefore({ pool, sealer }, lane, event, stateOf)
  if (previous) memories.set(own, previous)
  return memories
}

/** Of one thing no more of its states are looked through. */
const MOST_STATES = 20

/** The state that was delivered before this one. What exactly was sent then is not known any more. */
async function deliveredBefore(
  { pool, sealer }: { pool: Pool; sealer: Sealer },
  lane: Lane,
  event: StoreEvent,
  stateOf: (event: StoreEvent) => string | null,
): Promise<Remembered | null> {
  const { rows } = await pool.query<EventRow>(
    `select ${eventColumns('e')} from events e
     join deliveries d on d.shop_id = $1 and d.event_id = e.id and d.vendor = $2 and d.state = 'delivered'
     where e.shop_id = $1 and e.subject = $3 and e.id < $4 order by e.id desc limit ${MOST_STATES}`,
    [lane.shopId, lane.vendor, event.subject, event.id],
  )
  for (const row of rows) {
    const state = readableFrom(sealer, lane.shopId, row)
    if (state && stateOf(state) === stateOf(event))
      return { version: state.version, fingerprint: '', eventId: state.id, triggeredAt: row.triggered_at }
  }
  return null
}
