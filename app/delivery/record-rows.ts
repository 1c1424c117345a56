/** What is recorded of an exchange, as rows: masked, scrubbed, ready to be written. Pure. Part of record.ts. */
import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { storable } from '../db/jsonb.ts'
import { hideSecrets, maskJson, maskSigning, scrub } from '../privacy/mask.ts'
import type { Reading, Step } from '../vendors/vendor.ts'
import { fingerprint } from './decide.ts'
import type { Lane } from './lane.ts'
import type { Outcome } from './outcome.ts'
import type { Sent } from './send.ts'

/** How much of an answer that is not JSON is kept, in characters. */
const TEXT_LIMIT = 500

/** One step as it went. */
export type Exchange = {
  step: Step
  sent: Sent
  startedAt: Date
  durationMs: number
  /** Per event id. */
  readings: ReadonlyMap<string, Reading>
}

/** Where a delivery stands when a step carries it. */
export type Carried = {
  /** The attempt's number, from 1. */
  number: number
  /** The step's place within the attempt, from 0. */
  part: number
  /** When Shopify noticed what the event tells. */
  triggeredAt: Date | null
  /** What the event is about. */
  subject: string | null
}

/** Everything one exchange, or one decision without a request, changes. */
export type Recording = {
  exchanges: ExchangeRow[]
  memories: MemoryRow[]
  deliveries: DeliveryChange[]
}

type Key = { shop_id: number; vendor: string }
type ExchangeRow = Key & {
  id: string
  started_at: Date
  duration_ms: number
  request: unknown
  response: unknown
  error: string | null
}
type MemoryRow = Key & {
  subject: string
  event_subject: string | null
  version: string | null
  fingerprint: string
  event_id: string
  triggered_at: Date | null
}
/** What has changed in a delivery: by an attempt, by an outcome, or by both. What is not there does not change. */
export type DeliveryChange = Key & { event_id: string } & Partial<AttemptColumns> & Partial<OutcomeColumns>
type AttemptColumns = {
  number: number
  part: number
  step: string
  /** Whether the step was done. */
  done: boolean
  /** Not there: the attempt counts, and nothing else is kept of it. */
  exchange_id: string
  outcome: string
  told: string
  log: string
}
type OutcomeColumns = {
  state: string
  reason: string
  message: string
  /** By this process's clock. */
  due_at: Date
}

/** Outcomes that needed no request. */
export function decisionsOf(lane: Lane, outcomes: ReadonlyMap<string, Outcome>): Recording {
  const deliveries = [...outcomes].map(([id, outcome]) => ({
    ...keyOf(lane),
    event_id: id,
    ...columnsOf(outcome),
  }))
  return { exchanges: [], memories: [], deliveries }
}

/**
 * @param secrets values to mask wherever they stand
 * @param outcomes of the deliveries that this step decided; the others have further steps to go
 */
export function recordingOf(
  lane: Lane,
  exchange: Exchange,
  carried: ReadonlyMap<string, Carried>,
  outcomes: ReadonlyMap<string, Outcome>,
  secrets: readonly string[],
): Recording {
  const { step, readings } = exchange
  const key = keyOf(lane)
  const row = exchangeRow(lane, exchange, secrets)
  const isDone = (id: string) => readings.get(id)?.kind === 'delivered'
  return {
    exchanges: [row],
    memories: memoryOf(lane, step, step.deliveries.filter(isDone), carried),
    deliveries: step.deliveries.map(id => {
      const reading = readings.get(id)
      const outcome = outcomes.get(id)
      return {
        ...key,
        event_id: id,
        number: carried.get(id)?.number ?? 1,
        part: carried.get(id)?.part ?? 0,
        step: step.name,
        done: isDone(id),
        exchange_id: row.id,
        outcome: reading?.kind ?? 'retry',
        ...(reading?.merchant && { told: scrub(reading.merchant) }),
        ...(reading?.log && { log: scrub(reading.log) }),
        ...(outcome && columnsOf(outcome)),
      }
    }),
  }
}

const keyOf = ({ shopId, vendor }: Lane): Key => ({ shop_id: shopId, vendor })

function columnsOf(outcome: Outcome): Partial<OutcomeColumns> {
  return {
    state: outcome.state,
    ...('reason' in outcome && { reason: outcome.reason }),
    ...(outcome.message && { message: scrub(outcome.message) }),
    ...(outcome.state === 'retry' && { due_at: outcome.dueAt }),
  }
}

function memoryOf(
  lane: Lane,
  { leaves, request }: Step,
  succeeded: readonly string[],
  carried: ReadonlyMap<string, Carried>,
): MemoryRow[] {
  const newest = [...succeeded].sort().at(-1)
  if (!leaves || newest === undefined) return []
  const { triggeredAt = null, subject = null } = carried.get(newest) ?? {}
  const isOther = subject !== null && subject !== leaves.subject
  return [
    {
      ...keyOf(lane),
      subject: storable(leaves.subject),
      event_subject: isOther ? storable(subject) : null,
      version: leaves.version,
      fingerprint: fingerprint(request.body),
      event_id: newest,
      triggered_at: triggeredAt,
    },
  ]
}

function exchangeRow(
  lane: Lane,
  { step, sent, startedAt, durationMs }: Exchange,
  credentials: readonly string[],
): ExchangeRow {
  const secrets = secretsIn(step, credentials)
  return {
    ...keyOf(lane),
    id: uuidv7({ random: nextRandom() }),
    started_at: startedAt,
    duration_ms: durationMs,
    request: maskedRequest(step, secrets),
    response: 'answer' in sent ? responseOf(sent.answer, secrets) : null,
    error: 'failure' in sent ? sent.failure : null,
  }
}

function secretsIn({ personal }: Step, credentials: readonly string[]): readonly string[] {
  return personal?.length ? [...credentials, ...personal] : credentials
}

/** A request for people to look at: without credentials and without what is personal. */
export type MaskedRequest = { method: string; url: string; headers: Record<string, string>; body: unknown }

/** @param secrets values to hide wherever they stand: credentials, and a person's own words */
function maskedRequest({ request }: Step, secrets: readonly string[]): MaskedRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, hideSecrets(value, secrets)])
  return {
    method: request.method,
    url: scrub(hideSecrets(readable(request.url), secrets)),
    headers: maskSigning(Object.fromEntries(headers)),
    body: maskJson(request.body ?? null, secrets),
  }
}

/** A planned request as it would be stored once it was sent. */
export function shownRequest(step: Step, credentials: readonly string[]): MaskedRequest {
  return maskedRequest(step, secretsIn(step, credentials))
}

/** Random bytes are fetched many at a time: a call for sixteen costs as much as planning a request. Each is used once. */
let random = Buffer.alloc(0)
const RANDOM_BYTES = 16

function nextRandom(): Uint8Array {
  if (random.length < RANDOM_BYTES) random = randomBytes(RANDOM_BYTES * 256)
  const taken = random.subarray(0, RANDOM_BYTES)
  random = random.subarray(RANDOM_BYTES)
  return taken
}

function responseOf(answer: Extract<Sent, { answer: unknown }>['answer'], secrets: readonly string[]) {
  const { status, headers, body, text } = answer
  return {
    status,
    headers: maskJson(headers, secrets),
    body: body === null ? scrub(hideSecrets(text, secrets)).slice(0, TEXT_LIMIT) : maskJson(body, secrets),
  }
}

/** The address with letters instead of their codes, where these are well-formed. */
function readable(url: string): string {
  try {
    return decodeURI(url)
  } catch {
    return url
  }
}
