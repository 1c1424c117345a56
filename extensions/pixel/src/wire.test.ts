/** Each of Shopify's events as the wire has it, to the letter; held against the server's own schema. */
import type { Cart, PixelEvents } from '@shopify/web-pixels-extension'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkoutOf, eventOf, LINE, refusalOf, VARIANT, VIEW } from './testing.ts'
import { type Name, toWire } from './wire.ts'

const LANTERN = {
  id: '8012345678901',
  variantId: '43012345678902',
  handle: 'brass-lantern',
  title: 'Brass Lantern',
  variantTitle: 'Large',
  sku: 'BL-L',
  vendor: 'Lumen',
  type: 'Lamps',
  price: '139.99',
  currency: 'EUR',
  url: 'https://shop.example.com/products/brass-lantern',
  imageUrl: 'https://cdn.shopify.com/s/files/1/lantern.jpg?v=17',
}

const wire = <N extends Name>(name: N, data: PixelEvents[N]['data'], path = '/') =>
  toWire(name, eventOf(name, data, { path }))

const product = z.strictObject({
  ...Object.fromEntries(Object.keys(LANTERN).map(field => [field, z.string().nullable()])),
  price: z
    .string()
    .regex(/^\d+\.\d{2,3}$/)
    .nullable(),
  quantity: z.int().optional(),
})
/** What is agreed for checkouts: nothing of the person. */
const checkout = z.strictObject({
  token: z.string().regex(/^[\w-]{1,200}$/),
  orderId: z.string().regex(/^\d+$/).nullable(),
  currency: z.string().nullable(),
  total: z.string().nullable(),
  items: z.array(product).max(250),
})

describe('product_viewed', () => {
  it('is the product in full', () => {
    const event = eventOf('product_viewed', VIEW, { path: '/products/brass-lantern?utm_source=news#top' })
    expect(toWire('product_viewed', event)).toEqual({
      id: event.id,
      type: 'product_viewed',
      at: event.timestamp,
      url: 'https://shop.example.com/products/brass-lantern?utm_source=news#top',
      data: { product: LANTERN },
    })
    expect(refusalOf(toWire('product_viewed', event))).toBeUndefined()
  })

  it('has no variant title where the product has no options', () => {
    const productVariant = { ...VARIANT, title: 'Default Title' }
    expect(wire('product_viewed', { productVariant })?.data).toMatchObject({
      product: { variantTitle: null },
    })
  })

  it.each([
    ['/cs/products/l%C3%A1mpa?variant=1', 'lámpa', 'https://shop.example.com/cs/products/l%C3%A1mpa'],
    ['/collections/all/products/lamp', 'lamp', 'https://shop.example.com/collections/all/products/lamp'],
    ['https://other.example.com/products/lamp', 'lamp', 'https://other.example.com/products/lamp'],
    ['javascript:alert(1)//products/x', null, null],
    ['/products/%E0%A4%A', null, null],
    ['http://', null, null],
    ['', null, null],
    [null, null, null],
  ])('of the address %j has handle %j', (url, handle, absolute) => {
    const productVariant = { ...VARIANT, product: { ...VARIANT.product, url } }
    expect(wire('product_viewed', { productVariant })?.data).toMatchObject({
      product: { handle, url: absolute },
    })
  })

  it.each([
    [139.99, '139.99'],
    [139.9, '139.90'],
    [0, '0.00'],
    [0.1 + 0.2, '0.30'],
    [1.1 * 3, '3.30'],
    [19.99 * 100, '1999.00'],
    [12.345, '12.345'],
    [123456789.12, '123456789.12'],
    ['49.9', '49.90'],
    [-1, null],
    [Number.NaN, null],
    [1e21, null],
    ['free', null],
    [null, null],
    [undefined, null],
  ])('writes the amount %j as %j', (amount, price) => {
    const productVariant = { ...VARIANT, price: { amount, currencyCode: 'EUR' } }
    const event = wire('product_viewed', { productVariant } as typeof VIEW)
    expect(event?.data).toMatchObject({ product: { price } })
    expect(refusalOf(event)).toBeUndefined()
  })

  it.each([
    ['gid://shopify/Product/8012345678901', '8012345678901'],
    ['8012345678901', '8012345678901'],
    [8012345678901, '8012345678901'],
    ['gid://shopify/Product/', null],
    ['lamp-7', null],
    ['', null],
    [null, null],
  ])('reads the id %j as %j', (id, expected) => {
    const productVariant = { ...VARIANT, product: { ...VARIANT.product, id } }
    expect(wire('product_viewed', { productVariant } as typeof VIEW)?.data).toMatchObject({
      product: { id: expected },
    })
  })
})

describe('page_viewed', () => {
  it.each(['/', '/?utm_source=news', '/cs', '/cs/', '/pt-BR', '/en-ca/', '/zh-hant-tw', '/en-europe#x'])(
    'of %s is the home page',
    path => {
      const event = wire('page_viewed', {}, path)
      expect(event).toMatchObject({
        type: 'page_viewed',
        data: { page: { type: 'index', title: 'Shop One', referrer: 'https://search.example.com/' } },
      })
      expect(refusalOf(event)).toBeUndefined()
    },
  )

  it.each([
    '/cart',
    '/search',
    '/collections',
    '/products/x',
    '/cs/cart',
    '/pages/en',
    '/account',
    '/404',
    '//',
  ])('of %s is nothing to tell', path => {
    expect(wire('page_viewed', {}, `https://shop.example.com${path}`)).toBeUndefined()
  })
})

describe('the other views', () => {
  it('collection_viewed', () => {
    const collection = { id: 'gid://shopify/Collection/77', title: 'Lamps', productVariants: [VARIANT] }
    const event = wire('collection_viewed', { collection }, '/cs/collections/l%C3%A1mpy?page=2')
    expect(event?.data).toEqual({
      collection: { id: '77', handle: 'lámpy', title: 'Lamps', path: '/cs/collections/l%C3%A1mpy' },
    })
    expect(refusalOf(event)).toBeUndefined()
  })

  it('collection_viewed of the collection of everything, which has no id', () => {
    const collection = { id: '', title: 'Products', productVariants: [] }
    const event = wire('collection_viewed', { collection }, '/collections/all')
    expect(event?.data).toMatchObject({ collection: { id: null, handle: 'all' } })
    expect(refusalOf(event)).toBeUndefined()
  })

  it('search_submitted, cut to what the server takes', () => {
    const query = (text: string) =>
      wire('search_submitted', { searchResult: { query: text, productVariants: [] } }, '/search?q=x')
    expect(query('brass "lantern"')?.data).toEqual({ query: 'brass "lantern"' })
    expect(refusalOf(query('brass'))).toBeUndefined()
    expect(refusalOf(query('x'.repeat(10_000)))).toBeUndefined()
  })

  it.each(['product_added_to_cart', 'product_removed_from_cart'] as const)('%s', name => {
    const event = wire(name, { cartLine: LINE }, '/cart')
    expect(event).toMatchObject({ type: name, data: { product: LANTERN, quantity: 2 } })
    expect(Object.keys(event?.data ?? {})).toEqual(['product', 'quantity'])
    expect(refusalOf(event)).toBeUndefined()
    expect(wire(name, { cartLine: null })).toBeUndefined()
  })

  it('cart_viewed', () => {
    const cart = {
      id: 'gid://shopify/Cart/hWN5x?key=a/b',
      attributes: [],
      cost: { totalAmount: { amount: 279.98, currencyCode: 'EUR' } },
      lines: [LINE],
      totalQuantity: 2,
    }
    const event = wire('cart_viewed', { cart }, '/cart')
    expect(event?.data).toEqual({
      cart: { token: 'hWN5x', currency: 'EUR', total: '279.98', items: [{ ...LANTERN, quantity: 2 }] },
    })
    expect(refusalOf(event)).toBeUndefined()
    expect(wire('cart_viewed', { cart: { ...cart, id: 'hWN5x' } })?.data).toMatchObject({
      cart: { token: 'hWN5x' },
    })
  })

  it('cart_viewed of an empty cart', () => {
    const event = wire('cart_viewed', { cart: null }, '/cart')
    expect(event?.data).toEqual({ cart: { token: null, currency: null, total: null, items: [] } })
    expect(refusalOf(event)).toBeUndefined()
  })
})

describe('checkouts', () => {
  const items = [{ ...LANTERN, quantity: 2 }]
  const path = '/checkouts/cn/5f2c0a9b/information?key=secret'

  it.each([
    ['checkout_started', 'checkout_started'],
    ['checkout_contact_info_submitted', 'checkout_updated'],
  ] as const)('%s is %s', (name, type) => {
    const event = wire(name, checkoutOf(), path)
    expect(event).toMatchObject({
      type,
      url: 'https://shop.example.com/checkouts/cn/5f2c0a9b/information',
      data: {
        checkout: {
          token: '5f2c0a9be1d24c7a8b3e4f5061728394',
          orderId: null,
          currency: 'EUR',
          total: '284.97',
          items,
        },
      },
    })
    expect(Object.keys(event?.data ?? {})).toEqual(['checkout'])
    z.strictObject({ checkout }).parse(event?.data)
    expect(refusalOf(event)).toBeUndefined()
  })

  it.each([
    [{ id: 'gid://shopify/OrderIdentity/6123456789012' }, '6123456789012'],
    [{ id: '6123456789012' }, '6123456789012'],
    [{ id: null }, null],
    [null, null],
  ])('checkout_completed with the order %j', (order, orderId) => {
    const event = wire('checkout_completed', checkoutOf({ order }), path)
    expect(z.strictObject({ checkout }).parse(event?.data).checkout.orderId).toBe(orderId)
    expect(refusalOf(event)).toBeUndefined()
  })

  it('tell nothing of the person', () => {
    const text = JSON.stringify(wire('checkout_completed', checkoutOf(), path))
    expect(text).not.toMatch(/ann|Example Street|\+420|secret/i)
  })

  it('have lines without a variant', () => {
    const lineItems = [{ title: 'Gift wrap', quantity: 1, variant: null }]
    const data = wire('checkout_started', checkoutOf({ lineItems }))?.data
    expect(z.strictObject({ checkout }).parse(data).checkout.items).toMatchObject([
      { title: 'Gift wrap', id: null, price: null, quantity: 1 },
    ])
  })

  it.each([null, ''])('without a token (%j) are nothing to tell', token => {
    expect(wire('checkout_started', checkoutOf({ token }))).toBeUndefined()
  })
})

it('a cart of any size fits into a batch: lines beyond are left out', () => {
  const lines = Array.from({ length: 250 }, () => LINE)
  const cart: Cart = {
    id: 'c',
    attributes: [],
    cost: { totalAmount: VARIANT.price },
    lines,
    totalQuantity: 500,
  }
  const event = wire('cart_viewed', { cart })
  expect(JSON.stringify(event).length).toBeLessThan(26_000)
  expect(JSON.stringify(event).length).toBeGreaterThan(24_000)
  expect(refusalOf(event)).toBeUndefined()
})
