import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleOf } from '../../events/samples.ts'
import type { StoreEvent } from '../../events/store-event.ts'
import { line, order, orderEvent, product, SHOP, storeEvent } from '../testing.ts'
import { metadataOf, TEXT_LIMIT } from './metadata.ts'
import { keysKnownTo, METADATA_KEYS } from './metadata-keys.ts'
import { EVENT_NAMES, type SentType } from './rows.ts'
import { serverSettings } from './testing.ts'

const everything = serverSettings({ metadata: [...METADATA_KEYS] })
const all = (event: StoreEvent) => metadataOf(event, everything, SHOP)
const time = { occurred_at: '2026-11-20T12:00:00.000Z', shop_domain: 'lantern-shop.myshopify.com' }
const cart = { token: null, currency: 'EUR', total: '99.80', lines: [line()] }
const ofProduct = {
  product_id: '8012345678901',
  variant_id: '43012345678901',
  sku: 'BL-L',
  product_title: 'Brass Lantern',
  product_handle: 'brass-lantern',
  brand: 'Glow',
  category: 'Lamps',
  product_url: 'https://lantern.example.com/products/brass-lantern',
  image_url: 'https://cdn.example.com/brass-lantern.jpg',
  price: 49.9,
  currency: 'EUR',
}

describe('what each event knows', () => {
  it('orders: numbers as numbers, times as ISO dates', () => {
    expect(all(orderEvent('order_created', { discountCodes: ['A', 'B', 'A'] }))).toEqual({
      ...time,
      order_id: '5123456789012',
      order_name: '#1001',
      order_created_at: '2026-11-20T12:00:00.000Z',
      financial_status: 'pending',
      sales_channel: 'web',
      total: 104.8,
      tax: 17.47,
      shipping: 5,
      discount: 0,
      currency: 'EUR',
      discount_codes: ['A', 'B'],
      items_count: 2,
      product_ids: ['8012345678901'],
    })
  })
  it('orders without what was taken off them', () => {
    const gone = line({ quantity: 0, total: '0.00', product: product({ id: '2' }) })
    expect(all(orderEvent('order_cancelled', { lines: [line(), gone] }))).toMatchObject({
      items_count: 2,
      product_ids: ['8012345678901'],
    })
    expect(all(orderEvent('order_cancelled', { lines: [gone] }))).not.toHaveProperty('product_ids')
  })
  it('refunds with the order', () => {
    const refund = { id: 'r', amount: '9.90', currency: 'EUR', lines: [] }
    const event = storeEvent('order_refunded', { orderId: '1', order: order({ currency: null }), refund })
    expect(all(event)).toMatchObject({ order_id: '1', refund_amount: 9.9, currency: 'EUR', total: 104.8 })
  })
  it('refunds without the order', () => {
    const refund = { id: 'r', amount: '9.90', currency: 'EUR', lines: [] }
    const event = storeEvent('order_refunded', { orderId: '1', order: null, refund })
    expect(all(event)).toEqual({ ...time, order_id: '1', refund_amount: 9.9, currency: 'EUR' })
  })
  it('order notices with nothing in them', () => {
    expect(all(storeEvent('order_refunded', { orderId: '1', order: null, refund: null }))).toEqual({
      ...time,
      order_id: '1',
    })
  })
  it('checkouts', () => {
    const amounts = { currency: 'EUR', total: '10.00', tax: null, shipping: '2.00', discount: '1.00' }
    const checkout = { token: 't', cartToken: null, ...amounts, discountCodes: [], lines: [line()] }
    for (const type of ['checkout_started', 'checkout_abandoned'] as const) {
      expect(all(storeEvent(type, { checkout }))).toEqual({
        ...time,
        ...{
          total: 10,
          shipping: 2,
          discount: 1,
          currency: 'EUR',
          items_count: 2,
          product_ids: ['8012345678901'],
        },
      })
    }
  })
  it('product views', () => {
    expect(all(storeEvent('product_viewed', { url: null, product: product() }))).toEqual({
      ...time,
      ...ofProduct,
    })
  })
  it('products added to the cart', () => {
    const event = storeEvent('product_added_to_cart', { url: null, product: product(), quantity: 3 })
    expect(all(event)).toEqual({ ...time, ...ofProduct, quantity: 3 })
  })
  it('carts', () => {
    const known = { total: 99.8, currency: 'EUR', items_count: 2, product_ids: ['8012345678901'] }
    expect(all(storeEvent('cart_viewed', { url: null, cart }))).toEqual({ ...time, ...known })
  })
  it('collections, searches and pages', () => {
    const collection = { id: '1', handle: 'lamps', title: 'Lamps', path: null }
    expect(all(storeEvent('collection_viewed', { url: null, collection }))).toEqual({
      ...time,
      ...{ collection_id: '1', collection_handle: 'lamps', collection_title: 'Lamps' },
    })
    expect(all(storeEvent('search_submitted', { url: null, query: 'lamp' }))).toEqual({
      ...time,
      query: 'lamp',
    })
    const page = { type: 'index', title: 'Home', referrer: 'https://elsewhere.example.com' }
    expect(all(storeEvent('page_viewed', { url: null, page }))).toEqual({
      ...time,
      page_type: 'index',
      page_title: 'Home',
    })
  })
})

it('cuts texts inside lists too', () => {
  const codes = all(orderEvent('order_created', { discountCodes: ['x'.repeat(2000)] }))?.discount_codes
  expect(codes).toEqual(['x'.repeat(TEXT_LIMIT)])
})

describe('what the merchant chose', () => {
  const view = storeEvent('product_viewed', { url: null, product: product() })
  it('is all that is sent', () => {
    expect(metadataOf(view, serverSettings({ metadata: 'price,total' }), SHOP)).toEqual({ price: 49.9 })
  })
  it('of one event stands in for what holds for all, which other events keep', () => {
    const settings = serverSettings({
      metadata: 'price',
      eventMetadata: { product_viewed: 'sku, brand', search_submitted: [] },
    })
    expect(metadataOf(view, settings, SHOP)).toEqual({ sku: 'BL-L', brand: 'Glow' })
    expect(metadataOf(storeEvent('search_submitted', { url: null, query: 'x' }), settings, SHOP)).toBeNull()
    const added = storeEvent('product_added_to_cart', { url: null, product: product(), quantity: 3 })
    expect(metadataOf(added, settings, SHOP)).toEqual({ price: 49.9 })
  })
  const sample = { at: time.occurred_at, currency: 'EUR', storefrontUrl: 'https://lantern.example.com' }
  it.each(Object.keys(EVENT_NAMES) as SentType[])('is offered for %s as far as it can be known', type => {
    const known = Object.keys(all(sampleOf(type, sample)) ?? {})
    // An order that is not fulfilled yet has no such status.
    if (/^order_(?!fulfilled)/.test(type)) known.push('fulfillment_status')
    expect(METADATA_KEYS.filter(key => known.includes(key))).toEqual(keysKnownTo(type))
  })
  it('may be nothing', () => expect(metadataOf(view, serverSettings({ metadata: '' }), SHOP)).toBeNull())
})

describe('note attributes', () => {
  const of = (source: string, value: string) => {
    const event = storeEvent('search_submitted', { url: null, query: 'x' })
    const noted = { ...event, actor: { ...event.actor, attributes: { noted: value } } }
    return metadataOf(noted, serverSettings({ metadata: '', attributes: { key: source } }), SHOP)?.key
  }
  it.each([
    ['noted', ' 007 ', '007'],
    ['noted:text', '4', '4'],
    ['noted:number', '4', 4],
    ['noted:number', '-1.50', -1.5],
    ['noted:boolean', 'true', true],
    ['noted:boolean', 'false', false],
    ['noted:date', '2026-11-20', '2026-11-20'],
    ['noted:date', '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z'],
  ])('%s sends %j as %j', (source, value, sent) => expect(of(source, value)).toBe(sent))
  it.each([
    ['noted:number', 'four'],
    ['noted:number', ''],
    ['noted:number', '1e5'],
    ['noted:number', '0x10'],
    ['noted:boolean', 'yes'],
    ['noted:date', '20.11.2026'],
    ['noted:date', '2026-13-45'],
    ['other', '4'],
    ['toString', '4'],
    ['noted', ' '],
  ])('%s leaves %j out', (source, value) => expect(of(source, value)).toBeUndefined())
  it('never sends a number that is none', () => {
    fc.assert(
      fc.property(fc.string(), value => {
        const sent = of('noted:number', value)
        expect(sent === undefined || (typeof sent === 'number' && Number.isFinite(sent))).toBe(true)
      }),
    )
  })
})

it('cuts every text, and never in half of a character', () => {
  fc.assert(
    fc.property(fc.nat(1200), fc.nat(600), (letters, lamps) => {
      const query = 'x'.repeat(letters) + '🪔'.repeat(lamps)
      const sent = all(storeEvent('search_submitted', { url: null, query }))?.query
      if (sent === undefined) {
        expect(query).toBe('')
        return
      }
      expect(String(sent)).not.toMatch(/[\uD800-\uDBFF]$/)
      expect(String(sent).length).toBeLessThanOrEqual(TEXT_LIMIT)
      expect(query.startsWith(String(sent))).toBe(true)
    }),
  )
})
