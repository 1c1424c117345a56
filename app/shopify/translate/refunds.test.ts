import { describe, expect, it } from 'vitest'
import type { Refund } from '../../events/data.ts'
import { lineItem, money, refund, translated } from '../testing.ts'

function refundOf(over: Record<string, unknown>): Refund {
  const [event] = translated('refunds/create', refund(over)).events
  if (event?.type !== 'order_refunded' || event.data.refund === null)
    throw new Error('no refund in the event')
  return event.data.refund
}

const transaction = (over: Record<string, unknown>) => ({
  kind: 'refund',
  status: 'success',
  amount: '45.00',
  currency: 'EUR',
  ...over,
})

describe('refunds/create', () => {
  it('makes order_refunded without the order', () => {
    const { events, effects, ignored } = translated('refunds/create', refund())
    expect(events).toMatchObject([
      {
        type: 'order_refunded',
        dedupeKey: 'order_refunded:890088186047892319',
        occurredAt: '2026-11-21T08:00:02.000Z',
        subject: 'order:820982911946154508',
        version: null,
        data: { orderId: '820982911946154508', order: null, refund: { id: '890088186047892319' } },
      },
    ])
    expect({ effects, ignored }).toEqual({ effects: [], ignored: null })
  })

  it('falls back from processed_at to created_at to the notice', () => {
    const at = (over: Record<string, unknown>) =>
      translated('refunds/create', refund(over)).events[0]?.occurredAt
    expect(at({ processed_at: null })).toBe('2026-11-21T08:00:00.000Z')
    expect(at({ processed_at: null, created_at: null })).toBe('2026-11-20T12:00:01.500Z')
  })

  it('is named by its payload where it has no id', () => {
    const nameless = refundOf({ id: null, admin_graphql_api_id: null })
    expect(nameless.id).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is ignored when it names no order', () => {
    expect(translated('refunds/create', refund({ order_id: null })).ignored).toBe(
      'The refund names no order.',
    )
  })
})

describe('the amount given back', () => {
  it('is that of the transactions', () => {
    const transactions = [transaction({}), transaction({ amount: '5.50' })]
    expect(refundOf({ transactions })).toMatchObject({ amount: '50.50', currency: 'EUR' })
  })

  it.each(['failure', 'error'])('leaves out a transaction whose status is %s', status => {
    expect(refundOf({ transactions: [transaction({ status })] })).toMatchObject({ amount: '0' })
  })

  it('leaves out what is no refund', () => {
    const transactions = [transaction({}), transaction({ kind: 'void', amount: '99.00' })]
    expect(refundOf({ transactions })).toMatchObject({ amount: '45.00' })
  })

  it.each([
    ['they are none', []],
    ['their currencies differ', [transaction({}), transaction({ currency: 'USD' })]],
    ['one has no amount', [transaction({ amount: null })]],
  ])('is that of lines and adjustments when, of transactions, %s', (_, transactions) => {
    const order_adjustments = [{ amount: '-6.00', amount_set: money('-6.00'), tax_amount: '-1.20' }]
    expect(refundOf({ transactions, order_adjustments })).toMatchObject({ amount: '52.20', currency: 'EUR' })
  })

  it('is unknown when nothing says it', () => {
    expect(refundOf({ transactions: [], refund_line_items: [] })).toMatchObject({ amount: null, lines: [] })
  })
})

describe('a refunded line', () => {
  const lineOf = (over: Record<string, unknown>) =>
    refundOf({ refund_line_items: [{ quantity: 1, line_item: lineItem(), ...over }] }).lines[0]

  it('contains its tax where the rate says so', () => {
    expect(lineOf({ subtotal: 45, total_tax: 7.5 })).toMatchObject({ quantity: 1, total: '45' })
  })

  it('gets its tax added otherwise', () => {
    expect(lineOf({ subtotal: 45, total_tax: 9 })).toMatchObject({ total: '54' })
    expect(lineOf({ subtotal: 45, total_tax: 2 })).toMatchObject({ total: '47' })
    expect(lineOf({ subtotal: '45.00', total_tax: '7.50', line_item: null })).toMatchObject({
      total: '52.50',
    })
  })

  it('names the product', () => {
    expect(lineOf({ subtotal: 45 })?.product).toMatchObject({
      id: '8012345678901',
      price: '50.00',
      brand: 'Glow',
    })
    expect(lineOf({ line_item: null })).toMatchObject({ total: null, product: { id: null, title: null } })
  })
})
