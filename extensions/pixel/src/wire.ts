/**
 * Shopify's standard events to events of a batch (what the server takes: app/shopify/storefront/wire.ts).
 * https://shopify.dev/docs/api/web-pixels-api/standard-events
 */
import type {
  Cart,
  CartLine,
  Checkout,
  PixelEvents,
  ProductVariant,
  WebPixelsDocument,
} from '@shopify/web-pixels-extension'
import { address, amount, digits, fitting, of, text } from './values.ts'

export type WireEvent = { id: string; type: string; at: string; url: string; data: object }

/** The characters of a cart's lines in JSON: with them an event fits into a batch. Lines beyond are left out. */
const MOST_OF_ITEMS = 25_000
const MOST_OF_ADDRESS = 2048

/** "/", and roots of languages and markets: "/cs", "/pt-br/", "/en-europe". */
const HOME = /^\/([a-z]{2}(-[a-z]+)*\/?)?$/i

type Location = WebPixelsDocument['location']

function product(variant: ProductVariant | null | undefined, location: Location, lineTitle?: string | null) {
  const { id, image, price, product, sku, title } = of(variant)
  const goods = of(product)
  const { page, handle } = address(goods.url, location)
  return {
    id: digits(goods.id),
    variantId: digits(id),
    handle: text(handle),
    title: text(goods.title || lineTitle),
    // Shopify's name of the only variant of a product that has no options.
    variantTitle: title === 'Default Title' ? null : text(title),
    sku: text(sku),
    vendor: text(goods.vendor),
    type: text(goods.type),
    price: amount(price),
    currency: text(of(price).currencyCode),
    url: text(page, MOST_OF_ADDRESS),
    imageUrl: text(address(of(image).src, location).href, MOST_OF_ADDRESS),
  }
}

const items = <Line extends { quantity: number }>(
  lines: Line[] | undefined,
  toProduct: (line: Line) => object,
): object[] =>
  fitting(
    (lines || []).map(line => Object.assign(toProduct(line), { quantity: line.quantity })),
    MOST_OF_ITEMS,
  )

type Data = object | false | null
/** Shopify's name of an event to what the wire has as its data; false or null when there is nothing to tell. */
type Translations = {
  [Name in keyof PixelEvents]?: (data: PixelEvents[Name]['data'], page: WebPixelsDocument) => Data
}

const lineChanged = (data: { cartLine: CartLine | null }, { location }: WebPixelsDocument) =>
  data.cartLine && {
    product: product(data.cartLine.merchandise, location),
    quantity: data.cartLine.quantity,
  }

function cartOf(cart: Cart | null, location: Location) {
  const { cost, id, lines } = of(cart)
  const { totalAmount } = of(cost)
  return {
    // The id is a token, with or without Shopify's prefix and a key.
    token: text(of(/[^/?]+(?=$|\?)/.exec(String(id || '')))[0], 200),
    currency: text(of(totalAmount).currencyCode),
    total: amount(totalAmount),
    items: items(lines, line => product(line.merchandise, location)),
  }
}

/** Without the person: what a browser says of one is not believed. */
const checkoutOf = ({ checkout }: { checkout: Checkout }, { location }: WebPixelsDocument) =>
  !!checkout.token && {
    checkout: {
      token: text(checkout.token),
      orderId: digits(of(checkout.order).id),
      currency: text(checkout.currencyCode),
      total: amount(checkout.totalPrice),
      items: items(checkout.lineItems, line => product(line.variant, location, line.title)),
    },
  }

const TRANSLATIONS = {
  page_viewed: (_, { location, title, referrer }) =>
    HOME.test(location.pathname) && {
      page: { type: 'index', title: text(title), referrer: text(referrer, MOST_OF_ADDRESS) },
    },
  collection_viewed: ({ collection }, { location }) => ({
    collection: {
      id: digits(collection.id),
      handle: text(address(location.pathname, location).handle),
      title: text(collection.title),
      path: text(location.pathname, MOST_OF_ADDRESS),
    },
  }),
  product_viewed: ({ productVariant }, { location }) => ({ product: product(productVariant, location) }),
  search_submitted: ({ searchResult }) => ({ query: text(searchResult.query) }),
  product_added_to_cart: lineChanged,
  product_removed_from_cart: lineChanged,
  cart_viewed: ({ cart }, { location }) => ({ cart: cartOf(cart, location) }),
  checkout_started: checkoutOf,
  checkout_contact_info_submitted: checkoutOf,
  checkout_completed: checkoutOf,
} satisfies Translations

export type Name = keyof typeof TRANSLATIONS
export const NAMES = Object.keys(TRANSLATIONS) as Name[]

export const isCheckout = (type: string): boolean => /^checkout_/.test(type)

/**
 * @returns undefined when there is nothing to tell: a page that is not the home page, no line, no checkout's token
 * @throws when the event is not as Shopify documents it
 */
export function toWire<N extends Name>(name: N, event: PixelEvents[N]): WireEvent | undefined {
  const page = event.context.document
  const translate = TRANSLATIONS[name] as (data: PixelEvents[N]['data'], page: WebPixelsDocument) => Data
  const data = translate(event.data, page)
  if (!data) return
  const { href, origin, pathname } = page.location
  return {
    id: event.id,
    type: name === 'checkout_contact_info_submitted' ? 'checkout_updated' : name,
    at: event.timestamp,
    // The query of a checkout's address can open it.
    url: (isCheckout(name) ? origin + pathname : href).slice(0, MOST_OF_ADDRESS),
    data,
  }
}
