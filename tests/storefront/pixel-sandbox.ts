/**
 * Shopify's sandbox of a web pixel, stood in for in this process: the API that the pixel is given, and a server that
 * checks what it sends as the app does. Events have the shapes of the types in @shopify/web-pixels-extension.
 */
import type { CustomerPrivacyPayload, ExtensionApi } from '@shopify/web-pixels-extension'
import { vi } from 'vitest'
import { translateBatch } from '../../app/shopify/storefront.ts'
import { startPixel } from '../../extensions/pixel/src/pixel.ts'

export const ORIGIN = 'https://shop.example.com'
export const SETTINGS = {
  address: 'https://app.example.com/pixel/events',
  shop: 'lumen.myshopify.com',
  key: 'k1',
}

export type Batch = {
  shop: string
  key: string
  visitorId: string
  sentAt: string
  consent: { analytics: boolean; marketing: boolean }
  events: { id: string; type: string; at: string; url?: string; data: unknown }[]
}

export const consent = (analytics: boolean, marketing = analytics) => ({
  analyticsProcessingAllowed: analytics,
  marketingAllowed: marketing,
  preferencesProcessingAllowed: analytics,
  saleOfDataAllowed: analytics,
})

export const context = (path = '/', over: { title?: string; referrer?: string } = {}) => ({
  document: {
    characterSet: 'UTF-8',
    title: 'Lumen',
    referrer: '',
    location: { href: ORIGIN + path, origin: ORIGIN, pathname: new URL(path, ORIGIN).pathname },
    ...over,
  },
})

/** One browser: its localStorage, and the app it sends to. */
export class Visit {
  readonly stored = new Map<string, string>()
  readonly batches: Batch[] = []
  /** Answers to the next requests, "offline" for none; then 202. */
  answers: (number | 'offline' | Promise<number>)[] = []
  /** What the app made of the batches it took. */
  readonly told: { type: string; subject: string | null }[] = []
  readonly rejected: { reason: string }[] = []
  storageFails = false

  constructor() {
    vi.stubGlobal('fetch', (address: string, request: RequestInit) => this.#answer(address, request))
  }

  get visitor() {
    return JSON.parse(this.stored.get('sluice') ?? 'null')
  }
  get waiting(): { event: { id: string } }[] {
    return JSON.parse(this.stored.get('sluice:p') ?? '[]')
  }
  /** What the theme's script does when it runs, as far as the pixel sees. */
  embedRuns(v = 'v1'): void {
    this.stored.set('sluice', JSON.stringify({ t: Date.now(), v, ...this.visitor, e: Date.now() }))
  }
  /** Ids of the events of each batch. */
  get sent(): string[][] {
    return this.batches.map(({ events }) => events.map(({ id }) => id))
  }

  /** A page with a pixel of its own. */
  page({ privacy = consent(true), customer = null as string | null } = {}) {
    const listeners = new Map<string, (event: unknown) => void>()
    let decide: (event: CustomerPrivacyPayload) => void = () => {}
    let isOpen = true
    const use = async <T>(work: () => T): Promise<T> => {
      if (this.storageFails) throw new Error('storage is blocked')
      // A page that was left answers nothing any more.
      return isOpen ? work() : new Promise<T>(() => {})
    }
    startPixel({
      settings: SETTINGS,
      init: { customerPrivacy: privacy, data: { customer: customer && { id: customer } } },
      analytics: { subscribe: (name: string, react: (event: unknown) => void) => listeners.set(name, react) },
      customerPrivacy: {
        subscribe: (_: string, react: typeof decide) => {
          decide = react
        },
      },
      browser: {
        localStorage: {
          getItem: (key: string) => use(() => this.stored.get(key) ?? null),
          setItem: (key: string, value: string) => use(() => this.stored.set(key, value)),
          removeItem: (key: string) => use(() => this.stored.delete(key)),
        },
      },
    } as unknown as ExtensionApi)
    return {
      names: [...listeners.keys()],
      publish: (name: string, id: string, data: unknown = {}, over: Record<string, unknown> = {}) =>
        listeners.get(name)?.({
          id,
          clientId: 'c1',
          name,
          type: 'standard',
          seq: 1,
          timestamp: new Date().toISOString(),
          context: context(),
          data,
          ...over,
        }),
      decide: (analytics: boolean, marketing = analytics) =>
        decide({ customerPrivacy: consent(analytics, marketing) }),
      leave: () => {
        isOpen = false
      },
    }
  }

  async #answer(address: string, { body, ...request }: RequestInit): Promise<Response> {
    const batch: Batch = JSON.parse(body as string)
    const answer = await (this.answers.shift() ?? 202)
    this.batches.push(batch)
    if (answer === 'offline') throw new TypeError('Failed to fetch')
    if (answer === 202) this.#take(batch)
    this.last = { address, body: body as string, request }
    return new Response('{}', { status: answer })
  }
  last: { address: string; body: string; request: RequestInit } | undefined

  #take(batch: Batch): void {
    const made = translateBatch(batch, { customerId: null, receivedAt: new Date(), source: 'pixel' })
    if ('malformed' in made) throw new Error(made.malformed)
    this.told.push(...made.events)
    this.rejected.push(...made.rejected)
  }
}

/** Lets what was begun come to its end, without time passing. */
export const settled = () => vi.advanceTimersByTimeAsync(0)
export const second = () => vi.advanceTimersByTimeAsync(1000)
