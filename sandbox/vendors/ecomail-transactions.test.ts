import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startVendors } from './server.ts'
import { call, KEYS } from './testing.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startVendors({ contacts: { ecomail: ['john@example.com', 'foo@bar.cz'] } })
})
beforeEach(() => sandbox.reset())
afterAll(() => sandbox.close())

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = KEYS.ecomail) =>
  call(method, sandbox.urls.ecomail + path, headers, body)
const last = () => sandbox.inbox('ecomail').at(-1)

// The request of the documentation's page, value for value.
const TRANSACTION = {
  order_id: 'transaction_1234',
  email: 'foo@bar.cz',
  shop: 'myshop.cz',
  amount: 1500,
  tax: 200,
  shipping: 100,
  city: 'Praha',
  timestamp: 1441905935,
  status: 'completed',
}
const ITEM = {
  code: 'product code',
  title: 'product name',
  categories: ['my category 1', 'my category 2'],
  price: 1500,
  amount: 1,
  tags: ['M', '3+', 'puzzle'],
}
const order = (transaction: object = {}, item: object = {}) => ({
  transaction: { ...TRANSACTION, ...transaction },
  transaction_items: [{ ...ITEM, ...item }],
})

describe('transactions', () => {
  const post = (body: unknown) => send('POST', '/tracker/transaction', body)

  it('answers the documented order as documented', async () => {
    const { status, body } = await post(order())
    expect(status).toBe(200)
    expect(body).toEqual({
      order_id: 'transaction_1234',
      email: 'foo@bar.cz',
      shop: 'myshop.cz',
      amount: 1500,
      timestamp: '2015-09-10 17:25:35',
      id: 1,
      status: 'completed',
    })
    expect(last()).toMatchObject({ accepted: true, taken: 1, warnings: [] })
  })

  it.each(['processing', 'canceled', 'pending', 'completed', null])('takes the status %s', async status => {
    expect((await post(order({ status }))).status).toBe(200)
  })

  it.each([
    ['no order_id', order({ order_id: undefined })],
    ['an order_id that is a number', order({ order_id: 1234 })],
    ['no e-mail', order({ email: undefined })],
    ['an amount that is a string', order({ amount: '1500' })],
    ['a status spelt "cancelled"', order({ status: 'cancelled' })],
    ['a status of Shopify', order({ status: 'paid' })],
    ['a timestamp in milliseconds', order({ timestamp: 1441905935000 })],
    ['a fractional timestamp', order({ timestamp: 1441905935.5 })],
    ['a timestamp that is text', order({ timestamp: '2015-09-10' })],
    ['no items', { transaction: TRANSACTION }],
    ['a price that is a string', order({}, { price: '1500' })],
    ['21 categories', order({}, { categories: Array(21).fill('c') })],
    ['a category of 101 characters', order({}, { categories: ['c'.repeat(101)] })],
    ['a body that is a list', []],
  ])('refuses %s', async (_, body) => {
    expect((await post(body)).status).toBe(422)
    expect(last()).toMatchObject({ accepted: false })
  })

  it('warns of an empty shop, an unknown person and undocumented fields', async () => {
    expect((await post(order({ shop: '', email: 'nobody@example.com', currency: 'CZK' }))).status).toBe(200)
    expect(last()?.warnings).toEqual([
      'transaction.currency is not a documented field',
      expect.stringContaining('transaction.shop is empty'),
      expect.stringContaining('in no list'),
    ])
  })

  it('warns of an order without any item, which names nothing', async () => {
    expect((await post({ ...order(), transaction_items: [] })).status).toBe(200)
    expect(last()?.warnings).toEqual([expect.stringContaining('transaction_items is empty')])
  })

  it('shows a second POST of one order', async () => {
    await post(order())
    expect((await post(order())).body).toMatchObject({ id: 1 })
    expect(last()?.warnings).toEqual([expect.stringContaining('posted before')])
  })

  it('overwrites an order by PUT and answers {}', async () => {
    await post(order({ order_id: '#1001/a' }))
    const path = `/tracker/transaction/${encodeURIComponent('#1001/a')}`
    const { status, body } = await send('PUT', path, order({ order_id: '#1001/a', status: 'canceled' }))
    expect([status, body]).toEqual([200, {}])
    expect(last()?.warnings).toEqual([])
  })

  it('does not know an order that was never posted', async () => {
    const { status, body } = await send('PUT', '/tracker/transaction/transaction_1234', order())
    expect(status).toBe(404)
    expect(body).toEqual({ message: expect.any(String) })
  })

  it('refuses a PUT without items, and warns of two ids', async () => {
    await post(order())
    const path = '/tracker/transaction/transaction_1234'
    expect((await send('PUT', path, { transaction: TRANSACTION })).status).toBe(422)
    await send('PUT', path, order({ order_id: 'other' }))
    expect(last()?.warnings).toEqual([expect.stringContaining('not the order_id of the path')])
  })

  it('takes 1000 orders at once, and not 1001', async () => {
    const many = (count: number) => ({ transaction_data: Array(count).fill(order()) })
    const { body } = await send('POST', '/tracker/transaction-bulk', many(1000))
    expect(body).toEqual({ inserts: 1000 })
    expect((await send('POST', '/tracker/transaction-bulk', many(1001))).status).toBe(422)
  })

  it('warns when the account has more tags than allowed', async () => {
    await post(order({}, { tags: ['x'.repeat(5001)] }))
    expect(last()?.warnings).toEqual([expect.stringContaining('5000 characters')])
  })
})
