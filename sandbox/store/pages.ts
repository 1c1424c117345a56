/** Rendering the storefront's pages: the theme's templates in its layout, with the embed, consent and pixel. */
import { join } from 'node:path'
import type { Response } from 'express'
import { MOST } from './carts.ts'
import { createEmbed, type EmbedOptions } from './embed.ts'
import { foot } from './foot.ts'
import { createEngine, readTexts, shopifyJson } from './liquid.ts'
import {
  globals,
  LOCALES,
  type PageType,
  requestObject,
  SHOP_NAME,
  templateObject,
} from './liquid-objects.ts'
import { type Pixel, pixelScripts, takePending } from './pixel.ts'
import { pageViewed, pixelCart, type StandardEvent } from './standard-events.ts'
import type { Memory } from './store.ts'
import { type Visit, visitOf } from './visit.ts'

const THEME = join(import.meta.dirname, 'theme')
export const THEME_ASSETS = '/assets'

export type PagesOptions = {
  shop: string
  embed: EmbedOptions
  pixel: Pixel | null
  /** Where the app's stand-in vendors show what they received; linked from the first page. */
  inboxUrl: string | null
}
export type Page = {
  type: PageType
  /** The page's title, without the shop's name. */
  title: string
  objects?: Readonly<Record<string, unknown>>
  events?: StandardEvent[]
  status?: number
}
/** A page of the checkout, which knows neither the theme nor app embeds. */
export type CheckoutPage = {
  template: 'checkout' | 'thank-you'
  title: string
  objects: Readonly<Record<string, unknown>>
}

export type Pages = ReturnType<typeof createPages>

export function createPages(memory: Memory, options: PagesOptions) {
  const engine = createEngine(['templates', 'snippets', 'layout'].map(folder => join(THEME, folder)))
  const embed = createEmbed(engine, options.embed)
  const texts = Object.fromEntries(LOCALES.map(name => [name, readTexts(join(THEME, 'locales'), name)]))

  const common = (visit: Visit, title: string, query: URLSearchParams) => ({
    ...globals(visit.place, options.shop, visit.cart, memory.customerOf(visit.browser)),
    page_title: title,
    content_for_header: contentForHeader(visit, options.shop),
    stand_in: {
      ...foot(visit, query, options.pixel !== null),
      mode: visit.mode,
      most: MOST,
      inbox_url: options.inboxUrl,
      customers: memory.customers.examples(),
    },
    __scope: {
      texts: texts[visit.place.locale] ?? {},
      assets: THEME_ASSETS,
      locale: visit.place.locale,
    },
  })
  const published = (visit: Visit, events: StandardEvent[]) => {
    const pending = takePending(visit)
    if (!options.pixel || visit.pixel === 'off') return ''
    return pixelScripts(options.pixel, {
      clientId: visit.browser.id,
      events: [...pending, ...events],
      customer: memory.customerOf(visit.browser),
      cart: pixelCart(visit.cart, visit.place.host),
      shop: options.shop,
      shopName: SHOP_NAME,
      host: visit.place.host,
    })
  }

  return {
    async send(response: Response, page: Page): Promise<void> {
      const visit = visitOf(response)
      const { pathname, searchParams } = addressOf(response)
      const scope = {
        ...common(visit, page.title, searchParams),
        request: requestObject(page.type, pathname, visit.designMode, visit.place),
        template: templateObject(page.type),
        search: { performed: false, terms: '', results: [], results_count: 0 },
        ...page.objects,
      }
      const { head, body } = await embed(scope, visit.embed, visit.place.host)
      const pixel = visit.designMode ? '' : published(visit, [pageViewed(), ...(page.events ?? [])])
      const html = await engine.renderFile(page.type.replace('/', '-'), {
        ...scope,
        content_for_header: scope.content_for_header + pixel + head,
        content_for_body_end: body,
      })
      response
        .status(page.status ?? 200)
        // With no-store, browsers would not keep the page to come back to.
        .set('cache-control', 'private, no-cache')
        .type('html')
        .send(html)
    },
    /** The stand-in of Shopify's theme editor: of the store it has the name alone, and nothing on it is collected. */
    async sendEditor(response: Response, title: string, editor: Readonly<Record<string, unknown>>) {
      const scope = common(visitOf(response), title, addressOf(response).searchParams)
      const html = await engine.renderFile('editor', { ...scope, editor })
      response.set('cache-control', 'no-store').type('html').send(html)
    },
    async sendCheckout(response: Response, page: CheckoutPage): Promise<void> {
      const visit = visitOf(response)
      const scope = common(visit, page.title, addressOf(response).searchParams)
      const html = await engine.renderFile(page.template, {
        ...scope,
        ...page.objects,
        content_for_header: scope.content_for_header + published(visit, [pageViewed()]),
      })
      response.set('cache-control', 'no-store').type('html').send(html)
    },
  }
}

const addressOf = (response: Response) => new URL(response.req.originalUrl, 'http://storefront')

/** What Shopify itself puts in every head: the object `Shopify` and the loader of its features. */
function contentForHeader({ place, region, designMode }: Visit, shop: string): string {
  const facts = {
    shop,
    locale: place.locale,
    currency: { active: 'EUR', rate: '1.0' },
    country: 'CZ',
    routes: { root: `${place.root}/` },
    ...(designMode && { designMode: true }),
  }
  return `<script>window.Shopify = Object.assign(window.Shopify || {}, ${shopifyJson(facts)})</script>
<script src="${THEME_ASSETS}/shopify-features.js" data-region="${region}"></script>`
}
