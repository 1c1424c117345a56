import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_DEPTH, MalformedJson, parseJson, parsePlainJson } from './json.ts'
import { lineItem, order } from './testing.ts'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('parseJson', () => {
  it('keeps every number as its digits', () => {
    expect(parseJson('{"id":820982911946154508,"subtotal":195.66,"n":-0,"e":1e400,"t":"5"}')).toEqual({
      id: '820982911946154508',
      subtotal: '195.66',
      n: '-0',
      e: '1e400',
      t: '5',
    })
  })

  it('agrees with JSON.parse on everything but numbers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = JSON.stringify(value)
        const expected = JSON.parse(text, (_, part) =>
          typeof part === 'number' ? JSON.stringify(part) : part,
        )
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(expected))
      }),
    )
  })

  it('writes no number in another way than it came', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,12})?([eE][+-]?\d{1,3})?$/)
    fc.assert(
      fc.property(fc.array(digits, { minLength: 1 }), fc.constantFrom('', ' ', '\n'), (numbers, space) => {
        expect(parseJson(`[${numbers.join(`,${space}`)}]`)).toEqual(numbers)
        const fields = numbers.map((number, i) => `"${i}"${space}:${space}${number}`).join(',')
        expect(Object.values(parseJson(`{${fields}}`) as object)).toEqual(numbers)
        expect(parseJson(`${space}${numbers[0]}`)).toBe(numbers[0])
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    '0.10',
    '1.0',
    '-0',
    '-0.0',
    '1e2',
    '1E-7',
    '0.0000001',
    '0.000001',
    '12345678901234567',
    '0.12345678901234567',
    '123456789012345.67',
  ])('keeps %s as it is', number => {
    expect(parseJson(number)).toBe(number)
    expect(parseJson(`{"a": "text, 1.5", "b":[ ${number}]}`)).toEqual({ a: 'text, 1.5', b: [number] })
  })

  it('reads UTF-8 bytes', () => {
    expect(parseJson(new TextEncoder().encode('{"city":"Žilina"}'))).toEqual({ city: 'Žilina' })
  })

  it('takes the last of repeated keys', () => {
    expect(parseJson('{"a":1,"a":{"b":2}}')).toEqual({ a: { b: '2' } })
  })

  it('changes no prototype', () => {
    const parsed = parseJson('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
    expect(Object.keys(parsed as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('keeps to the depth limit', () => {
    expect(() => parseJson(nested(MAX_DEPTH))).not.toThrow()
    expect(() => parseJson(nested(MAX_DEPTH + 1))).toThrow(MalformedJson)
    expect(() => parseJson('['.repeat(500_000))).toThrow(MalformedJson)
    expect(() => parseJson('{"a":'.repeat(500_000))).toThrow(MalformedJson)
  })

  it('does not count brackets in strings', () => {
    expect(parseJson(JSON.stringify({ a: `\\"${'['.repeat(1000)}\\` }))).toEqual({
      a: `\\"${'['.repeat(1000)}\\`,
    })
  })

  it.each(['', ' ', '{', '{"a":}', "{'a':1}", '[1,]', '01', 'NaN', '{"a":1}x', '"\\x"', '"\u0001"'])(
    'refuses %j with a typed error',
    text => expect(() => parseJson(text)).toThrow(MalformedJson),
  )

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(MalformedJson)
  })

  it('repeats nothing of the body in its message', () => {
    expect(() => parseJson('{"email":"shopper@example.com",}')).toThrow(/^The body is not JSON\.$/)
  })

  it('reads an order of a megabyte, whole', () => {
    const text = JSON.stringify(order({ line_items: Array.from({ length: 1400 }, () => lineItem()) }))
    expect(text.length).toBeGreaterThan(1_000_000)
    expect(parseJson(text)).toMatchObject({ line_items: { length: 1400 } })
  })
})

describe('parsePlainJson', () => {
  it('is JSON.parse of the bytes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = JSON.stringify(value)
        expect(parsePlainJson(Buffer.from(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('changes no prototype', () => {
    const body = parsePlainJson(Buffer.from('{"__proto__":{"polluted":true}}'))
    expect(body).not.toHaveProperty('polluted')
    expect(Object.keys(body as object)).toEqual(['__proto__'])
  })

  it.each([['{'], [''], ['{"a":1}x'], ['NaN']])('refuses %j without repeating it', text => {
    expect(() => parsePlainJson(Buffer.from(text))).toThrow(new MalformedJson('The body is not JSON.'))
  })

  it('refuses what is no UTF-8', () => {
    expect(() => parsePlainJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(MalformedJson)
  })
})
