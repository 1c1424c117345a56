import { describe, expect, it } from 'vitest'
import { Ledger, type OrderStep, orderNumber, productNumber, type SentBrowsing } from './ledger.ts'

const wantedOf = (fill: (ledger: Ledger) => void) => {
  const ledger = new Ledger()
  fill(ledger)
  return ledger.wanted().map(({ vendor, key, acknowledged }) => `${vendor} ${key} ${acknowledged}`)
}
const state =
  (number: number, step: OrderStep, acknowledged = true) =>
  (ledger: Ledger) =>
    ledger.states.push({ order: 501, state: number, step, acknowledged })
const browsing = (type: SentBrowsing['type']) => (ledger: Ledger) =>
  ledger.browsing.push({ product: 801, type, acknowledged: true })

describe('what the vendors should get', () => {
  it('of a new order', () => {
    expect(wantedOf(state(1, 'created'))).toEqual([
      'ecomail transaction:501:1 true',
      'voucherify created:501 true',
      'alana created:501 true',
      'topmail created:501 true',
      'ecomail basket:501 true',
    ])
  })

  it('of its later states', () => {
    expect(wantedOf(state(2, 'updated'))).toEqual([
      'ecomail transaction:501:2 true',
      'ecomail basket:501 true',
    ])
    expect(wantedOf(state(3, 'paid'))).toContain('voucherify paid:501 true')
  })

  it('is an emptied basket once, as soon as any of its states was acknowledged', () => {
    const both = wantedOf(ledger => {
      state(1, 'created', false)(ledger)
      state(2, 'updated')(ledger)
    })
    expect(both.filter(one => one.includes('basket'))).toEqual(['ecomail basket:501 true'])
    expect(wantedOf(state(1, 'created', false))).toContain('ecomail basket:501 false')
  })

  it('of a product that was seen, and of one put into a cart', () => {
    expect(wantedOf(browsing('product_viewed'))).toHaveLength(4)
    expect(wantedOf(browsing('product_added_to_cart'))).toEqual([
      'alana product_added_to_cart:801 true',
      'voucherify product_added_to_cart:801 true',
    ])
  })
})

it('counts what was sent and what of it was acknowledged', () => {
  const ledger = new Ledger()
  state(1, 'created', false)(ledger)
  browsing('product_viewed')(ledger)
  expect([ledger.sent(), ledger.acknowledged()]).toEqual([2, 1])
})

it('numbers tell the shops apart, and orders from products', () => {
  expect(orderNumber(1, 7)).toBe(501000000007)
  expect(orderNumber(12, 7)).toBe(512000000007)
  expect(productNumber(1, 7)).toBe(801000000007)
})
