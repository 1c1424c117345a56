/**
 * The verifier: from what was sent, what the vendors received and what was done to the processes, to the
 * promises that were broken. Pure.
 */
import type { Disturbance, Evidence, Sighting, Wanted } from './evidence.ts'

export const VIOLATIONS = {
  lost: 'acknowledged, and never arrived',
  stale: 'an older state arrived after a newer one',
  unexplained_duplicate: 'arrived twice, and nothing happened that explains it',
  unasked: 'arrived, and nobody sent it',
  stuck: 'deliveries still open at the end',
  not_delivered: 'deliveries given up or held because of the chaos',
  armed: 'lanes that have a job although nothing is open',
  refused: 'ingest answered neither that it is kept nor that it should come again',
  crashed: 'a process ended although nobody ended it',
  slow_take_over: 'a killed worker’s lane went on later than 30 s after, though nothing else befell a worker',
  slow_to_stop: 'a process took longer than ten seconds and a little to stop',
} as const
export type Violation = { kind: keyof typeof VIOLATIONS; what: string }

export const EXPLANATIONS = {
  answer_spoiled: 'the vendor took it and its answer was lost or said otherwise',
  killed: 'the sender was killed between the answer and its record',
  outage: 'the database was down between the answer and its record',
  frozen: 'the sender was frozen between the answer and its record',
  woken: 'the sender woke up from a freeze, and another had taken over',
  ended_before_answer: 'the sender had to stop before the vendor answered',
} as const
export type Explanation = keyof typeof EXPLANATIONS

/** An event that arrived again, with the reason if there is one. */
export type Duplicate = {
  first: Sighting
  again: Sighting
  explanation: Explanation | null
  /** From the kill that explains it to the second arrival; null when anything else befell a worker meanwhile. */
  takenOverAfterMs: number | null
}
export type Verdict = { violations: Violation[]; duplicates: Duplicate[] }

/** An answer becomes a row within this, also on a machine where processes start all the time. */
const RECORD_MS = 3_000
/** For how long after it wakes up a frozen process may not know yet that its lane was given away. */
const WAKE_MS = 5_000

const TAKE_OVER_MS = 30_000
/** Ten seconds for what runs, and the rest for closing connections on a busy machine. */
const STOP_MS = 13_000

export function verify(evidence: Evidence): Verdict {
  const arrived = evidence.sightings.filter(sighting => sighting.accepted)
  const duplicates = duplicatesIn(arrived, evidence.disturbances)
  const violations = [
    ...lost(evidence.wanted, arrived),
    ...ordersWrong(evidence.wanted, arrived),
    ...unasked(evidence.wanted, arrived),
    ...unexplained(duplicates),
    ...wrongStates(evidence),
    ...evidence.armed.map((lane): Violation => ({ kind: 'armed', what: lane })),
    ...evidence.refused.map((what): Violation => ({ kind: 'refused', what })),
    ...evidence.crashes.map((what): Violation => ({ kind: 'crashed', what })),
    ...slowTakeOvers(duplicates),
    ...slow(evidence.terminations),
  ]
  return { violations, duplicates }
}

/** The parts of "transaction:501000000001:3"; null for what is no state of an order. */
export function orderState(key: string): { order: string; state: number } | null {
  const [kind, order = '', state] = key.split(':')
  return kind === 'transaction' ? { order, state: Number(state) } : null
}

const nameOf = ({ vendor, key }: { vendor: string; key: string }) => `${vendor} ${key}`

function lost(wanted: readonly Wanted[], arrived: readonly Sighting[]): Violation[] {
  const there = new Set(arrived.map(nameOf))
  return wanted
    .filter(one => one.acknowledged && orderState(one.key) === null && !there.has(nameOf(one)))
    .map(one => ({ kind: 'lost', what: nameOf(one) }))
}

/** Of an order's states the newest is what the vendor has at the end, and no older one came after a newer. */
function ordersWrong(wanted: readonly Wanted[], arrived: readonly Sighting[]): Violation[] {
  const newest = new Map<string, number>()
  for (const { key, acknowledged } of wanted) {
    const found = orderState(key)
    if (found && acknowledged) newest.set(found.order, Math.max(found.state, newest.get(found.order) ?? 0))
  }
  const received = new Map<string, number[]>()
  for (const { key } of inOrder(arrived)) {
    const found = orderState(key)
    if (found) received.set(found.order, [...(received.get(found.order) ?? []), found.state])
  }
  const missing = [...newest].flatMap(([order, state]): Violation[] => {
    const states = received.get(order) ?? []
    if (states.some(one => one >= state)) return []
    return [
      {
        kind: 'lost',
        what: `ecomail order ${order}: state ${state}, received ${states.join(', ') || 'none'}`,
      },
    ]
  })
  const backwards = [...received].flatMap(([order, states]): Violation[] => {
    const back = states.some((state, i) => state < (states[i - 1] ?? 0))
    return back ? [{ kind: 'stale', what: `ecomail order ${order}: received ${states.join(', ')}` }] : []
  })
  return [...missing, ...backwards]
}

function unasked(wanted: readonly Wanted[], arrived: readonly Sighting[]): Violation[] {
  const sent = new Set(wanted.map(nameOf))
  return arrived.filter(one => !sent.has(nameOf(one))).map(one => ({ kind: 'unasked', what: nameOf(one) }))
}

function unexplained(duplicates: readonly Duplicate[]): Violation[] {
  return duplicates
    .filter(({ explanation }) => explanation === null)
    .map(({ first, again }) => ({
      kind: 'unexplained_duplicate',
      what: `${nameOf(first)}: by ${first.sender} at ${time(first.at)}, by ${again.sender} at ${time(again.at)}`,
    }))
}

const time = (at: number) => new Date(at).toISOString().slice(11, 23)

function wrongStates({ deliveries }: Evidence): Violation[] {
  return deliveries.flatMap(({ vendor, state, reason, count }): Violation[] => {
    const what = `${count} of ${vendor} ${state}${reason ? ` (${reason})` : ''}`
    if (state === 'pending' || state === 'retry') return [{ kind: 'stuck', what }]
    return state === 'dead' || state === 'held' ? [{ kind: 'not_delivered', what }] : []
  })
}

function slowTakeOvers(duplicates: readonly Duplicate[]): Violation[] {
  return duplicates.flatMap(({ first, takenOverAfterMs: ms }): Violation[] =>
    ms !== null && ms > TAKE_OVER_MS
      ? [{ kind: 'slow_take_over', what: `${nameOf(first)}: ${(ms / 1000).toFixed(1)} s` }]
      : [],
  )
}

function slow(terminations: readonly number[]): Violation[] {
  return terminations
    .filter(ms => ms > STOP_MS)
    .map(ms => ({ kind: 'slow_to_stop', what: `${(ms / 1000).toFixed(1)} s` }))
}

function inOrder(sightings: readonly Sighting[]): Sighting[] {
  return sightings.toSorted((a, b) => a.seq - b.seq)
}

function duplicatesIn(arrived: readonly Sighting[], disturbances: readonly Disturbance[]): Duplicate[] {
  const last = new Map<string, Sighting>()
  return inOrder(arrived).flatMap(again => {
    const first = last.get(nameOf(again))
    last.set(nameOf(again), again)
    return first ? [{ first, again, ...explain(first, again, disturbances) }] : []
  })
}

/** The first thing that stands between an answer and its record. */
function explain(
  first: Sighting,
  again: Sighting,
  disturbances: readonly Disturbance[],
): Pick<Duplicate, 'explanation' | 'takenOverAfterMs'> {
  if (first.answerSpoiled) return { explanation: 'answer_spoiled', takenOverAfterMs: null }
  const found = disturbances.flatMap(disturbance => {
    const explanation = explanationBy(disturbance, first, again)
    return explanation ? [{ explanation, disturbance }] : []
  })
  const [{ explanation, disturbance } = { explanation: null, disturbance: null }] = found
  if (explanation !== 'killed' || !disturbance) return { explanation, takenOverAfterMs: null }
  const isElse = (other: Disturbance) =>
    other !== disturbance &&
    !other.sender?.startsWith('web') &&
    other.to >= disturbance.to &&
    other.from <= again.at
  const alone = !disturbances.some(isElse)
  return { explanation, takenOverAfterMs: alone ? again.at - disturbance.to : null }
}

function explanationBy(disturbance: Disturbance, first: Sighting, again: Sighting): Explanation | null {
  const { kind, sender, from, to } = disturbance
  const beforeRecord = from <= first.answeredAt + RECORD_MS
  if (kind === 'outage') return beforeRecord && to >= first.at ? 'outage' : null
  if (sender === first.sender) {
    // A process that is asked to stop has the time to record an answer that it got.
    if (kind === 'terminated') return to < first.answeredAt ? 'ended_before_answer' : null
    // What a life sent that has ended was sent before, however late the vendor came to read it.
    return beforeRecord && (kind === 'killed' || to >= first.at) ? kind : null
  }
  const isWoken = kind === 'frozen' && sender === again.sender && from <= first.at
  return isWoken && again.at >= to && again.at <= to + WAKE_MS ? 'woken' : null
}
