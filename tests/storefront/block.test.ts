/** The page facts that the block writes, for each kind of page, with what merchants and visitors can type. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wireEventSchemas } from '../../app/shopify/storefront/wire.ts'
import type { Facts } from '../../storefront/embed/facts.ts'
import { type Page, type Product, renderBlock } from '../support/block.ts'

const LANTERN: Product = {
  id: 8012345678901,
  handle: 'brass-lantern',
  title: 'Brass Lantern',
  vendor: 'Lumen',
  type: 'Lamps',
  variants: [
    { id: 43012345678901, title: 'Small', sku: 'BL-S', price: 4990 },
    { id: 43012345678902, title: 'Large', sku: null, price: 100005 },
  ],
}
const SETTINGS = {
  page_viewed: true,
  collection_viewed: true,
  product_viewed: true,
  variant: true,
  search_submitted: true,
  cart: true,
  cart_viewed: false,
  proxy_path: '/apps/sluice',
  debug: false,
}
const PAGE: Page = {
  pageType: 'index',
  origin: 'https://shop.example.com',
  root: '/',
  currency: 'EUR',
  settings: SETTINGS,
  cart: { lines: [], attributes: {} },
}

const ELEMENTS =
  /^\s*<script type="application\/json" id="sluice-facts">([^<]*)<\/script>\s*<script src="\/assets\/sluice\.js" async><\/script>\s*$/
/** Fails when the block writes anything but its two elements. */
function factsOf(page: Partial<Page>): Facts {
  const [, json] = ELEMENTS.exec(renderBlock({ ...PAGE, ...page })) ?? []
  return JSON.parse(json ?? 'The block writes more than its elements.')
}
const asEvent = (view: Facts['view']) =>
  wireEventSchemas.storefront.safeParse({
    id: '1',
    at: '2026-01-01T00:00:00Z',
    url: 'https://shop.example.com/',
    ...view,
  })

describe('the facts of a page', () => {
  it('say where to send, what is wanted, and where the shop stands', () => {
    expect(factsOf({})).toEqual({
      path: '/apps/sluice/events',
      cartUrl: '/cart.js',
      attributesUrl: '/cart/update.js?sluice',
      on: {
        page_viewed: true,
        collection_viewed: true,
        product_viewed: true,
        search_submitted: true,
        product_added_to_cart: true,
        product_removed_from_cart: true,
        cart_viewed: false,
      },
      template: 'index',
      locale: 'en',
      currency: 'EUR',
      market: 'cz',
      customer: null,
      view: { type: 'page_viewed', data: { page: { type: 'index', title: 'Shop' } } },
      variants: [],
      cart: {
        token: '',
        currency: 'EUR',
        total: '0.00',
        items: [],
      },
      attributes: { sluice_visitor: null, sluice_consent: null },
    })
  })

  it("name the shop's own proxy path, a locale's root with its slash, the customer", () => {
    const facts = factsOf({
      settings: { ...SETTINGS, proxy_path: '/tools/s' },
      root: '/cs/',
      customerId: 7012345678901,
    })
    expect(facts).toMatchObject({
      path: '/tools/s/events',
      cartUrl: '/cs/cart.js',
      attributesUrl: '/cs/cart/update.js?sluice',
      customer: '7012345678901',
    })
  })

  it.each(['tools/s', '/tools/s/', ' /tools/s '])(
    'name the proxy path also where it was typed as "%s"',
    path => {
      expect(factsOf({ settings: { ...SETTINGS, proxy_path: path } })).toMatchObject({
        path: '/tools/s/events',
      })
    },
  )

  it('and everything else are absent in the theme editor', () => {
    expect(renderBlock({ ...PAGE, inEditor: true }).trim()).toBe('')
  })

  it('have a second script beside them in debug mode only', () => {
    const debugging = renderBlock({ ...PAGE, settings: { ...SETTINGS, debug: true } })
    expect(debugging).toContain('<script src="/assets/sluice-debug.js" async></script>')
  })

  it('of a product describe its chosen variant, and the others only when they are wanted', () => {
    const page = { pageType: 'product', product: LANTERN, variantId: 43012345678902 }
    const { view, variants } = factsOf(page)
    expect(view?.data.product).toMatchObject({ variantId: '43012345678902', price: '1000.05', sku: null })
    expect(variants).toEqual([
      {
        variantId: '43012345678901',
        variantTitle: 'Small',
        sku: 'BL-S',
        price: '49.90',
        imageUrl: 'https://cdn.example.com/brass-lantern.jpg?width=1024',
      },
    ])
    expect(factsOf({ ...page, settings: { ...SETTINGS, variant: false } }).variants).toEqual([])
  })

  it('of a search without terms have no view', () => {
    expect(factsOf({ pageType: 'search', terms: '  ' }).view).toBeNull()
    expect(factsOf({ pageType: 'search' }).view).toBeNull()
  })

  it('tell the cart with its attributes', () => {
    const [variant] = LANTERN.variants
    const lines = variant ? [{ product: LANTERN, variant, quantity: 3 }] : []
    const { cart, attributes, view } = factsOf({
      pageType: 'cart',
      cart: { lines, attributes: { sluice_visitor: 'v1' } },
    })
    expect(cart).toMatchObject({
      total: '149.70',
      items: [{ variantId: '43012345678901', price: '49.90', quantity: 3 }],
    })
    expect(attributes).toEqual({ sluice_visitor: 'v1', sluice_consent: null })
    expect(view).toEqual({ type: 'cart_viewed', data: { cart: {} } })
    expect(asEvent({ type: 'cart_viewed', data: { cart } }).success).toBe(true)
  })
})

describe('whatever is typed', () => {
  const HOSTILE = [
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '"\'\\',
    '\u2028 🏮 \\u003c',
    '{{ 1 }}',
  ]
  const typed = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme', maxLength: 80 }))

  it('in titles, the facts stay one element and say just that', () => {
    fc.assert(
      fc.property(typed, typed, (title, vendor) => {
        const product = { ...LANTERN, title, vendor, type: title }
        const { view } = factsOf({ pageType: 'product', product })
        expect(view?.data.product).toMatchObject({ title, vendor, type: title })
        expect(asEvent(view).error).toBeUndefined()
      }),
    )
  })

  it('as a collection and its handle, too', () => {
    fc.assert(
      fc.property(typed, title => {
        const collection = { id: null, handle: title, title, url: `/collections/${title}` }
        const { view } = factsOf({ pageType: 'collection', collection })
        expect(view?.data).toEqual({
          collection: { id: '', handle: title, title, path: `/collections/${title}` },
        })
        expect(asEvent(view).error).toBeUndefined()
      }),
    )
  })

  it('as the title of the home page, of any length', () => {
    fc.assert(
      fc.property(fc.oneof(typed, fc.string({ minLength: 490, maxLength: 700 })), title => {
        const { view } = factsOf({ title })
        expect(
          title.startsWith(`${view?.data.page && 'title' in view.data.page && view.data.page.title}`),
        ).toBe(true)
        expect(asEvent(view).error).toBeUndefined()
      }),
    )
  })

  it('as a search of any length', () => {
    fc.assert(
      fc.property(fc.oneof(typed, fc.string({ minLength: 400, maxLength: 700 })), terms => {
        const { view } = factsOf({ pageType: 'search', terms })
        if (view) expect(asEvent(view).error).toBeUndefined()
      }),
    )
  })
})
