import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pairs, type Told } from './twins.ts'

const told = (id: string, source: string, second: number, over: Partial<Told> = {}): Told => ({
  ...{ id, source, type: 'product_viewed', visitor: 'v1', at: new Date(second * 1000), variant: '43' },
  ...{ collection: null, query: null, url: null, state: 'pending', attempts: 0 },
  ...over,
})
const twinsOf = (...list: Told[]) => Object.fromEntries(pairs(list))

describe('twins', () => {
  it('are what both collectors tell of within ten seconds', () => {
    expect(twinsOf(told('a', 'storefront', 0), told('b', 'pixel', 10))).toEqual({ a: 'b', b: 'a' })
    expect(twinsOf(told('a', 'storefront', 10), told('b', 'pixel', 0))).toEqual({ a: 'b', b: 'a' })
    expect(twinsOf(told('a', 'storefront', 0), told('b', 'pixel', 10.001))).toEqual({})
  })

  it('are one to one, the earliest with the earliest', () => {
    const list = [
      told('a', 'storefront', 0),
      told('b', 'storefront', 4),
      told('c', 'pixel', 1),
      told('d', 'pixel', 5),
    ]
    expect(twinsOf(...list)).toEqual({ a: 'c', c: 'a', b: 'd', d: 'b' })
    expect(twinsOf(told('a', 'storefront', 0), told('b', 'storefront', 4), told('c', 'pixel', 5))).toEqual({
      a: 'c',
      c: 'a',
    })
    expect(twinsOf(told('a', 'storefront', 20), told('b', 'pixel', 0), told('c', 'pixel', 21))).toEqual({
      a: 'c',
      c: 'a',
    })
  })

  it('are of one visitor, one type and one subject', () => {
    const other = [{ visitor: 'v2' }, { type: 'product_added_to_cart' }, { variant: '44' }]
    for (const over of other)
      expect(twinsOf(told('a', 'storefront', 0), told('b', 'pixel', 0, over))).toEqual({})
    const page = { type: 'page_viewed', variant: null }
    expect(
      twinsOf(
        told('a', 'storefront', 0, { ...page, url: 'https://shop.example.com/pages/about/?utm=x' }),
        told('b', 'pixel', 0, { ...page, url: '/pages/about' }),
      ),
    ).toEqual({ a: 'b', b: 'a' })
    const query = (id: string, source: string, text: string) =>
      told(id, source, 0, { type: 'search_submitted', variant: null, query: text })
    expect(twinsOf(query('a', 'storefront', 'Lamp '), query('b', 'pixel', 'lamp'))).toEqual({
      a: 'b',
      b: 'a',
    })
  })

  it('are mutual, of both collectors, and the same in whatever order they are looked at', () => {
    const one = fc.record({
      source: fc.constantFrom('storefront', 'pixel'),
      second: fc.integer({ min: 0, max: 40 }),
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), list => {
        const all = list.map(({ source, second }, n) =>
          told(`e${String(n).padStart(2, '0')}`, source, second),
        )
        const found = pairs(all)
        expect(pairs(all.toReversed())).toEqual(found)
        const byId = new Map(all.map(each => [each.id, each]))
        for (const [id, twin] of found) {
          const [a, b] = [byId.get(id), byId.get(twin)]
          expect(found.get(twin)).toBe(id)
          expect(a?.source).not.toBe(b?.source)
          expect(Math.abs((a?.at.getTime() ?? 0) - (b?.at.getTime() ?? 0))).toBeLessThanOrEqual(10_000)
        }
      }),
    )
  })
})
