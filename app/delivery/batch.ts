/** One round of a lane: its due deliveries decided, sent step by step, and each outcome recorded as it falls. */
import { hideSecrets } from '../privacy/mask.ts'
import type { Reading, ShopFacts, Step } from '../vendors/vendor.ts'
import { nextAttempt, pauseEnd } from './backoff.ts'
import { withoutBehind } from './behind.ts'
import { type Connection, connectionRow } from './connections.ts'
import { type Due, decide, type Remembered } from './decide.ts'
import type { DrainContext } from './drain.ts'
import { memoriesOf } from './due.ts'
import type { Lane } from './lane.ts'
import { laneKey } from './lane.ts'
import { pauseLane } from './lane-state.ts'
import { DEAD_REASONS, type Outcome, skipped } from './outcome.ts'
import { recordExchange, recordOutcomes } from './record.ts'
import { rebased, type Sent } from './send.ts'

/** Failures in a row after which the lane rests instead of trying every delivery against a vendor that is down. */
const FAILURES_BEFORE_REST = 3
const REST_MS = 10_000
/** How often an answer may change the plan of one delivery within one attempt. */
const REPLANS = 2
/** How long an order notice waits for its order, which Shopify may deliver after it. */
const ORDER_WAIT_MS = 5 * 60_000
const ORDER_RECHECK_MS = 20_000

export type LaneInUse = { lane: Lane; connection: Connection; shop: ShopFacts }

/** The state of a round, changed as steps are carried out. */
type Round = LaneInUse & {
  due: Map<string, Due>
  memories: Map<string, Remembered>
  /** Steps yet to send. */
  queue: Step[]
  /** Deliveries that are decided or must wait: their remaining steps are not sent. */
  settled: Set<string>
  learned: Map<string, string[]>
  failures: number
}

/** How long a drain may go on, asked before every request, because one round may be a hundred of them. */
export type Turn = {
  /** Its time is up: what has begun is finished, nothing else is begun. */
  over(): boolean
  /** This process stops, or the lane was given to another worker: nothing more is sent. */
  stopped(): boolean
}

/**
 * @returns false when the lane must not go on now (refused, paused, resting, switched off, its turn over)
 */
export async function drainBatch(
  context: DrainContext,
  inUse: LaneInUse,
  claimed: readonly Due[],
  turn: Turn,
): Promise<boolean> {
  const { vendor, settings } = inUse.connection
  const filled = await fill(context, inUse, claimed)
  const due = await withoutBehind(context.pool, inUse.lane, filled, event => vendor.stateOf(event, settings))
  const round: Round = {
    ...inUse,
    due: new Map(due.map(d => [d.event.id, d])),
    memories: new Map(),
    queue: [],
    settled: new Set(),
    learned: new Map(),
    failures: 0,
  }
  await plan(context, round, due)
  for (let step = round.queue.shift(); step; step = round.queue.shift()) {
    if (step.deliveries.some(id => round.settled.has(id))) continue
    // What an answer taught is known only within this round: its delivery would learn it again and again.
    const begun = step.deliveries.some(id => round.learned.has(id))
    if (turn.stopped() || (turn.over() && !begun) || !(await stillOpen(context, inUse.lane))) return false
    if (!(await carryOut(context, round, step))) return false
  }
  return true
}

/** Decides the given deliveries, records those that need no request and queues the steps of the others, first. */
async function plan(context: DrainContext, round: Round, due: readonly Due[]): Promise<void> {
  const { vendor, settings } = round.connection
  await recall(
    context,
    round,
    due.flatMap(({ event }) => vendor.stateOf(event, settings) ?? []),
  )
  const { shop, memories, learned } = round
  const deciding = { vendor, settings, shop, memories, learned, now: new Date() }
  const sketch = decide(due, deciding)
  // Which other subjects the steps leave is known only now; with their memories the decision may be another.
  const more = await recall(
    context,
    round,
    sketch.steps.flatMap(step => step.leaves?.subject ?? []),
  )
  const { steps, outcomes } = more ? decide(due, deciding) : sketch
  const carried = new Set(steps.flatMap(step => step.deliveries))
  for (const { event, done } of due) {
    if (!carried.has(event.id) && !outcomes.has(event.id)) outcomes.set(event.id, nothingLeft(done))
  }
  for (const id of outcomes.keys()) round.settled.add(id)
  await recordOutcomes(context.pool, round.lane, outcomes)
  round.queue.unshift(...steps)
}

/** Loads what the vendor was last given of the subjects, where that is not known yet. @returns whether there was any */
async function recall(context: DrainContext, round: Round, subjects: readonly string[]): Promise<boolean> {
  const unknown = [...new Set(subjects)].filter(subject => !round.memories.has(subject))
  const found = await memoriesOf(context.pool, round.lane, unknown)
  for (const [subject, memory] of found) round.memories.set(subject, memory)
  return found.size > 0
}

/** A plan without a step: everything was done in earlier attempts, or the vendor's plan is at fault. */
function nothingLeft(done: readonly string[]): Outcome {
  if (done.length > 0) return { state: 'delivered', message: null }
  return { state: 'dead', reason: 'not_plannable', message: DEAD_REASONS.not_plannable }
}

async function carryOut(context: DrainContext, round: Round, planned: Step): Promise<boolean> {
  const { lane, connection } = round
  const step = moved(planned, context.vendorBaseUrls[connection.vendor.id])
  const startedAt = new Date()
  const sent = await context.sender.send(step.request)
  const durationMs = Date.now() - startedAt.getTime()
  const readings = readingsOf(context, round, step, sent)
  const outcomes = new Map<string, Outcome>()
  for (const [id, reading] of readings) {
    const outcome = outcomeOf(round, id, reading)
    if (outcome) outcomes.set(id, outcome)
  }
  const numbers = new Map(step.deliveries.map(id => [id, (round.due.get(id)?.attempts ?? 0) + 1]))
  await recordExchange(
    context.pool,
    lane,
    { step, sent, startedAt, durationMs, readings },
    numbers,
    outcomes,
    connection,
  )
  for (const id of outcomes.keys()) round.settled.add(id)
  markDone(round, step, readings)
  // What the vendor has of it is another now: a plan made again reads it anew.
  if (step.leaves) round.memories.delete(step.leaves.subject)
  logReadings(context, round, step, readings)
  await replan(context, round, readings)
  return laneGoesOn(context, round, [...readings.values()])
}

/** The step at the address to which it really goes: a story that names another would mislead. */
function moved(step: Step, baseUrl: string | undefined): Step {
  return { ...step, request: { ...step.request, url: rebased(step.request.url, baseUrl) } }
}

/** What an attempt has done is not planned again within it. */
function markDone(round: Round, { name }: Step, readings: ReadonlyMap<string, Reading>): void {
  for (const [id, reading] of readings) {
    const due = round.due.get(id)
    if (due && reading.kind === 'delivered') round.due.set(id, { ...due, done: [...due.done, name] })
  }
}

function readingsOf(
  context: DrainContext,
  { connection, lane }: Round,
  step: Step,
  sent: Sent,
): Map<string, Reading> {
  const all = (reading: Reading) => new Map(step.deliveries.map(id => [id, reading]))
  const { vendor } = connection
  const unreadable = (log: string): Reading => ({
    kind: 'retry',
    merchant: `${vendor.name} could not be reached. Sluice sends this again by itself.`,
    log,
  })
  if ('failure' in sent) return all(unreadable(`${vendor.name}: ${sent.failure}`))
  try {
    const readings = vendor.read(step, sent.answer)
    const hidden = (reading: Reading) =>
      withoutSecrets(reading, [...connection.secrets, ...(step.personal ?? [])])
    if (readings instanceof Map)
      return new Map(
        step.deliveries.map(id => [
          id,
          hidden(readings.get(id) ?? unreadable('the answer says nothing about this event')),
        ]),
      )
    return all(hidden(readings as Reading))
  } catch (error) {
    context.log.error({ lane: laneKey(lane), step: step.name, err: error }, 'an answer could not be read')
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

/** What a reading decides for a delivery; null when it has further steps or is planned again. */
function outcomeOf(round: Round, id: string, reading: Reading): Outcome | null {
  switch (reading.kind) {
    case 'delivered': {
      const more = round.queue.some(step => step.deliveries.includes(id))
      return more ? null : { state: 'delivered', message: reading.merchant ?? null }
    }
    case 'skip':
      return { state: 'skipped', reason: reading.reason, message: reading.merchant }
    case 'dead':
      return { state: 'dead', reason: reading.reason, message: reading.merchant }
    case 'refused':
      return { state: 'held', reason: 'refused', message: reading.merchant }
    case 'learned':
      return (round.learned.get(id)?.length ?? 0) < REPLANS
        ? null
        : retryOf(round, id, reading.merchant, undefined)
    case 'retry':
      return retryOf(round, id, reading.merchant, reading.notBefore)
  }
}

function retryOf(round: Round, id: string, message: string, notBefore: Date | undefined): Outcome {
  const due = round.due.get(id)
  const now = new Date()
  const at = nextAttempt((due?.attempts ?? 0) + 1, now, due?.since ?? now, notBefore)
  if (!at) return { state: 'dead', reason: 'gave_up', message: DEAD_REASONS.gave_up }
  return { state: 'retry', dueAt: at, reason: 'transient', message }
}

/** Plans again, at once, the deliveries about which the answer taught something. */
async function replan(
  context: DrainContext,
  round: Round,
  readings: ReadonlyMap<string, Reading>,
): Promise<void> {
  for (const [id, reading] of readings) {
    const due = round.due.get(id)
    if (reading.kind !== 'learned' || round.settled.has(id) || !due) continue
    round.learned.set(id, [...(round.learned.get(id) ?? []), reading.fact])
    round.queue = round.queue.filter(step => !step.deliveries.includes(id))
    await plan(context, round, [due])
  }
}

async function laneGoesOn(
  context: DrainContext,
  round: Round,
  readings: readonly Reading[],
): Promise<boolean> {
  if (readings.some(reading => reading.kind === 'refused')) return false
  const retry = readings.find(reading => reading.kind === 'retry')
  round.failures = retry ? round.failures + 1 : 0
  if (retry?.kind === 'retry' && retry.wholeLane) {
    await pauseLane(context.pool, round.lane, pauseEnd(new Date(), retry.notBefore, REST_MS))
    return false
  }
  if (round.failures >= FAILURES_BEFORE_REST) {
    await pauseLane(context.pool, round.lane, new Date(Date.now() + REST_MS))
    return false
  }
  return true
}

/** A fact learned is no failure: the delivery goes on with it. */
function logReadings(
  context: DrainContext,
  { lane }: Round,
  step: Step,
  readings: ReadonlyMap<string, Reading>,
) {
  const bad = [...readings.values()].find(reading => reading.kind !== 'delivered')
  const line = { lane: laneKey(lane), step: step.name, deliveries: step.deliveries.length }
  if (!bad) context.log.debug(line, 'delivered')
  else if (bad.kind === 'learned') context.log.info({ ...line, reason: bad.log }, 'planned again')
  else context.log.warn({ ...line, outcome: bad.kind, reason: bad.log }, 'not delivered')
}

async function stillOpen(context: DrainContext, lane: Lane): Promise<boolean> {
  const row = await connectionRow(context.pool, lane.shopId, lane.vendor)
  return row?.enabled === true && row.attention === null
}

/** Fills the events in; those whose order is unknown wait for it a while, and are then skipped. */
async function fill(
  context: DrainContext,
  { lane, shop }: LaneInUse,
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
  await recordOutcomes(context.pool, lane, waiting)
  return ready
}
