/** From what came back to what it means for each delivery: by the vendor's `read`, and safe whatever came. Pure. */
import type { Log } from '../log.ts'
import { hideSecrets } from '../privacy/mask.ts'
import type { Reading, Step } from '../vendors/vendor.ts'
import { nextAttempt } from './backoff.ts'
import type { Connection } from './connections.ts'
import type { Due } from './decide.ts'
import type { Result } from './gate/gate.ts'
import { type Lane, laneKey } from './lane.ts'
import { DEAD_REASONS, type Outcome } from './outcome.ts'
import type { Sent } from './send.ts'

/** How often an answer may change the plan of one delivery within one attempt. */
const REPLANS = 2

/** A reading for every delivery of the step, without credentials or a person's words. */
export function readingsOf(
  log: Log,
  { vendor, secrets }: Connection,
  step: Step,
  sent: Sent,
): Map<string, Reading> {
  const all = (reading: Reading) => new Map(step.deliveries.map(id => [id, reading]))
  const unreadable = (reason: string): Reading => ({
    kind: 'retry',
    merchant: `${vendor.name} could not be reached. Sluice sends this again by itself.`,
    log: reason,
  })
  if ('failure' in sent) return all(unreadable(`${vendor.name}: ${sent.failure}`))
  const hidden = (reading: Reading) => withoutSecrets(reading, [...secrets, ...(step.personal ?? [])])
  try {
    const readings = vendor.read(step, sent.answer)
    if (!(readings instanceof Map)) return all(hidden(readings as Reading))
    const missing = unreadable('the answer says nothing about this event')
    return new Map(step.deliveries.map(id => [id, hidden(readings.get(id) ?? missing)]))
  } catch (error) {
    log.error({ vendor: vendor.id, step: step.name, err: error }, 'an answer could not be read')
    return all(unreadable('the answer could not be read'))
  }
}

/** A vendor may repeat the credentials in its words, and those words are stored and logged. */
function withoutSecrets(reading: Reading, secrets: readonly string[]): Reading {
  const { merchant, log } = reading
  return {
    ...reading,
    ...(merchant !== undefined && { merchant: hideSecrets(merchant, secrets) }),
    ...(log !== undefined && { log: hideSecrets(log, secrets) }),
  }
}

/** What the gate needs to know of a request: whether it failed as a vendor in trouble fails, and what wait was announced. */
export function resultOf(sent: Sent, readings: Iterable<Reading>, durationMs: number): Result {
  const answer = 'answer' in sent ? sent.answer : null
  const retry = [...readings].find(reading => reading.kind === 'retry')
  return {
    answer,
    failed: retry !== undefined && answer?.status !== 429,
    durationMs,
    ...(retry?.notBefore && { notBefore: retry.notBefore }),
    ...(retry?.wholeLane && { wholeLane: true }),
  }
}

/** Where the deliveries of a step stand within their attempt. */
type Undecided = {
  due: ReadonlyMap<string, Due>
  /** Facts that answers taught already, by event id. */
  learned: ReadonlyMap<string, readonly string[]>
  /** The steps that follow. */
  chain: readonly Step[]
}

/** What the readings decide. A delivery that has further steps, or is planned again, is not decided yet. */
export function outcomesOf(
  readings: ReadonlyMap<string, Reading>,
  undecided: Undecided,
): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>()
  for (const [id, reading] of readings) {
    const outcome = outcomeOf(undecided, id, reading)
    if (outcome) outcomes.set(id, outcome)
  }
  return outcomes
}

function outcomeOf({ due, learned, chain }: Undecided, id: string, reading: Reading): Outcome | null {
  switch (reading.kind) {
    case 'delivered': {
      const more = chain.some(step => step.deliveries.includes(id))
      return more ? null : { state: 'delivered', message: reading.merchant ?? null }
    }
    case 'skip':
      return { state: 'skipped', reason: reading.reason, message: reading.merchant }
    case 'dead':
      return { state: 'dead', reason: reading.reason, message: reading.merchant }
    case 'refused':
      return { state: 'held', reason: 'refused', message: reading.merchant }
    case 'learned':
      return (learned.get(id)?.length ?? 0) < REPLANS
        ? null
        : retryOf(due.get(id), reading.merchant, undefined)
    case 'retry':
      return retryOf(due.get(id), reading.merchant, reading.notBefore)
  }
}

/** The delivery tries again later, or has tried for long enough. */
function retryOf(due: Due | undefined, message: string, notBefore: Date | undefined): Outcome {
  const now = new Date()
  const at = nextAttempt((due?.attempts ?? 0) + 1, now, due?.since ?? now, notBefore)
  if (!at) return { state: 'dead', reason: 'gave_up', message: DEAD_REASONS.gave_up }
  return { state: 'retry', dueAt: at, reason: 'transient', message }
}

/** A fact learned is no failure: the delivery goes on with it. */
export function logReadings(log: Log, lane: Lane, step: Step, readings: ReadonlyMap<string, Reading>): void {
  const bad = [...readings.values()].find(reading => reading.kind !== 'delivered')
  const line = { lane: laneKey(lane), step: step.name, deliveries: step.deliveries.length }
  if (!bad) log.debug(line, 'delivered')
  else if (bad.kind === 'learned') log.info({ ...line, reason: bad.log }, 'planned again')
  else log.warn({ ...line, outcome: bad.kind, reason: bad.log }, 'not delivered')
}
