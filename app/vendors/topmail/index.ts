/**
 * Topmail (https://topmail.so): product views of known contacts; purchases and contacts if the merchant wants.
 * Source: https://api.topmail.so/developers. Topmail has no endpoint for carts or other events.
 */
import { rowWants } from '../settings.ts'
import type { Vendor } from '../vendor.ts'
import { forget, test } from './connection.ts'
import { FACT, plan, stateOf } from './plan.ts'
import { announces, read } from './read.ts'
import { rows } from './rows.ts'
import { type TopmailSettings, topmailSettings } from './settings.ts'

export const topmail: Vendor<TopmailSettings> = {
  id: 'topmail',
  name: 'Topmail',
  settings: topmailSettings,
  rows,
  // Topmail publishes no number and announces what remains in headers; 300 a minute stays modest until it does.
  limits: () => ({
    limits: [{ scope: 'key', requests: 300, windowSeconds: 60, assumed: true }],
    batch: 1,
    concurrency: 4,
  }),
  wants: (event, settings) => rowWants({ rows }, event, settings),
  stateOf,
  plan,
  read,
  announces,
  learns: [FACT.contactMissing, `${FACT.contactId}CONTACT`],
  test,
  forget,
}
