/** Views, as the theme app extension's script reports them from a real browser. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { translateBatch } from '../../app/shopify/storefront.ts'
import { startBrowser } from '../support/browser.ts'
import { LANTERN, SOAP, TestStore, type WireEvent } from './store.ts'

let browser: Browser
let store: TestStore
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  store = await TestStore.open(browser)
  await store.choose('yes')
})
afterEach(() => store.context.close())

const arrived = (...types: string[]) => expect.poll(() => store.types).toEqual(types.sort())
const of = (type: string) => store.events.find(event => event.type === type) as WireEvent

const SMALL = {
  id: '8012345678901',
  variantId: '43012345678901',
  handle: 'brass-lantern',
  title: 'Brass Lantern',
  variantTitle: 'Small',
  sku: 'BL-S',
  vendor: 'Lumen',
  type: 'Lamps',
  price: '49.90',
  currency: 'EUR',
  url: 'https://shop.example.com/products/brass-lantern',
  imageUrl: 'https://cdn.example.com/brass-lantern.jpg?width=1024',
}

describe('a view', () => {
  it('of the home page tells the page, and the batch is as agreed', async () => {
    await store.visit('/')
    await arrived('page_viewed')
    expect(store.batches[0]).toEqual({
      visitorId: expect.stringMatching(/^[\da-f-]{36}$/),
      sentAt: expect.stringMatching(/^\d{4}-.*Z$/),
      consent: { analytics: true, marketing: true },
      events: [
        {
          id: expect.stringMatching(/^[\da-f-]{36}$/),
          type: 'page_viewed',
          at: expect.stringMatching(/^\d{4}-.*Z$/),
          url: 'https://shop.example.com/',
          data: { page: { type: 'index', title: 'Shop', referrer: 'https://search.example/' } },
        },
      ],
    })
  })

  it('of a product tells the product', async () => {
    await store.visit('/products/brass-lantern')
    await arrived('product_viewed')
    expect(of('product_viewed').data).toEqual({ product: SMALL })
  })

  it('of a collection tells its path', async () => {
    await store.visit('/collections/lamps')
    await arrived('collection_viewed')
    expect(of('collection_viewed').data).toEqual({
      collection: { id: '401', handle: 'lamps', title: 'Lamps', path: '/collections/lamps' },
    })
  })

  it('of search results tells the terms', async () => {
    await store.visit('/search?q=brass+%3Clamp%3E')
    await arrived('search_submitted')
    expect(of('search_submitted').data).toEqual({ query: 'brass <lamp>' })
  })

  it('of the cart tells the cart, by its token, and nothing else of it', async () => {
    store.add(SOAP, 2)
    store.cart.attributes.gift_note = 'private'
    await store.visit('/cart')
    await arrived('cart_viewed')
    expect(of('cart_viewed').data).toEqual({
      cart: {
        token: 'cart1',
        currency: 'EUR',
        total: '6.10',
        items: [expect.objectContaining({ variantId: 43012345678903, variantTitle: null, quantity: 2 })],
      },
    })
  })

  it('of a cart with more lines than fit into a batch tells the first fifty', async () => {
    const variants = Array.from({ length: 120 }, (_, at) => ({
      id: at + 1,
      title: `No. ${at}`,
      sku: 'x'.repeat(400),
      price: 100,
    }))
    for (const variant of variants) store.add({ ...LANTERN, variants }, 1, variant)
    await store.visit('/cart')
    await arrived('cart_viewed')
    expect(of('cart_viewed').data).toMatchObject({ cart: { total: '120.00', items: { length: 50 } } })
  })

  it('of any kind is accepted by the app', async () => {
    store.add(SOAP, 2)
    store.add(LANTERN)
    for (const path of ['/', '/products/soap', '/collections/lamps', '/search?q=x', '/cart']) {
      const page = await store.visit(path)
      await expect.poll(() => store.events.some(({ url }) => url.endsWith(path))).toBe(true)
      await page.close()
    }
    for (const batch of store.batches) {
      const context = { customerId: null, receivedAt: new Date(), source: 'storefront' } as const
      expect(translateBatch(batch, context)).toMatchObject({ rejected: [] })
    }
    expect(store.types).toHaveLength(5)
  })

  it('is not reported when the merchant does not want it', async () => {
    store.settings = { ...store.settings, page_viewed: false }
    await store.visit('/products/soap')
    await arrived('product_viewed')
  })

  it('is reported from a shop in another language, with its own root', async () => {
    store.root = '/cs/'
    store.add(SOAP)
    await store.visit('/cs/products/soap')
    await arrived('product_viewed')
    expect(store.requests).toContain('GET /cs/cart.js')
    expect(of('product_viewed').data).toMatchObject({
      product: { url: 'https://shop.example.com/cs/products/soap' },
    })
  })

  it('counts anew, with a new id, when the page comes back from the back/forward cache', async () => {
    const page = await store.visit('/products/soap')
    await arrived('product_viewed')
    store.add(SOAP)
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
    await arrived('product_viewed', 'product_viewed', 'product_added_to_cart')
  })
})

describe('another variant', () => {
  const LARGE = { variantId: '43012345678902', variantTitle: 'Large', sku: 'BL-L', price: '139.99' }
  const views = () => store.events.filter(({ type }) => type === 'product_viewed')

  it.each([
    [
      'in the form',
      () => {
        const input = document.querySelector<HTMLInputElement>('[name=id]')
        if (input) input.value = '43012345678902'
        input?.dispatchEvent(new Event('change', { bubbles: true }))
      },
    ],
    [
      'in the address',
      () => {
        history.replaceState({}, '', '?variant=43012345678902')
        document.body.click()
      },
    ],
  ])('chosen %s is one more view', async (_, choose) => {
    const page = await store.visit('/products/brass-lantern')
    await arrived('product_viewed')
    await page.evaluate(choose)
    await page.evaluate(choose)
    await arrived('product_viewed', 'product_viewed')
    expect(views()[1]?.data).toEqual({ product: { ...SMALL, ...LARGE } })
  })

  it('is no view when the merchant does not want it', async () => {
    store.settings = { ...store.settings, variant: false }
    const page = await store.visit('/products/brass-lantern')
    await arrived('product_viewed')
    await page.evaluate(() => history.replaceState({}, '', '?variant=43012345678902'))
    await store.visit('/', page)
    await arrived('product_viewed', 'page_viewed')
  })
})

describe('a page', () => {
  it('in the theme editor reports nothing and stores nothing', async () => {
    store.inEditor = true
    const page = await store.visit('/products/soap')
    await page.evaluate(() => new Promise(idle => requestIdleCallback(() => requestIdleCallback(idle))))
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.evaluate(() => fetch('/cart.js'))
    expect(store.batches).toEqual([])
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
  })

  it('asks for nothing before it is idle', async () => {
    store.theme = 'window.requestIdleCallback = work => { window.goIdle = work }'
    store.add(SOAP)
    const page = await store.visit('/cart')
    await page.evaluate(() => fetch('/cart/add.js', { method: 'POST', body: '{"id": 43012345678903}' }))
    expect(store.requests).toEqual(['GET /cart', 'GET /assets/sluice.js', 'POST /cart/add.js'])
    await page.evaluate('goIdle()')
    await arrived('product_added_to_cart', 'cart_viewed')
  })

  it('says in debug mode what became of each event', async () => {
    store.settings = { ...store.settings, debug: true }
    const page = await store.context.newPage()
    const said: string[] = []
    page.on('console', message => said.push(message.text()))
    await store.visit('/', page)
    await expect
      .poll(() => said.join('\n'))
      .toMatch(/Sluice analytics allowed.*\nSluice page_viewed.*\nSluice answer 202/s)
  })
})
