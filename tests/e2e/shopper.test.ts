/** A shopper's way through the store in a real browser, with the real embed and the real pixel, as the vendors see it. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { type Storefront, startStorefront } from '../../sandbox/store/storefront.ts'
import { MODES } from '../../sandbox/store/visit.ts'
import { ensurePixel } from '../../scripts/pixel.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { startBrowser } from '../support/browser.ts'
import { freshApp } from '../support/fresh-app.ts'

const { app } = freshApp()
let browser: Browser
let store: Storefront
let page: Page

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  for (const vendor of ['ecomail', 'topmail', 'alana', 'voucherify']) await app.connect(vendor)
})
afterEach(async () => {
  await page.context().close()
  await store.close()
  await app.idle()
})

type Collectors = { embed: boolean; pixel: boolean }

async function open({ embed, pixel }: Collectors): Promise<void> {
  const key = (await readPixelKeys(app.server.services.pool, [SHOP])).get(SHOP)?.key ?? ''
  store = await startStorefront({
    ...{ appUrl: app.url, secret: SECRET, shop: SHOP, embed: { on: embed } },
    ...(pixel && {
      pixel: {
        file: await ensurePixel(),
        settings: { address: `${app.url}/pixel/events`, shop: SHOP, key },
        needs: ['analytics', 'marketing', 'sale_of_data'],
      },
    }),
  })
  await store.settled()
  page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(store.url)
}

const consent = (choice: 'all' | 'none') => page.click(`[data-consent=${choice}]`)

/** What Alana was told, in order; it takes everything that may be collected, of nobody known too. */
const alana = () =>
  app.vendors.inbox('alana').flatMap(({ accepted, body }) => {
    const { events } = body as { events: { eventType: string }[] }
    return accepted ? events.map(({ eventType }) => eventType) : []
  })
const alanaGot = (...types: string[]) =>
  expect.poll(() => alana().sort(), { timeout: 15_000 }).toEqual(types.sort())

async function toCollection(): Promise<void> {
  await page.click('nav >> text=Lamps')
  await page.waitForURL('**/collections/lamps')
}

async function order(): Promise<void> {
  await page.click('text=Check out')
  await page.waitForURL('**/checkouts/*')
  await page.fill('[name=email]', 'walker@example.com')
  await page.fill('[name=first_name]', 'Walker')
  await page.check('[name=marketing]')
  await page.click('text=Continue to payment')
  await page.click('button:has-text("Pay €")')
  await page.waitForURL('**/thank-you')
  await store.settled()
}

describe('a shopper who allows everything', () => {
  it.each<[string, Collectors]>([
    ['the embed', { embed: true, pixel: false }],
    ['the pixel', { embed: false, pixel: true }],
    ['both', { embed: true, pixel: true }],
  ])('is seen once at each step, by %s', async (_, collectors) => {
    await open(collectors)
    await consent('all')
    await alanaGot('home-page-view')
    await toCollection()
    await alanaGot('home-page-view', 'category-view')
    await page.click('.grid >> text=Tide Lantern')
    await page.waitForURL('**/products/tide-lantern*')
    await alanaGot('home-page-view', 'category-view', 'detail-page-view')
    await page.click('[data-add]')
    await page.waitForSelector('text=Added to the cart.')
    await alanaGot('home-page-view', 'category-view', 'detail-page-view', 'add-to-cart')
    await page.click('.top-cart')
    await page.waitForURL('**/cart')
    const views = [
      'home-page-view',
      'category-view',
      'detail-page-view',
      'add-to-cart',
      'shopping-cart-page-view',
    ]
    await alanaGot(...views)
    await order()
    await alanaGot(...views, 'purchase-complete')
    await app.idle()
    expect(alana().sort()).toEqual([...views, 'purchase-complete'].sort())
  })
})

describe('what is added', () => {
  it.each(MODES)('is added once, where the theme does it by %s', async mode => {
    await open({ embed: true, pixel: true })
    await consent('all')
    await alanaGot('home-page-view')
    await page.goto(`${store.url}/products/tide-lantern?mode=${mode}`)
    await alanaGot('home-page-view', 'detail-page-view')
    await page.click('[data-add]')
    const views = ['home-page-view', 'detail-page-view', 'add-to-cart']
    if (mode === 'form') await alanaGot(...views, 'shopping-cart-page-view')
    else await alanaGot(...views)
  })
})

describe('a shopper who decides late', () => {
  it('is seen from the page of the decision on, and by name once there is one', async () => {
    await open({ embed: true, pixel: true })
    await page.goto(`${store.url}/products/tide-lantern`)
    await page.waitForSelector('[data-consent=all]')
    expect(store.proxied).toEqual([])
    await consent('all')
    await alanaGot('detail-page-view')
    expect(app.vendors.inbox('ecomail')).toEqual([])
    await page.click('[data-add]')
    await page.waitForSelector('text=Added to the cart.')
    await page.click('.top-cart')
    await page.waitForURL('**/cart')
    await order()
    const views = () =>
      app.vendors.inbox('ecomail').filter(({ accepted, body }) => {
        const { event } = body as { event?: { action: string; email: string } }
        return accepted && event?.action === 'product_viewed' && event.email === 'walker@example.com'
      })
    await expect.poll(views, { timeout: 15_000 }).toHaveLength(1)
    await app.idle()
    expect(views()).toHaveLength(1)
  })
})

describe('a shopper who refuses', () => {
  it('is not seen, and leaves nothing in the browser', async () => {
    await open({ embed: true, pixel: true })
    await consent('none')
    await toCollection()
    await page.click('.grid >> text=Tide Lantern')
    await page.waitForURL('**/products/tide-lantern*')
    await page.click('[data-add]')
    await page.waitForSelector('text=Added to the cart.')
    await page.click('.top-cart')
    await page.waitForURL('**/cart')
    await order()
    await app.idle()
    expect(alana()).toEqual([])
    expect(store.proxied).toEqual([])
    expect(
      await page.evaluate(() => Object.keys(localStorage).filter(key => key.startsWith('sluice'))),
    ).toEqual([])
    const states = await app.states()
    expect(states).toContainEqual(['order_created', 'skipped', 'no_consent'])
  })
})

describe('a shopper who withdraws', () => {
  it('is seen no more, and leaves nothing in the browser', async () => {
    await open({ embed: true, pixel: true })
    await consent('all')
    await alanaGot('home-page-view')
    await page.click('[data-consent-open]')
    await consent('none')
    await toCollection()
    await page.click('.grid >> text=Tide Lantern')
    await page.waitForURL('**/products/tide-lantern*')
    await page.click('[data-add]')
    await page.waitForSelector('text=Added to the cart.')
    await app.idle()
    expect(alana()).toEqual(['home-page-view'])
    expect(
      await page.evaluate(() => Object.keys(localStorage).filter(key => key.startsWith('sluice'))),
    ).toEqual([])
  })
})
