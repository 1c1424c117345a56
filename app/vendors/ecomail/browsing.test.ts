import { describe, expect, it } from 'vitest'
import { line, product, SHOP, storeEvent } from '../testing.ts'
import { type BrowsingEvent, browsingBody } from './browsing.ts'
import { ecomailSettings } from './settings.ts'

const settings = ecomailSettings.parse({ apiKey: 'k' })
const lastViewed = ecomailSettings.parse({
  apiKey: 'k',
  productView: 'last_viewed',
  productIdentifier: 'sku',
})
const map = (event: BrowsingEvent, chosen = settings) => browsingBody('a@example.com', event, chosen, SHOP)
const view = (over: Parameters<typeof product>[0]) =>
  storeEvent('product_viewed', { url: null, product: product(over) })

describe('product views', () => {
  it('leave out what is not known', () => {
    const bare = { title: null, handle: null, price: null, currency: null, variantTitle: null, url: null }
    expect(map(view(bare))).toEqual({
      body: {
        event: {
          email: 'a@example.com',
          category: 'shopping',
          action: 'product_viewed',
          value: { product_id: 8012345678901 },
        },
      },
    })
  })

  it('are the last viewed product by the chosen identifier, as a text', () => {
    expect(map(view({}), lastViewed)).toEqual({
      body: { event: { email: 'a@example.com', category: 'ECM_PRODUCT_VIEW', action: 'BL-L' } },
    })
    expect(map(view({ sku: null }), lastViewed)).toEqual({ skip: 'no_product_identifier', detail: 'sku' })
    expect(map(view({ sku: 'x'.repeat(300) }), lastViewed)).toEqual({ skip: 'too_large', detail: 'sku' })
  })

  it('that cannot be made short enough are skipped', () => {
    expect(map(view({ id: 'x'.repeat(30_000) }))).toEqual({ skip: 'too_large', detail: 'value' })
  })

  it('keep a SKU of digits as a text', () => {
    const bySku = ecomailSettings.parse({ apiKey: 'k', productIdentifier: 'sku' })
    expect(map(view({ sku: '0123' }), bySku)).toMatchObject({
      body: { event: { value: { product_id: '0123' } } },
    })
  })
})

describe('other views', () => {
  it('become events named by their type', () => {
    const url = 'https://lantern.example.com/x'
    const page = storeEvent('page_viewed', { url, page: { type: 'index', title: 'Home', referrer: null } })
    const collection = { id: '1', handle: 'lamps', title: 'Lamps', path: null }
    const cart = { token: null, currency: 'EUR', total: '5.00', lines: [line()] }
    expect(map(page)).toMatchObject({
      body: { event: { action: 'page_viewed', label: 'Home', value: { url } } },
    })
    expect(map(storeEvent('collection_viewed', { url, collection }))).toMatchObject({
      body: { event: { action: 'collection_viewed', property: 'lamps', value: { collection_id: '1' } } },
    })
    expect(map(storeEvent('search_submitted', { url, query: 'lamp' }))).toMatchObject({
      body: { event: { action: 'search_submitted', label: 'lamp', value: { query: 'lamp' } } },
    })
    expect(map(storeEvent('cart_viewed', { url, cart }))).toMatchObject({
      body: { event: { action: 'cart_viewed', value: { total: 5, currency: 'EUR', products: 1 } } },
    })
  })
})
