/** What must have arrived at each vendor when the demo's day is over, and the comparison with what has. */
import { GUEST_EMAIL, SIGNED_IN } from '../store/payloads.ts'
import type { Received, VendorName } from '../vendors/contract.ts'
import { VISITOR } from './story.ts'

/** What an inbox must hold at the end of the day: each line once per entry that it matches, and nothing else. */
export type Expected = { what: string; count: number; matches(entry: Received): boolean }

const text = (entry: Received) => JSON.stringify(entry.body)
const to =
  (method: string, path: string | RegExp, ...words: string[]) =>
  (entry: Received) =>
    entry.accepted &&
    entry.method === method &&
    (typeof path === 'string' ? entry.path === path : path.test(entry.path)) &&
    words.every(word => text(entry).includes(word))

const VOUCHERIFY_EVENTS = [
  'user_subscribed',
  'product_viewed',
  'product_added_to_cart',
  'checkout_started',
  'order_placed',
  'order_paid',
  'order_fulfilled',
  'order_refunded',
]
const ALANA_EVENTS = [
  'home-page-view',
  'search',
  'category-view',
  'detail-page-view',
  'add-to-cart',
  'shopping-cart-page-view',
]

export const EXPECTED: Record<VendorName, Expected[]> = {
  ecomail: [
    {
      what: 'product view',
      count: 1,
      matches: to('POST', '/tracker/events', '"product_viewed"', SIGNED_IN.email),
    },
    {
      what: 'basket of the checkout',
      count: 1,
      matches: to('POST', '/tracker/events', '"Basket"', 'Harbour Lamp'),
    },
    {
      what: 'emptied baskets after both orders',
      count: 2,
      matches: entry =>
        to('POST', '/tracker/events', '"Basket"')(entry) && !text(entry).includes('productId'),
    },
    {
      what: 'order #1001, placed',
      count: 1,
      matches: to('POST', '/tracker/transaction', '"5123456789012"', '"pending"'),
    },
    {
      what: 'order #1001, paid',
      count: 1,
      matches: to('PUT', '/tracker/transaction/5123456789012', '"processing"'),
    },
    {
      what: 'order #1001, fulfilled',
      count: 1,
      matches: to('PUT', '/tracker/transaction/5123456789012', '"completed"', '"amount":161'),
    },
    {
      what: 'order #1001, one candle returned',
      count: 1,
      matches: to('PUT', '/tracker/transaction/5123456789012', '"completed"', '"amount":143'),
    },
    {
      what: 'order #1002 of the guest',
      count: 1,
      matches: to('POST', '/tracker/transaction', '"5123456789013"', GUEST_EMAIL),
    },
  ],
  topmail: [
    {
      what: 'view of an unknown contact, refused',
      count: 1,
      matches: entry => entry.status === 404 && entry.path.endsWith('/track/product-view'),
    },
    {
      what: 'contact created',
      count: 1,
      matches: to('POST', '/api/v1/contacts', SIGNED_IN.email, '"subscribed":true'),
    },
    {
      what: 'product view',
      count: 1,
      matches: to('POST', '/api/v1/track/product-view', 'Harbour Lamp', '"EUR"'),
    },
    {
      what: 'conversion of order #1001',
      count: 1,
      matches: to('POST', '/api/v1/conversions', '"5123456789012"', '161'),
    },
    {
      what: 'conversion of a guest who is no contact, refused',
      count: 1,
      matches: entry => entry.status === 404 && entry.path.endsWith('/conversions'),
    },
  ],
  alana: [
    ...ALANA_EVENTS.map(type => ({
      what: type,
      count: 1,
      matches: to('POST', '/api/v1/events', `"${type}"`, VISITOR),
    })),
    {
      what: 'purchase #1001 by the same visitor',
      count: 1,
      matches: to('POST', '/api/v1/events', '"purchase-complete"', VISITOR, '161'),
    },
    {
      what: 'purchase #1002 of the guest',
      count: 1,
      matches: to('POST', '/api/v1/events', '"purchase-complete"', '5123456789013'),
    },
  ],
  voucherify: VOUCHERIFY_EVENTS.map(name => ({
    what: name,
    count: 1,
    matches: to('POST', '/v1/events', `"event":"${name}"`, `"${SIGNED_IN.id}"`),
  })),
}

export type Finding = { vendor: VendorName; what: string; wanted: number; found: number }

/** Compares an inbox with what it must hold. Entries that nothing expects are a finding too. */
export function checkInbox(vendor: VendorName, entries: readonly Received[]): Finding[] {
  const findings = EXPECTED[vendor].map(({ what, count, matches }) => ({
    vendor,
    what,
    wanted: count,
    found: entries.filter(matches).length,
  }))
  const strange = entries.filter(entry => !EXPECTED[vendor].some(({ matches }) => matches(entry)))
  const unexpected = strange.map(entry => ({
    vendor,
    what: `unexpected: ${entry.method} ${entry.path} ${entry.status}`,
    wanted: 0,
    found: 1,
  }))
  return [...findings, ...unexpected]
}
