/**
 * Shopify's global Liquid objects (https://shopify.dev/docs/api/liquid/objects), as far as a theme and an app
 * embed use them. Prices are hundredths of the currency.
 */
import { type Cart, itemCount, totalOf } from './carts.ts'
import {
  type Choice,
  COLLECTIONS,
  type Collection,
  DEFAULT_TITLE,
  hundredths,
  type Product,
  productsIn,
  type Variant,
} from './catalogue.ts'
import type { Customer } from './customers.ts'
import { type Image, Printed } from './liquid.ts'

/** @param host "127.0.0.1:3006"; @param root "" or "/cs" */
export type Place = { host: string; root: string; locale: string }

export const LOCALES = ['en', 'cs']
export const SHOP_NAME = 'Pier Works'
/** Each page's `request.page_type`. */
export type PageType =
  | 'index'
  | 'collection'
  | 'product'
  | 'search'
  | 'cart'
  | 'customers/account'
  | 'customers/login'
  | '404'

/** Everything global that is the same on each page. */
export function globals(place: Place, shop: string, cart: Cart, customer: Customer | null) {
  const { host, root, locale } = place
  const collections = COLLECTIONS.map(collection => collectionObject(collection, place))
  const byHandle = Object.fromEntries(collections.map(collection => [collection.handle, collection]))
  return {
    shop: {
      name: SHOP_NAME,
      permanent_domain: shop,
      domain: host,
      url: `http://${host}`,
      secure_url: `http://${host}`,
      currency: 'EUR',
      money_format: '€{{amount}}',
      enabled_currencies: [{ iso_code: 'EUR', name: 'Euro', symbol: '€' }],
      locale: 'en',
    },
    routes: routes(root),
    localization: {
      country: { iso_code: 'CZ', name: 'Czechia', currency: { iso_code: 'EUR' } },
      market: { id: 1, handle: 'cz' },
      language: { iso_code: locale, root_url: root || '/', primary: root === '' },
      available_languages: LOCALES.map(iso_code => ({ iso_code, root_url: iso_code === 'en' ? '/' : '/cs' })),
    },
    cart: cartObject(cart, place),
    customer: customer && customerObject(customer),
    collections: Object.assign(collections, byHandle),
  }
}

/** @param path with the locale's root, without the query */
export function requestObject(pageType: PageType, path: string, designMode: boolean, place: Place) {
  return {
    page_type: pageType,
    design_mode: designMode,
    visual_preview_mode: false,
    locale: {
      iso_code: place.locale,
      root_url: place.root || '/',
      primary: place.root === '',
    },
    path,
    host: place.host,
    origin: `http://${place.host}`,
  }
}

export function templateObject(pageType: PageType) {
  const [first = '', second] = pageType.split('/')
  const parts = second ? { directory: first, name: second } : { directory: null, name: first }
  return new Printed(pageType, { ...parts, suffix: null })
}

function routes(root: string) {
  return {
    root_url: root || '/',
    cart_url: `${root}/cart`,
    cart_add_url: `${root}/cart/add`,
    cart_change_url: `${root}/cart/change`,
    cart_update_url: `${root}/cart/update`,
    cart_clear_url: `${root}/cart/clear`,
    search_url: `${root}/search`,
    collections_url: `${root}/collections`,
    account_url: `${root}/account`,
    account_login_url: `${root}/account/login`,
    account_logout_url: `${root}/account/logout`,
    account_register_url: `${root}/account/register`,
  }
}

export function imageObject(product: Product, { host }: Place): Image {
  const src = `//${host}/cdn/shop/files/${product.handle}.svg?v=1`
  return { id: product.id + 500, src, alt: product.title, width: 800, height: 800, aspect_ratio: 1 }
}

/** @param selected the variant that the address names (`?variant=`) */
export function productObject(product: Product, selected: Variant | null, place: Place) {
  const image = imageObject(product, place)
  const variants = product.variants.map(variant => variantObject({ product, variant }, place))
  const available = variants.find(variant => variant.available) ?? variants[0]
  const chosen = variants.find(variant => variant.id === selected?.id) ?? null
  const prices = variants.map(variant => variant.price)
  return {
    id: product.id,
    handle: product.handle,
    title: product.title,
    vendor: product.brand,
    type: product.type,
    tags: product.tags.split(', '),
    description: product.description,
    url: `${place.root}/products/${product.handle}`,
    available: variants.some(variant => variant.available),
    price: available?.price,
    price_min: Math.min(...prices),
    price_max: Math.max(...prices),
    price_varies: new Set(prices).size > 1,
    featured_image: image,
    featured_media: { id: image.id, media_type: 'image', alt: image.alt, preview_image: image },
    images: [image],
    options: product.options,
    options_with_values: product.options.map((name, index) => ({
      name,
      position: index + 1,
      values: [...new Set(product.variants.map(variant => variant.values[index]))],
      selected_value: (chosen ?? available)?.options[index],
    })),
    variants,
    variants_count: variants.length,
    has_only_default_variant: isPlain(product),
    selected_variant: chosen,
    selected_or_first_available_variant: chosen ?? available,
    first_available_variant: available,
  }
}

const isPlain = (product: Product) => product.variants[0].values[0] === DEFAULT_TITLE

function variantObject({ product, variant }: Choice, place: Place) {
  const [option1, option2 = null] = variant.values
  return {
    id: variant.id,
    title: variant.values.join(' / '),
    options: variant.values,
    option1,
    option2,
    sku: variant.sku,
    price: hundredths(variant.price),
    compare_at_price: null,
    available: variant.available,
    url: `${place.root}/products/${product.handle}?variant=${variant.id}`,
    image: null,
    featured_image: null,
    featured_media: null,
  }
}

export function collectionObject(collection: Collection, place: Place) {
  const products = productsIn(collection).map(product => productObject(product, null, place))
  return {
    id: collection.id,
    handle: collection.handle,
    title: collection.title,
    description: collection.description,
    url: `${place.root}/collections/${collection.handle}`,
    products,
    products_count: products.length,
    all_products_count: products.length,
  }
}

export function searchObject(terms: string, found: readonly Product[], place: Place) {
  const results = found.map(product => ({
    ...productObject(product, null, place),
    object_type: 'product',
  }))
  return { performed: terms !== '', terms, results, results_count: results.length, types: ['product'] }
}

function cartObject(cart: Cart, place: Place) {
  const items = cart.lines.map(({ product, variant, key, quantity, properties }, index) => {
    const price = hundredths(variant.price)
    const shown = variantObject({ product, variant }, place)
    return {
      index,
      id: variant.id,
      key,
      product_id: product.id,
      variant_id: variant.id,
      quantity,
      price,
      original_price: price,
      final_price: price,
      line_price: price * quantity,
      final_line_price: price * quantity,
      title: isPlain(product) ? product.title : `${product.title} - ${shown.title}`,
      product: productObject(product, null, place),
      variant: shown,
      sku: variant.sku,
      vendor: product.brand,
      url: shown.url,
      image: imageObject(product, place),
      properties,
      options_with_values: product.options.map((name, at) => ({ name, value: variant.values[at] })),
    }
  })
  const total = totalOf(cart)
  return {
    items,
    item_count: itemCount(cart),
    total_price: total,
    original_total_price: total,
    items_subtotal_price: total,
    total_discount: 0,
    currency: { iso_code: 'EUR', name: 'Euro', symbol: '€' },
    attributes: cart.attributes,
    note: cart.note,
  }
}

function customerObject({ id, email, first, last, orders, account, marketing }: Customer) {
  return {
    id,
    email,
    first_name: first,
    last_name: last,
    name: `${first} ${last}`.trim(),
    orders_count: orders,
    has_account: account,
    accepts_marketing: marketing,
  }
}
