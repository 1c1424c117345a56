/** The batch as a whole: what is refused altogether, and what holds for any body. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { translateBatch } from '../storefront.ts'
import { assertStorable } from '../testing.ts'

const RECEIVED_AT = new Date('2026-11-20T12:00:01.000Z')
const context = { customerId: null, receivedAt: RECEIVED_AT, source: 'storefront' as const }

const batch = (events: unknown, over: Record<string, unknown> = {}) => ({
  visitorId: '3f0c-visitor',
  sentAt: '2026-11-20T12:00:00.000Z',
  consent: { analytics: true, marketing: false },
  events,
  ...over,
})

function translated(events: unknown[], over: Record<string, unknown> = {}) {
  const result = translateBatch(batch(events, over), context)
  if ('malformed' in result) throw new Error(result.malformed)
  return result
}

describe('a malformed batch', () => {
  it.each([
    [null, 'The body must be an object.'],
    ['x', 'The body must be an object.'],
    [batch([], { visitorId: undefined }), 'visitorId: must be text'],
    [batch([], { visitorId: 'a:b' }), 'visitorId: must be 1 to 200 letters, digits, ".", "_" or "-"'],
    [batch([], { events: {} }), 'events: must be a list'],
    [batch(Array.from({ length: 51 }, () => ({}))), 'events: must have at most 50 events'],
  ])('%j is refused as a whole', (body, malformed) =>
    expect(translateBatch(body, context)).toEqual({ malformed }),
  )

  it('may be empty', () => expect(translated([])).toEqual({ events: [], rejected: [], refusal: null }))
})

describe('translateBatch', () => {
  const anything = fc.jsonValue()
  const fuzzed = fc.record({
    id: fc.oneof(fc.string({ unit: 'binary' }), anything),
    type: fc.constantFrom('page_viewed', 'product_viewed', 'search_submitted', 'cart_viewed', 'x'),
    at: fc.oneof(fc.constant('2026-11-20T11:59:58Z'), fc.string()),
    url: fc.oneof(fc.webUrl(), anything),
    data: fc.oneof(
      anything,
      fc.record({ product: fc.record({ title: fc.string({ unit: 'binary' }), price: fc.double() }) }),
      fc.record({ query: fc.string({ unit: 'binary' }) }),
      fc.record({
        cart: fc.record({ items: fc.array(fc.record({ quantity: fc.integer(), price: anything })) }),
      }),
      fc.record({ page: fc.dictionary(fc.string(), anything) }),
    ),
  })

  it('never throws; every event is storable or rejected', () => {
    fc.assert(
      fc.property(
        fc.array(fuzzed, { maxLength: 50 }),
        fc.oneof(anything, fc.date().map(String)),
        (events, sentAt) => {
          const result = translated(events, { sentAt })
          result.events.forEach(assertStorable)
          expect(result.events.length + result.rejected.length).toBe(events.length)
          expect(JSON.stringify(result.events)).not.toMatch(/\\u0000|\\ud[89a-f]/i)
          for (const event of result.events)
            expect(Date.parse(event.occurredAt)).toBeLessThanOrEqual(+RECEIVED_AT)
        },
      ),
    )
  })

  it('takes any JSON as a body', () => {
    fc.assert(fc.property(anything, body => void translateBatch(body, context)))
  })
})
