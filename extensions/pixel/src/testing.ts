/** For tests: the API of Shopify's strict sandbox, stood in for, and events in the shapes that Shopify documents. */
import type { ExtensionApi, PixelEvents, ProductVariant } from '@shopify/web-pixels-extension'
import { vi } from 'vitest'
import { translateBatch } from '../../../app/shopify/storefront.ts'
import { startPixel } from './pixel.ts'
import type { Name, WireEvent } from './wire.ts'

export const ADDRESS = 'https://app.example.com/pixel/events'
export const SETTINGS = {
  address: ADDRESS,
  shop: 'shop-one.myshopify.com',
  key: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
}
export const STORE = 'https://shop.example.com'
/** When tests begin. */
export const NOON = Date.parse('2026-11-20T12:00:00.000Z')

type Privacy = ExtensionApi['init']['customerPrivacy']
const privacyOf = (analytics: boolean, marketing: boolean): Privacy => ({
  analyticsProcessingAllowed: analytics,
  marketingAllowed: marketing,
  preferencesProcessingAllowed: false,
  saleOfDataAllowed: false,
})

export type WireBatch = {
  shop: string
  key: string
  visitorId: string
  sentAt: string
  consent: { analytics: boolean; marketing: boolean }
  events: { id: string; type: string; at: string; url: string; data: Record<string, unknown> }[]
}

/** A browser with its tab: what is stored outlives the pages. `answers` are what the app says next; then 202. */
export class TestBrowser {
  local = new Map<string, string>()
  session = new Map<string, string>()
  requests: { url: string; init: RequestInit }[] = []
  /** Ids of events that were answered 202, as often as they were. */
  accepted: string[] = []
  /** A status, a network error, or an answer that the test gives later. */
  answers: (number | Error | Promise<number>)[] = []

  constructor() {
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      this.requests.push({ url, init })
      const answer = await (this.answers.shift() ?? 202)
      if (answer instanceof Error) throw answer
      if (answer === 202) this.accepted.push(...(this.ids.at(-1) ?? []))
      return new Response('{}', { status: answer })
    })
  }

  get batches(): WireBatch[] {
    return this.requests.map(({ init }) => JSON.parse(String(init.body)))
  }

  /** The types of all events sent, batch by batch. */
  get types(): string[][] {
    return this.batches.map(({ events }) => events.map(event => event.type))
  }

  get ids(): string[][] {
    return this.batches.map(({ events }) => events.map(event => event.id))
  }

  stored(key = 'sluice:p', area: 'local' | 'session' = 'local'): unknown {
    return JSON.parse(this[area].get(key) ?? 'null')
  }

  open(options: PageOptions = {}): TestPage {
    return new TestPage(this, options)
  }
}

type PageOptions = { analytics?: boolean; marketing?: boolean; customer?: string; path?: string }

const later = async <T>(work: () => T): Promise<T> => work()
const storageOf = (map: Map<string, string>) => ({
  clear: () => later(() => map.clear()),
  getItem: (key: string) => later(() => map.get(key) ?? null),
  key: (index: number) => later(() => [...map.keys()][index] ?? null),
  length: () => later(() => map.size),
  removeItem: (key: string) => later(() => void map.delete(key)),
  setItem: (key: string, value: unknown) => later(() => void map.set(key, String(value))),
})

/** A page with the pixel's worker. */
export class TestPage {
  readonly #listeners = new Map<string, (event: never) => void>()
  readonly #path: string
  #count = 0
  #isGone = false

  constructor(
    browser: TestBrowser,
    { analytics = true, marketing = true, customer, path = '/' }: PageOptions,
  ) {
    this.#path = path
    const subscribe = (name: string, callback: (event: never) => void) => {
      this.#listeners.set(name, callback)
      return () => this.#listeners.delete(name)
    }
    /** A worker whose page is gone gets no answers. */
    const bridged = (map: Map<string, string>) =>
      Object.fromEntries(
        Object.entries(storageOf(map)).map(([name, call]) => [
          name,
          (...args: never[]) =>
            this.#isGone ? new Promise(() => {}) : (call as (...given: never[]) => unknown)(...args),
        ]),
      )
    startPixel({
      analytics: { subscribe },
      customerPrivacy: { subscribe },
      browser: { localStorage: bridged(browser.local), sessionStorage: bridged(browser.session) },
      init: {
        context: contextOf(path),
        data: { customer: customer ? { id: customer } : null, cart: null, shop: {}, purchasingCompany: null },
        customerPrivacy: privacyOf(analytics, marketing),
      },
      settings: SETTINGS,
    } as unknown as ExtensionApi)
  }

  /** @returns the event's id */
  publish<N extends Name>(name: N, data: PixelEvents[N]['data'], over: object = {}): string {
    this.#count += 1
    const event = eventOf(name, data, { path: this.#path, seq: this.#count })
    this.#listeners.get(name)?.(Object.assign(event, over) as never)
    return event.id
  }

  choose(analytics: boolean, marketing = analytics): void {
    const event = { customerPrivacy: privacyOf(analytics, marketing) }
    this.#listeners.get('visitorConsentCollected')?.(event as never)
  }

  /** The page is left, and its worker with it: no timer of it fires any more. */
  leave(): void {
    this.#isGone = true
    vi.clearAllTimers()
  }
}

/** Long enough for what waits to be sent, and answered. */
export const flush = () => vi.advanceTimersByTimeAsync(1000)
/** Lets promises settle; no time passes. */
export const settle = () => vi.advanceTimersByTimeAsync(0)

export function contextOf(path: string, origin = STORE) {
  const { hash, host, hostname, href, pathname, port, protocol, search } = new URL(path, origin)
  const location = { hash, host, hostname, href, origin, pathname, port, protocol, search }
  const page = { characterSet: 'UTF-8', location, referrer: 'https://search.example.com/', title: 'Shop One' }
  return { document: page, navigator: {}, window: { location } }
}

let made = 0
/** A standard event as the sandbox gives it to subscribers. */
export function eventOf<N extends Name>(
  name: N,
  data: PixelEvents[N]['data'],
  { path = '/', seq = 1 } = {},
): PixelEvents[N] {
  made += 1
  return {
    id: `sh-${made}-0000-4000-8000-000000000000`,
    clientId: 'f0e1d2c3-0000-4000-8000-000000000000',
    timestamp: new Date().toISOString(),
    seq,
    name,
    type: 'standard',
    context: contextOf(path),
    data,
  } as unknown as PixelEvents[N]
}

const euros = (amount: number) => ({ amount, currencyCode: 'EUR' })

export const VARIANT: ProductVariant = {
  id: 'gid://shopify/ProductVariant/43012345678902',
  image: { src: '//cdn.shopify.com/s/files/1/lantern.jpg?v=17' },
  price: euros(139.99),
  product: {
    id: 'gid://shopify/Product/8012345678901',
    title: 'Brass Lantern',
    type: 'Lamps',
    untranslatedTitle: 'Brass Lantern',
    url: '/products/brass-lantern?variant=43012345678902',
    vendor: 'Lumen',
  },
  sku: 'BL-L',
  title: 'Large',
  untranslatedTitle: 'Large',
}

export const VIEW = { productVariant: VARIANT }
export const LINE = { cost: { totalAmount: euros(279.98) }, merchandise: VARIANT, quantity: 2 }

/** @param token Shopify's are 32 hexadecimal digits */
export function checkoutOf(over: object = {}): PixelEvents['checkout_started']['data'] {
  const checkout = {
    token: '5f2c0a9be1d24c7a8b3e4f5061728394',
    attributes: [],
    billingAddress: null,
    currencyCode: 'EUR',
    discountApplications: [],
    email: 'ann@example.com',
    phone: '+420600000000',
    shippingAddress: { firstName: 'Ann', lastName: 'Example', address1: '1 Example Street' },
    lineItems: [
      {
        discountAllocations: [],
        finalLinePrice: euros(279.98),
        id: 'line-1',
        quantity: 2,
        title: 'Brass Lantern',
        variant: VARIANT,
      },
    ],
    order: null,
    subtotalPrice: euros(279.98),
    totalPrice: euros(284.97),
    totalTax: euros(0),
    transactions: [],
    ...over,
  }
  return { checkout } as unknown as PixelEvents['checkout_started']['data']
}

/** What the server says of it; undefined when it takes it. */
export function refusalOf(event: WireEvent | undefined): string | undefined {
  const batch = { visitorId: 'v-1', sentAt: event?.at, consent: { analytics: true }, events: [event] }
  const read = translateBatch(JSON.parse(JSON.stringify(batch)), {
    customerId: null,
    receivedAt: new Date(),
    source: 'pixel',
  })
  return 'malformed' in read ? read.malformed : read.rejected[0]?.reason
}
