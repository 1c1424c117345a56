/**
 * Markup in what shoppers, merchants and vendors write is text on every screen there is: the store, its checkout and accounts, the
 * vendors' inboxes, the app's own pages, and what is answered in place of a page.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { CATALOGUE, COLLECTIONS } from '../../sandbox/store/catalogue.ts'
import { type Storefront, startStorefront } from '../../sandbox/store/storefront.ts'
import { VENDORS } from '../../sandbox/vendors/contract.ts'
import { call, KEYS } from '../../sandbox/vendors/testing.ts'
import { ensurePixel } from '../../scripts/pixel.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { startBrowser } from '../support/browser.ts'
import { runningApp } from '../support/fresh-app.ts'
import {
  expectOnlyText,
  PLANTED_EMAIL,
  PLANTS,
  type Poster,
  plant,
  plantStore,
  startPoster,
  type Watch,
  watchMarkup,
} from '../support/markup.ts'

// Nobody reads so fast: each page is left before its batch is answered, and tells it again on the next.
const { app } = runningApp({ env: { STOREFRONT_EVENTS_PER_VISITOR: '999999999' } })
let browser: Browser
let store: Storefront
let page: Page
let watch: Watch
let poster: Poster
let watchOfPoster: Watch

beforeAll(async () => {
  plantStore()
  for (const vendor of VENDORS) await app.connect(vendor)
  const key = (await readPixelKeys(app.server.services.pool, [SHOP])).get(SHOP)?.key ?? ''
  store = await startStorefront({
    appUrl: app.url,
    secret: SECRET,
    shop: SHOP,
    region: 'none',
    inboxUrl: app.vendors.urls.inbox,
    pixel: {
      file: await ensurePixel(),
      settings: () => ({ address: `${app.url}/pixel/events`, shop: SHOP, key }),
      needs: ['analytics'],
    },
  })
  browser = await startBrowser()
  page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(10_000)
  const hosts = [store.url, app.url, app.vendors.urls.inbox].map(url => new URL(url).host)
  watch = watchMarkup(page, () => hosts)
  poster = await startPoster(await page.context().newPage())
  watchOfPoster = watchMarkup(poster.page, () => hosts)
})
afterAll(async () => {
  await browser?.close()
  await store?.close()
})

const open = (path: string) => page.goto(store.url + path)
const query = encodeURIComponent
describe('the store', () => {
  it.each<[screen: string, path: string, atLeast: number]>([
    ['the first page', '/', 8],
    ['its other language', '/cs', 8],
    ['the theme editor', '/?design=1', 8],
    [
      'what a theme is told',
      `/?mode=${query(plant(0))}&region=${query(plant(1))}&locale=${query(plant(2))}`,
      8,
    ],
    ...COLLECTIONS.map(
      ({ handle }) =>
        [`collection ${handle}`, `/collections/${handle}`, 4] satisfies [string, string, number],
    ),
    ...CATALOGUE.map(
      ({ handle }) => [`product ${handle}`, `/products/${handle}`, 4] satisfies [string, string, number],
    ),
    ['a variant that there is not', `/products/tide-lantern?variant=${query(plant(2))}`, 4],
    ...PLANTS.map(
      text => [`a search for ${text}`, `/search?q=${query(text)}`, 1] satisfies [string, string, number],
    ),
    ['a page that there is not', `/${query(plant(0))}/${query(plant(1))}?${query(plant(2))}#${plant(3)}`, 1],
    ['a product that there is not', `/products/${query(plant(0))}`, 1],
    ...PLANTS.map(
      text =>
        [`a problem of the cart, ${text}`, `/cart?problem=${query(text)}`, 1] satisfies [
          string,
          string,
          number,
        ],
    ),
    ['people who can sign in', '/account/login', 3],
  ])('%s shows it as text', async (screen, path, atLeast) => {
    await open(path)
    await expectOnlyText(watch, atLeast, screen)
  })

  it('chooses a variant by script, whose names are text', async () => {
    await open('/products/tide-lantern')
    await page.locator('[data-option]').last().check({ force: true })
    await expectOnlyText(watch, 4, 'another variant')
  })

  it('says what it cannot read as text', async () => {
    await open(`/products/%E0%A4%A${plant(2)}`)
    expect(await page.textContent('body')).toContain('Failed to decode')
    expect(await watch.findings()).toEqual([])
    await poster.open(`${store.url}/cart/add`, 'application/json', plant(0))
    expect(await poster.page.textContent('main')).toContain('Cannot find variant')
    expect(await watchOfPoster.findings()).toEqual([])
  })
})

/** How many events of the source hold a plant. */
async function planted(source: string): Promise<number> {
  const { rows } = await app.server.services.pool.query<{ n: number }>(
    `select count(*)::int as n from events where source = $1 and data::text like '%planted%'`,
    [source],
  )
  return rows[0]?.n ?? 0
}

describe('a purchase', () => {
  const contact = (email: string) =>
    page.request.post(`${page.url().split('?')[0]}/contact`, {
      form: { email, first_name: plant(6), last_name: plant(7), marketing: 'on' },
    })

  it('has a cart of text', async () => {
    const items = CATALOGUE.map(({ variants: [{ id }] }) => ({
      id,
      quantity: 1,
      properties: { [plant(0)]: plant(1) },
    }))
    await page.request.post(`${store.url}/cart/add.js`, { data: { items } })
    await page.request.post(`${store.url}/cart/update.js`, {
      data: { note: plant(2), attributes: { [plant(3)]: plant(4) } },
    })
    await open('/cart')
    await expectOnlyText(watch, PLANTS.length, 'the cart')
  })

  it('has a checkout of text, before and after contact is given', async () => {
    await open('/checkout')
    await expectOnlyText(watch, PLANTS.length, 'contact')
    await page.$eval('main form', form => {
      ;(form as HTMLFormElement).noValidate = true
    })
    await page.fill('[name=email]', plant(0))
    await page.click('text=Continue to payment')
    await page.waitForSelector('[role=alert]')
    await expectOnlyText(watch, PLANTS.length, 'contact that is refused')
    await open('/checkout')
    await contact(PLANTED_EMAIL)
    await page.reload()
    expect(await page.textContent('.contact')).toContain(PLANTED_EMAIL)
    await expectOnlyText(watch, PLANTS.length, 'payment')
    await open(`${new URL(page.url()).pathname}?step=contact`)
    expect(await page.inputValue('[name=email]')).toBe(PLANTED_EMAIL)
    await expectOnlyText(watch, PLANTS.length, 'contact that was given')
  })

  it('is thanked for in text', async () => {
    await contact('walker@example.com')
    await open(new URL(page.url()).pathname)
    await page.click('button:has-text("Pay €")')
    await page.waitForURL('**/thank-you')
    // Both collectors carry it on: else neither would be tried.
    for (const source of ['storefront', 'pixel'])
      await expect.poll(() => planted(source), { message: source }).toBeGreaterThan(0)
    await expectOnlyText(watch, PLANTS.length, 'thank you')
  })

  it.each([PLANTED_EMAIL, 'other@example.com'])('stands in the account of %s as text', async email => {
    await page.request.post(`${store.url}/account/register`, {
      form: { email, first_name: plant(2), last_name: plant(3) },
    })
    await open('/account')
    expect(await page.textContent('main')).toContain(email)
    await expectOnlyText(watch, email === PLANTED_EMAIL ? 0 : 1, 'the account')
    await open('/products/tide-lantern')
    await expectOnlyText(watch, 4, 'a product, signed in')
  })
})

describe('the inboxes', () => {
  it('show as text what the app sent of all this', async () => {
    // The store's page sends what it still has when it is left.
    await page.goto(app.vendors.urls.inbox)
    await store.settled()
    await app.idle()
    await page.reload()
    await openEntries()
    const sent = JSON.stringify(VENDORS.map(name => app.vendors.inbox(name).map(({ body }) => body)))
    expect(sent).toContain('planted')
    expect(await page.textContent('main')).toContain('walker@example.com')
    expect(await watch.findings()).toEqual([])
  })

  it('show as text whatever is sent there, and answered', async () => {
    app.vendors.reset()
    const { ecomail, topmail, alana, voucherify } = app.vendors.urls
    for (const text of [...PLANTS, PLANTED_EMAIL]) {
      const planted = {
        [text]: text,
        message: text,
        error: { message: text, details: text },
        errors: { [text]: [text] },
      }
      for (const name of VENDORS)
        app.vendors.fail(name, { status: 400, body: planted, headers: { 'x-planted': text } })
      const headers = { 'x-more': text, 'user-agent': text }
      const path = `tracker/events?${query(text)}=${query(text)}`
      await call(
        'POST',
        `${ecomail}/${path}`,
        { ...KEYS.ecomail, ...headers },
        { event: { action: text, email: text } },
      )
      await call('POST', `${topmail}/${query(text)}`, { ...KEYS.topmail, ...headers }, { product_name: text })
      await call('POST', `${alana}/api/v1/events`, KEYS.alana, {
        events: [{ eventType: text }, { eventType: text }],
      })
      await call(
        'POST',
        `${voucherify}/v1/events`,
        { ...KEYS.server, ...headers },
        { event: text, metadata: planted },
      )
      // Taken, and not understood: the stand-ins' own words repeat what came.
      await call('POST', `${ecomail}/tracker/events`, KEYS.ecomail, { event: { email: text, [text]: text } })
      await call('POST', `${alana}/api/v1/events`, KEYS.alana, {
        events: [{ eventType: text, [text]: text }],
      })
      await call('POST', `${voucherify}/v1/events`, KEYS.server, {
        event: text,
        customer: { source_id: text },
      })
      await call('POST', `${voucherify}/v1/events`, KEYS.server, text)
    }
    await page.goto(app.vendors.urls.inbox)
    await openEntries()
    await expectOnlyText(watch, PLANTS.length, 'the inboxes')
  })

  it('say as text which vendor there is not', async () => {
    await page.goto(`${app.vendors.urls.inbox}/inbox/${query(plant(0))}`)
    expect(await page.textContent('body')).toContain(plant(0).slice(0, 4))
    expect(await watch.findings()).toEqual([])
  })

  async function openEntries(): Promise<void> {
    await page.getByText('Live', { exact: true }).waitFor()
    // Something may still arrive: what waited for its person.
    const wanted = () => VENDORS.reduce((sum, name) => sum + app.vendors.counts(name).kept, 0)
    const missing = async (rows: string) => wanted() - (await page.locator(rows).count())
    await expect.poll(() => missing('details')).toBe(0)
    await expect
      .poll(async () => {
        await page.$$eval('details', all => {
          for (const each of all) each.open = true
        })
        return missing('.inside')
      })
      .toBe(0)
  }
})

describe('the app', () => {
  it.each([
    ['its first page', `/?${query(plant(0))}=${query(plant(1))}#${plant(2)}`],
    ['a page that there is not', `/${query(plant(0))}/${query(plant(1))}`],
    ['its health', `/healthz?${query(plant(1))}`],
    ['what cannot be read', '/%E0%A4%A'],
    ['an ingest route', `/proxy/events?shop=${query(plant(0))}`],
  ])('%s runs nothing', async (_, path) => {
    await page.goto(app.url + path)
    expect(await watch.findings()).toEqual([])
    expect(await page.textContent('html')).not.toBe('')
  })

  it('has an error page that runs nothing', async () => {
    await poster.open(`${app.url}/?index&q=${query(plant(0))}`, 'text/html', plant(1))
    expect(await watchOfPoster.findings()).toEqual([])
  })

  it.each([
    ['/pixel/events', 'text/plain'],
    ['/webhooks', 'application/json'],
    ['/proxy/events', 'text/html'],
    ['/nothing', 'text/html'],
  ])('answers what is posted to %s without running it', async (path, type) => {
    for (const text of PLANTS) {
      const named = { shop: text, key: text, visitorId: text, [text]: text }
      for (const body of [text, JSON.stringify(named)]) {
        await poster.open(app.url + path, type, body)
        expect(await watchOfPoster.findings()).toEqual([])
      }
    }
  })
})
