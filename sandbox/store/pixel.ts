/** The part of a page that runs the app's web pixel, and what its script asks the store for. */
import { Router } from 'express'
import type { Customer } from './customers.ts'
import { shopifyJson } from './liquid.ts'
import type { pixelCart, StandardEvent } from './standard-events.ts'
import { type Visit, visitOf } from './visit.ts'

export type Pixel = {
  /** The built pixel: one classic script, as Shopify serves it to its worker. */
  file: string
  /** As `webPixelCreate` or `webPixelUpdate` last set them (address, shop, key), asked for each page; null: it is not activated. */
  settings(): PixelSettings | null
  /** What its `[customer_privacy]` declares: it runs only for visitors who allow all of these. */
  needs: readonly Purpose[]
}
type PixelSettings = Readonly<Record<string, string>>
export type Purpose = 'analytics' | 'marketing' | 'preferences' | 'sale_of_data'
export type PixelPage = {
  clientId: string
  events: readonly StandardEvent[]
  customer: Customer | null
  cart: ReturnType<typeof pixelCart>
  shop: string
  shopName: string
  host: string
}

/** Nothing while the app has not activated its pixel. */
export function pixelScripts(pixel: Pixel, page: PixelPage): string {
  const settings = pixel.settings()
  if (settings === null) return ''
  const { customer, cart, shop, shopName, host, events, clientId } = page
  const data = {
    customer: customer && {
      id: String(customer.id),
      email: customer.email,
      firstName: customer.first,
      lastName: customer.last,
      phone: null,
      ordersCount: customer.orders,
    },
    cart,
    shop: {
      name: shopName,
      myshopifyDomain: shop,
      countryCode: 'CZ',
      paymentSettings: { currencyCode: 'EUR' },
      storefrontUrl: `http://${host}`,
    },
    purchasingCompany: null,
  }
  return `<script type="application/json" id="store-pixel">${shopifyJson({ settings, needs: pixel.needs, data, events, clientId })}</script>
<script src="/assets/pixel-manager.js" defer></script>`
}

/** Events that no page published yet; they are this caller's now. */
export function takePending({ browser }: Visit): StandardEvent[] {
  const { pending } = browser
  browser.pending = []
  return pending
}

/** The built pixel, and the events that happened since the page was made. */
export function pixelRoutes({ file }: Pixel): Router {
  const routes = Router()
  routes.get('/pixel/pixel.js', (_request, response) => response.sendFile(file))
  routes.get('/pixel/pending', (_request, response) => {
    response.set('cache-control', 'no-store').json(takePending(visitOf(response)))
  })
  return routes
}
