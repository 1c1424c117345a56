import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer } from '../testing.ts'
import type { Json, Step } from '../vendor.ts'
import { announces, readAlana, readAlanaTest } from './read.ts'

const step = (sent: number): Step => ({
  name: 'event',
  deliveries: Array.from({ length: sent }, (_, n) => `event-${n}`),
  request: { method: 'POST', url: 'https://alana.shopping/api/v1/events', headers: {}, body: null },
})
const read = (sent: number, status: number, body: Json = null, headers: Record<string, string> = {}) =>
  readAlana(step(sent), answer(status, body, headers))
const ok = (stored: Json, errors: Json): Json => ({ status: 'ok', stored, errors })

describe('accepted', () => {
  it('is delivered when all was stored', () => expect(read(2, 200, ok(2, 0))).toEqual({ kind: 'delivered' }))
  it('is dead when the only event failed', () => {
    expect(read(1, 200, ok(0, 1))).toMatchObject({ kind: 'dead', reason: 'rejected' })
  })
  it('is dead when all events failed', () => {
    const reading = read(3, 200, ok(0, 3))
    expect(reading).toMatchObject({ kind: 'dead', reason: 'rejected' })
    expect(reading.merchant).toContain('all 3')
  })
  it('says how many failed of how many', () => {
    const reading = read(5, 200, ok(3, 2))
    expect(reading).toMatchObject({ kind: 'dead', reason: 'partly_rejected' })
    expect(reading.merchant).toMatch(/2 of 5.*does not say which/)
  })
  it('takes unaccounted events as not stored', () => {
    expect(read(5, 200, ok(4, 0))).toMatchObject({
      kind: 'dead',
      reason: 'partly_rejected',
      log: expect.stringContaining('sent 5, stored 4'),
    })
    expect(read(5, 200, ok(0, 0))).toMatchObject({ kind: 'dead', reason: 'rejected' })
  })
  it('takes more stored than sent as delivered, and notes it', () => {
    expect(read(1, 200, ok(2, 0))).toMatchObject({
      kind: 'delivered',
      log: expect.stringContaining('stored 2'),
    })
  })
  it('believes "ok" without counts', () =>
    expect(read(1, 200, { status: 'ok' })).toMatchObject({ kind: 'delivered' }))
  it('takes one count when the other is missing', () => {
    expect(read(2, 200, { errors: 0 })).toMatchObject({ kind: 'delivered' })
    expect(read(2, 200, { stored: 2 })).toMatchObject({ kind: 'delivered' })
  })
  it.each<[string, Json]>([
    ['nothing', null],
    ['a list', []],
    ['an empty object', {}],
    ['counts that are none', { stored: 'x', errors: -1 }],
    ['a message', { message: 'Accepted' }],
  ])('is not sent a second time, which would store it twice, after %s', (_, body) => {
    for (const status of [200, 202, 204])
      expect(read(1, status, body)).toMatchObject({
        kind: 'delivered',
        log: expect.stringContaining('not said'),
      })
  })
  it.each(['<!doctype html>', '{"status":"ok","sto'])('tries again after %s, which is no JSON', text => {
    expect(readAlana(step(1), { ...answer(200), text })).toMatchObject({ kind: 'retry' })
  })
  it('sees an error in a 200', () => {
    expect(read(1, 200, { error: 'no such catalogue' })).toMatchObject({ kind: 'dead', reason: 'rejected' })
    expect(read(1, 200, { error: { code: 'AUTH_002' } })).toMatchObject({ kind: 'refused' })
  })
  it('is delivered exactly when as many were stored as sent and none failed', () => {
    const n = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), n, n, (sent, stored, errors) => {
        const { kind } = read(sent, 200, ok(stored, errors))
        expect(kind).toBe(stored >= sent && errors === 0 ? 'delivered' : 'dead')
      }),
    )
  })
})

describe('refused', () => {
  it.each([
    ['AUTH_001', 401, /no API key/],
    ['AUTH_002', 401, /revoked/],
    ['AUTH_003', 403, /permission/],
    ['AUTH_004', 403, /workspace/],
  ])('says what to do about %s', (code, status, remedy) => {
    const reading = read(1, status, { error: { code, message: 'x' } })
    expect(reading.kind).toBe('refused')
    expect(reading.merchant).toMatch(remedy)
  })
  it('repeats unknown words', () => {
    expect(read(1, 401, { error: { code: 'UNAUTHORIZED', message: 'Nope' } }).merchant).toContain(
      'UNAUTHORIZED Nope',
    )
    expect(read(1, 403, { error: 'constructor' }).merchant).toContain('constructor')
    expect(read(1, 401).merchant).toContain('Check it')
  })
})

describe('failed', () => {
  it('takes a batch apart that was refused as a whole', () => {
    for (const status of [400, 413, 422])
      expect(read(2, status)).toMatchObject({ kind: 'learned', fact: 'send_alone' })
  })
  it('gives a single refused event up, with the reason', () => {
    const body = {
      error: {
        code: 'VALIDATION_ERROR',
        message: 'Invalid',
        details: [{ field: 'productId', message: 'required' }],
      },
    }
    const reading = read(1, 400, body)
    expect(reading).toMatchObject({ kind: 'dead', reason: 'rejected' })
    expect(reading.merchant).toContain('productId required')
  })
  it('waits as announced, by either header', () => {
    const wait = (headers: Record<string, string>) => read(1, 429, { error: { code: 'RATE_001' } }, headers)
    expect(wait({ 'retry-after': '7' })).toMatchObject({
      kind: 'retry',
      wholeLane: true,
      notBefore: new Date('2026-11-20T12:00:09Z'),
    })
    expect(wait({ 'x-ratelimit-reset': '1795176010' })).toMatchObject({ notBefore: new Date(1795176010_000) })
    expect(wait({ 'x-ratelimit-reset': '2026-11-20T12:01:00Z' })).toMatchObject({
      notBefore: new Date('2026-11-20T12:01:00Z'),
    })
    expect(wait({ 'x-ratelimit-reset': '59' })).not.toHaveProperty('notBefore')
  })
  it('tries again when Alana fails', () => expect(read(1, 503)).toMatchObject({ kind: 'retry' }))
})

describe('the connection test', () => {
  it('accepts any JSON without an error', () => {
    expect(readAlanaTest(answer(200, { suggestions: [] }))).toMatchObject({ ok: true })
    expect(readAlanaTest(answer(200, []))).toMatchObject({ ok: true })
  })
  it.each<[number, Json, RegExp]>([
    [200, null, /unexpected/],
    [200, { error: 'x' }, /unexpected/],
    [401, { error: { code: 'AUTH_001' } }, /no API key/],
    [200, { error: { code: 'AUTH_002' } }, /revoked/],
    [403, null, /refused/],
    [429, null, /slow down/],
    [404, { error: { message: 'Not here' } }, /Not here/],
    [500, null, /later/],
  ])('explains %i', (status, body, sentence) => {
    const result = readAlanaTest(answer(status, body))
    expect(result.ok).toBe(false)
    expect(result.refused ?? false).toBe(/no API key|revoked|refused/.test(result.merchant))
    expect(result.merchant).toMatch(sentence)
  })
})

describe('what Alana announces', () => {
  it('is what remains; not the number, which may be of either limit', () => {
    const headers = {
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '41',
      'x-ratelimit-reset': '1795176060',
    }
    expect(announces(answer(200, ok(1, 0), headers))).toEqual({
      remaining: 41,
      resetAt: new Date('2026-11-20T12:01:00.000Z'),
    })
  })

  it.each([
    ['RATE_001', { scope: 'key' }],
    ['RATE_002', { scope: 'key+address' }],
    ['RATE_003', null],
    ['constructor', null],
  ])('is by the code %s about %j', (code, said) => {
    expect(announces(answer(429, { error: { code, message: 'Slow down' } }))).toEqual(said)
  })
})
