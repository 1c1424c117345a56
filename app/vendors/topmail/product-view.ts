/** A product view as Topmail takes it (https://api.topmail.so/developers/tracking). */
import type { Product } from '../../events/data.ts'
import type { StoreEventOf } from '../../events/store-event.ts'
import type { SkipReason } from '../reasons.ts'
import { absoluteUrl, amount, cut, identifierOf } from '../values.ts'
import type { Json, ShopFacts } from '../vendor.ts'
import { known, within } from './request.ts'
import type { TopmailSettings } from './settings.ts'

/** Documented lengths in characters. */
const NAME_LENGTH = 200
const TEXT_LENGTH = 100
const ID_LENGTH = 100
/** Topmail names no limit for addresses; longer ones are left out, because a cut address leads nowhere. */
const URL_LENGTH = 2_000

export type Mapped = { body: Json } | { skip: SkipReason; detail: string }

/**
 * The body of `POST /track/product-view`, or why there is none. Texts are cut to their limits. A product id
 * over its limit is a skip; the optional identifiers over theirs are left out.
 */
export function productViewBody(
  email: string,
  event: StoreEventOf<'product_viewed'>,
  settings: TopmailSettings,
  shop: ShopFacts,
): Mapped {
  const { product } = event.data
  const id = identifierOf(product, settings)
  if (!id) return { skip: 'no_product_identifier', detail: settings.productIdentifier }
  if (id.length > ID_LENGTH) return { skip: 'too_large', detail: 'product_id' }
  const name = cut(product.title?.trim() ?? '', NAME_LENGTH)
  if (name === '') return { skip: 'missing_field', detail: 'product_name' }
  const url = pageOf(product, event.data.url, shop)
  if (url === null) return { skip: 'missing_field', detail: 'product_url' }
  const body = known({
    email,
    product_id: id,
    product_name: name,
    product_url: url,
    variant_id: within(product.variantId, ID_LENGTH),
    image_url: shortUrl(product.imageUrl, shop),
    ...priceOf(product, shop),
    category: cut(product.category ?? '', TEXT_LENGTH),
    brand: cut(product.brand ?? '', TEXT_LENGTH),
    sku: within(product.sku, ID_LENGTH),
    session_id: within(event.actor.visitorId, ID_LENGTH),
  })
  return { body }
}

/** The product's page: as the product says, made from its handle, or the page on which it was seen. */
function pageOf(product: Product, seenAt: string | null, shop: ShopFacts): string | null {
  const fromHandle = product.handle ? `/products/${product.handle}` : null
  return shortUrl(product.url, shop) ?? shortUrl(fromHandle, shop) ?? shortUrl(seenAt, shop)
}

function shortUrl(value: string | null, shop: ShopFacts): string | null {
  const url = absoluteUrl(value, shop.storefrontUrl)
  return url && url.length <= URL_LENGTH ? url : null
}

/** Topmail takes a price without a currency for US dollars: one does not go without the other. */
function priceOf(product: Product, shop: ShopFacts): { price?: number; currency?: string } {
  const currency = product.currency ?? shop.currency
  if (!currency) return {}
  const price = product.price === null ? null : amount(product.price)
  return price === null || price < 0 ? { currency } : { price, currency }
}
