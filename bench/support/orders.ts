/** A 10 kB order as Shopify sends it, and many that differ in all that makes an order another one. */
import { type OrderOptions, orderPayload } from '../../sandbox/store/payloads.ts'

export const ORDER_BYTES = 10 * 1024
export const FIRST_ORDER = 5_000_000_000_000
export const FIRST_CUSTOMER = 7_000_000_000_000
/** Orders are a second apart: Shopify's times have whole seconds. */
const FIRST_ORDER_AT = Date.UTC(2026, 0, 1)

const LINES: OrderOptions['lines'] = [
  { product: 'lamp', quantity: 1 },
  { product: 'candle', quantity: 4 },
]

/** Marks what differs from order to order; as long as what takes its place, so that all bodies are of one size. */
const MARK = { order: '1111111111111', customer: '2222222222222', at: '2001-01-01T00:00:00.000Z' }

/** @returns the body of order `number` (from 0): its ids, customer, e-mail and times are its own */
export function orderTemplate(): (number: number) => string {
  const email = `buyer-${MARK.customer}@example.com`
  const order = orderPayload({
    id: Number(MARK.order),
    name: `#${MARK.order}`,
    lines: LINES,
    customer: { id: Number(MARK.customer), email, first: 'Ada', last: 'Buyer', marketing: true },
    email,
    createdAt: MARK.at,
    updatedAt: MARK.at,
    financial: 'paid',
    visitorId: `visitor-${MARK.customer}`,
  })
  const text = padded({ ...order, ...unread(order) })
  return number => {
    const at = new Date(FIRST_ORDER_AT + number * 1000).toISOString()
    return text
      .replaceAll(MARK.order, String(FIRST_ORDER + number))
      .replaceAll(MARK.customer, String(FIRST_CUSTOMER + number))
      .replaceAll(MARK.at, at)
  }
}

/** Of the many fields that Shopify sends and nobody here reads: the usual third of an order's bytes. */
function unread({ current_total_price_set: set }: ReturnType<typeof orderPayload>) {
  const names = ['subtotal_price_set', 'total_line_items_price_set', 'total_price_set', 'total_tax_set']
  const more = names.flatMap(name => [name, `current_${name}`])
  return {
    ...Object.fromEntries(more.map(name => [name, set])),
    client_details: {
      accept_language: 'cs-CZ',
      browser_height: 1000,
      browser_width: 1600,
      user_agent: 'Browser',
    },
    payment_gateway_names: ['card'],
    discount_applications: [],
    fulfillments: [],
    shipping_lines: [{ title: 'Parcel', price_set: set, discounted_price_set: set, tax_lines: [] }],
    tax_lines: [{ title: 'VAT', rate: 0.2, price_set: set }],
  }
}

/** The landing page's address is as long as what is missing: advertisements make it the longest text of real orders. */
function padded(order: Record<string, unknown>): string {
  const site = '/?utm_content='
  const bare = Buffer.byteLength(JSON.stringify({ ...order, landing_site: site }))
  return JSON.stringify({ ...order, landing_site: site + 'x'.repeat(Math.max(0, ORDER_BYTES - bare)) })
}
