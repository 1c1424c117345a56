/** Whatever a browser sends: ten thousand batches that somebody wrote to do harm, and some that only came about. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toJsonb } from '../../db/jsonb.ts'
import { MalformedJson, parsePlainJson } from '../json.ts'
import {
  type BatchSource,
  checkBatch,
  credentialsOf,
  rejectBatch,
  sizeOf,
  translateBatch,
} from '../storefront.ts'
import { assertStorable } from '../testing.ts'
import { hostileBatch, hostileText } from './testing-hostile.ts'

const RECEIVED_AT = new Date('2026-11-20T12:00:01.000Z')
const SOURCES: readonly BatchSource[] = ['storefront', 'pixel']

/** What must hold of any body, however it came. @returns how many events were made of it */
function holds(body: unknown, source: BatchSource): number {
  const context = { customerId: '7', receivedAt: RECEIVED_AT, source }
  const translated = translateBatch(body, context)
  const checked = checkBatch(body, context)
  const { events: size } = sizeOf(body)
  expect(size).toBeGreaterThanOrEqual(1)
  expect(size).toBeLessThanOrEqual(50)
  credentialsOf(body)
  if ('malformed' in translated) {
    expect(checked).toEqual(translated)
    expect(rejectBatch(body, 'x')).toEqual(translated)
    return 0
  }
  const { events, rejected } = translated
  expect(checked).toEqual({ accepted: events.length, rejected })
  for (const event of events) {
    assertStorable(event)
    expect(event.source).toBe(source)
    expect(event.dedupeKey.length).toBeLessThanOrEqual(500)
    expect(event.actor).toMatchObject({ customerId: '7', email: null, phone: null, attributes: {} })
    const occurred = Date.parse(event.occurredAt)
    expect(occurred).toBeLessThanOrEqual(+RECEIVED_AT)
    expect(occurred).toBeGreaterThanOrEqual(+RECEIVED_AT - 30 * 24 * 3600_000)
  }
  const stored = toJsonb(events)
  expect(stored).toBe(JSON.stringify(events))
  expect(stored).not.toMatch(/\\u0000|\\ud[89a-f]|[uU]rl":"(?:javascript|data):/i)
  for (const { reason } of rejected) expect(reason).toMatch(/^[\w.]*(?:: )?[a-z0-9 ",.:_-]+$/i)
  return events.length
}

describe('a hostile batch', () => {
  it('is translated or refused, never half, and what comes of it can be stored', { timeout: 60_000 }, () => {
    let made = 0
    fc.assert(
      fc.property(hostileBatch, fc.constantFrom(...SOURCES), (body, source) => {
        made += holds(body, source)
      }),
      { numRuns: 7_000 },
    )
    // Else nothing but refusing would have been tried.
    expect(made).toBeGreaterThan(1_000)
  })

  it('as bytes is JSON as a browser writes it, or is refused as none', { timeout: 60_000 }, () => {
    const bytes = fc.oneof(
      hostileText.map(text => Buffer.from(text)),
      fc.uint8Array({ maxLength: 300 }),
      // Cut off, or with a byte changed.
      fc.tuple(hostileText, fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
        const raw = Buffer.from(text)
        raw[at % Math.max(1, raw.length)] = byte
        return raw
      }),
      fc.tuple(hostileText, fc.nat()).map(([text, at]) => Buffer.from(text).subarray(0, at)),
    )
    fc.assert(
      fc.property(bytes, fc.constantFrom(...SOURCES), (raw, source) => {
        let body: unknown
        try {
          body = parsePlainJson(raw)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedJson)
          return
        }
        holds(body, source)
      }),
      { numRuns: 3_000 },
    )
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([
    ['a list of a million', { events: Array.from({ length: 1_000_000 }, () => 0) }],
    ['nested a hundred thousand deep', JSON.parse(`${'['.repeat(1e5)}${']'.repeat(1e5)}`)],
    [
      'with a title of ten million',
      { events: [{ type: 'page_viewed', data: { page: { title: 'x'.repeat(1e7) } } }] },
    ],
  ])('%s takes no time', (_, over) => {
    const began = performance.now()
    for (const source of SOURCES) {
      holds(over, source)
      holds({ visitorId: 'v', events: [], ...over }, source)
      holds({ visitorId: 'v', events: [over], consent: over, sentAt: over }, source)
    }
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

describe('the time of an event', () => {
  const DAY = 24 * 3600_000

  it('is right however wrong the browser’s clock is', () => {
    const skew = fc.integer({ min: -20 * 365 * DAY, max: 20 * 365 * DAY })
    const age = fc.integer({ min: 0, max: 30 * DAY })
    fc.assert(
      fc.property(skew, age, fc.constantFrom(...SOURCES), (wrong, before, source) => {
        const sentAt = RECEIVED_AT.getTime() + wrong
        const event = {
          id: '1',
          type: 'page_viewed',
          at: new Date(sentAt - before).toISOString(),
          data: { page: {} },
        }
        const consent = { analytics: true }
        const body = { visitorId: 'v', consent, sentAt: new Date(sentAt).toISOString(), events: [event] }
        const translated = translateBatch(body, { customerId: null, receivedAt: RECEIVED_AT, source })
        expect(translated).toMatchObject({
          events: [{ occurredAt: new Date(RECEIVED_AT.getTime() - before).toISOString() }],
        })
      }),
    )
  })

  it('keeps the order in which things happened', () => {
    const times = fc.array(fc.integer({ min: -DAY, max: DAY }), { minLength: 2, maxLength: 50 })
    fc.assert(
      fc.property(times, offsets => {
        const at = (offset: number) => new Date(RECEIVED_AT.getTime() + offset).toISOString()
        const events = offsets.map((offset, n) => ({
          id: `${n}`,
          type: 'page_viewed',
          at: at(offset),
          data: { page: {} },
        }))
        const body = { visitorId: 'v', consent: { analytics: true }, sentAt: at(0), events }
        const context = { customerId: null, receivedAt: RECEIVED_AT, source: 'storefront' } as const
        const translated = translateBatch(body, context)
        if ('malformed' in translated) throw new Error(translated.malformed)
        const order = offsets.map((offset, n) => [offset, translated.events[n]?.occurredAt ?? ''] as const)
        for (const [a, first] of order)
          for (const [b, second] of order) if (a < b) expect(first <= second).toBe(true)
      }),
    )
  })
})

describe('a web address', () => {
  it('that is taken can be read as one, and is none of a script', () => {
    const part = fc.constantFrom(
      'https:',
      'http:',
      'HTTPS:',
      'javascript:',
      'data:',
      '//',
      '/',
      '\\',
      'a.example',
      'xn--a',
      '1.2.3.4.5',
      '[::1]',
      '[',
      '@',
      '%',
      ':',
      ':99999',
      '?',
      '#',
      ' ',
      '\u0000',
      '\ud800',
      '\t',
      '\n',
      'é',
      'alert(1)',
      'x',
      '-',
      '.',
      '',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), parts => {
        const event = {
          id: '1',
          type: 'page_viewed',
          at: RECEIVED_AT.toISOString(),
          url: parts.join(''),
          data: { page: {} },
        }
        const body = { visitorId: 'v', events: [event] }
        const context = { customerId: null, receivedAt: RECEIVED_AT, source: 'storefront' } as const
        const translated = translateBatch(body, context)
        if ('malformed' in translated) throw new Error(translated.malformed)
        for (const { data } of translated.events) {
          const { url } = data as { url: string | null }
          if (url !== null) expect(URL.parse(url, 'https://example.com')?.protocol).toMatch(/^https?:$/)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})
