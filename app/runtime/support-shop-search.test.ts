import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askedShops, written } from './support-shop-search.ts'

const asked = (query: string) => askedShops(new URLSearchParams(query))

describe('an address asks for', () => {
  it('the worst first when it says nothing, or nothing that makes sense', () => {
    const nothing = { search: { sort: 'worst' }, place: null }
    expect(asked('')).toEqual(nothing)
    expect(asked('text=+&vendor=&state=&sort=&after=')).toEqual(nothing)
    expect(asked("vendor=a'b&state=bad&sort=upwards&after=x~y~z")).toEqual(nothing)
  })

  it('what was typed and chosen', () => {
    expect(asked('text=+%231001&vendor=alana&state=held&sort=oldest').search).toEqual({
      ...{ text: '#1001', vendor: 'alana', state: 'held', sort: 'oldest' },
    })
  })

  it.each([
    ['worst', { rank: 4, key: '-12', shopId: 7 }],
    ['failed', { rank: 0, key: '0', shopId: 7 }],
    ['oldest', { rank: 0, key: '2026-11-21 18:00:00.123+00', shopId: 7 }],
    ['oldest', { rank: 0, key: 'infinity', shopId: 7 }],
    ['domain', { rank: 0, key: 'one.myshopify.com', shopId: 7 }],
    ['waiting', { rank: -1, key: '', shopId: 7 }],
  ])('a place by %s, as it is written', (sort, place) => {
    expect(asked(String(new URLSearchParams({ sort, after: written(place) }))).place).toEqual(place)
  })

  it('no place of another order', () => {
    expect(asked(`sort=oldest&after=0~-12~7`).place).toBeNull()
    expect(asked(`sort=waiting&after=${encodeURIComponent('0~2026-11-21 18:00:00+00~7')}`).place).toBeNull()
    expect(asked('sort=worst&after=99999999999~0~1').place).toBeNull()
  })

  it('something, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('text', 'vendor', 'state', 'sort', 'after'), fc.string()),
        given => {
          expect(askedShops(new URLSearchParams(given)).search.sort).toBeTypeOf('string')
        },
      ),
    )
  })
})
