/** The part of a page that runs the app's web pixel: what the page's script of the pixel manager reads. */
import type { Customer } from './customers.ts'
import { shopifyJson } from './liquid.ts'
import type { pixelCart, StandardEvent } from './standard-events.ts'

export type Pixel = {
  /** The built pixel: one classic script, as Shopify serves it to its worker. */
  file: string
  /** As set by `webPixelCreate`: address, shop, key. */
  settings: Readonly<Record<string, string>>
}
export type PixelPage = {
  events: readonly StandardEvent[]
  customer: Customer | null
  cart: ReturnType<typeof pixelCart>
  shop: string
  shopName: string
  host: string
}

export function pixelScripts({ settings }: Pixel, page: PixelPage): string {
  const { customer, cart, shop, shopName, host, events } = page
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
  return `<script type="application/json" id="store-pixel">${shopifyJson({ settings, data, events })}</script>`
}
