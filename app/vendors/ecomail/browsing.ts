/**
 * What a visitor looks at, as Ecomail events (https://docs.ecomail.cz/api-reference/tracker/create-event).
 * `email` alone is required by Ecomail; fields that are not known are left out.
 */
import type { StoreEventOf } from '../../events/store-event.ts'
import type { SkipReason } from '../reasons.ts'
import { amount, cut, identifierOf } from '../values.ts'
import type { Json, ShopFacts } from '../vendor.ts'
import { encodedLength, productId, productUrl, shortUrl, VALUE_LENGTH } from './product.ts'
import { known } from './request.ts'
import type { EcomailSettings } from './settings.ts'

/** Ecomail names no limit for these texts; this one keeps a hostile page title from becoming a large request. */
const TEXT_LENGTH = 255

export type BrowsingEvent = StoreEventOf<
  'product_viewed' | 'page_viewed' | 'collection_viewed' | 'search_submitted' | 'cart_viewed'
>
export type Mapped = { body: Json } | { skip: SkipReason; detail: string }

type Parts = { label?: string | null; property?: string | null; value: Record<string, Json | undefined> }

/** The body of `POST /tracker/events`, or why there is none. */
export function browsingBody(
  email: string,
  event: BrowsingEvent,
  settings: EcomailSettings,
  shop: ShopFacts,
): Mapped {
  if (event.type !== 'product_viewed') return shoppingEvent(email, event.type, partsOf(event, shop))
  const { product } = event.data
  if (settings.productView === 'last_viewed') {
    const action = identifierOf(product, settings)
    if (!action) return { skip: 'no_product_identifier', detail: settings.productIdentifier }
    if (action.length > TEXT_LENGTH) return { skip: 'too_large', detail: settings.productIdentifier }
    return { body: { event: { email, category: 'ECM_PRODUCT_VIEW', action } } }
  }
  const id = productId(product, settings)
  if (id === null) return { skip: 'no_product_identifier', detail: settings.productIdentifier }
  const value = {
    product_id: id,
    price: product.price === null ? null : amount(product.price),
    currency: product.currency,
    variant: cut(product.variantTitle ?? '', TEXT_LENGTH),
    url: productUrl(product, shop),
  }
  return shoppingEvent(email, event.type, { label: product.title, property: product.handle, value })
}

function shoppingEvent(email: string, action: string, { label, property, value }: Parts): Mapped {
  const details = known(value)
  if (encodedLength(details) > VALUE_LENGTH) return { skip: 'too_large', detail: 'value' }
  const fields = known({
    email,
    category: 'shopping',
    action,
    label: cut(label ?? '', TEXT_LENGTH),
    property: cut(property ?? '', TEXT_LENGTH),
  })
  return { body: { event: { ...fields, value: details } } }
}

function partsOf(event: Exclude<BrowsingEvent, { type: 'product_viewed' }>, shop: ShopFacts): Parts {
  const url = shortUrl(event.data.url, shop)
  switch (event.type) {
    case 'page_viewed': {
      const { title, type, referrer } = event.data.page
      return { label: title, property: type, value: { url, referrer: shortUrl(referrer, shop) } }
    }
    case 'collection_viewed': {
      const { id, handle, title } = event.data.collection
      return { label: title, property: handle, value: { collection_id: id && cut(id, TEXT_LENGTH), url } }
    }
    case 'search_submitted':
      return { label: event.data.query, value: { query: cut(event.data.query, TEXT_LENGTH), url } }
    case 'cart_viewed': {
      const { total, currency, lines } = event.data.cart
      return {
        value: { total: total === null ? null : amount(total), currency, products: lines.length, url },
      }
    }
  }
}
