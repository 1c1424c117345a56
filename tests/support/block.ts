/**
 * Renders extensions/storefront/blocks/sluice.liquid with stand-ins of Shopify's Liquid objects (their names and
 * units: https://shopify.dev/docs/api/liquid). Prices are in hundredths.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Liquid, Tag, type TagToken, type TopLevelToken } from 'liquidjs'

const BLOCK = resolve(import.meta.dirname, '../../extensions/storefront/blocks/sluice.liquid')

export type Variant = { id: number; title: string; sku: string | null; price: number }
export type Product = {
  id: number
  handle: string
  title: string
  vendor: string
  type: string
  variants: Variant[]
}
export type Line = { product: Product; variant: Variant; quantity: number }

export type Page = {
  pageType: string
  origin: string
  root: string
  currency: string
  settings: Record<string, unknown>
  cart: { lines: Line[]; attributes: Record<string, string> }
  product?: Product
  /** The variant in the page's address. */
  variantId?: number
  collection?: { id: number | null; handle: string; title: string; url: string }
  terms?: string
  customerId?: number
  title?: string
  inEditor?: boolean
}

const liquid = new Liquid()
liquid.registerFilter('image_url', (image: string, [, width]: [string, number]) => `${image}?width=${width}`)
liquid.registerFilter('asset_url', (file: string) => `/assets/${file}`)
liquid.registerTag(
  'schema',
  class extends Tag {
    constructor(token: TagToken, remaining: TopLevelToken[], engine: Liquid) {
      super(token, remaining, engine)
      while (remaining.length > 0) {
        const next = remaining.shift() as TopLevelToken & { name?: string }
        if (next.name === 'endschema') return
      }
    }
    override render() {
      return ''
    }
  },
)
const template = liquid.parse(readFileSync(BLOCK, 'utf8'))

export const imageOf = ({ handle }: Product) => `//cdn.example.com/${handle}.jpg`
export const urlOf = (root: string, { product, variant }: Line) =>
  `${root.slice(0, -1)}/products/${product.handle}?variant=${variant.id}`
const isOnly = (product: Product) => product.variants[0]?.title === 'Default Title'

/** @returns the block's HTML */
export function renderBlock(page: Page): string {
  const { cart, product, collection } = page
  const drop = (of: Product, url: string) => ({
    ...of,
    url,
    featured_image: imageOf(of),
    has_only_default_variant: isOnly(of),
    selected_or_first_available_variant:
      of.variants.find(({ id }) => id === page.variantId) ?? of.variants[0],
  })
  return liquid.renderSync(template, {
    block: { settings: page.settings },
    cart: {
      currency: { iso_code: page.currency },
      total_price: cart.lines.reduce((sum, line) => sum + line.variant.price * line.quantity, 0),
      attributes: cart.attributes,
      items: cart.lines.map(line => ({
        ...line,
        product: drop(line.product, ''),
        product_id: line.product.id,
        variant_id: line.variant.id,
        vendor: line.product.vendor,
        sku: line.variant.sku,
        price: line.variant.price,
        url: urlOf(page.root, line),
        image: imageOf(line.product),
      })),
    },
    collection,
    customer: page.customerId ? { id: page.customerId } : null,
    page_title: page.title ?? 'Shop',
    localization: { market: { handle: 'cz' } },
    product: product && drop(product, `${page.root}products/${product.handle}`),
    request: {
      page_type: page.pageType,
      design_mode: page.inEditor ?? false,
      origin: page.origin,
      locale: { iso_code: 'en' },
    },
    routes: { root_url: page.root === '/' ? '/' : page.root.slice(0, -1) },
    search: { performed: page.terms !== undefined, terms: page.terms },
  })
}
