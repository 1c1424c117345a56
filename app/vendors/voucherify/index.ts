/** Voucherify: promotions, loyalty and referrals, fed by custom events. */
import { rowWants } from '../settings.ts'
import type { Forgetting, Limit, Limits, Person, Vendor } from '../vendor.ts'
import { planVoucherify, subscriptionOf } from './plan.ts'
import { announces, readVoucherify, readVoucherifyTest } from './read.ts'
import { credentialsOf, hostOf, testRequest } from './request.ts'
import { rows } from './rows.ts'
import { type VoucherifySettings, voucherifySettings } from './settings.ts'

/**
 * Calls allowed with application keys, by plan (https://docs.voucherify.io/guides/limits). An enterprise
 * account has limits of its own; it starts with the largest published one.
 */
const PLAN_LIMITS: Readonly<Record<VoucherifySettings['accountPlan'], Limit>> = {
  sandbox: { scope: 'key', requests: 100, windowSeconds: 3600 },
  business: { scope: 'key', requests: 100, windowSeconds: 60 },
  organization: { scope: 'key', requests: 2000, windowSeconds: 60 },
  enterprise: { scope: 'key', requests: 2000, windowSeconds: 60 },
}

/** Client-side requests: 5 in 5 seconds from one address, whoever's keys they carry. */
const CLIENT_LIMIT: Limit = { scope: 'address', requests: 5, windowSeconds: 5 }

function limits(settings: VoucherifySettings): Limits {
  const limit = settings.mode === 'client' ? CLIENT_LIMIT : PLAN_LIMITS[settings.accountPlan]
  return { limits: [limit], batch: 1, concurrency: 1 }
}

/**
 * Permanent deletion removes the customer's data and connected resources; it takes our `source_id` and
 * application keys (Voucherify's OpenAPI: POST /v1/customers/{customerId}/permanent-deletion).
 */
function forget({ customerId }: Person, settings: VoucherifySettings): Forgetting {
  if (!customerId || !/^[\w-]{1,255}$/.test(customerId)) return { requests: [] }
  if (settings.mode === 'client') {
    return {
      cannot: 'Client-side keys cannot erase a customer. Delete the customer in Voucherify.',
    }
  }
  const url = `${hostOf(settings)}/v1/customers/${customerId}/permanent-deletion`
  return { requests: [{ method: 'POST', url, headers: credentialsOf(settings) }] }
}

export const voucherify: Vendor<VoucherifySettings> = {
  id: 'voucherify',
  name: 'Voucherify',
  settings: voucherifySettings,
  rows,
  limits,
  wants: (event, settings) => rowWants({ rows }, event, settings),
  stateOf: subscriptionOf,
  plan: planVoucherify,
  read: readVoucherify,
  announces,
  test: settings => ({ request: testRequest(settings), read: readVoucherifyTest }),
  forget,
}
