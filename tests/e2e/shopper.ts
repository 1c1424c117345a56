/** A shopper in a real browser, in the sandbox store, with the real embed and the real pixel; and what the vendors are told. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { type Storefront, startStorefront } from '../../sandbox/store/storefront.ts'
import type { Mode } from '../../sandbox/store/visit.ts'
import { VENDORS } from '../../sandbox/vendors/contract.ts'
import { ensurePixel } from '../../scripts/pixel.ts'
import { SECRET, SHOP, type TestApp } from '../support/app.ts'
import { startBrowser } from '../support/browser.ts'
import { freshApp } from '../support/fresh-app.ts'
import { EMAIL, HOME, LAMPS, viewed } from './lines.ts'
import { type Told, toldTo } from './told.ts'

export type Collectors = { embed: boolean; pixel: boolean }
export const EMBED: Collectors = { embed: true, pixel: false }
export const PIXEL: Collectors = { embed: false, pixel: true }
export const BOTH: Collectors = { embed: true, pixel: true }

export type Shopper = {
  app: TestApp
  store: Storefront
  context: BrowserContext
  page: Page
  /** Opens the store's home page in a new browser profile. The embed also reports chosen variants. */
  open(collectors: Collectors, mode?: Mode): Promise<void>
  consent(choice: 'all' | 'analytics' | 'none'): Promise<void>
  /**
   * Opens the store, allows something, and looks at the home page, a collection and the lantern until Alana was told of each:
   * a page that is left the moment it is there may not have been seen.
   */
  browse(collectors: Collectors, choice?: 'all' | 'analytics', mode?: Mode): Promise<void>
  toCollection(): Promise<void>
  toProduct(page?: Page): Promise<void>
  /** Chooses the lantern in nickel in place of brass. */
  chooseNickel(): Promise<void>
  add(page?: Page): Promise<void>
  /** Goes to the cart. */
  toCart(): Promise<void>
  signIn(): Promise<void>
  /** Waits until the cart says what checkouts and orders are to say of the visitor: "analytics=1,marketing=1". */
  cartSays(consent: string): Promise<void>
  toCheckout(): Promise<void>
  giveContact(): Promise<void>
  pay(): Promise<void>
  /** Waits until the vendors were told this beside what was seen before, and nothing else. */
  isSeen(...more: Partial<Told>[]): Promise<void>
  /** When nothing is on its way any more, still exactly what was seen was told, and nothing was refused. */
  isSeenNoMore(): Promise<void>
  /** Keys of ours in the browser's storage. */
  stored(): Promise<string[]>
}

/**
 * Starts the app and a browser for a test file. Call at its top level. What is returned can be used inside tests.
 * @param options of the browser
 */
export function shopper(options?: Parameters<typeof startBrowser>[0]): Shopper {
  // A path has many steps, each of which may take long on a busy machine.
  vi.setConfig({ testTimeout: 90_000 })
  const { app } = freshApp()
  let browser: Browser
  let seen: Told
  const told = () => toldTo(app.vendors)
  beforeAll(async () => {
    browser = await startBrowser(options)
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    seen = { ecomail: [], topmail: [], alana: [], voucherify: [] }
    for (const vendor of VENDORS) await app.connect(vendor)
    app.vendors.addContacts('topmail', [EMAIL])
  })
  afterEach(async () => {
    await one.context.close()
    await one.store.close()
    await app.idle()
  })

  const one: Shopper = {
    ...({} as Pick<Shopper, 'store' | 'context' | 'page'>),
    app,
    async open(collectors, mode = 'fetch') {
      one.store = await openStore(app, collectors, mode)
      one.context = await browser.newContext()
      one.page = await one.context.newPage()
      one.page.setDefaultTimeout(15_000)
      await one.page.goto(one.store.url)
    },
    consent: choice => one.page.click(`[data-consent=${choice}]`),
    async browse(collectors, choice = 'all', mode = 'fetch') {
      await one.open(collectors, mode)
      await one.consent(choice)
      await one.isSeen(HOME)
      await one.toCollection()
      await one.isSeen(LAMPS)
      await one.toProduct()
      await one.isSeen(viewed())
    },
    async toCollection() {
      await one.page.click('nav >> text=Lamps')
      await one.page.waitForURL('**/collections/lamps')
    },
    async toProduct(page = one.page) {
      await page.click('.grid >> text=Tide Lantern')
      await page.waitForURL('**/products/tide-lantern*')
    },
    async chooseNickel() {
      await one.page.click('label:has-text("Nickel")')
      await one.page.waitForURL('**/products/tide-lantern?variant=43012345678913')
    },
    async add(page = one.page) {
      await page.click('[data-add]')
      await page.waitForSelector('text=Added to the cart.')
    },
    async toCart() {
      await one.page.click('.top-cart')
      await one.page.waitForURL('**/cart')
    },
    async signIn() {
      await one.page.click('text=Sign in')
      await one.page.fill('.stack [name=email]', EMAIL)
      await one.page.click('.stack button')
      await one.page.waitForURL('**/account')
    },
    cartSays: consent =>
      expect
        .poll(async () => {
          const response = await one.context.request.get(`${one.store.url}/cart.js`)
          return (await response.json()).attributes.sluice_consent
        })
        .toBe(consent),
    async toCheckout() {
      await one.page.click('text=Check out')
      await one.page.waitForURL('**/checkouts/*')
    },
    async giveContact() {
      await one.page.fill('[name=email]', EMAIL)
      await one.page.fill('[name=first_name]', 'Walker')
      await one.page.click('text=Continue to payment')
      await one.page.waitForSelector('button:has-text("Pay €")')
    },
    async pay() {
      await one.page.click('button:has-text("Pay €")')
      await one.page.waitForURL('**/thank-you')
    },
    isSeen(...more) {
      for (const vendor of VENDORS) seen[vendor] = [seen, ...more].flatMap(told => told[vendor] ?? []).sort()
      return expect.poll(told).toEqual(seen)
    },
    async isSeenNoMore() {
      for (const page of one.context.pages()) await page.evaluate(idle)
      await expect.poll(async () => (await one.stored()).filter(key => /:[ep]/.test(key))).toEqual([])
      await one.store.settled()
      await app.idle()
      expect(told()).toEqual(seen)
      expect(VENDORS.map(vendor => app.vendors.counts(vendor).refused)).toEqual([0, 0, 0, 0])
    },
    stored: () =>
      one.page.evaluate(() =>
        [localStorage, sessionStorage]
          .flatMap(storage => Object.keys(storage))
          .filter(key => key.startsWith('sluice')),
      ),
  }
  return one
}

/** In the page: nothing is left to do in it for now. A tab in the background may be idle and never be told so. */
const idle = () => {
  const most = { timeout: 1000 }
  return new Promise<void>(done => requestIdleCallback(() => requestIdleCallback(() => done(), most), most))
}

/** The same for all tests of a file: the app remembers a shop's address for a while. */
let port = 0

async function openStore(app: TestApp, { embed, pixel }: Collectors, mode: Mode): Promise<Storefront> {
  const key = (await readPixelKeys(app.server.services.pool, [SHOP])).get(SHOP)?.key ?? ''
  const store = await startStorefront({
    ...{ appUrl: app.url, secret: SECRET, shop: SHOP, mode, port },
    embed: { on: embed, settings: { variant: true } },
    ...(pixel && {
      pixel: {
        file: await ensurePixel(),
        settings: () => ({ address: `${app.url}/pixel/events`, shop: SHOP, key }),
        needs: ['analytics', 'marketing', 'sale_of_data'],
      },
    }),
  })
  port = Number(new URL(store.url).port)
  await store.settled()
  return store
}
