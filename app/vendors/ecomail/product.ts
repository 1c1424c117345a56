/** What Ecomail's events say of a product: its id as a JSON value, its address, its texts. */
import type { Product } from '../../events/data.ts'
import { absoluteUrl, identifierOf } from '../values.ts'
import type { ShopFacts } from '../vendor.ts'
import type { EcomailSettings } from './settings.ts'

/** Ecomail limits an event's `value` to 20,000 characters after encoding; nothing longer is sent. */
export const VALUE_LENGTH = 20_000
/** Longer addresses are left out: a cut address leads nowhere. */
const URL_LENGTH = 2_000

export type IdentifierSettings = Pick<EcomailSettings, 'productIdentifier' | 'productMetafield'>

/** The chosen identifier as the documented samples write it, or null when the product does not have it. */
export function productId(product: Product, settings: IdentifierSettings): string | number | null {
  const id = identifierOf(product, settings)
  const ofShopify = settings.productIdentifier === 'product_id' || settings.productIdentifier === 'variant_id'
  return ofShopify && id ? wireId(id) : id || null
}

/** Shopify's ids go as numbers, as in the samples; one that a double would change goes as a string. */
export function wireId(id: string): string | number {
  const number = Number(id)
  return Number.isSafeInteger(number) && String(number) === id ? number : id
}

/** The product's page: as seen, or made from its handle; null when neither is known. */
export function productUrl(product: Product, shop: Pick<ShopFacts, 'storefrontUrl'>): string | null {
  const path = product.url || (product.handle && `/products/${product.handle}`)
  return shortUrl(path || null, shop)
}

/** An absolute address of a bearable length, or null. */
export function shortUrl(value: string | null, shop: Pick<ShopFacts, 'storefrontUrl'>): string | null {
  const url = absoluteUrl(value, shop.storefrontUrl)
  return url && url.length <= URL_LENGTH ? url : null
}

/**
 * An upper bound of the characters that `value` takes after Ecomail has encoded it: slashes and characters
 * outside ASCII may be escaped there, as PHP's json_encode does by default.
 */
export function encodedLength(value: object): number {
  let length = 0
  for (const unit of JSON.stringify(value))
    length += unit === '/' ? 2 : /[\x20-\x7e]/.test(unit) ? 1 : 6 * unit.length
  return length
}
