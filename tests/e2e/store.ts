/**
 * A storefront without a server: it answers a browser's requests as Shopify answers them (pages with the block, the
 * cart API, the app proxy) and stands in for the Customer Privacy API. Any host does; nothing leaves the machine.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, BrowserContext, Page, Request, Route } from 'playwright-core'
import { imageOf, type Line, type Product, renderBlock, urlOf } from '../support/block.ts'

const ASSETS = resolve(import.meta.dirname, '../../extensions/storefront/assets')
const SCRIPTS: Readonly<Record<string, string>> = {
  '/assets/sluice.js': readFileSync(join(ASSETS, 'sluice.js'), 'utf8'),
  '/assets/sluice-debug.js': readFileSync(join(ASSETS, 'sluice-debug.js'), 'utf8'),
}

export const LANTERN: Product = {
  id: 8012345678901,
  handle: 'brass-lantern',
  title: 'Brass Lantern',
  vendor: 'Lumen',
  type: 'Lamps',
  variants: [
    { id: 43012345678901, title: 'Small', sku: 'BL-S', price: 4990 },
    { id: 43012345678902, title: 'Large', sku: 'BL-L', price: 13999 },
  ],
}
export const SOAP: Product = {
  id: 8012345678902,
  handle: 'soap',
  title: 'Soap',
  vendor: 'Bubbles',
  type: 'Bath',
  variants: [{ id: 43012345678903, title: 'Default Title', sku: null, price: 305 }],
}
const PRODUCTS = [LANTERN, SOAP]

export const ALL_ON = {
  page_viewed: true,
  collection_viewed: true,
  product_viewed: true,
  variant: true,
  search_submitted: true,
  cart: true,
  cart_viewed: true,
  proxy_path: '/apps/sluice',
  debug: false,
}

export type WireEvent = { id: string; type: string; at: string; url: string; data: Record<string, unknown> }
export type Batch = {
  visitorId: string
  sentAt: string
  consent: { analytics: boolean; marketing: boolean }
  events: WireEvent[]
}

export class TestStore {
  readonly origin = 'https://shop.example.com'
  root = '/'
  settings: Record<string, unknown> = ALL_ON
  customerId: number | undefined
  inEditor = false
  /** Whether the Customer Privacy API can be loaded. */
  hasPrivacyApi = true
  /** Runs in every page before anything else. */
  theme = ''
  cart: { token: string; lines: Line[]; attributes: Record<string, string> } = {
    token: 'cart1',
    lines: [],
    attributes: {},
  }
  /** What the app proxy answers; "offline": the request fails. */
  answer: number | 'offline' = 202
  readonly context: BrowserContext
  /** What the app proxy was sent, whatever it answered. */
  readonly batches: Batch[] = []
  readonly requests: string[] = []

  private constructor(context: BrowserContext) {
    this.context = context
  }

  static async open(browser: Browser): Promise<TestStore> {
    const store = new TestStore(await browser.newContext())
    await store.context.route('**/*', (route, request) => store.respond(route, request))
    return store
  }

  /** Opens a page in a tab; it is not yet idle. */
  async visit(path: string, tab?: Page): Promise<Page> {
    const page = tab ?? (await this.context.newPage())
    await page.goto(this.origin + path, { referer: 'https://search.example/' })
    return page
  }

  /** The visitor's choice from now on. "": undecided */
  async choose(analytics: 'yes' | 'no' | '', marketing: 'yes' | 'no' | '' = analytics): Promise<void> {
    await this.context.addCookies([{ name: 'consent', value: `${analytics}.${marketing}`, url: this.origin }])
  }

  /** The visitor's choice in the banner of this page. */
  async chooseHere(page: Page, analytics: 'yes' | 'no', marketing: 'yes' | 'no' = analytics): Promise<void> {
    await this.choose(analytics, marketing)
    await page.evaluate(() => document.dispatchEvent(new CustomEvent('visitorConsentCollected')))
  }

  get events(): WireEvent[] {
    return this.batches.flatMap(batch => batch.events)
  }
  /** Types of what arrived, each event once, in alphabetical order: two events may be of the same millisecond. */
  get types(): string[] {
    const once = new Map(this.events.map(event => [event.id, event]))
    return [...once.values()].map(({ type }) => type).sort()
  }

  add(product: Product, quantity = 1, variant = product.variants[0]): void {
    if (!variant) throw new Error('A product has a variant.')
    const line = this.cart.lines.find(line => line.variant === variant)
    if (line) line.quantity += quantity
    else this.cart.lines.push({ product, variant, quantity })
  }

  private async respond(route: Route, request: Request): Promise<void> {
    const { pathname, searchParams } = new URL(request.url())
    this.requests.push(`${request.method()} ${pathname}`)
    const path = `/${pathname.slice(this.root.length)}`
    const json = (body: unknown, status = 200) => route.fulfill({ status, json: body })
    const script = SCRIPTS[pathname]
    if (script) return route.fulfill({ contentType: 'text/javascript', body: script })
    if (pathname === '/favicon.ico') return route.fulfill({ status: 404 })
    if (pathname === '/apps/sluice/events') {
      if (this.answer === 'offline') return route.abort('internetdisconnected')
      this.batches.push(request.postDataJSON())
      return json({}, this.answer)
    }
    if (path.startsWith('/cart/') || path === '/cart.js') {
      if (path !== '/cart.js') this.change(path, fieldsOf(request))
      if (path.endsWith('.js')) return json(this.ajaxCart())
    }
    const html = this.html(path === '/cart/add' ? '/cart' : path, searchParams)
    return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html })
  }

  private change(path: string, fields: Record<string, unknown>): void {
    const id = Number(fields.id)
    const quantity = Number(fields.quantity ?? 1)
    if (path.includes('/add')) {
      const product = PRODUCTS.find(({ variants }) => variants.some(variant => variant.id === id))
      if (product)
        this.add(
          product,
          quantity,
          product.variants.find(variant => variant.id === id),
        )
    } else if (path.includes('/change')) {
      for (const line of this.cart.lines) if (line.variant.id === id) line.quantity = quantity
      this.cart.lines = this.cart.lines.filter(line => line.quantity > 0)
    } else if (path.includes('/clear')) this.cart.lines = []
    else Object.assign(this.cart.attributes, fields.attributes)
  }

  private ajaxCart() {
    return {
      token: `${this.cart.token}?key=abc`,
      attributes: this.cart.attributes,
      currency: 'EUR',
      total_price: this.cart.lines.reduce((sum, line) => sum + line.variant.price * line.quantity, 0),
      items: this.cart.lines.map(line => ({
        id: line.variant.id,
        key: `${line.variant.id}:${line.quantity}`,
        product_id: line.product.id,
        variant_id: line.variant.id,
        handle: line.product.handle,
        title: `${line.product.title} - ${line.variant.title}`,
        product_title: line.product.title,
        variant_title: line.variant.title === 'Default Title' ? null : line.variant.title,
        sku: line.variant.sku,
        vendor: line.product.vendor,
        product_type: line.product.type,
        price: line.variant.price,
        url: urlOf(this.root, line),
        image: `https:${imageOf(line.product)}`,
        quantity: line.quantity,
        properties: {},
      })),
    }
  }

  private html(path: string, search: URLSearchParams): string {
    const [, kind, handle] = path.split('/')
    const product = kind === 'products' ? PRODUCTS.find(one => one.handle === handle) : undefined
    const pageType = { products: 'product', collections: 'collection', '': 'index' }[kind ?? ''] ?? kind ?? ''
    const block = renderBlock({
      pageType,
      origin: this.origin,
      root: this.root,
      currency: 'EUR',
      settings: this.settings,
      cart: this.cart,
      inEditor: this.inEditor,
      variantId: Number(search.get('variant')),
      ...(product && { product }),
      ...(kind === 'collections' && {
        collection: { id: 401, handle: 'lamps', title: 'Lamps', url: `${this.root}collections/lamps` },
      }),
      ...(kind === 'search' && { terms: search.get('q') ?? '' }),
      ...(this.customerId && { customerId: this.customerId }),
    })
    return `<!doctype html><html><head><title>Shop ${path}</title>
      <script>${this.theme}</script>
      <script>(${privacyApi})(${this.hasPrivacyApi})</script></head>
      <body><a href="${this.root}">Home</a>
      <form method="post" action="${this.root}cart/add">
        <input name="id" value="${product?.variants[0]?.id ?? ''}"><button>Add</button>
      </form>${block}</body></html>`
  }
}

function fieldsOf(request: Request): Record<string, unknown> {
  const body = request.postData() ?? '{}'
  return body.startsWith('{') ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))
}

/** In the page: consent as a cookie says, for all tabs alike. */
function privacyApi(hasApi: boolean): void {
  const choices = () => /consent=(\w*)\.(\w*)/.exec(document.cookie) ?? ['', '', '']
  const customerPrivacy = {
    analyticsProcessingAllowed: () => choices()[1] === 'yes',
    marketingAllowed: () => choices()[2] === 'yes',
    currentVisitorConsent: () => ({ analytics: choices()[1], marketing: choices()[2] }),
  }
  const Shopify: Record<string, unknown> = {
    loadFeatures(_: unknown, loaded: (error?: Error) => void) {
      if (!hasApi) return loaded(new Error('blocked'))
      Shopify.customerPrivacy = customerPrivacy
      loaded()
    },
  }
  Object.assign(window, { Shopify })
}
