/** Batches and their delays; and what the embed of the page tells is not told again. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  ADDRESS,
  checkoutOf,
  flush,
  LINE,
  NOON,
  SETTINGS,
  STORE,
  settle,
  TestBrowser,
  VARIANT,
  VIEW,
} from './testing.ts'

let browser: TestBrowser
beforeEach(() => {
  vi.useFakeTimers({ now: NOON })
  browser = new TestBrowser()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const DAY = 24 * 60 * 60 * 1000

describe('a batch', () => {
  it('is one request that asks for no preflight and outlives the page', async () => {
    const page = browser.open()
    const id = page.publish('product_viewed', VIEW)
    await flush()
    const [request] = browser.requests
    expect(request?.url).toBe(ADDRESS)
    expect(request?.init).toEqual({ method: 'POST', keepalive: true, body: expect.any(String) })
    const sent = new Request(ADDRESS, { method: 'POST', body: String(request?.init.body) })
    expect(sent.headers.get('content-type')).toBe('text/plain;charset=UTF-8')
    expect(browser.batches).toEqual([
      {
        shop: SETTINGS.shop,
        key: SETTINGS.key,
        visitorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        sentAt: '2026-11-20T12:00:01.000Z',
        consent: { analytics: true, marketing: true },
        events: [expect.objectContaining({ id, at: '2026-11-20T12:00:00.000Z', url: `${STORE}/` })],
      },
    ])
  })

  it('carries what happens within a second', async () => {
    const page = browser.open()
    page.publish('page_viewed', {})
    await vi.advanceTimersByTimeAsync(900)
    page.publish('product_added_to_cart', { cartLine: LINE })
    expect(browser.requests).toEqual([])
    await vi.advanceTimersByTimeAsync(100)
    expect(browser.types).toEqual([['page_viewed', 'product_added_to_cart']])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(browser.requests).toHaveLength(1)
  })

  it('leaves at once with a checkout, and what waits goes with it', async () => {
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    page.publish('checkout_started', checkoutOf())
    await settle()
    expect(browser.types).toEqual([['product_viewed', 'checkout_started']])
    page.publish('checkout_contact_info_submitted', checkoutOf())
    await settle()
    page.publish('checkout_completed', checkoutOf())
    await settle()
    expect(browser.types.slice(1)).toEqual([['checkout_updated'], ['checkout_completed']])
  })

  it('is as large as a browser sends while a page closes, and another follows', async () => {
    const page = browser.open()
    const cart = {
      id: 'c',
      attributes: [],
      cost: { totalAmount: VARIANT.price },
      lines: Array.from({ length: 250 }, () => LINE),
      totalQuantity: 500,
    }
    const sent = [1, 2, 3].map(() => page.publish('cart_viewed', { cart }))
    await flush()
    expect(browser.ids).toEqual(sent.map(id => [id]))
    for (const { init } of browser.requests) expect(String(init.body).length).toBeLessThan(32_000)
  })

  it('nothing is sent, and no visitor made, where nothing happens', async () => {
    browser.open().publish('page_viewed', {}, { context: { document: { location: { pathname: '/cart' } } } })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(browser.requests).toEqual([])
    expect(browser.local.size).toBe(0)
  })

  it('an event that is not as documented harms no other', async () => {
    const page = browser.open()
    page.publish('product_viewed', null as never)
    page.publish('collection_viewed', {} as never, { context: null })
    page.publish('checkout_started', checkoutOf())
    await settle()
    expect(browser.types).toEqual([['checkout_started']])
  })
})

describe('the embed', () => {
  const marked = (e: number) => browser.local.set('sluice', JSON.stringify({ v: 'known', t: NOON - DAY, e }))
  const everything = () => {
    const page = browser.open()
    page.publish('page_viewed', {})
    page.publish('product_viewed', VIEW)
    page.publish('product_added_to_cart', { cartLine: LINE })
    page.publish('cart_viewed', { cart: null })
    page.publish('search_submitted', { searchResult: { query: 'x', productVariants: [] } })
    return page
  }

  it.each([-10_000, 0, 900])('that ran %d ms from the worker tells these itself', async ms => {
    marked(NOON + ms)
    everything()
    await flush()
    expect(browser.requests).toEqual([])
    expect(browser.session.size).toBe(0)
  })

  it('that last ran on an earlier page leaves them to the pixel', async () => {
    marked(NOON - 10_001)
    everything()
    await flush()
    expect(browser.types[0]).toHaveLength(5)
  })

  it('that comes late is seen before the events are sent', async () => {
    everything()
    await vi.advanceTimersByTimeAsync(500)
    marked(Date.now())
    await flush()
    expect(browser.requests).toEqual([])
  })

  it('that comes later still tells what happens from then on', async () => {
    const page = everything()
    await flush()
    marked(Date.now())
    page.publish('product_removed_from_cart', { cartLine: LINE })
    await flush()
    expect(browser.types).toHaveLength(1)
  })

  it('does not keep checkouts from being sent', async () => {
    marked(NOON)
    const page = everything()
    page.publish('checkout_started', checkoutOf())
    await flush()
    expect(browser.types).toEqual([['checkout_started']])
  })

  it('of a page left early told what happened there, also when the next page has none', async () => {
    marked(NOON)
    const page = everything()
    await settle()
    page.leave()
    vi.setSystemTime(NOON + 60_000)
    browser.open({ path: '/checkouts/cn/1' }).publish('checkout_started', checkoutOf())
    await flush()
    expect(browser.types).toEqual([['checkout_started']])
  })
})
