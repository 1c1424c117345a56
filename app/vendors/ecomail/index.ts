/**
 * Ecomail (https://ecomail.app): orders as transactions, carts as baskets, views as events of a contact.
 * Source: https://docs.ecomail.cz/api-reference. A contact is an e-mail address that Ecomail knows already.
 */
import type { ConsentPurpose } from '../../events/store-event.ts'
import { rowWants } from '../settings.ts'
import type { Row, Vendor } from '../vendor.ts'
import { forget, lists, test } from './connection.ts'
import { FACT, plan, stateOf } from './plan.ts'
import { read } from './read.ts'
import { type EcomailSettings, ecomailSettings } from './settings.ts'

/** Tracked to a named person, for mailings. */
const TRACKING: readonly ConsentPurpose[] = ['analytics', 'marketing']

const transaction: Row = { becomes: 'transaction', byDefault: true, purposes: [] }
const basket: Row = { becomes: 'Basket event', byDefault: true, purposes: TRACKING }
const browsing: Row = { becomes: 'event', byDefault: false, purposes: TRACKING }
const contact: Row = { becomes: 'contact', byDefault: false, purposes: [] }

export const ecomail: Vendor<EcomailSettings> = {
  id: 'ecomail',
  name: 'Ecomail',
  settings: ecomailSettings,
  rows: {
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
  },
  // Documented: 1,000 requests a minute for a key. One event or order for a request.
  limits: () => ({ limits: [{ scope: 'key', requests: 1000, windowSeconds: 60 }], batch: 1, concurrency: 4 }),
  wants: (event, settings) => rowWants(ecomail, event, settings),
  stateOf,
  plan,
  read,
  learns: Object.values(FACT),
  test,
  offers: { listId: lists },
  forget,
}
