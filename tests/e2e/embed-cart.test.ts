/** Changes of the cart, each once, whatever made them. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { translateBatch } from '../../app/shopify/storefront.ts'
import { startBrowser } from '../support/browser.ts'
import { LANTERN, SOAP, TestStore } from './store.ts'

let browser: Browser
let store: TestStore
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  store = await TestStore.open(browser)
  store.settings = { ...store.settings, page_viewed: false, product_viewed: false, cart_viewed: false }
  await store.choose('yes')
})
afterEach(() => store.context.close())

const arrived = (...types: string[]) => expect.poll(() => store.types).toEqual(types.sort())
/** The script has looked at the page's cart, and remembers these quantities. */
const remembers = (page: Page, ...quantities: number[]) =>
  expect
    .poll(() =>
      page.evaluate(() => {
        const seen: { items: { quantity: number }[] } | null = JSON.parse(localStorage['sluice:c'] ?? 'null')
        return seen?.items.map(({ quantity }) => quantity)
      }),
    )
    .toEqual(quantities)

const ID = SOAP.variants[0]?.id
const WAYS: [string, string][] = [
  ['fetch', `fetch('/cart/add.js', { method: 'POST', body: '{"id": ${ID}, "quantity": 2}' })`],
  [
    'fetch with a Request',
    `fetch(new Request('/cart/add', { method: 'POST', body: '{"id": ${ID}, "quantity": 2}' }))`,
  ],
  [
    'XMLHttpRequest',
    `const request = new XMLHttpRequest(); request.open('POST', '/cart/add.js'); request.send('{"id": ${ID}, "quantity": 2}')`,
  ],
  [
    'a standard event',
    // The theme's own way is not seen: only its event tells.
    `const frame = document.body.appendChild(document.createElement('iframe'))
     const promise = frame.contentWindow.fetch('/cart/add.js', { method: 'POST', body: '{"id": ${ID}, "quantity": 2}' })
     document.body.dispatchEvent(Object.assign(new Event('shopify:cart:lines-update', { bubbles: true }), { promise }))`,
  ],
  [
    'a standard event and fetch together',
    `const promise = fetch('/cart/add.js', { method: 'POST', body: '{"id": ${ID}, "quantity": 2}' })
     document.body.dispatchEvent(Object.assign(new Event('shopify:cart:lines-update', { bubbles: true }), { promise }))`,
  ],
  [
    'a form',
    `document.querySelector('[name=id]').insertAdjacentHTML('afterend', '<input name="quantity" value="2">')
     document.querySelector('form button').click()`,
  ],
  [
    'form.submit()',
    `document.querySelector('[name=id]').insertAdjacentHTML('afterend', '<input name="quantity" value="2">')
     document.querySelector('form').submit()`,
  ],
]

describe('what is added', () => {
  it.each(WAYS)('by %s is one event', async (_, add) => {
    const page = await store.visit('/products/soap')
    await remembers(page)
    await page.evaluate(`(() => { ${add} })()`)
    await arrived('product_added_to_cart')
    await remembers(page, 2)
    // Any page after it has nothing to add.
    await store.visit('/', page)
    await remembers(page, 2)
    await store.visit('/products/soap', page)
    await page.evaluate(() => fetch('/cart/update.js', { method: 'POST', body: '{}' }))
    await page.evaluate(() => navigator.locks.request('sluice', () => {}))
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.evaluate(() => fetch('/cart.js'))
    expect(store.types).toEqual(['product_added_to_cart'])
    expect(store.events[0]?.data).toEqual({
      quantity: 2,
      product: {
        id: 8012345678902,
        variantId: 43012345678903,
        handle: 'soap',
        title: 'Soap',
        variantTitle: null,
        sku: null,
        vendor: 'Bubbles',
        type: 'Bath',
        price: '3.05',
        currency: 'EUR',
        url: '/products/soap?variant=43012345678903',
        imageUrl: 'https://cdn.example.com/soap.jpg',
        // Of the change; the app reads the one above.
        quantity: 2,
      },
    })
    const context = { customerId: null, receivedAt: new Date(), source: 'storefront' } as const
    for (const batch of store.batches) {
      expect(translateBatch(batch, context)).toMatchObject({
        rejected: [],
        events: [
          {
            data: {
              product: {
                id: '8012345678902',
                variantId: '43012345678903',
                url: 'https://shop.example.com/products/soap?variant=43012345678903',
              },
            },
          },
        ],
      })
    }
  })

  it('under the root of a language is seen', async () => {
    store.root = '/cs/'
    const page = await store.visit('/cs/')
    await remembers(page)
    await page.evaluate(id => fetch('/cs/cart/add.js', { method: 'POST', body: `{"id": ${id}}` }), ID)
    await arrived('product_added_to_cart')
  })

  it('in two tabs at once is two events, one for each', async () => {
    const [one, other] = [await store.visit('/'), await store.visit('/')]
    await remembers(one)
    await Promise.all(
      [one, other].map(tab =>
        tab.evaluate(id => fetch('/cart/add.js', { method: 'POST', body: `{"id": ${id}}` }), ID),
      ),
    )
    const added = () => store.events.reduce((sum, { data }) => sum + (data.quantity as number), 0)
    await expect.poll(added).toBe(2)
    await remembers(other, 2)
    expect(added()).toBe(2)
  })
})

describe('what is removed', () => {
  it('or changed is told by how much', async () => {
    store.add(SOAP, 5)
    store.add(LANTERN, 1)
    const page = await store.visit('/')
    await remembers(page, 5, 1)
    const change = (id: number | undefined, quantity: number) =>
      page.evaluate(
        body => fetch('/cart/change.js', { method: 'POST', body }),
        JSON.stringify({ id, quantity }),
      )
    await change(ID, 2)
    await remembers(page, 2, 1)
    await change(LANTERN.variants[0]?.id, 0)
    await arrived('product_removed_from_cart', 'product_removed_from_cart')
    expect(store.events.map(({ data }) => data)).toMatchObject([
      { quantity: 3, product: { handle: 'soap' } },
      { quantity: 1, product: { handle: 'brass-lantern' } },
    ])
  })

  it('by an order is not: the cart is another', async () => {
    store.add(SOAP, 2)
    const page = await store.visit('/')
    const token = () => page.evaluate(() => JSON.parse(localStorage['sluice:c'] ?? '{}').token)
    await expect.poll(token).toBe('cart1')
    store.cart = { token: 'cart2', lines: [], attributes: {} }
    await store.visit('/', page)
    await remembers(page)
    store.add(LANTERN)
    await store.visit('/', page)
    await arrived('product_added_to_cart')
  })
})

describe('the cart', () => {
  it('as first seen is the start, and no event', async () => {
    store.add(SOAP, 2)
    const page = await store.visit('/')
    await remembers(page, 2)
    await page.evaluate(id => fetch('/cart/add.js', { method: 'POST', body: `{"id": ${id}}` }), ID)
    await arrived('product_added_to_cart')
    expect(store.events[0]?.data).toMatchObject({ quantity: 1 })
  })

  it('is told who the visitor is and what is allowed, once', async () => {
    await store.choose('yes', 'no')
    store.add(SOAP)
    const page = await store.visit('/')
    await expect
      .poll(() => store.cart.attributes)
      .toEqual({
        sluice_visitor: expect.stringMatching(/^[\da-f-]{36}$/),
        sluice_consent: 'analytics=1,marketing=0',
      })
    await store.visit('/', page)
    await page.evaluate(() => new Promise(idle => requestIdleCallback(() => requestIdleCallback(idle))))
    await page.evaluate(() => fetch('/cart.js'))
    expect(store.requests.filter(request => request === 'POST /cart/update.js')).toHaveLength(1)
  })

  it('that is empty is left alone', async () => {
    const page = await store.visit('/')
    await remembers(page)
    await page.evaluate(() => fetch('/cart.js'))
    expect(store.requests).not.toContain('POST /cart/update.js')
  })
})
