/** The built pixel in a real browser: in the sandbox store's worker beside real pages, with their storage. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { checkoutOf, VIEW, type WireBatch } from '../../extensions/pixel/src/testing.ts'
import type { Purpose } from '../../sandbox/store/pixel.ts'
import { ensurePixel } from '../../scripts/pixel.ts'
import { startBrowser } from '../support/browser.ts'

type Received = { method: string; headers: IncomingMessage['headers']; batch: WireBatch }
type Start = { needs?: readonly Purpose[]; isAllowed?: boolean }

const ASSETS = resolve(import.meta.dirname, '../../sandbox/store/theme/assets')

let servers: Server[]
let store: string
let app: string
let browser: Browser
let context: BrowserContext
let page: Page
let answer: number
/** What the next page says. */
let html: string
const received: Received[] = []
const complaints: string[] = []

async function listen(handle: Parameters<typeof createServer>[1]): Promise<[Server, string]> {
  const server = createServer(handle as never)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]
}

beforeAll(async () => {
  const pixel = await ensurePixel()
  const scripts: Record<string, string> = {
    '/pixel/pixel.js': pixel,
    '/assets/pixel-manager.js': `${ASSETS}/pixel-manager.js`,
    '/assets/pixel-worker.js': `${ASSETS}/pixel-worker.js`,
  }
  const [storeServer, storeUrl] = await listen((request, response) => {
    const script = scripts[request.url ?? '']
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
    response.end(script ? readFileSync(script) : html)
  })
  const [appServer, appUrl] = await listen(async (request, response) => {
    const body = await text(request)
    received.push({ method: request.method ?? '', headers: request.headers, batch: JSON.parse(body || '{}') })
    response.writeHead(answer, { 'access-control-allow-origin': '*' }).end('{}')
  })
  servers = [storeServer, appServer]
  store = storeUrl
  app = appUrl
  browser = await startBrowser()
}, 60_000)
beforeEach(async () => {
  received.length = 0
  complaints.length = 0
  answer = 202
  context = await browser.newContext()
  page = await context.newPage()
  page.on('pageerror', error => complaints.push(String(error)))
})
afterEach(async () => {
  await context.close()
  expect(complaints).toEqual([])
})
afterAll(async () => {
  await browser.close()
  for (const server of servers) server.close()
})

/** A page whose pixel runs when all it needs is allowed. */
async function open(path: string, { needs = ['analytics', 'marketing'], isAllowed = true }: Start = {}) {
  const settings = { address: `${app}/pixel/events`, shop: 'shop-one.myshopify.com', key: 'k' }
  const data = { customer: null, cart: null, shop: {}, purchasingCompany: null }
  html = `<!doctype html><title>Shop One</title>
<script>
  window.isAllowed = ${isAllowed}
  const purposes = ['analyticsProcessingAllowed', 'marketingAllowed', 'preferencesProcessingAllowed', 'saleOfDataAllowed']
  const customerPrivacy = Object.fromEntries(purposes.map(name => [name, () => window.isAllowed]))
  window.Shopify = { customerPrivacy, loadFeatures: (_, loaded) => loaded() }
</script>
<script type="application/json" id="store-pixel">
${JSON.stringify({ settings, needs, data, events: [], clientId: 'c' })}
</script>
<script src="/assets/pixel-manager.js"></script>`
  await page.goto(store + path)
}

const publish = (name: string, data: object) =>
  page.evaluate(event => Reflect.get(window, 'storePixel').publish(event), { name, data })
const choose = (isAllowed: boolean) =>
  page.evaluate(allowed => {
    Reflect.set(window, 'isAllowed', allowed)
    document.dispatchEvent(new CustomEvent('visitorConsentCollected'))
  }, isAllowed)
const stored = (area: 'localStorage' | 'sessionStorage', key = 'sluice:p') =>
  page.evaluate(given => window[given.area].getItem(given.key), { area, key })
const until = (check: () => unknown) => expect.poll(check, { timeout: 15_000 })
const types = () => received.map(({ batch }) => batch.events.map(event => event.type))
const ids = () => received.map(({ batch }) => batch.events.map(event => event.id))

it('sends what happens across origins, without a preflight', async () => {
  await open('/products/brass-lantern?utm_source=news')
  await publish('product_viewed', VIEW)
  await until(() => received.length).toBe(1)
  const { method, headers, batch } = received[0] ?? ({} as Received)
  expect([method, headers['content-type']]).toEqual(['POST', 'text/plain;charset=UTF-8'])
  expect(batch).toMatchObject({
    shop: 'shop-one.myshopify.com',
    key: 'k',
    consent: { analytics: true, marketing: true },
    events: [{ type: 'product_viewed', url: `${store}/products/brass-lantern?utm_source=news` }],
  })
  expect(JSON.parse((await stored('localStorage', 'sluice')) ?? '')).toMatchObject({ v: batch.visitorId })
})

it('sends a checkout at once, and the home page with it', async () => {
  await open('/')
  await publish('page_viewed', {})
  await publish('checkout_started', checkoutOf())
  await until(types).toEqual([['page_viewed', 'checkout_started']])
})

it('leaves to the next page what this one had no time to send', async () => {
  await open('/products/a')
  await publish('product_viewed', VIEW)
  await until(() => stored('sessionStorage')).toContain('product_viewed')
  expect(received).toEqual([])
  await open('/pages/b')
  await until(types).toEqual([['product_viewed']])
  await until(() => stored('sessionStorage')).toBeNull()
})

it('sends again on the next page what was not taken, as the same event', async () => {
  answer = 503
  await open('/checkouts/1')
  await publish('checkout_completed', checkoutOf())
  await until(() => stored('localStorage')).toContain('checkout_completed')
  answer = 202
  await open('/pages/b')
  await until(types).toEqual([['checkout_completed'], ['checkout_completed']])
  const [first, second] = ids()
  expect(second).toEqual(first)
  await until(() => stored('localStorage')).toBeNull()
})

it('leaves the views to the embed that ran on the page', async () => {
  await open('/', { isAllowed: false })
  await page.evaluate(() => {
    localStorage.sluice = JSON.stringify({ v: 'of-the-embed', t: Date.now(), e: Date.now() })
  })
  await open('/')
  await publish('product_viewed', VIEW)
  await publish('checkout_started', checkoutOf())
  await until(types).toEqual([['checkout_started']])
  expect(received[0]?.batch.visitorId).toBe('of-the-embed')
})

it('stores nothing while nothing is allowed, nor after a withdrawal', async () => {
  const isEmpty = () => page.evaluate(() => localStorage.length + sessionStorage.length === 0)
  await open('/', { isAllowed: false, needs: [] })
  await publish('checkout_started', checkoutOf())
  expect(await isEmpty()).toBe(true)
  await choose(true)
  await until(types).toEqual([['checkout_started']])
  await until(() => stored('localStorage', 'sluice')).toContain('"v"')
  await choose(false)
  await until(isEmpty).toBe(true)
})

it('is not loaded at all before everything it needs is allowed, and then told what happened', async () => {
  await open('/', { isAllowed: false })
  await publish('page_viewed', {})
  expect(page.workers()).toEqual([])
  await choose(true)
  await until(types).toEqual([['page_viewed']])
  expect(page.workers()).toHaveLength(1)
})
