/**
 * Ecomail (https://ecomail.app): orders as transactions, carts as baskets, views as events of a contact.
 * Source: https://docs.ecomail.cz/api-reference. A contact is an e-mail address that Ecomail knows already.
 */
import { rowWants } from '../settings.ts'
import type { Vendor } from '../vendor.ts'
import { forget, lists, test } from './connection.ts'
import { FACT, plan, stateOf } from './plan.ts'
import { read } from './read.ts'
import { rows } from './rows.ts'
import { type EcomailSettings, ecomailSettings } from './settings.ts'

export const ecomail: Vendor<EcomailSettings> = {
  id: 'ecomail',
  name: 'Ecomail',
  settings: ecomailSettings,
  rows,
  // Documented: 1,000 requests a minute for a key. One event or order for a request.
  limits: () => ({ limits: [{ scope: 'key', requests: 1000, windowSeconds: 60 }], batch: 1, concurrency: 4 }),
  wants: (event, settings) => rowWants({ rows }, event, settings),
  stateOf,
  plan,
  read,
  learns: Object.values(FACT),
  test,
  offers: { listId: lists },
  forget,
}
