/** Turning event values into what vendors' requests hold: numbers, cut strings, absolute addresses, identifiers. */
import { Decimal } from 'decimal.js'
import { z } from 'zod'
import type { Product } from '../events/data.ts'

/** A decimal string as a JSON number. Only here does money stop being a string: vendors document numbers. */
export function amount(value: string): number {
  return new Decimal(value).toNumber()
}

/** At most `max` UTF-16 units, never ending in half of a surrogate pair. */
export function cut(value: string, max: number): string {
  if (value.length <= max) return value
  const end = /[\uD800-\uDBFF]/.test(value.charAt(max - 1)) ? max - 1 : max
  return value.slice(0, end)
}

/** An absolute http(s) URL; `//cdn…` and `/path` are completed. Null when it cannot be one. */
export function absoluteUrl(value: string | null, base: string): string | null {
  const url = value ? URL.parse(value, base) : null
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : null
}

/** Without keys whose value is null, undefined or an empty string: vendors read those as "delete" or reject them. */
export function compact<T extends Record<string, unknown>>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(value).filter(([, v]) => v !== null && v !== undefined && v !== ''),
  ) as { [K in keyof T]?: NonNullable<T[K]> }
}

export const PRODUCT_IDENTIFIERS = ['product_id', 'variant_id', 'sku', 'handle', 'metafield'] as const
const IDENTIFIER_NAMES: Record<ProductIdentifier, string> = {
  product_id: 'Product number in Shopify',
  variant_id: 'Variant number in Shopify',
  sku: 'SKU',
  handle: 'Handle',
  metafield: 'Metafield',
}
export type ProductIdentifier = (typeof PRODUCT_IDENTIFIERS)[number]

/** The two settings by which a merchant chooses what a vendor knows a product by. */
export const productIdentifierSettings = {
  productIdentifier: z.enum(PRODUCT_IDENTIFIERS).default('product_id').meta({
    label: 'Product identifier',
    help: 'What this tool knows your products by.',
    names: IDENTIFIER_NAMES,
  }),
  productMetafield: z
    .string()
    .trim()
    .regex(/^[\w-]+\.[\w-]+$/, 'must be namespace.key')
    .optional()
    .meta({ label: 'Product metafield', help: 'namespace.key; used when the identifier is a metafield.' }),
}

/** The chosen identifier of a product, or null when the product does not have it. */
export function identifierOf(
  product: Product,
  settings: { productIdentifier: ProductIdentifier; productMetafield?: string | undefined },
): string | null {
  switch (settings.productIdentifier) {
    case 'product_id':
      return product.id
    case 'variant_id':
      return product.variantId
    case 'sku':
      return product.sku || null
    case 'handle':
      return product.handle
    case 'metafield':
      return (settings.productMetafield && product.metafields[settings.productMetafield]) || null
  }
}
