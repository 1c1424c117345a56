/**
 * States that must wait: a newer one of the same thing was sent, and whether the vendor took it is not known, because
 * its answer was lost or said otherwise. Sent now, the older one might overwrite it.
 */
import type { Pool } from 'pg'
import type { StoreEvent } from '../events/store-event.ts'
import type { Due } from './decide.ts'
import type { Lane } from './lane.ts'
import type { Outcome } from './outcome.ts'
import type { Recorder } from './record.ts'
import { decisionsOf } from './record-rows.ts'
import { newestFirst } from './states.ts'

type Waiting = { subject: string; id: string; version: Date; triggered_at: Date | null; wait_ms: number }

/** Puts off the states that must wait. @returns those that need not */
export async function withoutBehind(
  { pool, recorder }: { pool: Pool; recorder: Recorder },
  lane: Lane,
  due: readonly Due[],
  stateOf: (event: StoreEvent) => string | null,
): Promise<Due[]> {
  const behind = await behindNewer(pool, lane, due, stateOf)
  if (behind.size > 0) await recorder.record(decisionsOf(lane, behind))
  return due.filter(({ event }) => !behind.has(event.id))
}

/**
 * @param stateOf what an event is a state of at the vendor, null if it stands alone
 * @returns by event id, until when those wait: until the newer one is tried again, and then it takes their place
 */
export async function behindNewer(
  pool: Pool,
  lane: Lane,
  due: readonly Due[],
  stateOf: (event: StoreEvent) => string | null,
): Promise<Map<string, Outcome>> {
  const states = due.filter(({ event }) => event.version !== null && stateOf(event) !== null)
  const waiting = await waitingStates(
    pool,
    lane,
    states.flatMap(({ event }) => event.subject ?? []),
  )
  return new Map(
    states.flatMap(state => {
      const newer = waiting.find(one => one.subject === state.event.subject && isNewer(one, state))
      return newer ? [[state.event.id, untilTriedAgain(newer)] as const] : []
    }),
  )
}

async function waitingStates(pool: Pool, lane: Lane, subjects: readonly string[]): Promise<Waiting[]> {
  if (subjects.length === 0) return []
  const result = await pool.query<Waiting>({
    name: 'waiting-states',
    // From the few states of these subjects to their deliveries: the other way round would read all that waits.
    text: `with states as materialized (
       select subject, id, version, triggered_at from events
       where shop_id = $1 and subject = any($3) and version is not null)
     select s.*, (extract(epoch from d.due_at - now()) * 1000)::float8 as wait_ms from states s
     join deliveries d on d.shop_id = $1 and d.event_id = s.id and d.vendor = $2
     where d.state = 'retry' and d.attempts > 0 and d.due_at > now()
     order by d.due_at desc`,
    values: [lane.shopId, lane.vendor, subjects],
  })
  return result.rows
}

function isNewer({ id, version, triggered_at: triggeredAt }: Waiting, state: Due): boolean {
  const at = version.toISOString()
  return newestFirst({ event: { id, version: at, occurredAt: at }, triggeredAt }, state) < 0
}

function untilTriedAgain({ wait_ms: wait }: Waiting): Outcome {
  const message = 'Waits for a newer state, of which it is not known yet whether the tool has it.'
  return { state: 'retry', dueAt: new Date(Date.now() + wait), reason: 'newer_state_waits', message }
}
