/**
 * Deciding: from the due deliveries of one lane to the requests to send and the deliveries that need none.
 * Pure. The order of questions is the order in which an explanation reads: consent, newest state, the
 * vendor's own plan, unchanged.
 */
import { createHash } from 'node:crypto'
import type { StoreEvent } from '../events/store-event.ts'
import type { Json, Plan, Planned, ShopFacts, Step, Vendor } from '../vendors/vendor.ts'
import { DEAD_REASONS, type Outcome, skipped } from './outcome.ts'

/** A delivery whose time has come. */
export type Due = {
  event: StoreEvent
  attempts: number
  /** Names of steps done in earlier attempts. */
  done: readonly string[]
  /** When trying began: the give-up horizon counts from here. */
  since: Date
  /** Asked for again by a person: sent even if the vendor already has exactly this. */
  replayed: boolean
}

/** What the vendor was last given of a subject, and the event that it came from. */
export type Remembered = { version: string | null; fingerprint: string; eventId: string }

export type Decision = { steps: Step[]; outcomes: Map<string, Outcome> }

export type Deciding = {
  vendor: Vendor<unknown>
  settings: unknown
  shop: ShopFacts
  /** By subject. */
  memories: ReadonlyMap<string, Remembered>
  /** Facts learned a moment ago, by event id. */
  learned?: ReadonlyMap<string, readonly string[]>
}

export function decide(due: readonly Due[], deciding: Deciding): Decision {
  const outcomes = new Map<string, Outcome>()
  const allowed = due.filter(delivery => {
    const refusal = withoutConsent(delivery.event, deciding.vendor)
    if (refusal) outcomes.set(delivery.event.id, refusal)
    return !refusal
  })
  const newest = allowed.filter(delivery => {
    const stale = superseded(delivery, allowed, deciding)
    if (stale) outcomes.set(delivery.event.id, stale)
    return !stale
  })
  const plan = planAll(newest, deciding, outcomes)
  for (const skip of plan.skips) outcomes.set(skip.delivery, skipped(skip.reason, skip.detail))
  const current = withoutOutdated(plan.steps, outcomes)
  return { steps: withoutUnchanged(current, due, deciding, outcomes), outcomes }
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

/** A storefront event goes out only with every purpose that its row needs; a webhook is no visit of a browser. */
function withoutConsent(event: StoreEvent, vendor: Vendor<unknown>): Outcome | null {
  if (event.source !== 'storefront' && event.source !== 'pixel') return null
  const missing =
    vendor.rows[event.type]?.purposes.filter(purpose => event.actor.consent[purpose] !== true) ?? []
  return missing.length > 0 ? skipped('no_consent', missing.join(', ')) : null
}

/** Newest wins, among what waits and against what was delivered. Equal versions: the one received later wins. */
function superseded(
  delivery: Due,
  all: readonly Due[],
  { vendor, settings, memories }: Deciding,
): Outcome | null {
  const subject = vendor.stateOf(delivery.event, settings)
  if (subject === null) return null
  const newer = all.some(
    other => vendor.stateOf(other.event, settings) === subject && isNewer(other.event, delivery.event),
  )
  const delivered = memories.get(subject)
  return newer || (delivered && isStale(delivery.event, delivered)) ? skipped('superseded') : null
}

/** Older than what the vendor has. Shopify's versions have whole seconds: within one, the order of receipt counts. */
function isStale(event: StoreEvent, delivered: Remembered): boolean {
  if (event.version === null || delivered.version === null) return false
  const byVersion = Date.parse(event.version) - Date.parse(delivered.version)
  return byVersion < 0 || (byVersion === 0 && event.id < delivered.eventId)
}

function isNewer(a: StoreEvent, b: StoreEvent): boolean {
  const byVersion = Date.parse(a.version ?? a.occurredAt) - Date.parse(b.version ?? b.occurredAt)
  return byVersion > 0 || (byVersion === 0 && a.id > b.id)
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
  const { vendor, settings, shop, memories, learned } = deciding
  const planned = batch.map(({ event, done }): Planned => {
    const subject = vendor.stateOf(event, settings)
    const memory = (subject && memories.get(subject)) || null
    return {
      event,
      done,
      memory: memory && { version: memory.version },
      learned: learned?.get(event.id) ?? [],
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

/**
 * Of steps that leave the same subject only the newest is sent, whatever they are steps of: a cart from before
 * the order must not fill again the basket that the order empties.
 */
function withoutOutdated(steps: readonly Step[], outcomes: Map<string, Outcome>): Step[] {
  const isOutdated = ({ leaves }: Step) =>
    steps.some(({ leaves: other }) => {
      if (!leaves?.version || !other?.version || other.subject !== leaves.subject) return false
      return Date.parse(other.version) > Date.parse(leaves.version)
    })
  const kept = steps.filter(step => !isOutdated(step))
  const carried = new Set(kept.flatMap(step => step.deliveries))
  for (const id of steps.flatMap(step => step.deliveries)) {
    if (!carried.has(id)) outcomes.set(id, skipped('superseded'))
  }
  return kept
}

/**
 * Leaves out steps whose body the vendor already has. A delivery left without any step is `unchanged`, unless
 * an earlier attempt has done a part of it.
 */
function withoutUnchanged(
  steps: readonly Step[],
  due: readonly Due[],
  { memories }: Deciding,
  outcomes: Map<string, Outcome>,
): Step[] {
  const replayed = new Set(due.flatMap(delivery => (delivery.replayed ? [delivery.event.id] : [])))
  const kept = steps.filter(step => {
    if (step.deliveries.some(id => replayed.has(id))) return true
    const remembered = step.leaves && memories.get(step.leaves.subject)
    return !remembered || remembered.fingerprint !== fingerprint(step.request.body)
  })
  const carried = new Set(kept.flatMap(step => step.deliveries))
  const dropped = new Set(steps.flatMap(step => step.deliveries))
  for (const { event, done } of due) {
    const nothingLeft = dropped.has(event.id) && !carried.has(event.id)
    if (nothingLeft && done.length === 0) outcomes.set(event.id, skipped('unchanged'))
  }
  return kept
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}
