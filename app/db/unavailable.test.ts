import { describe, expect, it } from 'vitest'
import { isAway, isPassing, isUnavailable } from './unavailable.ts'

const coded = (code: string) => Object.assign(new Error('told'), { code })

describe('isUnavailable', () => {
  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    '08006',
    '53100',
    '53300',
    '57P01',
    '57P02',
    '57P03',
    '57014',
    '58030',
    '55P03',
    '25006',
    'P1001',
    'P1017',
    'P2024',
  ])('is so for the code %s', code => {
    expect(isUnavailable(coded(code))).toBe(true)
  })

  it.each(['23505', '23514', '42P01', '22P02', '28P01', '40001', 'P2002', 'P2025', 'ENOENT'])(
    'is not so for the code %s',
    code => {
      expect(isUnavailable(coded(code))).toBe(false)
    },
  )

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('is so for the words of pg %j', message => {
    expect(isUnavailable(new Error(message))).toBe(true)
  })

  it('looks into causes, several errors at once, and what Prisma wraps', () => {
    expect(isUnavailable(new Error('outer', { cause: coded('57P01') }))).toBe(true)
    expect(isUnavailable(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]))).toBe(true)
    const wrapped = { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '53300' } } } }
    expect(isUnavailable(wrapped)).toBe(true)
  })

  it('ends on causes that go in a circle', () => {
    const error = new Error('told')
    error.cause = error
    expect(isUnavailable(error)).toBe(false)
  })

  it.each([null, undefined, 'ECONNREFUSED', 42, {}, new Error('other')])('is not so for %j', value => {
    expect(isUnavailable(value)).toBe(false)
  })
})

describe('a failed statement', () => {
  it.each([
    ['40P01', { passing: true, away: false }],
    ['55P03', { passing: true, away: false }],
    ['ECONNREFUSED', { passing: true, away: true }],
    ['57P01', { passing: true, away: true }],
    ['22P02', { passing: false, away: false }],
  ])('of code %s tells whether it passes, and whether nobody can use the database', (code, expected) => {
    expect({ passing: isPassing(coded(code)), away: isAway(coded(code)) }).toEqual(expected)
  })
})
