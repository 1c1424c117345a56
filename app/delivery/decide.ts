/**
 * Deciding: from the due deliveries of one lane to the requests to send and the deliveries that need none.
 * Pure. The order of questions is the order in which an explanation reads: consent, newest state, the
 * vendor's own plan, unchanged.
 */
import { createHash } from 'node:crypto'
import type { StoreEvent } from '../events/store-event.ts'
import { missingPurposes } from '../vendors/purposes.ts'
import type { SkipReason } from '../vendors/reasons.ts'
import type { Json, Plan, Planned, ShopFacts, Step, Vendor } from '../vendors/vendor.ts'
import { DEAD_REASONS, type Outcome, skipped } from './outcome.ts'
import { isStale, newestFirst, withoutOutdated } from './states.ts'
import { isToldByWebhook } from './told.ts'

const LACKS: ReadonlySet<SkipReason> = new Set([
  'no_email',
  'no_person',
  'no_visitor',
  'missing_field',
  'no_product_identifier',
  'too_large',
])

/** A delivery whose time has come. */
export type Due = {
  event: StoreEvent
  attempts: number
  /** Names of steps done in earlier attempts. */
  done: readonly string[]
  /** When Shopify noticed what the event tells, if it said so. */
  triggeredAt: Date | null
  /** The first attempt, since the last release or replay, by this process's clock; null: none yet. The give-up horizon counts from here. */
  since: Date | null
  /** Asked for again by a person: sent even if the vendor already has exactly this. */
  replayed: boolean
}

/** What the vendor was last given of a subject, and the event that it came from. */
export type Remembered = {
  version: string | null
  fingerprint: string
  eventId: string
  triggeredAt: Date | null
}

export type Decision = { steps: Step[]; outcomes: Map<string, Outcome> }

/** What says which purposes an event needs. */
export type Needing = { vendor: Pick<Vendor<unknown>, 'rows'>; settings: unknown }

export type Deciding = {
  vendor: Vendor<unknown>
  settings: unknown
  shop: ShopFacts
  now: Date
  /** By subject. */
  memories: ReadonlyMap<string, Remembered>
  /** Facts learned a moment ago, by event id. */
  learned?: ReadonlyMap<string, readonly string[]>
}

export function decide(due: readonly Due[], deciding: Deciding): Decision {
  const outcomes = new Map<string, Outcome>()
  // They are never made due by themselves, but a person may ask for them again.
  const told = due.filter(({ event }) => isToldByWebhook(event))
  for (const { event } of told) outcomes.set(event.id, skipped('told_by_webhook'))
  const steps = planNewest(
    told.length > 0 ? due.filter(each => !told.includes(each)) : due,
    deciding,
    outcomes,
  )
  const current = withoutOutdated(steps, deciding.memories)
  leaveOut(steps, current, 'superseded', { due, outcomes })
  const changed = withoutUnchanged(current, due, deciding.memories)
  leaveOut(current, changed, 'unchanged', { due, outcomes })
  return { steps: changed, outcomes }
}

/** SHA-256 of a request body, the same for the same JSON whatever the order of its keys. */
export function fingerprint(body: Json | undefined): string {
  return createHash('sha256')
    .update(canonical(body ?? null))
    .digest('hex')
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

/**
 * An event goes out only with the consent that its row needs, by the shop's choice.
 * @returns null when the event's own consent allows all that its row needs
 */
export function withoutConsent(event: StoreEvent, { vendor, settings }: Needing): Outcome | null {
  const missing = missingPurposes(event, vendor, settings, event.type)
  return missing.length > 0 ? skipped('no_consent', missing.join(', ')) : null
}

/**
 * Newest wins, among what waits and against what was delivered. Of the states of one subject the newest is
 * planned first. It supersedes the older ones unless it lacks what an older one may have (a cart without a person);
 * a verdict, such as a consent withdrawn, holds for the older ones too.
 */
function planNewest(due: readonly Due[], deciding: Deciding, outcomes: Map<string, Outcome>): Step[] {
  const { vendor, settings, memories } = deciding
  const groups = new Map<string, Due[]>()
  const steps: Step[] = []
  for (const delivery of due) {
    const subject = vendor.stateOf(delivery.event, settings)
    const delivered = subject === null ? undefined : memories.get(subject)
    if (subject !== null && delivered && isStale(delivery, delivered)) {
      steps.push(...leftOver(delivery, subject, deciding, outcomes))
      continue
    }
    const group = subject ?? `alone:${delivery.event.id}`
    groups.set(group, [...(groups.get(group) ?? []), delivery])
  }
  const waiting = new Map([...groups].map(([group, states]) => [group, states.toSorted(newestFirst)]))
  while (waiting.size > 0) {
    const heads = [...waiting.values()].flatMap(states => states[0] ?? [])
    for (const { event } of heads) {
      const refusal = withoutConsent(event, deciding)
      if (refusal) outcomes.set(event.id, refusal)
    }
    const plan = planAll(
      heads.filter(({ event }) => !outcomes.has(event.id)),
      deciding,
      outcomes,
    )
    for (const skip of plan.skips) outcomes.set(skip.delivery, skipped(skip.reason, skip.detail))
    steps.push(...plan.steps)
    for (const [group, [head, ...older]] of waiting) {
      if (head && isLacking(outcomes.get(head.event.id)) && older.length > 0) {
        waiting.set(group, older)
        continue
      }
      waiting.delete(group)
      for (const state of older) steps.push(...leftOver(state, group, deciding, outcomes))
    }
  }
  return inOrderOf(due, steps)
}

/** Whether a state is left out for want of something that an older state of the same thing may have. */
function isLacking(outcome: Outcome | undefined): boolean {
  if (outcome?.state === 'skipped') return LACKS.has(outcome.reason)
  return outcome?.state === 'dead'
}

/** What a superseded delivery still has to do: the steps beside its state, once an earlier attempt has sent that. */
function leftOver(
  delivery: Due,
  subject: string,
  deciding: Deciding,
  outcomes: Map<string, Outcome>,
): Step[] {
  const { done } = delivery
  const planned = (one: Due) => tryPlan([one], deciding, outcomes)?.steps ?? []
  const isState = ({ leaves }: Step) => leaves?.subject === subject
  const whole = done.length > 0 ? planned({ ...delivery, done: [] }) : []
  const begun = whole.some(step => isState(step) && done.includes(step.name))
  // Planned with what is done: to a vendor the whole of it would look like a state that follows another.
  const rest = begun ? planned(delivery) : []
  const left = rest.filter(step => !isState(step) && !done.includes(step.name))
  if (left.length === 0) outcomes.set(delivery.event.id, skipped('superseded'))
  return left
}

/** Steps in the order of the deliveries that they carry. */
function inOrderOf(due: readonly Due[], steps: readonly Step[]): Step[] {
  const place = new Map(due.map((delivery, index) => [delivery.event.id, index]))
  const first = (step: Step) => Math.min(...step.deliveries.map(id => place.get(id) ?? 0))
  return steps.toSorted((a, b) => first(a) - first(b))
}

/** Plans in batches as large as the vendor takes. Events that make a plan throw die alone, not with their batch. */
function planAll(due: readonly Due[], deciding: Deciding, outcomes: Map<string, Outcome>): Plan {
  const size = deciding.vendor.limits(deciding.settings).batch
  const plans = chunks(due, size).flatMap(
    batch =>
      tryPlan(batch, deciding, outcomes) ?? batch.flatMap(one => tryPlan([one], deciding, outcomes) ?? []),
  )
  return { steps: plans.flatMap(plan => plan.steps), skips: plans.flatMap(plan => plan.skips) }
}

function tryPlan(batch: readonly Due[], deciding: Deciding, outcomes: Map<string, Outcome>): Plan | null {
  const { vendor, settings, shop, memories, learned, now } = deciding
  const planned = batch.map(({ event, done, replayed }): Planned => {
    const subject = vendor.stateOf(event, settings)
    const memory = (subject && memories.get(subject)) || null
    return {
      event,
      done,
      memory: memory && { version: memory.version, eventId: memory.eventId },
      learned: learned?.get(event.id) ?? [],
      replayed,
      plannedAt: now.toISOString(),
    }
  })
  try {
    return vendor.plan(planned, settings, shop)
  } catch (error) {
    const only = batch.length === 1 ? batch[0] : undefined
    if (only) outcomes.set(only.event.id, notPlannable(error))
    return null
  }
}

/** Dead for a fault of ours, named by its kind alone: the message of an error may hold the event. */
export function notPlannable(error: unknown): Outcome {
  const kind = error instanceof Error ? error.name : 'error'
  return { state: 'dead', reason: 'not_plannable', message: `${DEAD_REASONS.not_plannable} (${kind})` }
}

/** Without steps whose body the vendor already has, but for those that a person asked for again. */
function withoutUnchanged(
  steps: readonly Step[],
  due: readonly Due[],
  memories: ReadonlyMap<string, Remembered>,
): Step[] {
  const replayed = new Set(due.flatMap(delivery => (delivery.replayed ? [delivery.event.id] : [])))
  return steps.filter(step => {
    if (step.deliveries.some(id => replayed.has(id))) return true
    const remembered = step.leaves && memories.get(step.leaves.subject)
    return !remembered || remembered.fingerprint !== fingerprint(step.request.body)
  })
}

/**
 * Records why deliveries that were left without any step are not sent. One that an earlier attempt has done a
 * part of is not among them: the rest of it was dropped, so it is done.
 */
function leaveOut(
  before: readonly Step[],
  after: readonly Step[],
  reason: 'superseded' | 'unchanged',
  { due, outcomes }: { due: readonly Due[]; outcomes: Map<string, Outcome> },
): void {
  const begun = new Set(due.flatMap(({ event, done }) => (done.length > 0 ? [event.id] : [])))
  const carried = new Set(after.flatMap(step => step.deliveries))
  for (const id of before.flatMap(step => step.deliveries)) {
    if (!carried.has(id) && !begun.has(id)) outcomes.set(id, skipped(reason))
  }
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}
