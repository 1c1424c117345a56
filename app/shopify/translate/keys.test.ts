import { describe, expect, it } from 'vitest'
import { cartToken, dedupeKey, digest, subject } from './keys.ts'

describe('dedupeKey', () => {
  it('names the happening', () => {
    expect(dedupeKey('order_updated', ['5', '2026-11-20T12:00:00.000Z'], {})).toBe(
      'order_updated:5:2026-11-20T12:00:00.000Z',
    )
  })

  it('stands on the payload where a part is unknown', () => {
    const key = dedupeKey('cart_updated', ['c1', null], { a: 1 })
    expect(key).toBe(`cart_updated:${digest({ a: 1 })}`)
    expect(key).not.toBe(dedupeKey('cart_updated', ['c1', null], { a: 2 }))
  })

  it('fits where keys are stored', () => {
    expect(dedupeKey('cart_updated', ['x'.repeat(600)], {}).length).toBeLessThan(500)
  })
})

describe('digest', () => {
  it('does not depend on the order of keys, but on that of lists', () => {
    expect(digest({ a: 1, b: { c: 2, d: 3 } })).toBe(digest({ b: { d: 3, c: 2 }, a: 1 }))
    expect(digest([1, 2])).not.toBe(digest([2, 1]))
    expect(digest({ a: 1 })).not.toBe(digest([['a', 1]].concat([['b', 2]])))
  })
})

describe('cartToken', () => {
  it.each([
    ['hWN1?key=abc', 'hWN1'],
    ['c1-00', 'c1-00'],
    ['?key=abc', null],
    [null, null],
  ])('%j reads %j', (token, read) => expect(cartToken(token)).toBe(read))
})

describe('subject', () => {
  it('is null for what has no name', () => {
    expect(subject('cart', 'c1')).toBe('cart:c1')
    expect(subject('cart', null)).toBeNull()
  })
})
