/** Nothing without consent; with it, nothing lost and nothing changed for the theme. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { SOAP, TestStore } from './store.ts'

let browser: Browser
let store: TestStore
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  store = await TestStore.open(browser)
})
afterEach(() => store.context.close())

const arrived = (...types: string[]) => expect.poll(() => store.types).toEqual(types.sort())
const stored = (page: Page) => page.evaluate(() => Object.keys(localStorage).sort())
const visitor = (page: Page) => page.evaluate(() => JSON.parse(localStorage.sluice ?? '{}'))

/** Everything that the script had to do at the start is done, and what could be sent is on its way. */
async function quiet(page: Page): Promise<void> {
  await page.evaluate(() => new Promise(idle => requestIdleCallback(() => requestIdleCallback(idle))))
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.evaluate(() => fetch('/cart.js'))
}

describe('consent', () => {
  it('refused: nothing is stored or sent, and the cart says so', async () => {
    await store.choose('no')
    store.add(SOAP)
    const page = await store.visit('/products/soap')
    await expect
      .poll(() => store.cart.attributes)
      .toEqual({ sluice_visitor: '', sluice_consent: 'analytics=0,marketing=0' })
    await quiet(page)
    expect(await stored(page)).toEqual([])
    expect(store.batches).toEqual([])
  })

  it('undecided: nothing is stored, sent or written; then given: what was held is sent', async () => {
    store.add(SOAP)
    const page = await store.visit('/products/soap')
    await quiet(page)
    await page.evaluate(
      id => fetch('/cart/add.js', { method: 'POST', body: `{"id": ${id}}` }),
      SOAP.variants[0]?.id,
    )
    await page.evaluate(() => navigator.locks.request('sluice', () => {}))
    expect(await stored(page)).toEqual([])
    expect(store.batches).toEqual([])
    expect(store.cart.attributes).toEqual({})

    await store.chooseHere(page, 'yes', 'no')
    await arrived('product_viewed', 'product_added_to_cart')
    expect(store.batches[0]?.consent).toEqual({ analytics: true, marketing: false })
    await expect.poll(() => store.cart.attributes.sluice_consent).toBe('analytics=1,marketing=0')
  })

  it('undecided, then refused: what was held is gone', async () => {
    const page = await store.visit('/products/soap')
    await quiet(page)
    await store.chooseHere(page, 'no')
    await quiet(page)
    await store.chooseHere(page, 'yes')
    await store.visit('/', page)
    await arrived('page_viewed')
  })

  it('withdrawn: everything stored goes at once, and the cart says so', async () => {
    await store.choose('yes')
    store.add(SOAP)
    store.answer = 503
    const page = await store.visit('/')
    await expect.poll(() => store.batches.length).toBe(1)
    await expect.poll(() => store.cart.attributes.sluice_consent).toBe('analytics=1,marketing=1')
    await store.chooseHere(page, 'no')
    expect(await stored(page)).toEqual([])
    await expect
      .poll(() => store.cart.attributes)
      .toEqual({ sluice_visitor: '', sluice_consent: 'analytics=0,marketing=0' })
    await quiet(page)
    expect(store.batches).toHaveLength(1)
  })

  it('that cannot be asked for counts as none', async () => {
    store.hasPrivacyApi = false
    await store.choose('yes')
    const page = await store.visit('/products/soap')
    await quiet(page)
    expect(await stored(page)).toEqual([])
    expect(store.batches).toEqual([])
  })
})

describe('a visitor', () => {
  beforeEach(() => store.choose('yes'))

  it('is the same on every page and in every tab', async () => {
    await store.visit('/')
    await arrived('page_viewed')
    await store.visit('/products/soap')
    await arrived('page_viewed', 'product_viewed')
    expect(new Set(store.batches.map(({ visitorId }) => visitorId)).size).toBe(1)
  })

  it('is another after 13 months', async () => {
    const page = await store.visit('/')
    await arrived('page_viewed')
    await page.evaluate(() => {
      localStorage.sluice = JSON.stringify({
        ...JSON.parse(localStorage.sluice),
        t: Date.now() - 397 * 864e5,
      })
    })
    await store.visit('/', page)
    await arrived('page_viewed', 'page_viewed')
    expect(store.batches[0]?.visitorId).not.toBe(store.batches[1]?.visitorId)
  })

  it('is another when another customer signs in, and the same when the customer signs out', async () => {
    store.customerId = 1
    const page = await store.visit('/')
    await expect.poll(() => visitor(page)).toMatchObject({ c: '1' })
    const { v } = await visitor(page)
    store.customerId = undefined
    await store.visit('/', page)
    await arrived('page_viewed', 'page_viewed')
    expect(await visitor(page)).toMatchObject({ v, c: '1' })
    store.customerId = 2
    await store.visit('/', page)
    await expect.poll(() => visitor(page)).toMatchObject({ c: '2', v: expect.not.stringMatching(v) })
  })
})

describe('an event', () => {
  beforeEach(() => store.choose('yes'))

  it('that cannot be sent waits, over a change of page, until the browser is online', async () => {
    store.answer = 'offline'
    const page = await store.visit('/')
    await expect.poll(() => store.requests).toContain('POST /apps/sluice/events')
    await store.visit('/products/soap', page)
    await quiet(page)
    expect(store.batches).toEqual([])
    store.answer = 202
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await arrived('page_viewed', 'product_viewed')
    await expect.poll(() => stored(page)).toEqual(['sluice', 'sluice:c'])
  })

  it.each([401, 403, 404, 429, 503])(
    'answered %i is sent again by the next page, with its id',
    async status => {
      store.answer = status
      const page = await store.visit('/')
      await expect.poll(() => store.batches.length).toBe(1)
      store.answer = 202
      await store.visit('/', page)
      await arrived('page_viewed', 'page_viewed')
      expect(store.batches[1]?.events).toContainEqual(store.batches[0]?.events[0])
    },
  )

  it('that cannot be told leaves the next page to the web pixel, which is then not told off', async () => {
    store.answer = 404
    const page = await store.visit('/')
    await expect.poll(() => store.batches.length).toBe(1)
    const { e } = await visitor(page)
    await store.visit('/products/soap', page)
    await expect.poll(() => store.batches.length).toBe(2)
    expect((await visitor(page)).e).toBe(e)
    store.answer = 202
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await expect.poll(() => stored(page)).toEqual(['sluice', 'sluice:c'])
    await store.visit('/', page)
    await expect.poll(async () => (await visitor(page)).e).toBeGreaterThan(e)
  })

  it.each([400, 413])('answered %i is not sent again', async status => {
    store.answer = status
    const page = await store.visit('/')
    await expect.poll(() => stored(page)).toEqual(['sluice', 'sluice:c'])
    await quiet(page)
    expect(store.batches).toHaveLength(1)
  })

  it('is sent when the page is left', async () => {
    store.theme = 'const later = setTimeout; window.setTimeout = (work, ms) => ms === 300 || later(work, ms)'
    const page = await store.visit('/')
    await expect.poll(() => stored(page)).toHaveLength(3)
    expect(store.batches).toEqual([])
    await page.evaluate(() => dispatchEvent(new Event('visibilitychange')))
    await arrived('page_viewed')
  })

  it('is one of at most 50 that wait, the newest', async () => {
    store.answer = 503
    const page = await store.visit('/products/brass-lantern')
    await expect.poll(() => store.batches.length).toBeGreaterThan(0)
    await page.evaluate(() => {
      for (let i = 0; i < 60; i += 1) dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    })
    const waiting = async () => (await stored(page)).filter(key => key.startsWith('sluice:e:'))
    await expect.poll(waiting).toHaveLength(50)
    store.batches.length = 0
    store.answer = 202
    await expect.poll(waiting).toEqual([])
    expect(new Set(store.events.map(({ id }) => id)).size).toBe(50)
    expect(store.batches.every(({ events }) => JSON.stringify(events).length < 60_000)).toBe(true)
  })

  it('made with and without consent to marketing goes in batches of its own', async () => {
    store.answer = 'offline'
    await store.choose('yes', 'no')
    const page = await store.visit('/')
    await expect.poll(() => store.requests).toContain('POST /apps/sluice/events')
    await store.chooseHere(page, 'yes', 'yes')
    store.answer = 202
    await store.visit('/products/soap', page)
    await arrived('page_viewed', 'product_viewed')
    expect(store.batches.map(({ consent, events }) => [consent.marketing, events.length])).toEqual([
      [false, 1],
      [true, 1],
    ])
  })
})

describe('a theme', () => {
  beforeEach(() => store.choose('yes'))
  const ERRORS = `window.errors = []; onerror = onunhandledrejection = event => { errors.push(String(event)) }`

  it.each([
    ['blocks storage', `Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })`],
    ['has no room to store', `Storage.prototype.setItem = () => { throw new Error('full') }`],
    ['breaks fetch', `window.fetch = () => { throw new TypeError('mine') }`],
    ['has no locks', `Object.defineProperty(navigator, 'locks', { value: undefined })`],
    ['has no idle callbacks', `window.requestIdleCallback = undefined`],
    ['has no Shopify object', `Object.defineProperty(window, 'Shopify', { get() {}, set() {} })`],
  ])('that %s meets no error of ours', async (_, theme) => {
    store.theme = `${ERRORS}; ${theme}`
    store.add(SOAP)
    const page = await store.visit('/products/soap')
    await page.waitForLoadState()
    await page.evaluate(() => {
      const later: (work: () => void) => unknown = window.requestIdleCallback ?? setTimeout
      return new Promise<void>(resolve => later(() => later(resolve)))
    })
    await page.evaluate(() => history.replaceState({}, '', '?variant=1'))
    expect(await page.evaluate('errors')).toEqual([])
  })

  it('gets of its own requests what it would get', async () => {
    store.theme = `${ERRORS}; const own = Promise.reject(new Error('theirs')); own.catch(() => {}); window.fetch = (...args) => args[0] === '/cart/add.js' ? own : 'no promise'; window.own = own`
    const page = await store.visit('/')
    await page.waitForLoadState()
    expect(await page.evaluate("fetch('/cart/add.js') === own")).toBe(true)
    expect(await page.evaluate("fetch('/cart/change.js')")).toBe('no promise')
    expect(
      await page.evaluate("(() => { try { fetch(); return 'fine' } catch (error) { return error } })()"),
    ).toBe('fine')
    expect(await page.evaluate('errors')).toEqual([])
  })
})
