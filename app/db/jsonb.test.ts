import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { storable, toJsonb } from './jsonb.ts'

describe('storable', () => {
  it.each([
    ['plain', 'plain'],
    ['a\u0000b', 'ab'],
    ['\ud800', '\ufffd'],
    ['😀', '😀'],
  ])('makes %j into %j', (text, expected) => {
    expect(storable(text)).toBe(expected)
  })
})

describe('toJsonb', () => {
  it('cleans strings and keys at any depth, and leaves the rest', () => {
    const at = new Date('2026-11-20T12:00:00.000Z')
    const value = { 'a\u0000': ['b\u0000', { '\ud800': '\udc00' }], n: 1.5, yes: true, none: null, at }
    expect(JSON.parse(toJsonb(value))).toEqual({
      a: ['b', { '\ufffd': '\ufffd' }],
      n: 1.5,
      yes: true,
      none: null,
      at: at.toISOString(),
    })
  })

  it('keeps a key named __proto__ a key', () => {
    expect(toJsonb(JSON.parse('{"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1}}')
  })

  describe('to PostgreSQL', () => {
    const client = new pg.Client({ connectionString: inject('postgres').url })
    beforeAll(() => client.connect())
    afterAll(() => client.end())
    const kept = async (value: unknown) =>
      (await client.query('select $1::jsonb as value', [toJsonb(value)])).rows[0].value

    it('is acceptable, and comes back as it was, for any JSON value', async () => {
      const signs = ['a', '\u0000', '\ud800', '\udc00', '😀']
      // Without quotes and backslashes: Node 24 (V8 13.6) takes the keys '"' and '\\' for one another in JSON.parse.
      const key = fc.string({ unit: fc.constantFrom(...signs) })
      const hostile = fc.string({ unit: fc.constantFrom(...signs, '"', '\\') })
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.array(
              fc.oneof(
                hostile,
                fc.double({ noNaN: true, noDefaultInfinity: true }),
                fc.boolean(),
                fc.constant(null),
              ),
            ),
            fc.dictionary(key, fc.array(hostile)),
            hostile,
          ),
          async value => {
            expect(await kept(value)).toEqual(JSON.parse(toJsonb(value)))
          },
        ),
        { numRuns: 200 },
      )
    })
  })
})
