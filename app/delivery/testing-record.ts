/** For tests of recording: what is recorded of an exchange; two shops with a lane of a tiny vendor each, and two deliveries in each. */
import { beforeEach } from 'vitest'
import { createLog } from '../log.ts'
import { answer, storeEvent } from '../vendors/testing.ts'
import type { Reading, Step, VendorRequest } from '../vendors/vendor.ts'
import { connectionRow } from './connections.ts'
import type { Lane } from './lane.ts'
import type { Outcome } from './outcome.ts'
import { createRecorder, type Recorder } from './record.ts'
import { decisionsOf, type Exchange, type Recording, recordingOf } from './record-rows.ts'
import type { Sent } from './send.ts'
import { deliveryOf, eventId, keepDelivery, TINY_SETTINGS, tinyStep } from './testing.ts'
import { twoShops } from './testing-shops.ts'

export const SECRET = TINY_SETTINGS.apiKey
const STARTED = new Date('2026-11-20T12:00:00.000Z')
const DELIVERED: Outcome = { state: 'delivered', message: null }
export const RETRY = {
  state: 'retry',
  dueAt: STARTED,
  reason: 'transient',
  message: 'Later.',
} as const satisfies Outcome

/** The events of the deliveries, which a person asked for again. */
export const [FIRST, SECOND] = [eventId(1), eventId(2)]

export const REQUEST: VendorRequest = {
  method: 'POST',
  url: `https://api.tiny.example/contacts?search=jane%2Bshop%40example.com&key=${SECRET}`,
  headers: { Authorization: `Bearer ${SECRET}`, 'X-Key': SECRET },
  body: { email: 'jane@example.com', first_name: 'Jane', phone: '+421900000001', total: 49.9 },
}

export type Recorded = {
  /** What differs about the step. */
  step?: Partial<Step>
  sent?: Sent
  readings?: Reading
  number?: number
  part?: number
  /** What the events are about. */
  subject?: string
  /** Null: it has steps to go. */
  outcome?: Outcome | null
  /** The credentials that were refused; those of the lane. */
  sealed?: string
}

/** The exchange that delivered event number `n` of the lane, or did what the reading says. */
export function recordingAt(lane: Lane, n: number, reading: Reading = { kind: 'delivered' }): Recording {
  const id = eventId(n)
  const search = storeEvent('search_submitted', { url: null, query: 'x' })
  const step = tinyStep({ ...search, id })
  const sent = { answer: answer(200) }
  const readings = new Map([[id, reading]])
  const exchange = { step, sent, startedAt: new Date(), durationMs: 1, readings }
  const outcome =
    reading.kind === 'refused'
      ? ({ state: 'held', reason: 'refused', message: reading.merchant } as const)
      : ({ state: 'delivered', message: null } as const)
  const carried = new Map([[id, { number: 1, part: 0, triggeredAt: null, subject: null }]])
  return recordingOf(lane, exchange, carried, new Map([[id, outcome]]), [])
}

/** Declares the set-up of a test file: call at its top level, and use what it returns inside tests only. */
export function recordedLanes() {
  let recorder: Recorder
  const shops = twoShops()
  const { pool, lane } = shops
  const rows = async (sql: string) => (await pool().query(sql)).rows
  /** The credentials of the lane as they are stored. */
  const sealedNow = async () => (await connectionRow(pool(), shops.one, 'tiny'))?.secrets ?? ''

  beforeEach(async () => {
    recorder = createRecorder(pool(), createLog('silent'))
    for (const id of [shops.one, shops.two]) {
      await shops.connect(id)
      for (const event of [FIRST, SECOND]) await keepDelivery(pool(), id, { replay: true }, { id: event })
    }
  })

  return {
    pool,
    lane,
    otherLane: () => lane(shops.two),
    rows,
    exchanges: () => rows('select shop_id, vendor, request, response, error from exchanges order by id'),
    attempts: () =>
      rows(
        'select shop_id, event_id, number, part, step, outcome, message, log from attempts order by 2, 3, 4',
      ),
    delivery: (id = FIRST, of = lane()) => deliveryOf(pool(), of.shopId, id),
    decide: (id: string, outcome: Outcome) => recorder.record(decisionsOf(lane(), new Map([[id, outcome]]))),

    /** Records an exchange of which every delivery had the same reading and outcome. */
    async record({
      step: over,
      sent = { answer: answer(200, { ok: true }) },
      readings = { kind: 'delivered' },
      number = 1,
      part = 0,
      subject,
      outcome = DELIVERED,
      sealed,
    }: Recorded = {}) {
      const step: Step = { name: 'event', deliveries: [FIRST], request: REQUEST, ...over }
      const ofEach = <T>(value: T) => new Map(step.deliveries.map(id => [id, value]))
      const exchange: Exchange = {
        step,
        sent,
        startedAt: STARTED,
        durationMs: 12,
        readings: ofEach(readings),
      }
      const place = ofEach({ number, part, triggeredAt: null, subject: subject ?? null })
      const outcomes = outcome ? ofEach(outcome) : new Map()
      const recording = recordingOf(lane(), exchange, place, outcomes, [SECRET])
      if (readings.kind !== 'refused') return recorder.record(recording)
      return recorder.recordRefusal(lane(), recording, readings.merchant, sealed ?? (await sealedNow()))
    },
  }
}
