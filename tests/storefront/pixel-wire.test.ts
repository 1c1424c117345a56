/** Shopify's standard events, in the shapes it documents, and what the pixel makes of them. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { consent, context, ORIGIN, SETTINGS, second, settled, Visit } from './pixel-sandbox.ts'

const NOW = new Date('2026-11-20T12:00:00.000Z')

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const money = (amount: number) => ({ amount, currencyCode: 'EUR' })
const VARIANT = {
  id: '43012345678901',
  image: { src: '//cdn.shopify.com/s/files/lantern.jpg?v=1' },
  price: money(139.99),
  product: {
    id: '8012345678901',
    title: 'Brass Lantern',
    type: 'Lamps',
    untranslatedTitle: 'Brass Lantern',
    url: '/cs/products/l%C3%A1mpa?variant=43012345678901',
    vendor: 'Lumen',
  },
  sku: 'BL-S',
  title: 'Small',
  untranslatedTitle: 'Small',
}
const PRODUCT = {
  id: '8012345678901',
  variantId: '43012345678901',
  handle: 'lámpa',
  title: 'Brass Lantern',
  variantTitle: 'Small',
  sku: 'BL-S',
  vendor: 'Lumen',
  type: 'Lamps',
  price: '139.99',
  currency: 'EUR',
  url: `${ORIGIN}/cs/products/l%C3%A1mpa`,
  imageUrl: 'https://cdn.shopify.com/s/files/lantern.jpg?v=1',
}
const CART = {
  attributes: [],
  cost: { totalAmount: money(0.1 + 0.2) },
  id: 'gid://shopify/Cart/Z2NwLWV1?key=secret',
  lines: [{ cost: { totalAmount: money(279.98) }, merchandise: VARIANT, quantity: 2 }],
  totalQuantity: 2,
}
const CHECKOUT = {
  attributes: [],
  billingAddress: null,
  buyerAcceptsEmailMarketing: true,
  currencyCode: 'EUR',
  email: 'jana@example.com',
  lineItems: [
    {
      discountAllocations: [],
      finalLinePrice: money(279.98),
      id: '1',
      properties: [],
      quantity: 2,
      sellingPlanAllocation: null,
      title: 'Brass Lantern',
      variant: VARIANT,
    },
  ],
  order: null as { id: string | null; customer: null } | null,
  phone: '+420000000000',
  shippingAddress: { firstName: 'Jana', lastName: 'Test' },
  token: 'bd5a8aa1eb019dd718ce3494df3a07e8' as string | null,
  totalPrice: money(284.97),
}

/** The one event that the pixel sends of what is published; undefined when it sends none. */
async function sent(name: string, data: unknown, over: Record<string, unknown> = {}) {
  const visit = new Visit()
  visit.page().publish(name, 'e1', data, over)
  await second()
  expect(visit.rejected).toEqual([])
  expect(visit.told.length).toBe(visit.batches.length)
  return visit.batches[0]?.events[0]
}
const at = (path: string, over = {}) => ({ context: context(path, over) })
const event = (type: string, data: unknown, path?: string) => ({
  id: 'e1',
  type,
  at: '2026-11-20T12:00:00.000Z',
  ...(path && { url: ORIGIN + path }),
  data,
})

describe('the batch', () => {
  it('says the shop, its key, the visitor and the consent, and needs no preflight', async () => {
    const visit = new Visit()
    visit.embedRuns('v1')
    visit.page({ privacy: consent(true, false) }).publish('checkout_completed', 'e1', { checkout: CHECKOUT })
    await settled()
    expect(visit.batches).toEqual([
      {
        shop: 'lumen.myshopify.com',
        key: 'k1',
        visitorId: 'v1',
        sentAt: '2026-11-20T12:00:00.000Z',
        consent: { analytics: true, marketing: false },
        events: [expect.objectContaining({ id: 'e1' })],
      },
    ])
    expect(visit.last).toMatchObject({
      address: SETTINGS.address,
      request: { method: 'POST', keepalive: true, headers: { 'content-type': 'text/plain' } },
    })
  })
})

describe('a view', () => {
  it.each(['/', '/cs', '/cs/', '/pt-BR', '/en-europe/?utm_source=mail'])(
    'of %s is one of the home page',
    async path =>
      expect(
        await sent('page_viewed', {}, at(path, { title: 'Home', referrer: 'https://example.com/' })),
      ).toEqual(
        event(
          'page_viewed',
          { page: { type: 'index', title: 'Home', referrer: 'https://example.com/' } },
          path,
        ),
      ),
  )

  it.each(['/products/lantern', '/cs/cart', '/checkouts/cn/x', '/about', '/search', '/a'])(
    'of %s alone is nothing',
    async path => expect(await sent('page_viewed', {}, at(path))).toBeUndefined(),
  )

  it('of a collection', async () =>
    expect(
      await sent(
        'collection_viewed',
        { collection: { id: 'gid://shopify/Collection/5012', title: 'Lamps', productVariants: [VARIANT] } },
        at('/cs/collections/l%C3%A1mpy?page=2'),
      ),
    ).toEqual(
      event(
        'collection_viewed',
        {
          collection: { id: '5012', handle: 'lámpy', title: 'Lamps', path: '/cs/collections/l%C3%A1mpy' },
        },
        '/cs/collections/l%C3%A1mpy?page=2',
      ),
    ))

  it('of a product', async () =>
    expect(await sent('product_viewed', { productVariant: VARIANT }, at('/products/lantern'))).toEqual(
      event('product_viewed', { product: PRODUCT }, '/products/lantern'),
    ))

  it('of the cart', async () =>
    expect(await sent('cart_viewed', { cart: CART }, at('/cart'))).toEqual(
      event(
        'cart_viewed',
        {
          cart: {
            token: 'Z2NwLWV1',
            currency: 'EUR',
            total: '0.30',
            items: [{ ...PRODUCT, quantity: 2 }],
          },
        },
        '/cart',
      ),
    ))

  it('of an empty cart', async () =>
    expect(await sent('cart_viewed', { cart: null }, at('/cart'))).toEqual(
      event('cart_viewed', { cart: { token: null, currency: null, total: null, items: [] } }, '/cart'),
    ))
})

describe('a search', () => {
  const search = (query: string) =>
    sent('search_submitted', { searchResult: { query, productVariants: [] } }, at('/search?q=x'))

  it('tells its terms', async () =>
    expect(await search(' brass lamp ')).toEqual(
      event('search_submitted', { query: 'brass lamp' }, '/search?q=x'),
    ))
  it('for nothing is none', async () => expect(await search('  ')).toBeUndefined())
})

describe('a change of the cart', () => {
  it.each(['product_added_to_cart', 'product_removed_from_cart'])('%s', async name => {
    const [cartLine] = CART.lines
    expect(await sent(name, { cartLine }, at('/products/lantern'))).toEqual(
      event(name, { product: PRODUCT, quantity: 2 }, '/products/lantern'),
    )
  })
  it('of no line is nothing', async () =>
    expect(await sent('product_added_to_cart', { cartLine: null })).toBeUndefined())
})

describe('a checkout', () => {
  const path = '/checkouts/cn/bd5a8aa1?key=opens-it'
  const checkout = {
    token: 'bd5a8aa1eb019dd718ce3494df3a07e8',
    orderId: null as string | null,
    currency: 'EUR',
    total: '284.97',
    items: [{ ...PRODUCT, quantity: 2 }],
  }

  it.each([
    ['checkout_started', 'checkout_started'],
    ['checkout_contact_info_submitted', 'checkout_updated'],
  ])('%s is %s, without the person and without its address', async (name, type) =>
    expect(await sent(name, { checkout: CHECKOUT }, at(path))).toEqual(event(type, { checkout })),
  )

  it.each(['gid://shopify/Order/6012', '6012', 'gid://shopify/OrderIdentity/6012'])(
    'that is completed names its order %s by number',
    async id =>
      expect(
        await sent(
          'checkout_completed',
          { checkout: { ...CHECKOUT, order: { id, customer: null } } },
          at(path),
        ),
      ).toEqual(event('checkout_completed', { checkout: { ...checkout, orderId: '6012' } })),
  )

  it('keeps a line whose variant is gone', async () => {
    const lineItems = CHECKOUT.lineItems.map(line => ({ ...line, variant: null }))
    expect(await sent('checkout_started', { checkout: { ...CHECKOUT, lineItems } }, at(path))).toMatchObject({
      data: { checkout: { items: [{ id: null, title: null, price: null, quantity: 2 }] } },
    })
  })

  it('without a token joins nothing, and is not sent', async () =>
    expect(await sent('checkout_started', { checkout: { ...CHECKOUT, token: null } })).toBeUndefined())
})

describe('a price', () => {
  const price = async (amount: unknown) => {
    const productVariant = { ...VARIANT, price: { amount, currencyCode: 'EUR' } }
    const seen = await sent('product_viewed', { productVariant })
    return (seen as { data?: { product: { price: string | null } } }).data?.product.price
  }
  it.each([
    [139.99, '139.99'],
    [0.1 + 0.2, '0.30'],
    [1.005, '1.005'],
    [1000, '1000.00'],
    [0, '0.00'],
    [999999999999.99, '999999999999.99'],
    ['12.5', '12.50'],
    [-1, null],
    [Number.NaN, null],
    [1e21, null],
    [null, null],
  ])('of %j is %j', async (amount, wire) => expect(await price(amount)).toBe(wire))

  it('is what a till would print', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e12 }), async cents => {
        expect(await price(cents / 100)).toBe((cents / 100).toFixed(2))
      }),
      { numRuns: 50 },
    )
  })
})

describe('whatever comes', () => {
  const HOSTILE = [
    '</script><script>',
    '\u0000\ud800',
    'javascript:alert(1)',
    'x'.repeat(5000),
    '"\\\u2028',
    '🏮'.repeat(900),
  ]
  const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }))
  const variant = fc.record({
    id: fc.oneof(hostile, fc.constant(null)),
    image: fc.oneof(fc.constant(null), fc.record({ src: fc.oneof(hostile, fc.constant(null)) })),
    price: fc.record({ amount: fc.double(), currencyCode: fc.constant('EUR') }),
    product: fc.record({ id: hostile, title: hostile, type: hostile, url: hostile, vendor: hostile }),
    sku: hostile,
    title: hostile,
  })

  it('a product with any texts is taken, cut, and with web addresses only', async () => {
    await fc.assert(
      fc.asyncProperty(variant, async productVariant => {
        expect(await sent('product_viewed', { productVariant })).toMatchObject({ type: 'product_viewed' })
      }),
    )
  })

  it('a cart of any size fits into a batch', async () => {
    const title = 'ラ'.repeat(500)
    const line = { merchandise: { ...VARIANT, title, product: { ...VARIANT.product, title } }, quantity: 1 }
    const visit = new Visit()
    const cart = { ...CART, lines: Array.from({ length: 500 }, () => line) }
    visit.page().publish('cart_viewed', 'e1', { cart }, at('/cart'))
    await second()
    expect(visit.told).toHaveLength(1)
    expect(Buffer.byteLength(visit.last?.body ?? '')).toBeLessThan(64 * 1024)
    expect(Buffer.byteLength(visit.last?.body ?? '')).toBeGreaterThan(40 * 1024)
  })

  it.each([
    ['no data', null],
    ['no cart line', {}],
    ['a number for a cart line', { cartLine: 7 }],
  ])('%s harms nothing, and what follows is told', async (_, data) => {
    const visit = new Visit()
    const page = visit.page()
    page.publish('checkout_started', 'bad', data)
    page.publish('collection_viewed', 'bad', data)
    page.publish('page_viewed', 'bad', {}, { context: null })
    page.publish('page_viewed', 'bad', {}, { timestamp: 'yesterday' })
    page.publish('page_viewed', 'good')
    await second()
    expect(visit.sent).toEqual([['good']])
  })
})
