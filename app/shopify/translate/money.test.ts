import { describe, expect, it } from 'vitest'
import { Exact, shopAmount, sum, written } from './money.ts'

describe('written', () => {
  it.each([
    ['99.8', ['49.90'], '99.80'],
    ['23600', ['11800'], '23600'],
    ['3.335', ['10.00'], '3.34'],
    ['-0.001', ['10.00'], '0.00'],
    ['0', [], '0'],
    ['1e20', ['1.00'], '999999999999999.00'],
    ['-1e20', [null], '-999999999999999'],
  ])('%s made from %j is written %s', (value, from, text) => {
    expect(written(new Exact(value), from)).toBe(text)
  })
})

describe('sum', () => {
  it('is exact and skips what is unknown', () => {
    expect(sum(['0.10', null, '0.20']).toString()).toBe('0.3')
    expect(sum([]).toString()).toBe('0')
  })
})

describe('shopAmount', () => {
  it("prefers the set's shop side", () => {
    expect(shopAmount({ amount: '5.00' }, '4.00')).toBe('5.00')
    expect(shopAmount(null, '4.00')).toBe('4.00')
  })
})
