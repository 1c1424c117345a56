import { describe, expect, it } from 'vitest'
import { answer } from '../testing.ts'
import type { Json, Step } from '../vendor.ts'
import { announces, readVoucherify, readVoucherifyTest } from './read.ts'
import { clientSettings, serverSettings } from './testing.ts'

const step = (
  customer: Json = { source_id: '7012345678901', name: 'Sam Lamp', email: 'shopper@example.com' },
): Step => ({
  name: 'event',
  deliveries: ['a'],
  request: {
    method: 'POST',
    url: 'https://api.voucherify.io/v1/events',
    headers: {},
    body: { event: 'x', customer },
  },
})
const read = (status: number, body: Json = null, headers: Record<string, string> = {}) =>
  readVoucherify(step(), answer(status, body, headers))

describe('accepted', () => {
  it('is delivered when the event comes back', () => {
    expect(read(200, { object: 'event', type: 'order_paid' })).toEqual({ kind: 'delivered' })
    expect(read(200, { type: 'order_paid' })).toEqual({ kind: 'delivered' })
  })
  it.each<[string, Json]>([
    ['nothing', null],
    ['an empty object', {}],
    ['a list', []],
    ['another object', { object: 'custom_event' }],
    ['a message', { message: 'Accepted' }],
  ])('is not sent a second time, which would count twice, after %s', (_, body) => {
    for (const status of [200, 202, 204])
      expect(read(status, body)).toMatchObject({
        kind: 'delivered',
        log: expect.stringContaining('without an event'),
      })
  })
  it.each(['<!doctype html>', '{"object":"eve'])('tries again after %s, which is no JSON', text => {
    expect(readVoucherify(step(), { ...answer(200), text })).toMatchObject({ kind: 'retry' })
  })
  it('sees an error in a 200', () => {
    expect(read(200, { code: 400, message: 'Invalid payload' })).toMatchObject({
      kind: 'dead',
      log: expect.stringContaining('with code 400'),
    })
    expect(read(200, { code: 401, message: 'Unauthorized' })).toMatchObject({ kind: 'refused' })
    expect(read(200, { key: 'invalid_payload', message: 'Invalid' })).toMatchObject({ kind: 'dead' })
    expect(read(200, { error: 'Invalid' })).toMatchObject({ kind: 'dead' })
  })
})

describe('refused', () => {
  it('names the region as a cause of 401', () => {
    const reading = read(401, { code: 401, message: 'Unauthorized' })
    expect(reading).toMatchObject({ kind: 'refused' })
    expect(reading.merchant).toMatch(/Unauthorized.*region/)
  })
  it('takes 402 as a matter of the plan', () => {
    const reading = read(402, { code: 402, message: 'Exceeded' })
    expect(reading).toMatchObject({ kind: 'refused' })
    expect(reading.merchant).toMatch(/plan does not cover/)
  })
  it('takes 403 as refused', () =>
    expect(read(403, { code: 403, message: 'Origin not allowed' })).toMatchObject({ kind: 'refused' }))
  it.each<[string, Json]>([
    ['no error of Voucherify’s', null],
    ['an unknown project', { code: 404, message: 'Cannot find project' }],
    ['an unknown cluster', { code: 404, key: 'not_found', message: 'No such cluster' }],
  ])('takes a 404 with %s as a wrong address', (_, body) =>
    expect(read(404, body)).toMatchObject({ kind: 'refused' }),
  )
})

describe('given up', () => {
  it.each<[number, Json]>([
    [400, { code: 400, key: 'invalid_payload', message: 'Invalid payload' }],
    [400, { code: 404, key: 'not_found', message: 'Cannot find customer with id cust_1' }],
    [404, { code: 404, key: 'not_found', message: 'Cannot find customer with id cust_1' }],
    [409, { code: 409, key: 'duplicate_found', message: 'Duplicate' }],
    [415, null],
  ])('%i', (status, body) => expect(read(status, body)).toMatchObject({ kind: 'dead', reason: 'rejected' }))
  it('repeats key, message and details', () => {
    const reading = read(400, {
      code: 400,
      key: 'invalid_payload',
      message: 'Invalid payload',
      details: 'Property .x is wrong',
    })
    expect(reading.merchant).toContain('invalid_payload, Invalid payload, Property .x is wrong')
  })
  it('reads the older shapes of an error', () => {
    expect(read(400, { error: { message: 'Older' } }).merchant).toContain('Older')
    expect(read(400, { error: 'Oldest' }).merchant).toContain('Oldest')
  })
  it('repeats nothing of the customer', () => {
    const details = 'Customer Sam Lamp (shopper@example.com, 7012345678901) is wrong; so is other@example.com'
    const reading = read(400, { code: 400, message: 'Bad', details })
    expect(`${reading.merchant} ${reading.log}`).not.toMatch(/Sam|example|7012345678901/)
    expect(reading.merchant).toContain('is wrong')
  })
  it('repeats nothing of the note attributes that the request holds', () => {
    const noted = { ...step(), personal: ['Happy birthday', 'Happy'] }
    const reading = readVoucherify(
      noted,
      answer(400, { message: 'metadata.engraving: Happy birthday is wrong' }),
    )
    expect(`${reading.merchant} ${reading.log}`).not.toMatch(/Happy|birthday/)
  })
  it('stands a request without a customer', () => {
    const odd = { ...step(null), request: { ...step().request, body: [] } }
    expect(readVoucherify(odd, answer(400))).toMatchObject({ kind: 'dead' })
    expect(readVoucherify(step(null), answer(400))).toMatchObject({ kind: 'dead' })
  })
})

describe('tried again', () => {
  it.each([408, 423, 500, 503])('after %i', status => expect(read(status)).toMatchObject({ kind: 'retry' }))
  it('after 429, when X-Rate-Limit-Retry says', () => {
    const body = { code: 429, message: 'Too many requests hit the API too quickly.' }
    expect(read(429, body, { 'x-rate-limit-retry': '1795176010' })).toMatchObject({
      kind: 'retry',
      wholeLane: true,
      notBefore: new Date(1795176010_000),
    })
  })
  it('after 429 in plain text, when Retry-After says', () => {
    const plain = { ...answer(429, null, { 'retry-after': '5' }), text: 'API calls limit exceeded.' }
    const reading = readVoucherify(step(), plain)
    expect(reading).toMatchObject({ kind: 'retry', notBefore: new Date('2026-11-20T12:00:07Z') })
    expect(reading.merchant).toMatch(/subscription/)
  })
})

describe('the connection test', () => {
  it.each<[string, Json]>([
    ['customers', { object: 'list', data_ref: 'customers', customers: [], total: 0 }],
    ['tiers', { object: 'list', data_ref: 'tiers', tiers: [], total: 0, has_more: false }],
  ])('accepts a list of %s', (_, body) =>
    expect(readVoucherifyTest(answer(200, body))).toMatchObject({
      ok: true,
      merchant: expect.stringContaining('does not check event names'),
    }),
  )
  it.each<[number, Json, RegExp]>([
    [200, null, /unexpected/],
    [200, { code: 401, message: 'No' }, /region/],
    [401, { message: 'No' }, /region/],
    [402, { message: 'No' }, /plan/],
    [403, { message: 'No' }, /allowed URLs/],
    [404, null, /region/],
    [429, null, /slow down/],
    [500, null, /later/],
  ])('explains %i', (status, body, sentence) => {
    const result = readVoucherifyTest(answer(status, body))
    expect(result.ok).toBe(false)
    expect(result.refused ?? false).toBe(/refused the keys|does not let these keys/.test(result.merchant))
    expect(result.merchant).toMatch(sentence)
  })
})

describe('what Voucherify announces', () => {
  const RETRY = new Date('2026-11-20T12:01:00.000Z')
  const headers = (remaining: string, type?: string) => ({
    'x-rate-limit-limit': '100',
    'x-rate-limit-remaining': remaining,
    'x-rate-limit-retry': '1795176060',
    ...(type && { 'x-rate-limit-type': type }),
  })
  const said = (given: Record<string, string>, settings = serverSettings()) =>
    announces(answer(200, null, given), settings)

  it.each([undefined, 'api_calls'])('to application keys is limit, rest and time (type %s)', type => {
    expect(said(headers('41', type))).toEqual({ limit: 100, remaining: 41, resetAt: RETRY })
  })

  it.each(['bulk_api_calls', 'webhook_calls'])('about %s is not about events', type => {
    expect(said(headers('0', type))).toBeNull()
  })

  it('about a billing cycle counts once it is used up', () => {
    expect(said(headers('41', 'api_calls_cycle'))).toBeNull()
    expect(said(headers('0', 'api_calls_cycle'))).toEqual({ remaining: 0, resetAt: RETRY })
  })

  it('to client-side keys does not raise the limit of the address', () => {
    expect(said(headers('41'), clientSettings())).toBeNull()
    expect(said(headers('0'), clientSettings())).toEqual({ remaining: 0, resetAt: RETRY })
  })
})
