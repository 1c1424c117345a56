/**
 * Shopify's webhook payloads for an invented store that sells lamps and candles, in euros, prices with tax.
 * Modelled on the documented shapes (https://shopify.dev/docs/api/webhooks), reduced to what matters.
 */

export const PRODUCTS = {
  lamp: {
    id: 8012345678901,
    variantId: 43012345678901,
    handle: 'harbour-lamp',
    title: 'Harbour Lamp',
    variantTitle: 'Brass',
    sku: 'HL-BRASS',
    price: '120.00',
    type: 'Lamps',
    tags: 'brass, indoor',
  },
  candle: {
    id: 8012345678902,
    variantId: 43012345678902,
    handle: 'sea-candle',
    title: 'Sea Candle',
    variantTitle: 'Salt',
    sku: 'SC-SALT',
    price: '18.00',
    type: 'Candles',
    tags: 'wax',
  },
} as const
export type ProductName = keyof typeof PRODUCTS

/** A variant as it is sold, for products that are not among these two. */
export type Sold = {
  id: number
  variantId: number
  handle: string
  title: string
  variantTitle: string | null
  sku: string
  /** Decimal, with tax. */
  price: string
  type: string
  tags: string
  brand: string
}
export type ProductOf = ProductName | Sold

const BRAND = 'Pier Works'
export const soldAs = (product: ProductOf): Sold =>
  typeof product === 'string' ? { ...PRODUCTS[product], brand: BRAND } : product

/** VAT that prices contain: 20 %. */
const TAX_RATE = 0.2
const money = (amount: number) => amount.toFixed(2)
const set = (amount: string) => ({
  shop_money: { amount, currency_code: 'EUR' },
  presentment_money: { amount, currency_code: 'EUR' },
})
const taxIn = (amount: number) => amount - amount / (1 + TAX_RATE)

export function productPayload(name: ProductOf, updatedAt: string) {
  const product = soldAs(name)
  return {
    id: product.id,
    admin_graphql_api_id: `gid://shopify/Product/${product.id}`,
    title: product.title,
    handle: product.handle,
    vendor: product.brand,
    product_type: product.type,
    tags: product.tags,
    status: 'active',
    created_at: updatedAt,
    updated_at: updatedAt,
    variants: [
      {
        id: product.variantId,
        sku: product.sku,
        title: product.variantTitle,
        price: product.price,
        image_id: null,
      },
    ],
    image: { src: `https://cdn.example.com/${product.handle}.jpg` },
    images: [],
  }
}

export type Person = { id: number; email: string; first: string; last: string; marketing: boolean }
export const SIGNED_IN: Person = {
  id: 7012345678901,
  email: 'mara@example.com',
  first: 'Mara',
  last: 'Quay',
  marketing: true,
}
export const GUEST_EMAIL = 'guest@example.com'

export function customerPayload(person: Person, at: string) {
  return {
    id: person.id,
    admin_graphql_api_id: `gid://shopify/Customer/${person.id}`,
    email: person.email,
    first_name: person.first,
    last_name: person.last,
    state: 'enabled',
    verified_email: true,
    created_at: at,
    updated_at: at,
    phone: null,
    addresses: [],
  }
}

export function consentPayload(person: Person, at: string) {
  return {
    customer_id: person.id,
    email_address: person.email,
    email_marketing_consent: {
      state: person.marketing ? 'subscribed' : 'not_subscribed',
      opt_in_level: 'single_opt_in',
      consent_updated_at: at,
    },
  }
}

export type OrderOptions = {
  id: number
  name: string
  lines: readonly { product: ProductOf; quantity: number; current?: number }[]
  customer: Person | null
  /** Null while a checkout has no contact yet. */
  email: string | null
  createdAt: string
  updatedAt: string
  financial?: string
  fulfillment?: string | null
  cancelledAt?: string | null
  visitorId?: string
  /** More attributes of the cart, which go on as note attributes. */
  attributes?: Readonly<Record<string, string>>
  checkoutToken?: string
  cartToken?: string
  test?: boolean
  shipping?: number
}

const address = {
  city: 'Praha',
  province: null,
  country: 'Czech Republic',
  country_code: 'CZ',
  zip: '110 00',
  first_name: 'A',
  last_name: 'B',
}

export function orderPayload(options: OrderOptions) {
  const shipping = options.shipping ?? 5
  const sum = (quantity: (line: OrderOptions['lines'][number]) => number) =>
    options.lines.reduce((total, line) => total + Number(soldAs(line.product).price) * quantity(line), 0)
  const total = sum(line => line.quantity) + shipping
  const current = sum(line => line.current ?? line.quantity) + shipping
  return {
    id: options.id,
    admin_graphql_api_id: `gid://shopify/Order/${options.id}`,
    name: options.name,
    email: options.email,
    contact_email: options.email,
    buyer_accepts_marketing: options.customer?.marketing ?? false,
    cart_token: options.cartToken ?? null,
    checkout_token: options.checkoutToken ?? `checkout-${options.id}`,
    created_at: options.createdAt,
    updated_at: options.updatedAt,
    processed_at: options.createdAt,
    cancelled_at: options.cancelledAt ?? null,
    currency: 'EUR',
    presentment_currency: 'EUR',
    taxes_included: true,
    test: options.test ?? false,
    total_price: money(total),
    current_total_price: money(current),
    current_total_price_set: set(money(current)),
    total_tax: money(taxIn(total)),
    current_total_tax: money(taxIn(current)),
    total_discounts: '0.00',
    current_total_discounts: '0.00',
    total_shipping_price_set: set(money(shipping)),
    current_shipping_price_set: set(money(shipping)),
    financial_status: options.financial ?? 'pending',
    fulfillment_status: options.fulfillment ?? null,
    source_name: 'web',
    discount_codes: [],
    note_attributes: noteAttributes(options),
    customer: options.customer && customerPayload(options.customer, options.createdAt),
    shipping_address: address,
    billing_address: address,
    line_items: options.lines.map((line, i) => linePayload(options.id * 10 + i, line)),
    refunds: [],
  }
}

function noteAttributes({ visitorId, attributes = {} }: OrderOptions) {
  const all = { ...(visitorId && { sluice_visitor: visitorId }), ...attributes }
  return Object.entries(all).map(([name, value]) => ({ name, value }))
}

function linePayload(id: number, line: OrderOptions['lines'][number]) {
  const product = soldAs(line.product)
  const total = Number(product.price) * line.quantity
  return {
    id,
    admin_graphql_api_id: `gid://shopify/LineItem/${id}`,
    product_id: product.id,
    variant_id: product.variantId,
    title: product.title,
    variant_title: product.variantTitle,
    sku: product.sku,
    vendor: product.brand,
    quantity: line.quantity,
    current_quantity: line.current ?? line.quantity,
    price: product.price,
    total_discount: '0.00',
    discount_allocations: [],
    properties: [],
    tax_lines: [{ title: 'VAT', rate: TAX_RATE, price: money(taxIn(total)) }],
  }
}

export function checkoutPayload(options: OrderOptions) {
  const { id: _id, name: _name, test: _test, ...order } = orderPayload(options)
  return {
    ...order,
    token: order.checkout_token,
    subtotal_price: order.total_price,
    shipping_lines: [],
    abandoned_checkout_url: 'https://shop.example.com/recover',
  }
}

export function refundPayload(options: { id: number; orderId: number; product: ProductName; at: string }) {
  const { price, ...product } = PRODUCTS[options.product]
  return {
    id: options.id,
    order_id: options.orderId,
    created_at: options.at,
    processed_at: options.at,
    admin_graphql_api_id: `gid://shopify/Refund/${options.id}`,
    refund_line_items: [
      {
        id: options.id * 10,
        quantity: 1,
        line_item_id: options.orderId * 10,
        subtotal: Number(price),
        total_tax: 0,
        subtotal_set: set(price),
        line_item: {
          id: options.orderId * 10,
          product_id: product.id,
          variant_id: product.variantId,
          title: product.title,
          sku: product.sku,
          quantity: 1,
          price,
        },
      },
    ],
    transactions: [
      { id: options.id * 100, kind: 'refund', status: 'success', amount: price, currency: 'EUR' },
    ],
    order_adjustments: [],
  }
}

/** One storefront event's product, as the theme extension sends it. */
export function wireProduct(name: ProductName) {
  const product = PRODUCTS[name]
  return {
    id: String(product.id),
    variantId: String(product.variantId),
    handle: product.handle,
    title: product.title,
    variantTitle: product.variantTitle,
    sku: product.sku,
    vendor: 'Pier Works',
    type: product.type,
    price: product.price,
    currency: 'EUR',
    url: `https://shop.example.com/products/${product.handle}`,
    imageUrl: `https://cdn.example.com/${product.handle}.jpg`,
  }
}
