import { describe, expect, it } from 'vitest'
import { createOrderBook } from './orders.ts'

const SHOP = 'one.myshopify.com'
const book = () => {
  const orders = createOrderBook()
  orders.add(
    SHOP,
    ['2026-11-19T23:59:59Z', '2026-11-20T00:00:00Z', '2026-11-20T12:00:00+02:00'].map((createdAt, id) => ({
      id: String(id),
      createdAt,
    })),
  )
  return orders
}

describe('the stand-in’s orders', () => {
  it.each([
    [undefined, 3],
    ['', 3],
    ["created_at:>='2026-11-20T00:00:00Z'", 2],
    ["created_at:>='2026-11-19T00:00:00Z' AND created_at:<'2026-11-20T00:00:00Z'", 1],
    [`created_at:>'2026-11-20T00:00:00Z' created_at:<="2026-11-20T10:00:00Z"`, 1],
    ["created_at:<'2026-11-20T10:00:00Z'", 2],
  ])('are found by %s', (query, count) => {
    expect(book().count(SHOP, query, null)).toEqual({ count, precision: 'EXACT' })
    expect(book().count('two.myshopify.com', query, null).count).toBe(0)
  })

  it('are counted to a limit', () => {
    expect(book().count(SHOP, '', 2)).toEqual({ count: 2, precision: 'AT_LEAST' })
    expect(book().count(SHOP, '', 3)).toEqual({ count: 3, precision: 'EXACT' })
    expect(book().count(SHOP, '', undefined)).toEqual({ count: 3, precision: 'EXACT' })
  })

  it('are each there once, until they are deleted', () => {
    const orders = book()
    orders.add(SHOP, [{ id: '0', createdAt: '2026-11-20T00:00:00Z' }])
    orders.remove(SHOP, ['1'])
    expect(orders.count(SHOP, '', null).count).toBe(2)
  })

  it.each([
    'created_at:2026',
    'status:open',
    "created_at:>='yesterday'",
    'created_at:>=2026-11-20T00:00:00Z',
  ])('are not searched by %s', query => {
    expect(() => book().count(SHOP, query, null)).toThrow(SyntaxError)
  })
})
