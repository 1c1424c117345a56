import { describe, expect, it } from 'vitest'
import type { Line, Order } from '../../events/data.ts'
import { line, order, product, SHOP, storeEvent } from '../testing.ts'
import { orderIdOf, transactionBody } from './transaction.ts'

const event = (state: Order, type: 'order_created' | 'order_updated' = 'order_created') =>
  storeEvent(type, { orderId: '5123456789012', order: state, refund: null }, { source: 'webhook' })

type Body = { transaction: Record<string, unknown>; transaction_items: Record<string, unknown>[] }

function bodyOf(
  over: Partial<Order> = {},
  type: 'order_created' | 'order_updated' = 'order_created',
  shopName?: string,
) {
  const state = order(over)
  const facts = {
    orderId: '5123456789012',
    email: 'shopper@example.com',
    order: state,
    total: state.total ?? '0',
  }
  return transactionBody(facts, event(state, type), { shopName }, SHOP) as unknown as Body
}
const itemOf = (over: Partial<Line>) => bodyOf({ lines: [line(over)] }).transaction_items[0]

describe('transaction', () => {
  it('holds amounts as numbers and the time in Unix seconds', () => {
    expect(bodyOf().transaction).toMatchObject({
      amount: 104.8,
      tax: 17.47,
      shipping: 5,
      timestamp: 1795176000,
    })
  })

  it('names the shop by its domain unless the merchant named it', () => {
    expect(bodyOf().transaction.shop).toBe('lantern-shop.myshopify.com')
    expect(bodyOf({}, 'order_created', 'Lantern').transaction.shop).toBe('Lantern')
  })

  it('sends zero amounts, and leaves out what is not known', () => {
    const { transaction } = bodyOf({ tax: '0.00', shipping: null })
    expect(transaction.tax).toBe(0)
    expect(transaction).not.toHaveProperty('shipping')
    expect(transaction).not.toHaveProperty('city')
  })

  it('sends the status null rather than leaving it out', () => {
    expect(bodyOf({ financialStatus: null }).transaction.status).toBeNull()
  })

  it('does not take the time of a later notice for the time of the order', () => {
    expect(bodyOf({ createdAt: null }, 'order_updated').transaction).not.toHaveProperty('timestamp')
    expect(bodyOf({ createdAt: null }, 'order_created').transaction.timestamp).toBe(1795176000)
  })

  it('sends the line total as the price of an item', () => {
    expect(itemOf({ quantity: 2, total: '99.80' })).toMatchObject({ price: 99.8, amount: 2 })
  })

  it('falls back from SKU to variant, product, title, line and position', () => {
    const bare = { sku: null, variantId: null, id: null, title: null }
    expect(itemOf({ product: product() })?.code).toBe('BL-L')
    expect(itemOf({ product: product({ sku: '' }) })?.code).toBe('43012345678901')
    expect(itemOf({ product: product({ ...bare, id: '7' }) })?.code).toBe('7')
    expect(itemOf({ product: product({ ...bare, title: 'x'.repeat(150) }) })?.code).toBe('x'.repeat(100))
    expect(itemOf({ id: '9', product: product(bare) })).toMatchObject({ code: '9', title: '9' })
    expect(itemOf({ id: null, product: product(bare) })?.code).toBe('line-1')
  })

  it('sends both category fields, within their limits', () => {
    const deep = Array.from({ length: 30 }, (_, i) => `${i} ${'c'.repeat(200)}`).join(' > ')
    const item = itemOf({ product: product({ category: deep }) })
    const categories = item?.categories as string[]
    expect(categories).toHaveLength(20)
    expect(Math.max(...categories.map(category => category.length))).toBe(100)
    expect(item?.category).toBe(categories.at(-1))
  })

  it('leaves categories and tags out where there are none', () => {
    const item = itemOf({ product: product({ category: ' > ', tags: [''] }) })
    expect(Object.keys(item ?? {})).toEqual(['code', 'title', 'price', 'amount'])
  })

  it('keeps tags few, whole and short', () => {
    const many = Array.from({ length: 40 }, (_, i) => `tag number ${i}`)
    expect(itemOf({ product: product({ tags: many }) })?.tags).toEqual(many.slice(0, 10))
    expect(itemOf({ product: product({ tags: ['x'.repeat(51), 'short'] }) })?.tags).toEqual(['short'])
    const long = Array.from({ length: 10 }, (_, i) => `${i}`.padEnd(50, 'x'))
    expect(itemOf({ product: product({ tags: long }) })?.tags).toHaveLength(5)
  })

  it('leaves out lines taken off the order, but not all of them', () => {
    const gone = line({ id: '2', quantity: 0, total: '0.00' })
    expect(bodyOf({ lines: [line(), gone] }).transaction_items).toHaveLength(1)
    expect(bodyOf({ lines: [gone] }).transaction_items).toMatchObject([{ code: 'BL-L', amount: 0, price: 0 }])
  })
})

describe('order id', () => {
  it('is the id or the name, as the merchant chose', () => {
    expect(orderIdOf(event(order()), { orderId: 'order_id' })).toBe('5123456789012')
    expect(orderIdOf(event(order()), { orderId: 'order_name' })).toBe('#1001')
    expect(orderIdOf(event(order({ name: null })), { orderId: 'order_name' })).toBeNull()
  })
})
