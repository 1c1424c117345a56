/** The built pixel in a real browser: in a worker as the sandbox store runs one, sending to another origin. */
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { translateBatch } from '../../app/shopify/storefront.ts'
import { BUNDLES, buildBundle } from '../../scripts/storefront.ts'
import { startBrowser } from '../support/browser.ts'

const asset = (name: string) =>
  readFileSync(resolve(import.meta.dirname, `../../sandbox/store/theme/assets/${name}`), 'utf8')

type Told = {
  method: string
  type: string | undefined
  body: { visitorId: string; events: { type: string }[] }
}

let browser: Browser
let context: BrowserContext
let servers: Server[]
let script: string
let shop: string
let told: Told[]

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const page = (address: string) => `<!doctype html><title>Home</title>
<script>
  const allows = () => localStorage.consent === 'yes'
  window.Shopify = {
    customerPrivacy: {
      analyticsProcessingAllowed: allows, marketingAllowed: allows,
      preferencesProcessingAllowed: allows, saleOfDataAllowed: allows,
    },
    loadFeatures: (_, loaded) => loaded(),
  }
</script>
<script type="application/json" id="store-pixel">${JSON.stringify({
  settings: { address, shop: 'lumen.myshopify.com', key: 'k1' },
  needs: ['analytics', 'marketing'],
  data: { customer: null },
  events: [{ name: 'page_viewed', data: {} }],
  clientId: 'c1',
})}</script>
<script src="/assets/pixel-manager.js" defer></script>`

beforeAll(async () => {
  const bundle =
    BUNDLES.find(({ name }) => name === 'web pixel') ?? expect.fail('The web pixel is not built.')
  script = (await buildBundle(bundle)).code
  browser = await startBrowser()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  servers = []
  told = []
  const app = await listen(async (request, response) => {
    const body = JSON.parse((await text(request)) || 'null')
    told.push({ method: request.method ?? '', type: request.headers['content-type'], body })
    response.writeHead(202, { 'access-control-allow-origin': '*' }).end('{}')
  })
  const files: Record<string, string> = {
    '/assets/pixel-manager.js': asset('pixel-manager.js'),
    '/assets/pixel-worker.js': asset('pixel-worker.js'),
    '/pixel/pixel.js': script,
  }
  shop = await listen(({ url = '/' }, response) => {
    const file = files[url]
    response.setHeader('content-type', file ? 'text/javascript' : 'text/html')
    response.end(file ?? page(`${app}/pixel/events`))
  })
  context = await browser.newContext()
})
afterEach(async () => {
  await context.close()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

const checkout = {
  token: 'bd5a8aa1eb019dd718ce3494df3a07e8',
  order: { id: '6012', customer: null },
  currencyCode: 'EUR',
  totalPrice: { amount: 139.99, currencyCode: 'EUR' },
  lineItems: [],
}
const publish = (tab: Page, name: string, data: object) =>
  tab.evaluate(
    event => (window as unknown as { storePixel: { publish(e: object): void } }).storePixel.publish(event),
    {
      name,
      data,
    },
  )
const stored = (tab: Page) => tab.evaluate(() => ({ ...localStorage }))
const decide = (tab: Page, choice: 'yes' | 'no') =>
  tab.evaluate(choice => {
    localStorage.consent = choice
    document.dispatchEvent(new CustomEvent('visitorConsentCollected'))
  }, choice)
/** Longer than the pixel waits, on a busy machine. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000 })
const types = () => told.flatMap(({ body }) => body.events.map(({ type }) => type))

describe('the pixel in a worker', () => {
  it('tells a home view and a checkout across origins without a preflight, as the app takes them', async () => {
    const tab = await context.newPage()
    const problems: string[] = []
    tab.on('pageerror', error => problems.push(error.message))
    tab.on('console', message => problems.push(message.text()))
    await tab.goto(shop)
    expect(await stored(tab)).toEqual({})
    await decide(tab, 'yes')
    await eventually(types).toEqual(['page_viewed'])

    await publish(tab, 'checkout_completed', { checkout })
    await eventually(types).toEqual(['page_viewed', 'checkout_completed'])
    await eventually(async () => (await stored(tab))['sluice:p']).toBe('[]')

    const visitor = JSON.parse((await stored(tab)).sluice ?? '')
    for (const { method, type, body } of told) {
      expect({ method, type, visitor: body.visitorId }).toEqual({
        method: 'POST',
        type: 'text/plain',
        visitor: visitor.v,
      })
      const made = translateBatch(body, { customerId: null, receivedAt: new Date(), source: 'pixel' })
      expect(made).toMatchObject({ events: [{ source: 'pixel' }], rejected: [] })
    }
    expect(problems).toEqual([])
  })

  it('tells nothing and keeps nothing after consent is withdrawn', async () => {
    const tab = await context.newPage()
    await tab.goto(shop)
    await decide(tab, 'yes')
    await eventually(types).toEqual(['page_viewed'])
    await decide(tab, 'no')
    await eventually(() => stored(tab)).toEqual({ consent: 'no' })
    await publish(tab, 'checkout_completed', { checkout })
    await decide(tab, 'yes')
    await publish(tab, 'checkout_started', { checkout })
    await eventually(types).toContain('checkout_started')
    expect(types()).not.toContain('checkout_completed')
    expect(told[0]?.body.visitorId).not.toBe(told.at(-1)?.body.visitorId)
  })

  it("leaves a page's views to the theme's script, and tells its checkout", async () => {
    const tab = await context.newPage()
    await tab.addInitScript(() => {
      localStorage.consent = 'yes'
      localStorage.sluice = JSON.stringify({ v: 'v1', t: Date.now(), e: Date.now() })
    })
    await tab.goto(shop)
    await publish(tab, 'checkout_started', { checkout })
    await eventually(types).toEqual(['checkout_started'])
    await eventually(async () => (await stored(tab))['sluice:p']).toBe('[]')
    expect(types()).toEqual(['checkout_started'])
    expect(told[0]?.body.visitorId).toBe('v1')
  })

  it('loses nothing when the page is left at once', async () => {
    const tab = await context.newPage()
    await tab.addInitScript(() => {
      localStorage.consent = 'yes'
    })
    await tab.goto(shop)
    await eventually(async () => (await stored(tab))['sluice:p']).toContain('page_viewed')
    await tab.goto(`${shop}/pages/about`)
    await eventually(types).toEqual(['page_viewed'])
  })
})
