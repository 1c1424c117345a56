/** Conformance of how a vendor reads answers, tests its credentials and forgets people. Part of conformance.ts. */
import { describe, expect, it } from 'vitest'
import type { AnswerSample, VendorSamples } from './conformance.ts'
import { frozen } from './conformance-cases.ts'
import { batches, configurations, requestFaults } from './conformance-planning.ts'
import { SKIP_REASONS } from './reasons.ts'
import { SHOP } from './testing.ts'
import type { Json, Person, Planned, Reading, Step, Vendor, VendorAnswer } from './vendor.ts'

const RECEIVED = new Date('2026-11-20T12:00:02.000Z')
const IN_HALF_A_MINUTE = new Date('2026-11-20T12:00:32.000Z')
const STATUSES = [
  200, 201, 204, 302, 400, 401, 402, 403, 404, 408, 409, 410, 413, 422, 429, 500, 502, 503, 504,
]
const EMAIL = 'shopper@example.com'
/** Longer than any sentence with a quotation in it. */
const MESSAGE_LIMIT = 1000

const made = (
  status: number,
  body: Json,
  text: string,
  headers: Record<string, string> = {},
): VendorAnswer => ({
  status,
  body,
  text,
  headers,
  receivedAt: RECEIVED,
})

/** Bodies that are not what a vendor documents, by what they are. */
function oddAnswers(status: number): { name: string; answer: VendorAnswer }[] {
  const shapes: Json[] = [
    [],
    {},
    0,
    true,
    'text',
    { error: null },
    { error: [] },
    { error: 'text' },
    { error: { code: {}, message: [], details: 'x' } },
    { error: { details: [null, 1, { field: null }] } },
    { errors: 'x', stored: 'y' },
    { errors: -1, stored: 1e300 },
    { errors: { field: [null, 1, 'x'] } },
    { message: 1, code: 'x', details: {}, key: null },
    { data: null },
    { message: 'm'.repeat(100_000), error: { message: 'm'.repeat(100_000) }, details: 'd'.repeat(100_000) },
    JSON.parse('{"__proto__":{"message":"x"},"constructor":1}') as Json,
  ]
  return [
    { name: 'an empty body', answer: made(status, null, '') },
    { name: 'a web page', answer: made(status, null, '<!doctype html><h1>Just a moment…</h1>') },
    { name: 'a huge text', answer: made(status, null, 'x'.repeat(1_000_000)) },
    ...shapes.map(body => {
      const text = JSON.stringify(body)
      return { name: `the body ${text.slice(0, 60)}`, answer: made(status, body, text) }
    }),
  ]
}

/** Answers that repeat a person's address wherever vendors put words. */
function echoes(status: number): VendorAnswer[] {
  const words = `no such person ${EMAIL}`
  const bodies: Json[] = [
    { error: words, message: words, details: words, key: 'x', code: status },
    { error: { code: words, message: words, details: [{ field: words, message: words }] } },
    { errors: { email: [words] }, message: words },
  ]
  return [...bodies.map(body => made(status, body, JSON.stringify(body))), made(status, null, words)]
}

const KINDS = ['delivered', 'retry', 'dead', 'refused', 'skip', 'learned']

/** What is wrong with a reading whatever the vendor: open unions, missing sentences, personal data. */
export function readingFaults(reading: Reading): string[] {
  const faults: string[] = []
  if (!KINDS.includes(reading.kind)) faults.push(`kind ${reading.kind} is not one of ${KINDS.join(', ')}`)
  if (reading.kind !== 'delivered' && !/\s/.test(reading.merchant))
    faults.push('merchant must be a sentence that says what happened')
  if (reading.kind !== 'delivered' && !reading.log) faults.push('log must say what was answered')
  if (reading.kind === 'retry' && reading.notBefore && Number.isNaN(reading.notBefore.getTime()))
    faults.push('notBefore is not a time')
  if (reading.kind === 'skip' && !Object.hasOwn(SKIP_REASONS, reading.reason))
    faults.push(`skip reason ${reading.reason} is unknown`)
  if (reading.kind === 'dead' && !['rejected', 'partly_rejected'].includes(reading.reason))
    faults.push(`dead reason ${reading.reason} is unknown`)
  if (reading.kind === 'learned' && !reading.fact) faults.push('learned must name its fact')
  return [...faults, ...messageFaults(`${reading.merchant ?? ''} ${reading.log ?? ''}`)]
}

function messageFaults(messages: string, secrets: readonly string[] = []): string[] {
  const faults: string[] = []
  if (messages.includes(EMAIL))
    faults.push('a message holds an e-mail address: pass the vendor’s words through quote()')
  if (messages.length > MESSAGE_LIMIT)
    faults.push(
      `messages are longer than ${MESSAGE_LIMIT} characters: pass the vendor’s words through quote()`,
    )
  if (secrets.some(secret => messages.includes(secret))) faults.push('a message holds a secret')
  return faults
}

/** The reading of every delivery of the step; throws when the vendor left one out or invented one. */
function readingsOf<S>(vendor: Vendor<S>, step: Step, answer: VendorAnswer): Reading[] {
  const readings = vendor.read(frozen(structuredClone(step)), frozen(structuredClone(answer)))
  expect(vendor.read(step, answer), 'the same answer read twice must mean the same').toStrictEqual(readings)
  if ('kind' in readings) return [readings]
  expect([...readings.keys()].toSorted(), 'give one reading for each delivery of the step').toEqual(
    [...step.deliveries].toSorted(),
  )
  return [...readings.values()]
}

export function describeReading<S>(vendor: Vendor<S>, samples: VendorSamples<S>): void {
  const configured = configurations(vendor, samples)
  const plans = configured.flatMap(({ name, settings, secrets }) =>
    batches(vendor, samples.deliveries, settings).flatMap(batch =>
      vendor.plan(batch, settings, SHOP).steps.map(step => ({ name, step, batch, settings, secrets })),
    ),
  )
  /** One step of every name and size class, from any settings. */
  const kinds = new Map(
    plans.map(p => [`${p.step.name}${p.step.deliveries.length > 1 ? ' (batch)' : ''}`, p]),
  )
  const steps = [...kinds].map(([title, p]) => ({ title, ...p }))

  const read = (status: number, headers: Record<string, string> = {}) =>
    steps.flatMap(({ step }) =>
      readingsOf(vendor, step, made(status, { message: 'x' }, '{"message":"x"}', headers)),
    )

  const stepFor = (sample: AnswerSample): Step => {
    const found = plans.find(p => sample.step === undefined || p.step.name === sample.step)
    if (!found) throw new Error(`no sample delivery plans a step named ${sample.step}`)
    return found.step
  }

  describe('readings', () => {
    it.each(samples.answers)('understand the documented answer: $name', sample => {
      const text = sample.text ?? (sample.body === undefined ? '' : JSON.stringify(sample.body))
      const readings = readingsOf(
        vendor,
        stepFor(sample),
        made(sample.status, sample.body ?? null, text, sample.headers),
      )
      for (const reading of readings) expect(reading).toMatchObject({ kind: sample.kind })
    })

    it.each(STATUSES)('stay in the closed union for every odd answer with status %i', status => {
      for (const { step, secrets } of steps) {
        for (const { name, answer } of oddAnswers(status)) {
          const faults = readingsOf(vendor, step, answer).flatMap(reading => [
            ...readingFaults(reading),
            ...messageFaults(`${reading.merchant} ${reading.log}`, secrets),
          ])
          expect(faults, `${step.name}, status ${status}, ${name}`).toEqual([])
        }
      }
    })

    it.each(STATUSES)('repeat no personal data that an answer with status %i repeats', status => {
      for (const { step } of steps) {
        for (const answer of echoes(status))
          expect(readingsOf(vendor, step, answer).flatMap(readingFaults), answer.text).toEqual([])
      }
    })

    it.each([408, 429, 500, 502, 503, 504])('try again after %i', status => {
      for (const reading of read(status))
        expect(reading.kind, `${status} is transient: read it as retry`).toBe('retry')
    })

    it('take 401 as refused credentials', () => {
      for (const reading of read(401))
        expect(reading.kind, '401 concerns the credentials: read it as refused').toBe('refused')
    })

    it.each(['30', IN_HALF_A_MINUTE.toUTCString()])('wait as long as Retry-After: %s says', value => {
      for (const reading of read(429, { 'retry-after': value })) {
        expect(reading, 'pass announcedTime() on as notBefore').toMatchObject({
          kind: 'retry',
          notBefore: IN_HALF_A_MINUTE,
        })
      }
    })

    it('plan otherwise once something was learned', () => {
      for (const { step, batch, settings } of steps) {
        const facts = STATUSES.flatMap(status =>
          echoes(status).flatMap(answer =>
            readingsOf(vendor, step, answer).flatMap(r => (r.kind === 'learned' ? [r.fact] : [])),
          ),
        )
        for (const fact of new Set(facts)) {
          const wiser: Planned[] = batch.map(d => ({ ...d, learned: [fact] }))
          const again = vendor.plan(wiser, settings, SHOP).steps
          expect(again, `${fact} changes nothing: the same request would be sent again`).not.toContainEqual(
            step,
          )
        }
      }
    })
  })
}

export function describeTestAndForget<S>(vendor: Vendor<S>, samples: VendorSamples<S>): void {
  const configured = configurations(vendor, samples)

  describe('the connection test', () => {
    it.each(configured)('asks harmlessly with $name', ({ settings, secrets }) => {
      const { request } = vendor.test(settings, SHOP)
      expect(request.method, 'a test must change nothing: use a GET').toBe('GET')
      expect(requestFaults(request, secrets)).toEqual([])
    })

    it.each(configured)('tells good credentials from bad ones with $name', ({ settings, secrets }) => {
      const { read } = vendor.test(settings, SHOP)
      const good = read(made(200, samples.testBody, JSON.stringify(samples.testBody)))
      const page = read(made(200, null, '<!doctype html>'))
      expect(good.ok, 'the documented answer proves the credentials').toBe(true)
      expect(page.ok, 'a web page proves nothing').toBe(false)
      for (const status of [401, 403, 404, 429, 500]) {
        for (const answer of [...oddAnswers(status).map(odd => odd.answer), ...echoes(status)]) {
          const result = read(answer)
          expect(result.ok, `${status} is no proof`).toBe(false)
          expect(result.merchant, 'say what to do, in a sentence').toMatch(/\s/)
          expect(messageFaults(`${result.merchant} ${result.log}`, secrets)).toEqual([])
        }
      }
    })

    it.each(configured)('says how long it is asked to wait with $name', ({ settings }) => {
      const asked = { ...made(429, null, ''), headers: { 'retry-after': '3600' } }
      const { merchant } = vendor.test(settings, SHOP).read(asked)
      expect(merchant, 'pass announcedTime() on').toContain('Try again in 60 minutes.')
    })
  })

  describe('forgetting', () => {
    const known: Person = { customerId: '7012345678901', email: EMAIL, visitorIds: ['visitor-1'] }
    const people: Person[] = [
      known,
      { ...known, customerId: null },
      { ...known, email: null },
      { customerId: null, email: null, visitorIds: [] },
      { customerId: 'half \ud83d/..', email: 'half \ud83d/..', visitorIds: [''] },
    ]
    it.each(configured)('yields requests or says why not with $name', ({ settings, secrets }) => {
      for (const person of people) {
        const forgetting = vendor.forget(frozen(structuredClone(person)), settings)
        if ('cannot' in forgetting) expect(forgetting.cannot, 'say why, in a sentence').toMatch(/\s/)
        else for (const request of forgetting.requests) expect(requestFaults(request, secrets)).toEqual([])
      }
    })
  })
}
