/**
 * Shopify's standard pixel events, as the storefront publishes them; the shapes are those of the types in
 * @shopify/web-pixels-extension (https://shopify.dev/docs/api/web-pixels-api/standard-events).
 * Amounts are numbers, ids are strings of digits.
 */
import type {
  CheckoutLineItem,
  Cart as PixelCart,
  CartLine as PixelCartLine,
  Checkout as PixelCheckout,
  ProductVariant,
} from '@shopify/web-pixels-extension'
import { imageUrl } from './cart-json.ts'
import { type Cart, itemCount, type Line, totalOf } from './carts.ts'
import { type Choice, type Collection, hundredths, type Product, variantTitle } from './catalogue.ts'
import type { Checkout } from './checkouts.ts'

/** Name and data; id, time, sequence and context are added in the page. */
export type StandardEvent = { name: string; data: Record<string, unknown> }

const CURRENCY = 'EUR'
const money = (amount: number) => ({ amount, currencyCode: CURRENCY })

export function productVariant({ product, variant }: Choice, host: string): ProductVariant {
  const title = variantTitle(variant)
  return {
    id: String(variant.id),
    image: { src: imageUrl(product.handle, host) },
    price: money(Number(variant.price)),
    product: {
      id: String(product.id),
      title: product.title,
      type: product.type,
      untranslatedTitle: product.title,
      url: `/products/${product.handle}?variant=${variant.id}`,
      vendor: product.brand,
    },
    sku: variant.sku === '' ? null : variant.sku,
    title,
    untranslatedTitle: title,
  }
}

const firstVariants = (products: readonly Product[], host: string) =>
  products.map(product => productVariant({ product, variant: product.variants[0] }, host))

export const pageViewed = (): StandardEvent => ({ name: 'page_viewed', data: {} })

export const productViewed = (choice: Choice, host: string): StandardEvent => ({
  name: 'product_viewed',
  data: { productVariant: productVariant(choice, host) },
})

export const collectionViewed = (
  { id, title }: Collection,
  products: readonly Product[],
  host: string,
): StandardEvent => ({
  name: 'collection_viewed',
  data: { collection: { id: String(id), title, productVariants: firstVariants(products, host) } },
})

export const searchSubmitted = (
  query: string,
  products: readonly Product[],
  host: string,
): StandardEvent => ({
  name: 'search_submitted',
  data: { searchResult: { query, productVariants: firstVariants(products, host) } },
})

export const cartViewed = (cart: Cart, host: string): StandardEvent => ({
  name: 'cart_viewed',
  data: { cart: pixelCart(cart, host) },
})

/** Null for a cart with nothing in it. */
export function pixelCart(cart: Cart, host: string): PixelCart | null {
  if (cart.lines.length === 0) return null
  return {
    id: cart.token,
    attributes: attributesOf(cart.attributes),
    cost: { totalAmount: money(totalOf(cart) / 100) },
    lines: cart.lines.map(line => cartLine(line, line.quantity, host)),
    totalQuantity: itemCount(cart),
  }
}

function cartLine(line: Choice, quantity: number, host: string): PixelCartLine {
  const total = (hundredths(line.variant.price) * quantity) / 100
  return {
    cost: { totalAmount: money(total) },
    merchandise: productVariant(line, host),
    quantity,
  }
}

/** What a change of the cart publishes: each line with the quantity by which it grew or shrank. */
export function cartChanges(before: readonly Line[], after: readonly Line[], host: string): StandardEvent[] {
  const keys = new Set([...after, ...before].map(line => line.key))
  return [...keys].flatMap(key => {
    const [was, is] = [before.find(line => line.key === key), after.find(line => line.key === key)]
    const line = is ?? was
    const difference = (is?.quantity ?? 0) - (was?.quantity ?? 0)
    if (!line || difference === 0) return []
    const name = difference > 0 ? 'product_added_to_cart' : 'product_removed_from_cart'
    return [{ name, data: { cartLine: cartLine(line, Math.abs(difference), host) } }]
  })
}

/** @param name checkout_started, checkout_contact_info_submitted, payment_info_submitted or checkout_completed */
export function checkoutEvent(name: string, checkout: Checkout, host: string): StandardEvent {
  const { cart, token, email, marketing, order, customer } = checkout
  const total = totalOf(cart) / 100
  const data: PixelCheckout = {
    attributes: attributesOf(cart.attributes),
    billingAddress: null,
    buyerAcceptsEmailMarketing: marketing,
    buyerAcceptsSmsMarketing: false,
    currencyCode: CURRENCY,
    delivery: null,
    discountApplications: [],
    discountsAmount: money(0),
    email,
    lineItems: cart.lines.map(line => checkoutLine(line, host)),
    localization: {
      country: { isoCode: 'CZ' },
      language: { isoCode: 'en' },
      market: { id: 'gid://shopify/Market/1', handle: 'cz' },
    },
    order: order && {
      id: String(order.id),
      customer: customer && { id: String(customer.id), isFirstOrder: customer.orders <= 1 },
    },
    phone: null,
    shippingAddress: null,
    shippingLine: { price: money(checkout.shipping) },
    smsMarketingPhone: null,
    subtotalPrice: money(total),
    token,
    totalPrice: money(total + checkout.shipping),
    totalTax: money(0),
    transactions: [],
  }
  return { name, data: { checkout: data } }
}

function checkoutLine(line: Line, host: string): CheckoutLineItem {
  return {
    discountAllocations: [],
    finalLinePrice: money((hundredths(line.variant.price) * line.quantity) / 100),
    id: line.key,
    properties: attributesOf(line.properties),
    quantity: line.quantity,
    sellingPlanAllocation: null,
    title: line.product.title,
    variant: productVariant(line, host),
  }
}

const attributesOf = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([key, value]) => ({ key, value }))
