import { describe, expect, it } from 'vitest'
import {
  announcedTime,
  announcement,
  countIn,
  isNoJson,
  objectIn,
  quote,
  readByStatus,
  readFailedTest,
  resetTime,
  stringIn,
} from './answers.ts'
import { answer } from './testing.ts'

/** When `answer` is received. */
const RECEIVED = Date.parse('2026-11-20T12:00:02.000Z')
const RESET = new Date('2026-11-20T12:01:00.000Z')
const inSeconds = (n: number) => new Date(RECEIVED + n * 1000)

describe('objectIn and stringIn', () => {
  it('read what is an object and a string', () => {
    const given = answer(200, { error: { code: 'x', n: 1 } })
    expect(stringIn(objectIn(given, 'error'), 'code')).toBe('x')
    expect(stringIn(objectIn(given, 'error'), 'n')).toBeUndefined()
    expect(objectIn(given)).toEqual({ error: { code: 'x', n: 1 } })
  })

  it.each([null, 'text', 7, true, [1], { error: null }, { error: ['x'] }, { error: 'x' }])(
    'take %j for an empty object',
    body => {
      expect(objectIn(answer(200, body), 'error')).toEqual({})
      expect(stringIn(objectIn(answer(200, body)), 'missing')).toBeUndefined()
    },
  )
})

describe('isNoJson', () => {
  it.each([
    [null, '', false],
    [null, ' null\n', false],
    [{}, '{}', false],
    [null, '<!doctype html>', true],
    [null, '{"stored":', true],
    [null, 'OK', true],
  ])('of %j, text %j, is %s', (body, text, expected) => {
    expect(isNoJson({ ...answer(200, body), text })).toBe(expected)
  })
})

describe('announcedTime', () => {
  const own = { isoHeader: 'x-reset', epochHeader: 'x-epoch' }

  it.each([
    [{ 'retry-after': '30' }, inSeconds(30)],
    [{ 'retry-after': ' 0 ' }, inSeconds(0)],
    [{ 'retry-after': '1.5' }, inSeconds(1.5)],
    [{ 'retry-after': '1795176000' }, new Date('2026-11-20T12:00:00Z')],
    [{ 'retry-after': '2026-11-20T12:05:00+01:00' }, new Date('2026-11-20T11:05:00Z')],
    [{ 'retry-after': '2026-11-20T12:05:00' }, new Date('2026-11-20T12:05:00Z')],
    [{ 'retry-after': 'Friday, 20-Nov-26 12:05:00 GMT' }, new Date('2026-11-20T12:05:00Z')],
    [{ 'retry-after': 'Fri Nov 20 12:05:00 2026' }, new Date('2026-11-20T12:05:00Z')],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:05:00 GMT' }, new Date('2026-11-20T12:05:00Z')],
    [{ 'x-epoch': '1795176000' }, new Date('2026-11-20T12:00:00Z')],
    [{ 'x-reset': '2026-11-20T12:01:00.000Z' }, new Date('2026-11-20T12:01:00Z')],
    [{ 'retry-after': '5', 'x-reset': '2026-11-20T13:00:00Z', 'x-epoch': '1795176000' }, inSeconds(5)],
    [{ 'retry-after': 'soon', 'x-reset': '2026-11-20T13:00:00Z' }, new Date('2026-11-20T13:00:00Z')],
  ])('is read from %j', (headers, time) => {
    expect(announcedTime(answer(429, null, headers as Record<string, string>), own)).toEqual(time)
  })

  it.each([
    {},
    { 'retry-after': '' },
    { 'retry-after': 'soon' },
    { 'retry-after': '9'.repeat(30) },
    { 'retry-after': '-5' },
    { 'retry-after': 'in 5' },
    { 'retry-after': '1 year' },
    { 'retry-after': 'Fri, 99 Nov 2026 12:05:00 GMT' },
    { 'x-epoch': '60' },
    { 'x-epoch': '9'.repeat(30) },
    { 'x-reset': 'tomorrow' },
    { 'x-reset': '2026-99-99T00:00:00Z' },
  ])('is nothing usable in %j', headers => {
    expect(announcedTime(answer(429, null, headers as Record<string, string>), own)).toBeUndefined()
  })

  it.each([
    ['retry-after', 'Fri, 20 Nov 2026 12:05:00 GMT'],
    ['x-reset', '2026-11-20T12:05:00Z'],
    ['x-epoch', '1795176300'],
  ])('in %s is by the clock of the vendor, whose answer tells how far it is from ours', (name, time) => {
    const at = (date: string) => announcedTime(answer(429, null, { date, [name]: time }), own)
    const fiveMinutes = inSeconds(300)
    expect(at('Fri, 20 Nov 2026 12:00:00 GMT')).toEqual(new Date('2026-11-20T12:05:00Z'))
    expect(at('Fri, 20 Nov 2026 11:00:00 GMT')?.getTime()).toBe(fiveMinutes.getTime() + 3_600_000)
    expect(at('Fri, 20 Nov 2026 13:00:00 GMT')?.getTime()).toBe(fiveMinutes.getTime() - 3_600_000)
    expect(at('yesterday')).toEqual(new Date('2026-11-20T12:05:00Z'))
  })

  it("looks at a vendor's own headers only where the vendor has some", () => {
    expect(announcedTime(answer(429, null, { 'x-epoch': '1795176000' }))).toBeUndefined()
  })
})

describe('what is announced about a limit', () => {
  it.each([
    ['0', 0],
    [' 17 ', 17],
    ['999999999', 999_999_999],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['many', undefined],
    ['9999999999', undefined],
    [undefined, undefined],
  ])('is a count in %j: %j', (value, expected) => {
    expect(countIn(answer(200, null, value === undefined ? {} : { 'x-left': value }), 'x-left')).toBe(
      expected,
    )
  })

  it('is a reset in the vendor’s own header, not Retry-After', () => {
    const headers = { 'retry-after': '5', 'x-reset': '2026-11-20T13:00:00Z' }
    expect(resetTime(answer(200, null, headers), { isoHeader: 'x-reset' })).toEqual(
      new Date('2026-11-20T13:00:00Z'),
    )
  })

  it('is put together of what was said', () => {
    expect(announcement({ limit: 5, remaining: 0, resetAt: RESET, scope: undefined })).toEqual({
      limit: 5,
      remaining: 0,
      resetAt: RESET,
    })
    expect(announcement({ scope: 'key' })).toEqual({ scope: 'key' })
    expect(announcement({ limit: undefined, remaining: undefined, resetAt: RESET })).toBeNull()
  })
})

describe('quote', () => {
  it('is one line without addresses', () => {
    expect(quote(' No\n such\tcontact: jane@example.com! ')).toBe('No such contact: [e-mail]')
  })

  it('holds nothing that a database refuses: a NUL made an update fail', () => {
    expect(quote('bad\u0000 \u001bvalue\u0085 \ud83d')).toBe('bad value \ufffd')
    expect(quote(`${'x'.repeat(199)}🪔🪔`).isWellFormed()).toBe(true)
    expect(quote('ja\u0000ne@example.com')).toBe('[e-mail]')
  })

  it('is short', () => {
    expect(quote('x'.repeat(200))).toHaveLength(200)
    expect(quote('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`)
    expect(quote('a@'.repeat(1_000_000)).length).toBeLessThanOrEqual(201)
  })
})

describe('readByStatus', () => {
  const read = (status: number, words?: string, notBefore?: Date) =>
    readByStatus('Tiny', answer(status), words, notBefore)

  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [302, 'retry'],
    [400, 'dead'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'dead'],
    [408, 'retry'],
    [422, 'dead'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [599, 'retry'],
  ])('takes %i for %s', (status, kind) => {
    expect(read(status).kind).toBe(kind)
  })

  it('says who answered what, to an engineer and to a merchant', () => {
    expect(read(422, 'total is missing')).toEqual({
      kind: 'dead',
      reason: 'rejected',
      merchant: 'Tiny rejected this: total is missing.',
      log: 'Tiny answered 422: total is missing',
    })
    expect(read(500)).toMatchObject({ log: 'Tiny answered 500' })
  })

  it('repeats no address in either', () => {
    expect(
      JSON.stringify([400, 401, 429, 500].map(status => read(status, 'of jane@example.com'))),
    ).not.toContain('jane')
  })

  it('passes the announced time on, and stops the lane for a limit only', () => {
    expect(read(429, undefined, inSeconds(9))).toMatchObject({ wholeLane: true, notBefore: inSeconds(9) })
    expect(read(503, undefined, inSeconds(9))).toMatchObject({ notBefore: inSeconds(9) })
    expect(read(503)).not.toHaveProperty('wholeLane')
    expect(read(429)).not.toHaveProperty('notBefore')
  })
})

describe('the answer to a test that failed', () => {
  const read = (status: number, words?: string) => readFailedTest('Tiny', answer(status), words)

  it.each([200, 302, 400, 401, 403, 404, 408, 422, 429, 500, 503])(
    'of %i promises nothing that is not done: a test is not sent again by itself',
    status => {
      const { ok, merchant } = read(status)
      expect(ok).toBe(false)
      expect(merchant).not.toContain('by itself')
      expect(merchant).toMatch(/Try again|Check them/)
    },
  )

  it.each([
    [undefined, 'in a minute'],
    [-5, 'in a minute'],
    [30, 'in a minute'],
    [61, 'in 2 minutes'],
    [3600, 'in 60 minutes'],
    [7201, 'in 3 hours'],
  ])('that asks to slow down for %s s says when it is worth trying again: %s', (seconds, when) => {
    const notBefore = seconds === undefined ? undefined : inSeconds(seconds)
    const { merchant } = readFailedTest('Tiny', answer(429), undefined, notBefore)
    expect(merchant).toBe(`Tiny asks to slow down. Try again ${when}.`)
  })

  it('says what the vendor said, without addresses', () => {
    expect(read(404, 'no such path')).toEqual({
      ok: false,
      merchant: 'Tiny gave an unexpected answer: no such path. Try again, and check the API key.',
      log: 'Tiny answered 404 to the test: no such path',
    })
    expect(JSON.stringify(read(401, 'of jane@example.com'))).not.toContain('jane')
  })
})
