import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Order, Product } from '../../events/data.ts'
import type { StoreEvent } from '../../events/store-event.ts'
import { line, orderEvent, product, storeEvent } from '../testing.ts'
import { QUERY_LIMIT, toAlana } from './map.ts'
import { type AlanaSettings, alanaSettings } from './settings.ts'

const settings = (over: Partial<AlanaSettings> = {}): AlanaSettings =>
  alanaSettings.parse({ apiKey: 'ak_1', ...over })
const at = '2026-11-20T12:00:00.000Z'
const common = { visitorId: 'visitor-1', userId: '7012345678901' }
const mapped = (event: StoreEvent, over: Partial<AlanaSettings> = {}) => toAlana(event, settings(over))
const without = (event: StoreEvent, actor: Partial<StoreEvent['actor']>): StoreEvent => ({
  ...event,
  actor: { ...event.actor, ...actor },
})

const page = (type: string | null) =>
  storeEvent('page_viewed', { url: null, page: { type, title: null, referrer: null } })
const search = (query: string) => storeEvent('search_submitted', { url: null, query })
const view = (over: Partial<Product> = {}) =>
  storeEvent('product_viewed', { url: null, product: product(over) })
const collection = { id: '1', handle: 'lamps', title: 'Lamps', path: 'garden/lamps' }
const category = (over: Partial<typeof collection> = {}) =>
  storeEvent('collection_viewed', { url: null, collection: { ...collection, ...over } })

describe('pages', () => {
  it.each(['index', 'home'])('takes %s as the home page', type => {
    expect(mapped(page(type))).toEqual({
      event: { eventType: 'home-page-view', ...common, metadata: { occurredAt: at } },
    })
  })
  it.each(['product', '', null])('takes %s as no home page', type => {
    expect(mapped(page(type))).toEqual({ reason: 'mapping_off' })
  })
})

describe('searches', () => {
  it('sends the query', () => {
    expect(mapped(search(' lamp '))).toMatchObject({ event: { eventType: 'search', query: 'lamp' } })
  })
  it('skips an empty query', () =>
    expect(mapped(search('  '))).toEqual({ reason: 'missing_field', detail: 'query' }))
  it('never sends a query longer than the limit, nor half of a character', () => {
    fc.assert(
      fc.property(fc.nat(1200), fc.nat(600), (letters, lamps) => {
        const query = 'x'.repeat(letters) + '🪔'.repeat(lamps)
        const result = mapped(search(query))
        if ('event' in result) {
          expect(String(result.event.query).length).toBeLessThanOrEqual(QUERY_LIMIT)
          expect(String(result.event.query)).not.toMatch(/[\uD800-\uDBFF]$/)
        } else expect(query).toBe('')
      }),
    )
  })
})

describe('categories', () => {
  it.each([
    ['title', 'Lamps'],
    ['handle', 'lamps'],
    ['path', 'garden/lamps'],
  ] as const)('names a collection by its %s', (form, categoryPath) => {
    expect(mapped(category(), { categoryPath: form })).toMatchObject({
      event: { eventType: 'category-view', categoryPath },
    })
  })
  it('skips a collection without the chosen form', () => {
    expect(mapped(category({ title: '' }))).toEqual({ reason: 'missing_field', detail: 'collection.title' })
  })
})

describe('products', () => {
  it('sends a view with the title', () => {
    expect(mapped(view())).toEqual({
      event: {
        eventType: 'detail-page-view',
        ...common,
        productId: '8012345678901',
        metadata: { title: 'Brass Lantern', occurredAt: at },
      },
    })
  })
  it('sends the quantity added to the cart', () => {
    const event = storeEvent('product_added_to_cart', { url: null, product: product(), quantity: 3 })
    expect(mapped(event)).toMatchObject({
      event: { eventType: 'add-to-cart', productId: '8012345678901', metadata: { quantity: 3 } },
    })
  })
  it('skips a product without the chosen identifier', () => {
    expect(mapped(view({ sku: null }), { productIdentifier: 'sku' })).toEqual({
      reason: 'no_product_identifier',
      detail: 'sku',
    })
  })
  it('leaves metadata out when the merchant says so', () => {
    expect(mapped(view(), { metadata: false })).toEqual({
      event: { eventType: 'detail-page-view', ...common, productId: '8012345678901' },
    })
  })
})

describe('carts', () => {
  it('sends a cart view', () => {
    const event = storeEvent('cart_viewed', {
      url: null,
      cart: { token: null, currency: null, total: null, lines: [] },
    })
    expect(mapped(event)).toMatchObject({
      event: { eventType: 'shopping-cart-page-view', visitorId: 'visitor-1' },
    })
  })
})

describe('purchases', () => {
  const bought = (over: Partial<Order> = {}) => mapped(orderEvent('order_created', over))
  it('sends products, revenue and currency', () => {
    expect(bought()).toEqual({
      event: {
        eventType: 'purchase-complete',
        ...common,
        productIds: ['8012345678901'],
        revenue: 104.8,
        currency: 'EUR',
        metadata: { orderId: '5123456789012', orderName: '#1001', quantity: 2, occurredAt: at },
      },
    })
  })
  it('names each product once, and none that was taken out', () => {
    const lines = [
      line(),
      line(),
      line({ quantity: 0, product: product({ id: '2' }) }),
      line({ product: product({ id: null }) }),
    ]
    expect(bought({ lines })).toMatchObject({ event: { productIds: ['8012345678901'] } })
  })
  it('skips an order none of whose products has the identifier', () => {
    expect(bought({ lines: [line({ product: product({ id: null }) })] })).toMatchObject({
      reason: 'no_product_identifier',
    })
  })
  it.each([
    ['total', 'order.total'],
    ['currency', 'order.currency'],
  ])('skips an order without %s', (field, detail) => {
    expect(bought({ [field]: null })).toEqual({ reason: 'missing_field', detail })
  })
  it('skips a notice without the order', () => {
    const event = storeEvent('order_created', { orderId: '1', order: null, refund: null })
    expect(mapped(event)).toEqual({ reason: 'missing_field', detail: 'order' })
  })
  it('skips test orders unless they are wanted', () => {
    expect(bought({ test: true })).toEqual({ reason: 'test_order' })
    expect(mapped(orderEvent('order_created', { test: true }), { testOrders: true })).toHaveProperty('event')
  })
  it.each(['0', '23600', '139.99', '0.10', '123456789012.99'])('turns %s into the same number', total => {
    expect(bought({ total })).toMatchObject({ event: { revenue: Number(total) } })
  })
})

describe('visitors', () => {
  const order = orderEvent('order_created')
  it('lets the customer stand in for an unknown visitor', () => {
    expect(mapped(without(view(), { visitorId: null }))).toMatchObject({
      event: { visitorId: 'customer-7012345678901' },
    })
  })
  it('lets the order stand in for a purchase by nobody', () => {
    const result = mapped(without(order, { visitorId: null, customerId: null }))
    expect(result).toMatchObject({ event: { visitorId: 'order-5123456789012' } })
    expect(result).not.toHaveProperty('event.userId')
  })
  it('skips a view by nobody', () => {
    expect(mapped(without(view(), { visitorId: ' ', customerId: '' }))).toEqual({ reason: 'no_visitor' })
  })
  it('skips all unknown visitors when the fallback is off', () => {
    expect(mapped(without(order, { visitorId: null }), { visitorFallback: 'skip' })).toEqual({
      reason: 'no_visitor',
    })
  })
  it('sends no e-mail address, name or phone', () => {
    const named = without(order, { email: 'a@example.com', firstName: 'Samantha', phone: '+420777000000' })
    expect(JSON.stringify(mapped(named))).not.toMatch(/example|Samantha|777000/)
  })
})

it('skips types that Alana has no word for', () => {
  expect(mapped(orderEvent('order_paid'))).toEqual({ reason: 'mapping_off' })
})
