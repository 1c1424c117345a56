/** The sandbox store in a real browser: what a visitor does, and what the app is told of it. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MODES } from '../../sandbox/store/visit.ts'
import { startBrowser } from '../support/browser.ts'
import { startWalk, type Walk } from './walk.ts'

const LANTERN = 43012345678913

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.close())

let walk: Walk
beforeEach(async () => {
  walk = await startWalk(browser)
})
afterEach(() => walk.close())

const allow = (page: Page, choice: 'all' | 'analytics' | 'none') => page.click(`[data-consent=${choice}]`)
const names = () => walk.told().map(event => event.name)
/** What the pixel told of up to this event, which must come. */
const toldOf = (name: string) => expect.poll(names, { timeout: 5_000 }).toContain(name)

/** From the home page to a chosen variant. */
async function toVariant(page: Page): Promise<void> {
  await page.click('nav >> text=Lamps')
  await page.waitForURL('**/collections/lamps')
  await page.click('.grid >> text=Tide Lantern')
  await page.click('.pill >> text=Nickel')
  await page.waitForURL(`**/products/tide-lantern?variant=${LANTERN}`)
}

describe('a walk through the store', () => {
  it.each(MODES)('ends in an order, when the theme adds to the cart by %s', async mode => {
    const { page, problems } = await walk.visitor()
    await page.goto(`${walk.store.url}/?mode=${mode}`)
    await allow(page, 'all')
    await toldOf('page_viewed')
    await toVariant(page)
    await page.click('[data-add]')
    if (mode === 'form') await page.waitForURL('**/cart')
    else await page.waitForSelector('text=Added to the cart.')
    expect(await page.textContent('[data-cart-count]')).toBe('1')
    await toldOf('product_added_to_cart')

    await page.goto(`${walk.store.url}/account/login`)
    await page.click('text=mara@example.com')
    await page.waitForURL('**/account')
    await page.click('.top-cart')
    await page.waitForURL('**/cart')
    await toldOf('cart_viewed')
    await page.click('text=Check out')
    await page.waitForURL('**/checkouts/*')
    await toldOf('checkout_started')
    await page.click('text=Change')
    await page.check('[name=marketing]')
    await page.click('text=Continue to payment')
    await toldOf('checkout_contact_info_submitted')
    await page.click('button:has-text("Pay €89.00")')
    await page.waitForURL('**/thank-you')
    await toldOf('checkout_completed')
    await walk.store.settled()

    expect(problems).toEqual([])
    expect(walk.store.webhooks.map(webhook => webhook.topic)).toEqual([
      'carts/create',
      'checkouts/create',
      'checkouts/update',
      'orders/create',
      'orders/paid',
    ])
    expect(walk.store.webhooks.at(-1)?.payload).toMatchObject({
      email: 'mara@example.com',
      line_items: [{ variant_id: LANTERN, quantity: 1, price: '84.00' }],
    })
    const seen = () => walk.store.proxied.map(({ customerId, body }) => `${customerId} ${JSON.parse(body)}`)
    const guest = ['index', 'collection', 'product', 'customers/login', ...(mode === 'form' ? ['cart'] : [])]
    const mara = ['customers/account', 'cart']
    await expect
      .poll(() => seen().sort())
      .toEqual([...guest.map(page => ` ${page}`), ...mara.map(page => `7012345678901 ${page}`)].sort())
  })

  it('tells a theme’s listeners of what is added, and of what is refused', async () => {
    const { page } = await walk.visitor()
    await page.goto(`${walk.store.url}/products/tide-lantern?mode=events`)
    await page.click('[data-add]')
    await page.waitForSelector('text=Added to the cart.')
    await page.$eval('[data-product-form] [name=id]', field => {
      ;(field as HTMLInputElement).value = '43012345678914'
    })
    await page.click('[data-add]')
    await page.waitForSelector('text=already sold out')
    expect(await page.evaluate('window.heard')).toEqual(['add', 'refused'])
  })

  it.each(MODES)('removes a line by %s', async mode => {
    const { page } = await walk.visitor()
    await page.goto(`${walk.store.url}/products/harbour-lamp?mode=${mode}`)
    await allow(page, 'all')
    await page.click('[data-add]')
    if (mode !== 'form') await page.waitForSelector('text=Added to the cart.')
    await page.goto(`${walk.store.url}/cart`)
    await page.click('[data-remove]')
    await page.waitForSelector('text=Your cart is empty.')
    await toldOf('product_removed_from_cart')
  })
})

describe('consent in the store', () => {
  const ask = (page: Page, what: string) => page.evaluate(`Shopify.customerPrivacy.${what}`)

  it('is asked for, kept, told to listeners and can be withdrawn', async () => {
    const { page } = await walk.visitor()
    await page.goto(walk.store.url)
    await page.waitForSelector('#consent:not([hidden])')
    expect(await ask(page, 'analyticsProcessingAllowed()')).toBe(false)
    expect(await ask(page, 'currentVisitorConsent().analytics')).toBe('')
    await page.evaluate(
      `document.addEventListener('visitorConsentCollected', event => { window.last = event.detail })`,
    )
    await allow(page, 'analytics')
    await page.waitForSelector('#consent', { state: 'hidden' })
    expect(await page.evaluate('window.last')).toMatchObject({
      analyticsAllowed: true,
      marketingAllowed: false,
    })

    await page.goto(`${walk.store.url}/collections/lamps`)
    await page.click('[data-consent-open]')
    expect(await ask(page, 'currentVisitorConsent()')).toMatchObject({ analytics: 'yes', marketing: 'no' })
    await allow(page, 'none')
    await page.waitForSelector('#consent', { state: 'hidden' })
    expect(await ask(page, 'analyticsProcessingAllowed()')).toBe(false)
    expect(await ask(page, 'shouldShowBanner()')).toBe(false)
  })

  it('is not needed in other regions, until somebody refuses', async () => {
    const { page } = await walk.visitor()
    await page.goto(`${walk.store.url}/?region=none`)
    await toldOf('page_viewed')
    expect(await page.isVisible('#consent')).toBe(false)
    expect(await ask(page, 'marketingAllowed()')).toBe(true)
    await page.click('[data-consent-open]')
    await allow(page, 'none')
    await page.waitForSelector('#consent', { state: 'hidden' })
    expect(await ask(page, 'marketingAllowed()')).toBe(false)
  })

  it('decides whether the pixel runs: nothing before, then what happened on the page', async () => {
    const { page } = await walk.visitor()
    await page.goto(`${walk.store.url}/products/sea-candle`)
    await page.waitForSelector('#consent:not([hidden])')
    expect(page.workers()).toHaveLength(0)
    expect(names()).toEqual([])
    await allow(page, 'analytics')
    await toldOf('product_viewed')
    expect(names()).toEqual(['page_viewed', 'product_viewed'])
    expect(walk.told()[1]).toMatchObject({
      path: '/products/sea-candle',
      data: {
        productVariant: {
          id: '43012345678902',
          price: { amount: 18, currencyCode: 'EUR' },
          sku: 'SC-SALT',
          product: { id: '8012345678902', title: 'Sea Candle', vendor: 'Pier Works' },
        },
      },
    })
    expect(await page.evaluate(`localStorage.getItem('pixel')`)).toBe('product_viewed')
  })

  it('keeps a pixel from running that needs more than is allowed', async () => {
    const strict = await startWalk(browser, {}, ['analytics', 'marketing', 'sale_of_data'])
    const { page } = await strict.visitor()
    await page.goto(strict.store.url)
    await allow(page, 'analytics')
    await page.waitForSelector('#consent', { state: 'hidden' })
    expect(page.workers()).toHaveLength(0)
    await page.click('[data-consent-open]')
    await allow(page, 'all')
    await expect.poll(() => strict.told().map(event => event.name)).toEqual(['page_viewed'])
    await strict.close()
  })

  it('cannot be known while its script does not load', async () => {
    const { page, context } = await walk.visitor()
    await context.route('**/consent.js', route => route.abort())
    await page.goto(walk.store.url)
    const error = await page.evaluate(
      `new Promise(done => Shopify.loadFeatures([{ name: 'consent-tracking-api', version: '0.1' }], error => done(String(error))))`,
    )
    expect(error).toContain('could not be loaded')
    expect(page.workers()).toHaveLength(0)
  })
})

describe('the store', () => {
  it('shows a hostile title as text', async () => {
    const { page, problems } = await walk.visitor()
    page.on('dialog', () => problems.push('a dialog'))
    for (const path of ['/', '/products/hostile-candle', '/search?q=</script><script>alert(1)</script>']) {
      await page.goto(walk.store.url + path)
    }
    await page.click('.card a')
    expect(await page.textContent('h1')).toContain('</script><script>alert(1)</script>')
    expect(problems).toEqual([])
  })

  it('publishes nothing in the theme editor', async () => {
    const { page } = await walk.visitor()
    await page.goto(`${walk.store.url}/?design=1&region=none`)
    expect(await page.evaluate('Shopify.designMode')).toBe(true)
    expect(await page.$('#store-pixel')).toBeNull()
  })

  it.each([
    '/',
    '/collections/candles',
    '/products/hostile-candle',
    '/search?q=a',
    '/cart',
    '/account/login',
  ])('fits a phone: %s', async path => {
    const { page } = await walk.visitor()
    await page.setViewportSize({ width: 360, height: 700 })
    await page.goto(walk.store.url + path)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
  })
})
