import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { meaningOfAnswer } from './answer.ts'

const schema = z.object({ shop: z.object({ name: z.string().nullable() }).nullable() })
const answer = (body: unknown, status = 200, headers = {}) => ({ status, headers, body })
const read = (body: unknown, status = 200, headers = {}) =>
  meaningOfAnswer(answer(body, status, headers), schema)
const error = (code: string, path: string[] = []) => ({ message: 'No.', path, extensions: { code } })
const throttled = (requestedQueryCost: number, currentlyAvailable: number, restoreRate = 100) => ({
  errors: [error('THROTTLED')],
  extensions: {
    cost: {
      requestedQueryCost,
      actualQueryCost: null,
      throttleStatus: { maximumAvailable: 2000, currentlyAvailable, restoreRate },
    },
  },
})

describe('an answer of the Admin API', () => {
  it('is its data', () => {
    expect(read({ data: { shop: { name: 'One' } } })).toEqual({
      kind: 'data',
      data: { shop: { name: 'One' } },
      denied: [],
    })
  })

  it('is its data where fields are withheld, which are named', () => {
    const body = { data: { shop: { name: null } }, errors: [error('ACCESS_DENIED', ['shop', 'name'])] }
    expect(read(body)).toMatchObject({ kind: 'data', denied: ['shop.name'] })
  })

  it.each([
    ['frozen', 402, { errors: 'Unavailable Shop' }],
    ['denied', 403, { errors: '[API] This action requires merchant approval' }],
    ['gone', 404, { errors: 'Not Found' }],
    ['locked', 423, null],
    ['busy', 430, null],
    ['unreachable', 500, null],
    ['unreachable', 503, '<html>'],
    ['unreadable', 301, null],
    ['unreadable', 200, null],
    ['unreadable', 200, []],
    ['unreadable', 200, { data: null }],
    ['unreadable', 200, { data: { shop: 7 } }],
    ['unreadable', 200, { data: { shop: null }, errors: [{ message: 'Field does not exist' }] }],
    ['denied', 200, { data: null, errors: [error('ACCESS_DENIED')] }],
    ['frozen', 200, { errors: [error('SHOP_INACTIVE')] }],
    ['unreachable', 200, { errors: [error('INTERNAL_SERVER_ERROR')] }],
  ])('is a failure: %s for %i %j', (kind, status, body) => {
    expect(read(body, status)).toMatchObject({ kind: 'failure', failure: { kind } })
  })

  it('asks for another token on 401', () => {
    expect(read({ errors: '[API] Invalid API key or access token' }, 401)).toEqual({ kind: 'unauthorized' })
  })

  it.each([
    [100, 90, 100, 100],
    [752, 666, 50, 1720],
    [10, 10, 100, 1],
  ])(
    'is throttled until the cost of %i is there, of which %i is at %i a second',
    (cost, left, rate, waitMs) => {
      expect(read(throttled(cost, left, rate))).toEqual({ kind: 'throttled', waitMs })
    },
  )

  it.each([
    [{ errors: [error('THROTTLED')] }, 200, {}, 1000],
    [null, 429, { 'retry-after': '2.5' }, 2500],
    [null, 429, { 'retry-after': 'soon' }, 1000],
  ])('is throttled also where it does not say what is left: %j %i', (body, status, headers, waitMs) => {
    expect(read(body, status, headers)).toEqual({ kind: 'throttled', waitMs })
  })

  it('may hold anything', () => {
    const part = fc.oneof(
      fc.json().map(text => JSON.parse(text)),
      fc.constantFrom(throttled(1e308, -1e308, 1e-300)),
    )
    fc.assert(
      fc.property(
        fc.record({ data: part, errors: part, extensions: part }),
        fc.integer({ min: 100, max: 599 }),
        (body, status) => {
          expect(['data', 'unauthorized', 'throttled', 'failure']).toContain(read(body, status).kind)
        },
      ),
    )
  })
})
