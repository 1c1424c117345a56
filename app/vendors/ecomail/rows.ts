/** What goes to Ecomail, as what, and what a visitor must have allowed for it. */
import type { ConsentPurpose } from '../../events/store-event.ts'
import type { EventType } from '../../events/types.ts'
import type { Row } from '../vendor.ts'

/** Tracked to a named person, for mailings. */
const TRACKING: readonly ConsentPurpose[] = ['analytics', 'marketing']

const transaction: Row = { becomes: 'transaction', byDefault: true, purposes: [] }
const basket: Row = { becomes: 'Basket event', byDefault: true, purposes: TRACKING }
const browsing: Row = { becomes: 'event', byDefault: false, purposes: TRACKING }
const contact: Row = { becomes: 'contact', byDefault: false, purposes: [] }

/** What becomes a Basket event. */
export const BASKETS = ['cart_updated', 'checkout_started', 'checkout_updated'] as const

export const rows: Partial<Record<EventType, Row>> = {
  order_created: transaction,
  order_updated: transaction,
  order_paid: transaction,
  order_fulfilled: transaction,
  order_cancelled: transaction,
  order_refunded: transaction,
  product_viewed: { ...browsing, byDefault: true },
  cart_updated: basket,
  checkout_started: basket,
  checkout_updated: basket,
  page_viewed: browsing,
  collection_viewed: browsing,
  search_submitted: browsing,
  cart_viewed: browsing,
  customer_created: contact,
  marketing_consent_updated: contact,
}
