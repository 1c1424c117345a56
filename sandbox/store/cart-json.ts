/** The cart as JSON: cart.js (https://shopify.dev/docs/api/ajax/reference/cart) and the webhooks carts/*. */
import { type Cart, itemCount, type Line, totalOf } from './carts.ts'
import { hundredths, variantTitle } from './catalogue.ts'

/** @param host "127.0.0.1:3006" */
export function cartJson(cart: Cart, host: string) {
  const total = totalOf(cart)
  return {
    token: `${cart.token}?key=${cart.secret}`,
    note: cart.note ?? '',
    attributes: cart.attributes,
    original_total_price: total,
    total_price: total,
    total_discount: 0,
    total_weight: 0,
    item_count: itemCount(cart),
    items: cart.lines.map(line => lineJson(line, host)),
    requires_shipping: cart.lines.length > 0,
    currency: 'EUR',
    items_subtotal_price: total,
    cart_level_discount_applications: [],
    discount_codes: [],
  }
}

export function lineJson({ product, variant, key, quantity, properties }: Line, host: string) {
  const price = hundredths(variant.price)
  const title = variantTitle(variant)
  const image = imageUrl(product.handle, host)
  return {
    id: variant.id,
    properties,
    quantity,
    variant_id: variant.id,
    key,
    title: title === null ? product.title : `${product.title} - ${title}`,
    price,
    original_price: price,
    presentment_price: price / 100,
    discounted_price: price,
    line_price: price * quantity,
    original_line_price: price * quantity,
    total_discount: 0,
    discounts: [],
    sku: variant.sku === '' ? null : variant.sku,
    grams: 0,
    vendor: product.brand,
    taxable: true,
    product_id: product.id,
    product_has_only_default_variant: title === null,
    gift_card: false,
    final_price: price,
    final_line_price: price * quantity,
    url: `/products/${product.handle}?variant=${variant.id}`,
    featured_image: { aspect_ratio: 1, alt: product.title, height: 800, url: image, width: 800 },
    image,
    handle: product.handle,
    requires_shipping: true,
    product_type: product.type,
    product_title: product.title,
    product_description: product.description,
    variant_title: title,
    variant_options: variant.values,
    options_with_values: product.options.map((name, index) => ({ name, value: variant.values[index] })),
    line_level_discount_allocations: [],
    line_level_total_discount: 0,
  }
}

export const imageUrl = (handle: string, host: string) => `http://${host}/cdn/shop/files/${handle}.svg?v=1`

/** carts/create and carts/update. Shopify documents neither attributes nor a currency of their own in them. */
export function cartPayload(cart: Cart) {
  const { token, note, createdAt, updatedAt } = cart
  return {
    id: token,
    token,
    line_items: cart.lines.map(linePayload),
    note,
    updated_at: updatedAt,
    created_at: createdAt,
  }
}

function linePayload({ product, variant, key, quantity, properties }: Line) {
  const total = ((hundredths(variant.price) * quantity) / 100).toFixed(2)
  const title = variantTitle(variant)
  return {
    id: variant.id,
    properties,
    quantity,
    variant_id: variant.id,
    key,
    discounted_price: variant.price,
    discounts: [],
    gift_card: false,
    grams: 0,
    line_price: total,
    original_line_price: total,
    original_price: variant.price,
    price: variant.price,
    product_id: product.id,
    sku: variant.sku,
    taxable: true,
    title: title === null ? product.title : `${product.title} - ${title}`,
    total_discount: '0.00',
    vendor: product.brand,
    discounted_price_set: moneySet(variant.price),
    line_price_set: moneySet(total),
    original_line_price_set: moneySet(total),
    price_set: moneySet(variant.price),
    total_discount_set: moneySet('0.00'),
    parent_relationship: null,
  }
}

const moneySet = (amount: string) => ({
  shop_money: { amount, currency_code: 'EUR' },
  presentment_money: { amount, currency_code: 'EUR' },
})
