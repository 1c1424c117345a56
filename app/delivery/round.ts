/**
 * One round of a lane: its due deliveries decided, their steps sent as far side by side as the vendor allows and the
 * order of states permits, and each outcome recorded as it falls.
 */
import { NOBODY } from '../events/store-event.ts'
import type { Reading, Step } from '../vendors/vendor.ts'
import { logReadings, outcomesOf, readingsOf, resultOf } from './answers.ts'
import { pauseEnd } from './backoff.ts'
import { withoutBehind } from './behind.ts'
import { type ChainQueue, createChainQueue } from './chain-queue.ts'
import { chainsOf } from './chains.ts'
import type { Connection } from './connections.ts'
import { type Due, decide, type Remembered } from './decide.ts'
import type { DrainContext, DrainedShop } from './drain.ts'
import { memoriesOf } from './due.ts'
import { fillEvents } from './fill.ts'
import type { Lane } from './lane.ts'
import { DEAD_REASONS, type Outcome } from './outcome.ts'
import { type Permit, type Permits, permitsFor } from './permits.ts'
import { type Carried, decisionsOf, recordingOf } from './record-rows.ts'
import { rebased } from './send.ts'
import type { Pause, Turn } from './turn.ts'
import { withoutTwins } from './twins.ts'
import { leaveWaiting } from './unknown.ts'
import { withoutWithdrawn } from './withdrawn.ts'

/** The pause of a lane that was told to slow down without being told until when. */
const REST_MS = 10_000
/**
 * Answers that wait to be recorded while the next requests are sent already. Should the process die, so many requests
 * at most are sent again.
 */
const UNRECORDED = 32

export type LaneInUse = {
  lane: Lane
  connection: Connection
  shop: DrainedShop
  turn: Turn
  /** Breaks off requests in flight. */
  lost: AbortSignal
  /** Called when half of this round's requests, or more, are made. */
  ahead(): void
}

/** `pause`: how long the lane is to wait, if it was told to. */
type Halt = { pause: Pause | null }

/** The state of a round, changed as steps are carried out. */
type Round = LaneInUse & {
  due: Map<string, Due>
  memories: Map<string, Remembered>
  permits: Permits
  chains: ChainQueue
  /** Steps yet to send, and half of those there were. */
  left: number
  half: number
  /** Deliveries that are decided or must wait: their remaining steps are not sent. */
  settled: Set<string>
  /** Facts that answers taught, by event id. */
  learned: Map<string, string[]>
  /** Steps done within this attempt, by event id. */
  parts: Map<string, number>
  halt: Halt | null
  recording: Set<Promise<void>>
  /** What failed first: the round ends with it. */
  fault: { error: unknown } | null
}

/** @returns null when nothing ended it early */
export async function drainRound(
  context: DrainContext,
  inUse: LaneInUse,
  claimed: readonly Due[],
): Promise<Halt | null> {
  const { lane, connection } = inUse
  const { vendor, settings } = connection
  const allowed = await withoutWithdrawn(context, lane, connection, await fillEvents(context, inUse, claimed))
  const once = await withoutTwins(context, lane, inUse.shop.collectors ?? [], allowed)
  const due = await withoutBehind(context, lane, once, event => vendor.stateOf(event, settings))
  const round: Round = {
    ...inUse,
    due: new Map(due.map(d => [d.event.id, d])),
    memories: new Map(),
    permits: permitsFor(context.gate, lane, connection),
    chains: createChainQueue([]),
    left: 0,
    half: 0,
    settled: new Set(),
    learned: new Map(),
    parts: new Map(),
    halt: null,
    recording: new Set(),
    fault: null,
  }
  const steps = await plan(context, round, due)
  const chains = chainsOf(steps, id => {
    const { email, customerId, visitorId } = round.due.get(id)?.event.actor ?? NOBODY
    return email?.toLowerCase() ?? customerId ?? visitorId
  })
  round.chains = createChainQueue(chains)
  round.left = steps.length
  round.half = steps.length / 2
  const { concurrency } = vendor.limits(settings)
  try {
    const runners = Math.min(concurrency, chains.length)
    // One that fails stops the others after their requests in flight, whose answers are recorded all the same.
    const run = () => runChains(context, round).catch(error => fail(round, error))
    await Promise.all(Array.from({ length: runners }, run))
  } finally {
    await Promise.all(round.recording)
    await round.permits.close()
  }
  if (round.fault) throw round.fault.error
  return round.halt
}

/** Sends the next step of one chain after the other. One that may not go on is left where it is. */
async function runChains(context: DrainContext, round: Round): Promise<void> {
  for (let chain = await round.chains.next(); chain; chain = await round.chains.next()) {
    const step = nextStep(round, chain)
    if (!step) continue
    if (round.left <= round.half) round.ahead()
    // What an answer taught is known only within this round: its delivery would learn it again and again.
    const begun = step.deliveries.some(id => round.learned.has(id))
    if (!(await mayBegin(round, begun))) continue
    const permit = await round.permits.next(round.left + 1)
    if ('until' in permit) {
      round.halt ??= { pause: permit }
      continue
    }
    // The gate may have kept this waiting while the lane was switched off or given to another worker.
    if (await mayBegin(round, begun)) await carryOut(context, round, step, permit, chain)
    else permit.unused()
  }
}

/** Takes the chain's next step whose deliveries are not decided yet. */
function nextStep(round: Round, chain: Step[]): Step | undefined {
  for (let step = chain.shift(); step; step = chain.shift()) {
    round.left--
    if (!step.deliveries.some(id => round.settled.has(id))) return step
  }
  return undefined
}

function fail(round: Round, error: unknown): void {
  round.fault ??= { error }
}

async function mayBegin(round: Round, begun: boolean): Promise<boolean> {
  if (round.halt || round.fault) return false
  if (round.turn.leftMs() <= 0 && !begun) return false
  if (await round.turn.mayGoOn()) return true
  round.halt = { pause: null }
  return false
}

/** Decides the given deliveries, records those that need no request. @returns the steps of the others */
async function plan(context: DrainContext, round: Round, due: readonly Due[]): Promise<Step[]> {
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
  await leaveWaiting(context, round.lane, due, outcomes)
  if (outcomes.size > 0) await context.recorder.record(decisionsOf(round.lane, outcomes))
  return steps
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

/** Sends one step and records what became of it. @param chain the steps after it, changed when the answer teaches something */
async function carryOut(
  context: DrainContext,
  round: Round,
  planned: Step,
  permit: Permit,
  chain: Step[],
): Promise<void> {
  const { connection, lane } = round
  const baseUrl = context.vendorBaseUrls[connection.vendor.id]
  const step = moved(planned, baseUrl)
  const [startedAt, began] = [new Date(), performance.now()]
  const sent = await context.sender.send(step.request, baseUrl, round.lost)
  const durationMs = Math.round(performance.now() - began)
  const readings = readingsOf(context.log, connection, step, sent)
  permit.answered(resultOf(sent, readings.values(), durationMs))
  // Broken off because the lane is another's by now: whoever has it tries again.
  if ('failure' in sent && round.lost.aborted) return
  const outcomes = outcomesOf(readings, { ...round, chain })
  const carried = carriedBy(round, step)
  for (const id of outcomes.keys()) round.settled.add(id)
  markDone(round, step, readings)
  // What the vendor has of it is another now: a plan made again reads it anew.
  if (step.leaves) round.memories.delete(step.leaves.subject)
  logReadings(context.log, lane, step, readings)
  const exchange = { step, sent, startedAt, durationMs, readings }
  const recording = recordingOf(lane, exchange, carried, outcomes, connection.secrets)
  slowDown(round, [...readings.values()])
  const refused = [...readings.values()].find(reading => reading.kind === 'refused')
  if (refused) {
    round.halt = { pause: null }
    return context.recorder.recordRefusal(lane, recording, refused.merchant, connection.sealed)
  }
  const recorded = keep(round, context.recorder.record(recording))
  const taught = [...readings.values()].some(reading => reading.kind === 'learned')
  // What follows in the chain builds on this step: it must not be sent while this one may still be lost.
  const again = () => replan(context, round, readings, chain)
  const known = taught ? keep(round, recorded.then(again)) : recorded
  if (taught || chain.length > 0) round.chains.rest(chain, known)
  while (round.recording.size >= UNRECORDED) await Promise.race(round.recording)
}

/** Waits for it at the end of the round at the latest. @returns what never rejects: a failure ends the round */
function keep(round: Round, recording: Promise<void>): Promise<void> {
  const kept = recording.catch(error => fail(round, error)).finally(() => round.recording.delete(kept))
  round.recording.add(kept)
  return kept
}

/** The step at the address to which it really goes: a story that names another would mislead. */
function moved(step: Step, baseUrl: string | undefined): Step {
  return { ...step, request: { ...step.request, url: rebased(step.request.url, baseUrl) } }
}

function carriedBy(round: Round, { deliveries }: Step): Map<string, Carried> {
  return new Map(
    deliveries.map(id => {
      const due = round.due.get(id)
      const part = round.parts.get(id) ?? 0
      round.parts.set(id, part + 1)
      const { attempts = 0, triggeredAt = null } = due ?? {}
      return [id, { number: attempts + 1, part, triggeredAt, subject: due?.event.subject ?? null }]
    }),
  )
}

/** What an attempt has done is not planned again within it. */
function markDone(round: Round, { name }: Step, readings: ReadonlyMap<string, Reading>): void {
  for (const [id, reading] of readings) {
    const due = round.due.get(id)
    if (due && reading.kind === 'delivered') round.due.set(id, { ...due, done: [...due.done, name] })
  }
}

/** Plans again, at once, the deliveries about which the answer taught something. */
async function replan(
  context: DrainContext,
  round: Round,
  readings: ReadonlyMap<string, Reading>,
  chain: Step[],
): Promise<void> {
  for (const [id, reading] of readings) {
    const due = round.due.get(id)
    if (reading.kind !== 'learned' || round.settled.has(id) || !due) continue
    round.learned.set(id, [...(round.learned.get(id) ?? []), reading.fact])
    const others = chain.filter(step => !step.deliveries.includes(id))
    const steps = [...(await plan(context, round, [due])), ...others]
    round.left += steps.length - chain.length
    chain.splice(0, chain.length, ...steps)
  }
}

/** A limit that concerns the whole lane ends the round; other lanes with the same credentials hear of it by the gate. */
function slowDown(round: Round, readings: readonly Reading[]): void {
  const told = readings.find(reading => reading.kind === 'retry' && reading.wholeLane)
  if (told?.kind !== 'retry') return
  const now = new Date()
  const forMs = pauseEnd(now, told.notBefore, REST_MS).getTime() - now.getTime()
  round.halt ??= { pause: { forMs } }
}
