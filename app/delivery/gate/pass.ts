/** A pass: permits in hand. What their requests come to is noted here, and settled in one transaction when it is closed. */
import type { Pool } from 'pg'
import type { Log } from '../../log.ts'
import type { Announcement, Limit, VendorAnswer } from '../../vendors/vendor.ts'
import { type Lane, laneKey } from '../lane.ts'
import { type Announced, announce, block, settle, USABLE_MS } from './allowance.ts'
import type { Circuits, Probe } from './circuits.ts'
import type { Clock } from './clock.ts'
import { type Allowance, type Asking, concerned } from './keys.ts'
import { changeAllowances, type States } from './store.ts'

/** What one request came to. */
export type Result = {
  /** Null: none came. */
  answer: VendorAnswer | null
  /** A transient failure: network, time-out, 5xx, no JSON. Not a 429, nor another 4xx. */
  failed: boolean
  /** The reading's: when the vendor says the next request may come. */
  notBefore?: Date
  /** The reading's: the wait concerns everything sent with these credentials. */
  wholeLane?: boolean
  /** How long the request took; a failure that took long weighs more. Not given: since the permits were. */
  durationMs?: number
}

export type Pass = {
  kind: 'go'
  /** How many requests it is good for. */
  permits: number
  /** A circuit is being tried: its one request decides whether it closes. */
  probe: boolean
  /**
   * Asked right before each request: takes one permit. False when none is left, when they are too old, when an answer
   * said to slow down, or a circuit opened: nothing more is sent with this pass.
   */
  take(): boolean
  /** Called instead of `answered` when the request was not made after all: the permit is free again. */
  untake(): void
  /** Called once for each request made. Never throws. */
  answered(result: Result): void
  /** Writes down what is known so far, so that others see it; also done at once for what others must know at once. */
  flush(): Promise<void>
  /**
   * The same, and gives back what was not used; harmless when repeated.
   * @throws when the database does not take it: the permits then count as if the process had died
   */
  close(): Promise<void>
}

/** `startedAt`: by the monotonic clock, before the permits were asked for. */
export type PassParts = {
  pool: Pool
  log: Log
  clock: Clock
  circuits: Circuits
  lane: Lane
  asking: Asking
  allowances: readonly Allowance[]
  id: string
  permits: number
  probe: Probe | null
  startedAt: number
}

/** A result as noted, with the monotonic time. */
type Noted = {
  at: number
  tookMs: number
  answered: boolean
  /** Ms to wait from `at`, undefined when no time was said; null: not told to slow down. */
  slowDown: { wait: number | undefined } | null
  said: Announcement | null
  /** Ms from `at` to the reset that was announced. */
  reset: number | undefined
}

export function createPass(parts: PassParts): Pass {
  const { clock, circuits, lane, allowances, permits, startedAt } = parts
  const results: Noted[] = []
  const opening = new Set<string>()
  let probe = parts.probe
  let outcome: 'closed' | 'failed' | null = null
  let taken = 0
  let ended = 0
  let stopped = false
  let closed = false
  /** Whether unused permits may still be given back, and whether the permits are known to be as they were left. */
  let giveBack = true
  let certain = true
  let tail: Promise<void> = Promise.resolve()

  /** One after another: each settles what the one before left. */
  function settleNext(final: boolean): Promise<void> {
    tail = tail.catch(() => {}).then(() => settleAll(final))
    return tail
  }

  async function settleAll(final: boolean): Promise<void> {
    const keys = [...opening]
    await circuits.open(keys)
    for (const key of keys) opening.delete(key)
    if (probe && (outcome || final)) {
      const mine = probe
      await circuits.endProbe(mine, lane, outcome ?? 'untried')
      probe = null
    }
    const count = results.length
    const unused = final && giveBack ? Math.max(0, permits - Math.max(taken, ended)) : 0
    if (final) giveBack = false
    if (allowances.length === 0 || count + unused === 0) return
    // After a failure nobody knows whether it was committed: ends are then counted beside the permits, not for them.
    const id = certain ? parts.id : ''
    certain = false
    await settleResults(parts, id, results.slice(0, count), unused)
    certain = id !== ''
    results.splice(0, count)
  }

  function inBackground(): void {
    settleNext(false).catch(error => {
      parts.log.warn({ lane: laneKey(lane), err: error }, 'what answers said is not kept yet')
    })
  }

  return {
    kind: 'go',
    permits,
    probe: probe !== null,

    take() {
      const limited = allowances.length > 0 || parts.probe !== null
      if (closed || stopped || taken >= permits) return false
      if (limited && clock.monotonic() - startedAt > USABLE_MS) return false
      if (parts.probe === null && circuits.isOpen(lane)) return false
      taken += 1
      return true
    },

    untake() {
      taken -= 1
    },

    answered(result) {
      ended += 1
      const noted = noteOf(parts, result)
      results.push(noted)
      for (const key of circuits.note(lane, result.failed, noted.tookMs)) opening.add(key)
      if (parts.probe) outcome = result.failed ? 'failed' : 'closed'
      const usedUp = noted.slowDown !== null || noted.said?.remaining === 0
      if (usedUp) stopped = true
      if (usedUp || opening.size > 0 || (probe && outcome)) inBackground()
    },

    flush: () => settleNext(false),

    close() {
      closed = true
      return settleNext(true)
    },
  }
}

function noteOf({ clock, asking, log, lane, startedAt }: PassParts, result: Result): Noted {
  const { answer, notBefore, wholeLane, durationMs } = result
  const at = clock.monotonic()
  const heardAt = answer?.receivedAt.getTime() ?? Date.now()
  const waitOf = (date: Date | undefined) => finite(date && date.getTime() - heardAt)
  let said: Announcement | null = null
  try {
    said = (answer && asking.vendor.announces?.(answer, asking.settings)) ?? null
  } catch (error) {
    log.error({ lane: laneKey(lane), err: error }, 'what an answer announces could not be read')
  }
  return {
    at,
    tookMs: finite(durationMs) ?? at - startedAt,
    answered: answer !== null,
    slowDown: wholeLane ? { wait: waitOf(notBefore) } : null,
    said,
    reset: waitOf(said?.resetAt),
  }
}

/** Applies results to all allowances of the pass, and gives the unused permits back. */
async function settleResults(
  { pool, clock, allowances }: PassParts,
  id: string,
  results: readonly Noted[],
  unused: number,
): Promise<void> {
  // Before the database's clock is read: what happened so long before that then happened rather later than earlier.
  const here = clock.monotonic()
  await changeAllowances(pool, clock, allowances, (states, now) => {
    const timeOf = (at: number) => now - Math.max(0, here - at)
    const ends = results.map(({ at, answered }) => ({ at: timeOf(at), answered }))
    change(states, allowances, state => settle(state, id, ends, unused))
    for (const { at, slowDown, said } of results) {
      const about = said?.scope && allowances.filter(each => each.scope === said.scope)
      const blocked = about && about.length > 0 ? about : allowances
      if (slowDown) change(states, blocked, state => block(state, timeOf(at), slowDown.wait))
    }
    for (const result of [...results].sort((a, b) => a.at - a.tookMs - (b.at - b.tookMs)))
      applySaid(states, allowances, result, timeOf)
    return states
  })
}

function applySaid(
  states: States,
  allowances: readonly Allowance[],
  { at, tookMs, said, reset }: Noted,
  timeOf: (at: number) => number,
): void {
  const about = said && concerned(allowances, said.scope)
  if (!about) return
  const limit = count(said.limit)
  const remaining = count(said.remaining)
  const announced: Announced = {
    at: timeOf(at - tookMs),
    heardAt: timeOf(at),
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(reset !== undefined && { wait: reset }),
  }
  change(states, [about], state => announce(state, about.rule, announced))
}

function change(
  states: States,
  allowances: readonly Allowance[],
  to: (state: NonNullable<ReturnType<States['get']>>) => NonNullable<ReturnType<States['get']>>,
): void {
  for (const { key } of allowances) {
    const state = states.get(key)
    if (state) states.set(key, to(state))
  }
}

const finite = (value: number | undefined) =>
  value !== undefined && Number.isFinite(value) ? value : undefined

/** A whole number from 0, else nothing was said: headers may hold anything. */
const count = (value: Limit['requests'] | undefined) =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
