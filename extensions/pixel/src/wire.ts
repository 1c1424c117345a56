/**
 * Shopify's standard events to events of a batch (app/shopify/storefront/wire.ts).
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
import { amount, digits, handle, MOST_OF_ADDRESS, text, webAddress } from './values.ts'

/** Of a checkout it has no `url`: whoever has the address can open the checkout. */
export type WireEvent = { id: string; type: string; at: string; url?: string; data: object }

/** Characters of JSON that a batch has, in bytes always less than 64 KiB: browsers and the server take no more. */
export const LARGEST = 20_000

/** "/" and the roots of languages and markets: "/cs", "/pt-br/", "/en-europe". */
const HOME = /^\/([a-z]{2}(-[a-z]+)*\/?)?$/i

function productOf(variant: ProductVariant | null, page: string) {
  const product = variant?.product
  const url = webAddress(product?.url, page)
  return {
    id: digits(product?.id),
    variantId: digits(variant?.id),
    handle: handle(url?.pathname),
    title: text(product?.title),
    // Shopify's name of the only variant of a product without options.
    variantTitle: variant?.title === 'Default Title' ? null : text(variant?.title),
    sku: text(variant?.sku),
    vendor: text(product?.vendor),
    type: text(product?.type),
    price: amount(variant?.price),
    currency: text(variant?.price?.currencyCode),
    url: url ? url.origin + url.pathname : null,
    imageUrl: webAddress(variant?.image?.src, page)?.href ?? null,
  }
}

/** As many lines as a batch has room for. */
function itemsOf<Line extends { quantity: number }>(
  lines: Line[],
  variantOf: (line: Line) => ProductVariant | null,
  page: string,
): object[] {
  let room = LARGEST
  return lines
    .map(line => ({ ...productOf(variantOf(line), page), quantity: line.quantity }))
    .filter(item => {
      room -= JSON.stringify(item).length
      return room > 0
    })
}

const lineOf = ({ cartLine }: { cartLine: CartLine | null }, { location }: WebPixelsDocument) =>
  cartLine && { product: productOf(cartLine.merchandise, location.href), quantity: cartLine.quantity }

const cartOf = ({ cart }: { cart: Cart | null }, { location }: WebPixelsDocument) => ({
  cart: {
    // "gid://shopify/Cart/<token>?key=…"
    token: text(cart?.id?.split('?')[0]?.split('/').pop(), 200),
    currency: text(cart?.cost.totalAmount.currencyCode),
    total: amount(cart?.cost.totalAmount),
    items: itemsOf(cart?.lines ?? [], line => line.merchandise, location.href),
  },
})

/** Without the person: what a browser says of one is not believed. */
const checkoutOf = ({ checkout }: { checkout: Checkout }, { location }: WebPixelsDocument) =>
  checkout.token && {
    checkout: {
      token: checkout.token,
      orderId: digits(checkout.order?.id),
      currency: text(checkout.currencyCode),
      total: amount(checkout.totalPrice),
      items: itemsOf(checkout.lineItems, line => line.variant, location.href),
    },
  }

/** An event's name to what the wire has as its data; nothing when there is nothing to tell. */
type Translations = {
  [Name in keyof PixelEvents]?: (
    data: PixelEvents[Name]['data'],
    page: WebPixelsDocument,
  ) => object | '' | null | undefined
}

const TRANSLATIONS = {
  page_viewed: (_, { location, title, referrer }) =>
    HOME.test(location.pathname)
      ? { page: { type: 'index', title: text(title), referrer: text(referrer, MOST_OF_ADDRESS) } }
      : null,
  collection_viewed: ({ collection: { id, title } }, { location: { pathname } }) => ({
    collection: {
      id: digits(id),
      handle: handle(pathname),
      title: text(title),
      path: text(pathname, MOST_OF_ADDRESS),
    },
  }),
  product_viewed: ({ productVariant }, { location }) => ({
    product: productOf(productVariant, location.href),
  }),
  search_submitted: ({ searchResult }) => {
    const query = text(searchResult.query)
    return query && { query }
  },
  product_added_to_cart: lineOf,
  product_removed_from_cart: lineOf,
  cart_viewed: cartOf,
  checkout_started: checkoutOf,
  checkout_contact_info_submitted: checkoutOf,
  checkout_completed: checkoutOf,
} satisfies Translations

/** Of the events that the wire knows. */
export type Name = keyof typeof TRANSLATIONS
export const NAMES = Object.keys(TRANSLATIONS) as Name[]

export const isCheckout = (type: string): boolean => /^checkout/.test(type)

/**
 * @returns undefined when there is nothing to tell: another page than home, no line, a checkout without a token
 * @throws when the event is not as Shopify documents it
 */
export function toWire<N extends Name>(name: N, event: PixelEvents[N]): WireEvent | undefined {
  const { document } = event.context
  const data = (TRANSLATIONS as Translations)[name]?.(event.data, document)
  if (!data) return
  return {
    id: event.id,
    type: name === 'checkout_contact_info_submitted' ? 'checkout_updated' : name,
    at: new Date(event.timestamp).toISOString(),
    url: isCheckout(name) ? undefined : document.location.href.slice(0, MOST_OF_ADDRESS),
    data,
  }
}
