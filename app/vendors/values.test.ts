import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { product } from './testing.ts'
import { absoluteUrl, amount, compact, cut, identifierOf, productIdentifierSettings } from './values.ts'

describe('amount', () => {
  it.each([
    ['139.99', 139.99],
    ['-5.00', -5],
    ['0', 0],
    ['23600', 23600],
    ['999999999999.99', 999999999999.99],
  ])('makes %s a number', (text, number) => {
    expect(amount(text)).toBe(number)
  })

  it('is what JSON writes again, for any price', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e11, max: 1e11 }), cents => {
        const text = `${cents < 0 ? '-' : ''}${Math.trunc(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`
        expect(JSON.stringify(amount(text))).toBe(JSON.stringify(cents / 100))
      }),
    )
  })
})

describe('cut', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['ab😀', 3, 'ab'],
    ['ab😀', 4, 'ab😀'],
    ['', 3, ''],
    ['abc', 0, ''],
  ])('cuts %j to %i units', (text, max, expected) => {
    expect(cut(text, max)).toBe(expected)
  })

  it('is a beginning of the text, no longer than allowed, and breaks no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, max) => {
        const result = cut(text, max)
        expect(text.startsWith(result)).toBe(true)
        expect(result.length).toBeLessThanOrEqual(max)
        if (text.isWellFormed()) expect(result.isWellFormed()).toBe(true)
      }),
    )
  })
})

describe('absoluteUrl', () => {
  const BASE = 'https://shop.example.com'

  it.each([
    ['https://a.example/x', 'https://a.example/x'],
    ['//cdn.example/x.jpg', 'https://cdn.example/x.jpg'],
    ['/products/x', 'https://shop.example.com/products/x'],
    ['/a b', 'https://shop.example.com/a%20b'],
    [null, null],
    ['', null],
    ['javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['http://', null],
  ])('makes %j %j', (value, expected) => {
    expect(absoluteUrl(value, BASE)).toBe(expected)
  })
})

describe('compact', () => {
  it('leaves out what is null, undefined or empty, and nothing else', () => {
    expect(compact({ a: null, b: undefined, c: '', d: 0, e: false, f: [], g: ' ' })).toEqual({
      d: 0,
      e: false,
      f: [],
      g: ' ',
    })
  })
})

describe('the product identifier', () => {
  const known = product({ metafields: { 'alana.id': 'uuid-1', 'empty.one': '' } })

  it.each([
    ['product_id', '8012345678901'],
    ['variant_id', '43012345678901'],
    ['sku', 'BL-L'],
    ['handle', 'brass-lantern'],
  ] as const)('is by choice the %s', (productIdentifier, expected) => {
    expect(identifierOf(known, { productIdentifier })).toBe(expected)
  })

  it.each([
    ['alana.id', 'uuid-1'],
    ['empty.one', null],
    ['other.one', null],
    [undefined, null],
  ])('is by choice the metafield %s', (productMetafield, expected) => {
    expect(identifierOf(known, { productIdentifier: 'metafield', productMetafield })).toBe(expected)
  })

  it('is null where the product has none', () => {
    const none = product({ id: null, variantId: null, sku: '', handle: null })
    for (const productIdentifier of ['product_id', 'variant_id', 'sku', 'handle'] as const)
      expect(identifierOf(none, { productIdentifier })).toBeNull()
  })

  it('is the product id unless chosen, and a metafield is named by namespace and key', () => {
    const schema = z.object(productIdentifierSettings)
    expect(schema.parse({})).toEqual({ productIdentifier: 'product_id' })
    expect(schema.parse({ productMetafield: ' alana.id ' })).toMatchObject({ productMetafield: 'alana.id' })
    expect(schema.safeParse({ productMetafield: 'alana' }).error?.issues[0]?.message).toBe(
      'must be namespace.key',
    )
  })
})
