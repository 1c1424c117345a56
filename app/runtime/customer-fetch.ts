/**
 * Asking Shopify who a customer is: when an event names one of whom nothing is known, such as a view by somebody who is signed
 * in and has changed nothing since the app was installed. The asking is a task, far from the lane that needs the answer.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import type { Again, Task } from '../delivery/tasks.ts'
import type { StoreEvent } from '../events/store-event.ts'
import type { Log } from '../log.ts'
import type { Admin } from '../shopify/admin/client.ts'
import { type FetchedCustomer, fetchCustomer } from '../shopify/admin/customer.ts'
import {
  ASK_AGAIN_MINUTES,
  beginTry,
  claimFetches,
  endFetch,
  type FetchOutcome,
  lockFetch,
  takeBackTry,
} from '../shopify/admin/customer-fetches.ts'
import type { EffectOf } from '../shopify/effects.ts'

/** Seconds after which it is tried again, one after the other; then it is given up. All of it within the hour. */
const RETRY_SECONDS = [5, 30, 120, 600]
/** Where Shopify asks to slow down without saying for how long. */
const LEAST_REST_SECONDS = 1
const NAME = 'fetch-customer'

export type CustomerFetchContext = {
  pool: Pool
  log: Log
  admin: Admin
  /** Keeps what was learned, inside the transaction. */
  learn(client: PoolClient, shopId: number, seen: EffectOf<'customer_seen'>): Promise<void>
  /** It is committed. */
  learned(shopId: number, customerId: string): void
}
export type CustomerRequests = {
  /** Has Shopify asked for the customer, unless that was done within the hour. @param customerId digits */
  requestCustomer(shopId: number, customerId: string): Promise<void>
  /** The same for every customer of storefront and pixel events of whom nothing is known. Returns at once, never throws. */
  requestUnknown(shopId: number, events: readonly StoreEvent[]): void
}

/** @param ask has the task done for a key (`Engine['ask']`) */
export function createCustomerRequests(
  pool: Pool,
  log: Log,
  ask: (task: string, key: string) => Promise<void>,
): CustomerRequests {
  async function request(shopId: number, customerIds: readonly string[]): Promise<void> {
    for (const id of await claimFetches(pool, shopId, customerIds)) await ask(NAME, keyOf(shopId, id))
  }
  return {
    requestCustomer: (shopId, customerId) => request(shopId, [customerId]),
    requestUnknown(shopId, events) {
      const unknown = events.flatMap(({ source, actor }) =>
        isStorefront(source) && actor.customerId && actor.email === null && actor.phone === null
          ? actor.customerId
          : [],
      )
      if (unknown.length === 0) return
      // No lane waits for it, and none fails by it.
      request(shopId, unknown).catch(err => log.warn({ err }, 'customers not asked for'))
    },
  }
}

const isStorefront = (source: StoreEvent['source']) => source === 'storefront' || source === 'pixel'

const keyOf = (shopId: number, customerId: string) => `${shopId}:${customerId}`

/** The task behind the requests. */
export function customerFetchTask(context: CustomerFetchContext): Task {
  return {
    name: NAME,
    async run(key) {
      const [shop = '', customerId = ''] = key.split(':')
      return fetchOnce(context, Number(shop), customerId)
    },
  }
}

/** @returns when to try again; null: it has ended */
async function fetchOnce(
  context: CustomerFetchContext,
  shopId: number,
  customerId: string,
): Promise<Again | null> {
  const { pool, log, admin } = context
  const begun = await beginTry(pool, shopId, customerId)
  if (!begun) return null
  // It broke off each time before it could end.
  if (begun.tries > RETRY_SECONDS.length + 1) {
    await endFetch(pool, shopId, customerId, 'unreachable')
    return null
  }
  const found = await fetchCustomer(admin, begun.shop, customerId)
  const rest = restOf(found)
  // The shop is asked for too many at once, which says nothing of this one.
  if (rest !== null && (await takeBackTry(pool, shopId, customerId)))
    return { seconds: rest, groupRests: true }
  const seconds = secondsUntilNext(found, begun.tries)
  if (seconds !== null) return { seconds }
  if ('seen' in found && !(await kept(context, shopId, found.seen))) {
    log.info({ shop: begun.shop, customer: customerId }, 'customer asked for, and erased meanwhile')
    return null
  }
  const outcome = outcomeOf(found)
  await endFetch(pool, shopId, customerId, outcome)
  log.info({ shop: begun.shop, customer: customerId, outcome, tries: begun.tries }, 'customer asked for')
  return null
}

/** Whom Shopify told of is not stored again after their erasure. @returns false when they were erased while it was asked */
async function kept(
  { pool, learn, learned }: CustomerFetchContext,
  shopId: number,
  seen: EffectOf<'customer_seen'>,
): Promise<boolean> {
  const isKept = await withTransaction(pool, async client => {
    if (!(await lockFetch(client, shopId, seen.customerId))) return false
    await learn(client, shopId, seen)
    return true
  })
  if (isKept) learned(shopId, seen.customerId)
  return isKept
}

/** For how many seconds Shopify wants nothing more to be asked of the shop; null: it does not say so. */
function restOf(found: FetchedCustomer): number | null {
  if (!('failure' in found) || found.failure.kind !== 'busy') return null
  return Math.max(LEAST_REST_SECONDS, (found.failure.retryInMs ?? 0) / 1000)
}

function secondsUntilNext(found: FetchedCustomer, tries: number): number | null {
  if (!('failure' in found) || found.failure.retryInMs === null) return null
  const seconds = RETRY_SECONDS[tries - 1]
  const least = found.failure.retryInMs / 1000
  if (seconds === undefined || least > ASK_AGAIN_MINUTES * 60) return null
  return Math.max(seconds, least)
}

function outcomeOf(found: FetchedCustomer): FetchOutcome {
  if ('seen' in found) return 'learned'
  if ('failure' in found) return found.failure.kind
  return found.denied ? 'not_told' : 'not_found'
}
