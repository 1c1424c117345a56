import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { createLog } from '../log.ts'
import { answer } from '../vendors/testing.ts'
import type { Reading, Step, VendorRequest } from '../vendors/vendor.ts'
import { connectionRow, saveConnection } from './connections.ts'
import { fingerprint } from './decide.ts'
import { memoriesOf } from './due.ts'
import { switchLane } from './lane-state.ts'
import type { Outcome } from './outcome.ts'
import { createRecorder, type Recorder } from './record.ts'
import { decisionsOf, type Exchange, recordingOf } from './record-rows.ts'
import type { Sent } from './send.ts'
import { deliveryOf, eventId, keepDelivery, newShop, sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'

const SECRET = TINY_SETTINGS.apiKey
const STARTED = new Date('2026-11-20T12:00:00.000Z')
const DELIVERED: Outcome = { state: 'delivered', message: null }
const RETRY: Outcome = { state: 'retry', dueAt: STARTED, reason: 'transient', message: 'Later.' }

let test: TestDatabase
let shopId: number
let otherId: number
let recorder: Recorder
const pool = () => test.database.pool
const lane = () => ({ shopId, vendor: 'tiny' })
const [FIRST, SECOND] = [eventId(1), eventId(2)]

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  recorder = createRecorder(pool(), createLog('silent'))
  shopId = await newShop(pool(), 'one')
  otherId = await newShop(pool(), 'two')
  for (const id of [shopId, otherId]) {
    await saveConnection(test.database.prisma, sealer, id, tinyVendor(), TINY_SETTINGS)
    for (const event of [FIRST, SECOND]) await keepDelivery(pool(), id, { replay: true }, { id: event })
  }
})

const REQUEST: VendorRequest = {
  method: 'POST',
  url: `https://api.tiny.example/contacts?search=jane%2Bshop%40example.com&key=${SECRET}`,
  headers: { Authorization: `Bearer ${SECRET}`, 'X-Key': SECRET },
  body: { email: 'jane@example.com', first_name: 'Jane', phone: '+421900000001', total: 49.9 },
}
const step = (over: Partial<Step> = {}): Step => ({
  name: 'event',
  deliveries: [FIRST],
  request: REQUEST,
  ...over,
})

type Recorded = {
  step?: Partial<Step>
  sent?: Sent
  readings?: Reading
  number?: number
  part?: number
  /** What the events are about. */
  subject?: string
  outcome?: Outcome | null
  /** The credentials that were refused; those of the lane. */
  sealed?: string
}

/** Records an exchange of which every delivery had the same reading and outcome. */
async function record({
  step: over,
  sent = { answer: answer(200, { ok: true }) },
  readings = { kind: 'delivered' },
  number = 1,
  part = 0,
  subject,
  outcome = DELIVERED,
  sealed,
}: Recorded = {}) {
  const carried = step(over)
  const exchange: Exchange = {
    step: carried,
    sent,
    startedAt: STARTED,
    durationMs: 12,
    readings: new Map(carried.deliveries.map(id => [id, readings])),
  }
  const place = new Map(
    carried.deliveries.map(id => [id, { number, part, triggeredAt: null, subject: subject ?? null }]),
  )
  const outcomes = new Map(outcome ? carried.deliveries.map(id => [id, outcome]) : [])
  const recording = recordingOf(lane(), exchange, place, outcomes, [SECRET])
  if (readings.kind !== 'refused') return recorder.record(recording)
  return recorder.recordRefusal(lane(), recording, readings.merchant, sealed ?? (await sealedNow()))
}
const decide = (id: string, outcome: Outcome) =>
  recorder.record(decisionsOf(lane(), new Map([[id, outcome]])))

/** The credentials of the lane as they are stored. */
const sealedNow = async () => (await connectionRow(pool(), shopId, lane().vendor))?.secrets ?? ''

const rows = async (sql: string) => (await pool().query(sql)).rows
const exchanges = () => rows('select shop_id, vendor, request, response, error from exchanges order by id')
const attempts = () =>
  rows('select shop_id, event_id, number, part, step, outcome, message, log from attempts order by 2, 3, 4')
const delivery = (id = FIRST, shop = shopId) => deliveryOf(pool(), shop, id)

describe('an exchange', () => {
  it('is kept without what the step names as personal', async () => {
    const body = { greeting: 'For the neighbours', lines: ['For the neighbours'] }
    await record({ step: { request: { ...REQUEST, body }, personal: ['For the neighbours'] } })
    expect(JSON.stringify(await exchanges())).not.toContain('neighbours')
  })

  it('is kept with its request and answer, masked', async () => {
    const body = {
      id: 7,
      email: 'jane@example.com',
      token: SECRET,
      words: `key ${SECRET} of jane@example.com`,
    }
    await record({ sent: { answer: answer(200, body, { 'x-key': SECRET }) } })
    const [kept] = await exchanges()
    expect(kept).toMatchObject({ shop_id: shopId, vendor: 'tiny', error: null })
    expect(kept.request).toEqual({
      method: 'POST',
      url: 'https://api.tiny.example/contacts?search=j…%40example.com&key=…6789',
      headers: { Authorization: 'Bearer …6789', 'X-Key': '…6789' },
      body: { email: 'j…@example.com', first_name: 'J…', phone: '+…', total: 49.9 },
    })
    expect(kept.response).toMatchObject({ status: 200, body: { id: 7, email: 'j…@example.com' } })
    expect(JSON.stringify(kept)).not.toMatch(/jane|tiny-key|900000001/i)
  })

  it('is kept whatever stands in its address and its answer', async () => {
    const odd = { ...REQUEST, url: 'https://api.tiny.example/%E0%A4%A?x=%' }
    const body = JSON.parse('{"a\\u0000b":"c\\u0000d","\\ud800":"\\udfff"}')
    await record({ step: { request: odd }, sent: { answer: answer(200, body) } })
    const [kept] = await exchanges()
    expect(kept.request.url).toBe(odd.url)
    expect(kept.response.body).toMatchObject({ ab: 'cd' })
    expect(await delivery()).toMatchObject({ state: 'delivered' })
  })

  it('keeps the beginning of an answer that is not JSON, and no part of a secret at its end', async () => {
    const text = `${'x'.repeat(490)}${SECRET} more`
    await record({ sent: { answer: { ...answer(502), text } } })
    const [kept] = await exchanges()
    expect(kept.response.body).toBe(`${'x'.repeat(490)}…6789 more`)
  })

  it('without an answer keeps what went wrong', async () => {
    await record({ sent: { failure: 'ECONNREFUSED' }, outcome: RETRY })
    expect(await exchanges()).toMatchObject([{ response: null, error: 'ECONNREFUSED' }])
  })
})

describe('attempts', () => {
  it('are one for each delivery, of one exchange', async () => {
    const reading: Reading = { kind: 'dead', reason: 'rejected', merchant: 'No: jane@example.com', log: 'no' }
    await record({ step: { deliveries: [FIRST, SECOND] }, readings: reading, outcome: null })
    expect(await attempts()).toEqual(
      [FIRST, SECOND].map(id => ({
        shop_id: shopId,
        event_id: id,
        number: 1,
        part: 0,
        step: 'event',
        outcome: 'dead',
        message: 'No: j…@example.com',
        log: 'no',
      })),
    )
    expect(await exchanges()).toHaveLength(1)
  })

  it.each([0, 60, -60])(
    'are due by the database’s clock, from which this one is %i minutes away',
    async ahead => {
      vi.useFakeTimers({ now: Date.now() + ahead * 60_000, toFake: ['Date'] })
      try {
        await record({ outcome: { ...RETRY, dueAt: new Date(Date.now() + 30_000) } })
      } finally {
        vi.useRealTimers()
      }
      const wait = (await delivery()).due_at.getTime() - Date.now()
      expect(wait).toBeGreaterThan(25_000)
      expect(wait).toBeLessThan(35_000)
    },
  )

  it('are numbered over retries, and their steps within', async () => {
    await record({ outcome: RETRY })
    expect(await delivery()).toMatchObject({ state: 'retry', attempts: 1 })
    await record({ number: 2, step: { name: 'a' }, outcome: null })
    await record({ number: 2, part: 1, step: { name: 'b' } })
    expect((await attempts()).map(({ number, part, step: name }) => [number, part, name])).toEqual([
      [1, 0, 'event'],
      [2, 0, 'a'],
      [2, 1, 'b'],
    ])
    expect(await delivery()).toMatchObject({ state: 'delivered', attempts: 2 })
  })
})

describe('a delivery', () => {
  it('takes its outcome, and no other does', async () => {
    await record()
    expect(await delivery()).toMatchObject({ state: 'delivered', reason: null, attempts: 1, replay: false })
    expect(await delivery(SECOND)).toMatchObject({ state: 'pending', attempts: 0, done: [] })
    expect(await delivery(FIRST, otherId)).toMatchObject({ state: 'pending', attempts: 0, done: [] })
    expect((await exchanges()).every(({ shop_id }) => shop_id === shopId)).toBe(true)
  })

  it('with steps to go keeps its state and remembers the step, once', async () => {
    await record({ step: { name: 'contact' }, outcome: null })
    await record({ step: { name: 'contact' }, outcome: null })
    expect(await delivery()).toMatchObject({ state: 'pending', done: ['contact'] })
  })

  it.each(['skipped', 'dead'] as const)(
    'that a person stopped meanwhile stays so instead of %s',
    async state => {
      await switchLane(pool(), lane(), false)
      const outcome = { state, reason: state === 'dead' ? 'rejected' : 'no_email', message: 'x' } as Outcome
      await decide(FIRST, outcome)
      await record({ outcome: RETRY })
      expect(await delivery()).toMatchObject({ state: 'held', reason: 'off' })
    },
  )

  it('that was stopped meanwhile and got through is delivered', async () => {
    await switchLane(pool(), lane(), false)
    await record()
    expect(await delivery()).toMatchObject({ state: 'delivered' })
  })

  it('asked for again stays so over retries and holds, and not beyond its outcome', async () => {
    await record({ outcome: RETRY })
    expect(await delivery()).toMatchObject({ replay: true })
    await record({ number: 2, outcome: { state: 'held', reason: 'refused', message: 'x' } })
    expect(await delivery()).toMatchObject({ state: 'held', replay: true })
  })

  it('does not keep an address in its message', async () => {
    const outcome: Outcome = { state: 'dead', reason: 'rejected', message: 'No: jane@example.com' }
    await decide(FIRST, outcome)
    expect(await delivery()).toMatchObject({ state: 'dead', message: 'No: j…@example.com' })
  })
})

describe('memory', () => {
  const leaves = (version: string | null) => ({ subject: 'order:1', version })
  const remembered = async () => (await memoriesOf(pool(), lane(), ['order:1', 'order:2'])).get('order:1')

  it('is what was delivered last', async () => {
    await record({ step: { leaves: leaves('2026-11-20T12:00:00.000Z') } })
    expect(await remembered()).toEqual({
      version: '2026-11-20T12:00:00.000Z',
      fingerprint: fingerprint(REQUEST.body),
      eventId: FIRST,
      triggeredAt: null,
    })
    const request = { ...REQUEST, body: { changed: true } }
    await record({ step: { deliveries: [SECOND], request, leaves: leaves(null) } })
    expect(await remembered()).toEqual({
      version: null,
      fingerprint: fingerprint({ changed: true }),
      eventId: SECOND,
      triggeredAt: null,
    })
  })

  it('knows what its event is about where the vendor names a subject of its own', async () => {
    const subjects = async () =>
      (await pool().query('select subject, event_subject from memories order by 1')).rows
    await record({ step: { leaves: leaves(null) }, subject: 'order:1' })
    await record({ step: { leaves: { subject: 'cart:1', version: null } }, subject: 'order:1' })
    expect(await subjects()).toEqual([
      { subject: 'cart:1', event_subject: 'order:1' },
      { subject: 'order:1', event_subject: null },
    ])
  })

  it('keeps nothing of what was not delivered', async () => {
    const retry: Reading = { kind: 'retry', merchant: 'x', log: 'x' }
    await record({ step: { leaves: leaves(null) }, readings: retry, outcome: RETRY })
    expect(await remembered()).toBeUndefined()
  })

  it('is of one shop and vendor', async () => {
    await record({ step: { leaves: leaves(null) } })
    expect((await memoriesOf(pool(), { shopId: otherId, vendor: 'tiny' }, ['order:1'])).size).toBe(0)
    expect((await memoriesOf(pool(), { shopId, vendor: 'other' }, ['order:1'])).size).toBe(0)
    expect((await memoriesOf(pool(), lane(), [])).size).toBe(0)
  })
})

describe('an answer that refuses the credentials', () => {
  it('stops the lane together with what is open in it', async () => {
    const refused: Reading = { kind: 'refused', merchant: 'Wrong key.', log: '401' }
    await record({ readings: refused, outcome: { state: 'held', reason: 'refused', message: 'Wrong key.' } })
    expect(await connectionRow(pool(), shopId, 'tiny')).toMatchObject({ attention: 'Wrong key.' })
    expect(await delivery()).toMatchObject({ state: 'held', reason: 'refused', attempts: 1 })
    expect(await delivery(SECOND)).toMatchObject({ state: 'held', reason: 'refused', attempts: 0 })
    expect(await delivery(FIRST, otherId)).toMatchObject({ state: 'pending' })
  })

  it('that were replaced meanwhile stops nothing: the delivery is tried with the new ones', async () => {
    const refused: Reading = { kind: 'refused', merchant: 'Wrong key.', log: '401' }
    const outcome: Outcome = { state: 'held', reason: 'refused', message: 'Wrong key.' }
    await record({ readings: refused, outcome, sealed: 'the old ones' })
    expect(await connectionRow(pool(), shopId, 'tiny')).toMatchObject({ attention: null })
    expect(await delivery()).toMatchObject({ state: 'retry', reason: 'transient', attempts: 1 })
    expect(await delivery(SECOND)).toMatchObject({ state: 'pending' })
    expect(await attempts()).toHaveLength(1)
  })
})
