/** From what came back to what it means for each delivery: by the vendor's `read`, and safe whatever came. Pure. */
import type { Log } from '../log.ts'
import { hideSecrets } from '../privacy/mask.ts'
import type { Reading, Step } from '../vendors/vendor.ts'
import { nextAttempt } from './backoff.ts'
import type { Connection } from './connections.ts'
import type { Due } from './decide.ts'
import type { Result } from './gate/gate.ts'
import { DEAD_REASONS, type Outcome } from './outcome.ts'
import type { Sent } from './send.ts'

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

/** The delivery tries again later, or has tried for long enough. */
export function retryOf(due: Due | undefined, message: string, notBefore: Date | undefined): Outcome {
  const now = new Date()
  const at = nextAttempt((due?.attempts ?? 0) + 1, now, due?.since ?? now, notBefore)
  if (!at) return { state: 'dead', reason: 'gave_up', message: DEAD_REASONS.gave_up }
  return { state: 'retry', dueAt: at, reason: 'transient', message }
}
