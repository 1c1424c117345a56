import { describe, expect, it } from 'vitest'
import type { Order } from '../../events/data.ts'
import { cancelledOrder, lineItem, order, partlyRefundedOrder, translated, yenOrder } from '../testing.ts'

function eventOf(topic: string, payload: unknown) {
  const [event] = translated(topic, payload).events
  if (event === undefined) throw new Error(`${topic} gave no event`)
  return event
}

function stateOf(payload: unknown): Order {
  const event = eventOf('orders/updated', payload)
  if (event.type !== 'order_updated' || event.data.order === null) throw new Error('no order in the event')
  return event.data.order
}

const lineOf = (over: Record<string, unknown>, orderOver: Record<string, unknown> = {}) =>
  stateOf(order({ line_items: [lineItem(over)], ...orderOver })).lines[0]

const ID = '820982911946154508'

describe('the envelope of an order event', () => {
  it.each([
    ['orders/create', 'order_created', `order_created:${ID}`, '2026-11-20T12:00:00.000Z'],
    [
      'orders/updated',
      'order_updated',
      `order_updated:${ID}:2026-11-20T12:00:01.000Z:<state>`,
      '2026-11-20T12:00:01.000Z',
    ],
    [
      'orders/partially_fulfilled',
      'order_updated',
      `order_updated:${ID}:2026-11-20T12:00:01.000Z:<state>`,
      '2026-11-20T12:00:01.000Z',
    ],
    ['orders/paid', 'order_paid', `order_paid:${ID}`, '2026-11-20T12:00:01.000Z'],
    [
      'orders/fulfilled',
      'order_fulfilled',
      `order_fulfilled:${ID}:2026-11-20T12:00:01.000Z:<state>`,
      '2026-11-20T12:00:01.000Z',
    ],
    ['orders/cancelled', 'order_cancelled', `order_cancelled:${ID}`, '2026-11-20T18:00:00.000Z'],
  ])('of %s is %s, keyed %s, at %s', (topic, type, dedupeKey, occurredAt) => {
    const event = eventOf(topic, order({ cancelled_at: '2026-11-20T19:00:00+01:00' }))
    expect(event.dedupeKey.replace(/:[0-9a-f]{16}$/, ':<state>')).toBe(dedupeKey)
    expect(event).toMatchObject({
      type,
      occurredAt,
      source: 'webhook',
      subject: `order:${ID}`,
      version: '2026-11-20T12:00:01.000Z',
      data: { orderId: ID, refund: null },
    })
  })

  it('is another one for another state in the same second, which is all that updated_at resolves', () => {
    const key = (over: Record<string, unknown>) => eventOf('orders/updated', order(over)).dedupeKey
    expect(key({})).toBe(key({}))
    expect(key({ financial_status: 'paid' })).not.toBe(key({ financial_status: 'pending' }))
  })

  it('stands on the notice and on the payload where times are missing', () => {
    const timeless = order({ created_at: null, updated_at: 'soon' })
    expect(eventOf('orders/updated', timeless)).toMatchObject({
      occurredAt: '2026-11-20T12:00:01.500Z',
      version: null,
      dedupeKey: expect.stringMatching(/^order_updated:[0-9a-f]{64}$/),
    })
  })

  it('takes the exact id where the number was rounded', () => {
    expect(eventOf('orders/create', order({ id: '820982911946154500' })).data).toMatchObject({ orderId: ID })
  })

  it('is not made of an order without an id', () => {
    expect(translated('orders/create', { name: '#1' })).toEqual({
      events: [],
      effects: [],
      ignored: 'The order has no id.',
    })
  })
})

describe('an order state', () => {
  it('is in the shop currency, with what the order says of itself', () => {
    expect(stateOf(order())).toMatchObject({
      name: '#1001',
      checkoutToken: 'c0ffee',
      cartToken: 'hWN1cart',
      createdAt: '2026-11-20T12:00:00.000Z',
      cancelledAt: null,
      test: false,
      currency: 'EUR',
      total: '96.00',
      tax: '16.00',
      shipping: '6.00',
      discount: '10.00',
      financialStatus: 'paid',
      fulfillmentStatus: null,
      discountCodes: ['TENOFF'],
      sourceName: 'web',
    })
  })

  it('has edits and refunds taken off, and names lines that are gone with nothing left', () => {
    const state = stateOf(partlyRefundedOrder())
    expect(state).toMatchObject({ total: '51.00', tax: '8.50', discount: '5.00', shipping: '6.00' })
    expect(state.lines).toMatchObject([
      { quantity: 1, unitPrice: '50.00', total: '45.00', tax: '7.50' },
      { quantity: 0, unitPrice: '50.00', total: '0.00', tax: '0.00' },
    ])
  })

  it('adds up: lines and shipping are the total where tax is included', () => {
    const { lines, shipping, total } = stateOf(partlyRefundedOrder())
    expect(Number(lines[0]?.total) + Number(shipping)).toBe(Number(total))
  })

  it('falls back to the plain amounts of older API versions', () => {
    const old = order({
      current_total_price: undefined,
      current_total_tax: undefined,
      current_total_discounts: undefined,
      current_shipping_price_set: undefined,
      line_items: [lineItem({ current_quantity: undefined })],
    })
    expect(stateOf(old)).toMatchObject({ total: '96.00', tax: '16.00', shipping: '6.00', discount: '10.00' })
    expect(stateOf(old).lines).toMatchObject([{ quantity: 2, total: '90.00' }])
  })

  it('keeps the zeros of a full refund', () => {
    const refunded = order({ current_total_price: '0.00', line_items: [lineItem({ current_quantity: 0 })] })
    expect(stateOf(refunded)).toMatchObject({ total: '0.00', lines: [{ quantity: 0, total: '0.00' }] })
  })

  it('that was cancelled and refunded still says what it was', () => {
    const lines = [
      { quantity: 0, total: '0.00', tax: '0.00', product: { sku: 'BL-L', title: 'Brass Lantern' } },
      { quantity: 0, total: '0.00', tax: '0.00', product: { sku: 'BL-S', title: 'Brass Lantern' } },
    ]
    expect(stateOf(cancelledOrder())).toMatchObject({ total: '0.00', financialStatus: 'refunded', lines })
    expect(lineOf({ quantity: 0, current_quantity: null })).toMatchObject({ quantity: 0, total: '0.00' })
  })

  it('gives yen no decimals', () => {
    expect(stateOf(yenOrder())).toMatchObject({
      currency: 'JPY',
      total: '23600',
      lines: [{ unitPrice: '11800', total: '23600', tax: '0' }],
    })
  })
})

describe('an order line', () => {
  it('contains its tax where prices do', () => {
    expect(lineOf({})).toMatchObject({ quantity: 2, unitPrice: '50.00', total: '90.00', tax: '15.00' })
  })

  it('gets its tax added where prices do not', () => {
    expect(lineOf({}, { taxes_included: false })).toMatchObject({ total: '105.00', tax: '15.00' })
  })

  it('sums every discount and every tax', () => {
    const discounts = [{ amount: '3.33' }, { amount: '3.34' }]
    const taxes = [{ price: '1.10' }, { price: '2.20' }]
    expect(lineOf({ discount_allocations: discounts, tax_lines: taxes })).toMatchObject({
      total: '93.33',
      tax: '3.30',
    })
  })

  it('takes total_discount only where there are no allocations', () => {
    expect(lineOf({ total_discount: '7.00' })).toMatchObject({ total: '90.00' })
    expect(lineOf({ total_discount: '7.00', discount_allocations: [] })).toMatchObject({ total: '93.00' })
  })

  it('scales discount and tax to the quantity that is left', () => {
    const third = lineOf({ quantity: 3, current_quantity: 1 }, { taxes_included: false })
    expect(third).toMatchObject({ quantity: 1, total: '51.67', tax: '5.00' })
  })

  it('carries the product as far as the line knows it', () => {
    expect(lineOf({})?.product).toEqual({
      id: '8012345678901',
      variantId: '43012345678901',
      handle: null,
      title: 'Brass Lantern',
      variantTitle: 'Large',
      sku: 'BL-L',
      brand: 'Glow',
      category: null,
      tags: [],
      price: '50.00',
      currency: 'EUR',
      url: null,
      imageUrl: null,
      metafields: {},
    })
  })

  it('may be a custom line or a gift card without a product', () => {
    const custom = { product_id: null, variant_id: null, sku: null, vendor: null, gift_card: true }
    expect(lineOf(custom)).toMatchObject({ quantity: 2, product: { id: null, title: 'Brass Lantern' } })
  })

  it.each([null, [], [{ name: 'Engraving', value: 'x' }], { Engraving: 'x' }])(
    'reads with properties %j',
    properties => expect(lineOf({ properties })).toMatchObject({ quantity: 2, total: '90.00' }),
  )

  it('is kept without a readable price or quantity', () => {
    const bare = lineOf({ price: null, price_set: null, quantity: null, current_quantity: null })
    expect(bare).toMatchObject({ quantity: 1, unitPrice: '0' })
  })
})

describe('orders/edited', () => {
  it('says which order changed, and leaves the state to orders/updated', () => {
    const payload = { order_edit: { id: '7', order_id: '5', created_at: '2026-11-20T12:00:00Z' } }
    expect(eventOf('orders/edited', payload)).toMatchObject({
      type: 'order_updated',
      dedupeKey: 'order_updated:5:edit:7',
      occurredAt: '2026-11-20T12:00:00.000Z',
      subject: 'order:5',
      version: null,
      data: { orderId: '5', order: null, refund: null },
    })
  })

  it('is ignored when it names no order', () => {
    expect(translated('orders/edited', {}).ignored).toBe('The order edit names no order.')
  })
})
