/** Checked values of a storefront batch as store events hold them: cleaned, in one form, null where nothing was said. */
import { Decimal } from 'decimal.js'
import type { Cart, Checkout, Line, Product } from '../../events/data.ts'
import type { Consent } from '../../events/store-event.ts'
import { asText, isFields } from '../payloads/fields.ts'
import { cartToken } from '../translate/keys.ts'
import { Exact, written } from '../translate/money.ts'
import { MAX_URL, type WireCart, type WireCheckout, type WireItem, type WireProduct } from './wire.ts'

/** The most that an amount of an event has (app/events/data.ts). */
const MAX_DECIMALS = 10

type Amount = string | number | null | undefined

/** What the visitor allowed; what is not plainly said is not known. */
export function consentOf(value: unknown): Consent {
  const { analytics, marketing } = isFields(value) ? value : {}
  return { analytics: choice(analytics), marketing: choice(marketing) }
}

function choice(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null
}

/** The address of a page that the visitor was on, at most as much of it as is kept. */
export const pageAddress = (value: string | null | undefined): string | null =>
  asText(value)?.slice(0, MAX_URL) ?? null

/** Themes' carts say where a product is on their own origin ("/products/…"): whoever is told needs it whole. */
function absolute(value: string | null | undefined, page: string | null): string | null {
  const address = asText(value)
  return address?.startsWith('/') && page ? (URL.parse(address, page)?.href ?? address) : address
}

/** @param page the address of the page that tells */
export function toProduct(wire: WireProduct, page: string | null): Product {
  return {
    id: asText(wire.id),
    variantId: asText(wire.variantId),
    handle: asText(wire.handle),
    title: asText(wire.title),
    variantTitle: asText(wire.variantTitle),
    sku: asText(wire.sku),
    brand: asText(wire.vendor),
    category: asText(wire.type),
    tags: [],
    price: amountOf(wire.price),
    currency: wire.currency ?? null,
    url: absolute(wire.url, page),
    imageUrl: absolute(wire.imageUrl, page),
    metafields: {},
  }
}

export function toCart({ token, currency, total, items }: WireCart, page: string | null): Cart {
  return {
    token: cartToken(asText(token)),
    currency: currency ?? null,
    total: amountOf(total),
    lines: items.map(item => toLine(item, currency ?? null, page)),
  }
}

/** A browser's word: of taxes, shipping and discounts the pixel tells nothing. */
export function toCheckout({ token, currency, total, items }: WireCheckout, page: string | null): Checkout {
  return {
    token,
    cartToken: null,
    currency: currency ?? null,
    total: amountOf(total),
    tax: null,
    shipping: null,
    discount: null,
    discountCodes: [],
    lines: items.map(item => toLine(item, currency ?? null, page)),
  }
}

/** The page knows neither line ids nor taxes; discounts are in the total of the whole only. */
function toLine(item: WireItem, currency: string | null, page: string | null): Line {
  const quantity = Number(item.quantity)
  const unitPrice = amountOf(item.price) ?? '0'
  return {
    id: null,
    product: toProduct({ ...item, currency: item.currency ?? currency }, page),
    quantity,
    unitPrice,
    total: written(new Exact(unitPrice).times(quantity), [unitPrice]),
    tax: '0',
  }
}

/** An amount as text stays as it was written. */
function amountOf(value: Amount): string | null {
  if (typeof value !== 'number') return value ?? null
  return new Decimal(value).toDecimalPlaces(MAX_DECIMALS).abs().toFixed()
}
