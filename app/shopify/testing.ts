/**
 * Webhook payloads for tests: small, invented, and shaped like Shopify's. Ids above 2^53 are digits in a
 * string, as `parseJson` reads them. Amounts add up.
 */
import type { NewStoreEvent } from '../events/store-event.ts'
import { parseStoreEvent } from '../events/store-event.ts'
import { type Translation, translateWebhook } from './translate.ts'

type Fields = Record<string, unknown>

export const RECEIVED_AT = new Date('2026-11-20T12:00:03.000Z')
export const TRIGGERED_AT = '2026-11-20T12:00:01.500000Z'

/** Translates with fixed times. */
export function translated(topic: string, payload: unknown): Translation {
  return translateWebhook({ topic, payload, triggeredAt: TRIGGERED_AT, receivedAt: RECEIVED_AT })
}

/** Throws unless the event is one that could be stored and read back. */
export function assertStorable(event: NewStoreEvent): void {
  const id = '01930000-0000-7000-8000-000000000001'
  parseStoreEvent(JSON.parse(JSON.stringify({ ...event, id, receivedAt: RECEIVED_AT.toISOString() })))
}

export function money(amount: string, currency = 'EUR'): Fields {
  return {
    shop_money: { amount, currency_code: currency },
    presentment_money: { amount: '1.00', currency_code: 'USD' },
  }
}

export function customer(over: Fields = {}): Fields {
  return {
    id: '9115310627314723954',
    admin_graphql_api_id: 'gid://shopify/Customer/9115310627314723954',
    email: 'shopper@example.com',
    phone: '+421900000001',
    first_name: 'Ada',
    last_name: 'Buyer',
    state: 'enabled',
    created_at: '2026-01-02T03:04:05+01:00',
    updated_at: '2026-11-20T12:59:58+01:00',
    default_address: address(),
    ...over,
  }
}

export function address(over: Fields = {}): Fields {
  return {
    first_name: 'Ada',
    last_name: 'Buyer',
    phone: '+421900000002',
    address1: '1 Harbour Street',
    city: 'Kosice',
    province: 'Kosice Region',
    country: 'Slovakia',
    country_code: 'SK',
    zip: '040 01',
    ...over,
  }
}

/** Two lanterns at 50.00, 10.00 off, 20 % tax (15.00 of the 90.00) in the price. */
export function lineItem(over: Fields = {}): Fields {
  return {
    id: '1071823188001',
    admin_graphql_api_id: 'gid://shopify/LineItem/1071823188001',
    product_id: '8012345678901',
    variant_id: '43012345678901',
    title: 'Brass Lantern',
    variant_title: 'Large',
    sku: 'BL-L',
    vendor: 'Glow',
    gift_card: false,
    quantity: 2,
    current_quantity: 2,
    price: '50.00',
    price_set: money('50.00'),
    total_discount: '0.00',
    properties: [],
    discount_allocations: [{ amount: '10.00', amount_set: money('10.00'), discount_application_index: 0 }],
    tax_lines: [{ title: 'VAT', rate: '0.2', price: '15.00', price_set: money('15.00') }],
    ...over,
  }
}

/** 90.00 of goods and 6.00 of shipping, tax included: 96.00, of which 16.00 is tax. */
export function order(over: Fields = {}): Fields {
  return {
    id: '820982911946154508',
    admin_graphql_api_id: 'gid://shopify/Order/820982911946154508',
    name: '#1001',
    test: false,
    email: 'shopper@example.com',
    contact_email: 'shopper@example.com',
    phone: null,
    buyer_accepts_marketing: true,
    cart_token: 'hWN1cart?key=secret',
    checkout_token: 'c0ffee',
    source_name: 'web',
    created_at: '2026-11-20T13:00:00+01:00',
    updated_at: '2026-11-20T13:00:01+01:00',
    cancelled_at: null,
    currency: 'EUR',
    presentment_currency: 'USD',
    taxes_included: true,
    total_price: '96.00',
    current_total_price: '96.00',
    total_tax: '16.00',
    current_total_tax: '16.00',
    total_discounts: '10.00',
    current_total_discounts: '10.00',
    total_shipping_price_set: money('6.00'),
    current_shipping_price_set: money('6.00'),
    financial_status: 'paid',
    fulfillment_status: null,
    discount_codes: [{ code: 'TENOFF', amount: '10.00', type: 'fixed_amount' }],
    note_attributes: [
      { name: 'sluice_visitor', value: '3f0c-visitor' },
      { name: 'engraving', value: 'Happy birthday' },
    ],
    customer: customer(),
    billing_address: address({ city: 'Zilina' }),
    shipping_address: address(),
    line_items: [lineItem()],
    ...over,
  }
}

/** One of two lanterns refunded, shipping kept. */
export function partlyRefundedOrder(): Fields {
  return order({
    financial_status: 'partially_refunded',
    current_total_price: '51.00',
    current_total_tax: '8.50',
    current_total_discounts: '5.00',
    line_items: [lineItem({ current_quantity: 1 }), lineItem({ id: '1071823188002', current_quantity: 0 })],
  })
}

/** Cancelled, and all of it given back: every line is still named, with nothing left of it. */
export function cancelledOrder(): Fields {
  return order({
    cancelled_at: '2026-11-21T08:00:00+01:00',
    cancel_reason: 'customer',
    financial_status: 'refunded',
    updated_at: '2026-11-21T08:00:00+01:00',
    current_total_price: '0.00',
    current_total_tax: '0.00',
    current_total_discounts: '0.00',
    current_shipping_price_set: money('0.00'),
    line_items: [
      lineItem({ current_quantity: 0, fulfillable_quantity: 0 }),
      lineItem({
        id: '1071823188002',
        sku: 'BL-S',
        quantity: 1,
        current_quantity: 0,
        fulfillable_quantity: 0,
      }),
    ],
  })
}

/** No decimals, no tax lines, no customer key at all, an empty e-mail. */
export function yenOrder(): Fields {
  const item = lineItem({
    price: '11800',
    price_set: money('11800', 'JPY'),
    tax_lines: [],
    discount_allocations: [],
    properties: null,
    total_discount: '0',
  })
  const { customer: _none, ...guest } = order({
    currency: 'JPY',
    email: '',
    contact_email: null,
    current_total_price: '23600',
    line_items: [item],
  })
  return guest
}

/** What remains when the app may not see personal data. */
export function redactedOrder(): Fields {
  return order({
    email: null,
    contact_email: null,
    customer: { id: '7012345678901', email: null, first_name: null, last_name: null, phone: null },
    billing_address: null,
    shipping_address: { city: null, country_code: null },
  })
}

export function refund(over: Fields = {}): Fields {
  return {
    id: '890088186047892319',
    admin_graphql_api_id: 'gid://shopify/Refund/890088186047892319',
    order_id: '820982911946154508',
    created_at: '2026-11-21T09:00:00+01:00',
    processed_at: '2026-11-21T09:00:02+01:00',
    refund_line_items: [
      {
        quantity: 1,
        subtotal: '45',
        subtotal_set: money('45.00'),
        total_tax: '7.5',
        total_tax_set: money('7.50'),
        line_item: lineItem(),
      },
    ],
    transactions: [{ kind: 'refund', status: 'success', amount: '45.00', currency: 'EUR' }],
    order_adjustments: [],
    ...over,
  }
}

export function checkout(over: Fields = {}): Fields {
  return {
    token: 'c0ffee',
    cart_token: 'hWN1cart?key=secret',
    email: 'shopper@example.com',
    phone: null,
    buyer_accepts_marketing: false,
    created_at: '2026-11-20T12:50:00+01:00',
    updated_at: '2026-11-20T12:55:00+01:00',
    completed_at: null,
    currency: 'EUR',
    taxes_included: true,
    total_price: '96.00',
    total_tax: '16.00',
    total_discounts: '10.00',
    shipping_lines: [{ price: '6.00' }],
    discount_codes: [{ code: 'TENOFF' }],
    note_attributes: [{ name: 'sluice_visitor', value: '3f0c-visitor' }],
    customer: customer(),
    billing_address: null,
    shipping_address: address(),
    line_items: [
      lineItem({ id: undefined, admin_graphql_api_id: undefined, key: 'k1', current_quantity: undefined }),
    ],
    ...over,
  }
}

export function cart(over: Fields = {}): Fields {
  return {
    id: 'hWN1cart?key=secret',
    token: 'hWN1cart?key=secret',
    created_at: '2026-11-20T11:40:00.000Z',
    updated_at: '2026-11-20T11:45:00.000Z',
    note: null,
    attributes: { sluice_visitor: '3f0c-visitor', gift: 'yes' },
    line_items: [
      {
        id: '43012345678901',
        key: '43012345678901:abc',
        product_id: '8012345678901',
        variant_id: '43012345678901',
        title: 'Brass Lantern - Large',
        sku: 'BL-L',
        vendor: 'Glow',
        quantity: 3,
        original_price: '50.00',
        price: '50.00',
        price_set: money('50.00'),
        line_price: '140.00',
        line_price_set: money('140.00'),
        total_discount: '10.00',
        properties: { Engraving: 'For you' },
      },
    ],
    ...over,
  }
}

export function product(over: Fields = {}): Fields {
  return {
    id: '788032119674292922',
    admin_graphql_api_id: 'gid://shopify/Product/788032119674292922',
    handle: 'brass-lantern',
    title: 'Brass Lantern',
    vendor: 'Glow',
    product_type: 'Lamps',
    category: { name: 'Lanterns', full_name: 'Home & Garden > Lighting > Lanterns' },
    tags: 'garden, brass',
    status: 'active',
    updated_at: '2026-11-20T10:00:00+01:00',
    image: { id: '1', src: 'https://cdn.example.com/lantern.jpg', variant_ids: [] },
    images: [
      { id: '1', src: 'https://cdn.example.com/lantern.jpg', variant_ids: [] },
      { id: '2', src: 'https://cdn.example.com/lantern-large.jpg', variant_ids: ['43012345678901'] },
    ],
    variants: [{ id: '43012345678901', sku: 'BL-L', title: 'Large', price: '50.00', image_id: '2' }],
    metafields: [{ namespace: 'alana', key: 'uuid', value: '5f4dcc3b' }],
    ...over,
  }
}
