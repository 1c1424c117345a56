import { describe, expect, it } from 'vitest'
import { amountOf } from './amount.ts'

const order = { name: '#1001', total: '161.00', currency: 'EUR' }
describe('what an event comes to', () => {
  it.each([
    ['an order', { orderId: '1', order, refund: null }, { value: '161.00', currency: 'EUR' }],
    [
      'a refund, not the order after it',
      { orderId: '1', order, refund: { id: '1', amount: '12.50', currency: 'CZK', lines: [] } },
      { value: '12.50', currency: 'CZK' },
    ],
    ['a checkout', { checkout: { total: '5', currency: 'JPY' } }, { value: '5', currency: 'JPY' }],
    ['a cart', { cart: { total: '0', currency: 'EUR' } }, { value: '0', currency: 'EUR' }],
    ['a product, of which there may be several', { product: { price: '49.90', currency: 'PLN' } }, null],
    ['no total', { order: { ...order, total: null } }, null],
    ['no currency', { cart: { total: '5', currency: null } }, null],
    ['a search', { url: null, query: 'lamp' }, null],
    ['nothing', null, null],
  ])('%s', (_, data, amount) => expect(amountOf(data)).toEqual(amount))
})
