import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from './json.ts'
import { assertStorable, lineItem, order, RECEIVED_AT, translated } from './testing.ts'
import { SAMPLES } from './testing-samples.ts'
import { TOPICS, translateWebhook } from './translate.ts'

/** Checks what holds for every translation, and returns it. */
function checked(topic: string, payload: unknown) {
  const result = translated(topic, payload)
  result.events.forEach(assertStorable)
  const isEmpty = result.events.length + result.effects.length === 0
  expect(result.ignored === null).toBe(!isEmpty)
  return result
}

type Path = (string | number)[]

/** Every place in a JSON value, the root left out. */
function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => [[...at, key], ...pathsOf(part, [...at, key])])
}

const REMOVED = Symbol('removed')

/** A copy with one place replaced or removed. */
function changed(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([name, part]) => {
    if (name !== key) return [[name, part]]
    if (rest.length > 0) return [[name, changed(part, rest, by)]]
    return by === REMOVED ? [] : [[name, by]]
  })
  return Array.isArray(value) ? entries.map(([, part]) => part) : Object.fromEntries(entries)
}

const SURPRISES = [REMOVED, null, '', 'surprise', '1e999', 0, -1.5, true, [], [null, 'x'], {}, { id: {} }]

describe('translateWebhook', () => {
  it('knows every topic that it has a sample of, and has a sample of nearly every topic', () => {
    const sampled = new Set(SAMPLES.map(([topic]) => topic))
    expect(TOPICS).toEqual(expect.arrayContaining([...sampled]))
    expect(TOPICS.filter(topic => !sampled.has(topic))).toEqual([
      'orders/partially_fulfilled',
      'checkouts/delete',
      'carts/create',
      'products/create',
    ])
  })

  it.each(SAMPLES)('makes something of %s', (topic, payload) => {
    expect(checked(topic, payload).ignored).toBeNull()
  })

  it.each(SAMPLES)('is deterministic: %s', (topic, payload) => {
    const again = parseJson(JSON.stringify(payload))
    expect(translated(topic, again)).toEqual(translated(topic, parseJson(JSON.stringify(payload))))
  })

  it.each(SAMPLES)('survives any field of %s missing, null or of a wrong type', (topic, payload) => {
    for (const path of pathsOf(payload)) {
      for (const surprise of SURPRISES) checked(topic, changed(payload, path, surprise))
    }
  })

  it('survives any JSON on any topic', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOPICS), fc.jsonValue(), (topic, payload) => {
        checked(topic, payload)
      }),
    )
  })

  it('survives any JSON in any field of any sample', () => {
    const places = SAMPLES.flatMap(([topic, payload]) =>
      pathsOf(payload).map(path => ({ topic, payload, path })),
    )
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), ({ topic, payload, path }, value) => {
        checked(topic, changed(payload, path, value))
      }),
      { numRuns: 500 },
    )
  })

  it('survives hostile strings, and keeps nothing that a database cannot', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), hostile => {
        const text = `\u0000${hostile}\uD800`
        const payload = order({ name: text, email: text, note_attributes: [{ name: text, value: text }] })
        const { events } = checked('orders/create', payload)
        expect(JSON.stringify(events)).not.toMatch(/\\u0000|\\ud800/i)
      }),
    )
  })

  it.each(['orders/unheard_of', 'fulfillments/create', '__proto__', 'constructor', ''])(
    'ignores the topic %j',
    topic => expect(translated(topic, {}).ignored).toBe('Sluice does not use this topic.'),
  )

  it('listens to deleted checkouts, of which nothing comes but a reason', () => {
    expect(TOPICS).toContain('checkouts/delete')
    expect(translated('checkouts/delete', { cart_token: 'c1' }).ignored).toBe(
      'Deleted checkouts have no follow-up.',
    )
  })

  it('ignores draft orders', () => {
    expect(translated('draft_orders/create', { id: '1' }).ignored).toBe('A draft order is no order yet.')
  })

  it.each([null, [], 'x', '1', true])('ignores the payload %j', payload => {
    expect(translated('orders/create', payload).ignored).toBe('The payload is not an object.')
  })

  it.each([null, '', 'yesterday'])('falls back to the time of receipt when triggered at %j', triggeredAt => {
    const payload = order({ created_at: null })
    const { events } = translateWebhook({
      topic: 'orders/create',
      payload,
      triggeredAt,
      receivedAt: RECEIVED_AT,
    })
    expect(events[0]?.occurredAt).toBe('2026-11-20T12:00:03.000Z')
  })

  it('keeps ids beyond 2^53 exact from the bytes on', () => {
    const body = '{"id":820982911946154509,"line_items":[{"product_id":9007199254740993,"quantity":1}]}'
    expect(translated('orders/create', parseJson(body)).events[0]?.data).toMatchObject({
      orderId: '820982911946154509',
      order: { lines: [{ product: { id: '9007199254740993' } }] },
    })
  })

  it('translates an order of a megabyte, whole', () => {
    const text = JSON.stringify(order({ line_items: Array.from({ length: 1400 }, () => lineItem()) }))
    const { events } = translated('orders/create', parseJson(text))
    expect(events[0]?.data).toMatchObject({ order: { lines: { length: 1400 } } })
  })
})
