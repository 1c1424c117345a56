/**
 * What waited for a visitor, once it is known who the visitor is: it becomes due, newest first, of each product the last view
 * only. Where more than one person turns out to use the browser, it ends, but for what names its customer itself: that waits
 * for no more than what is known of the customer.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'
import { firstIdInSql } from '../db/partitions.ts'
import { type KnownCustomer, knownCustomers } from '../identity/customers.ts'
import { peopleOf, type VisitorPerson } from '../identity/people.ts'
import type { Sealer } from '../secrets/seal.ts'
import { SKIP_REASONS, type SkipReason } from '../vendors/reasons.ts'
import { PRIORITY_OF_KNOWN } from './due.ts'
import type { Lane } from './lane.ts'
import { LOCK_ORDER, PERSON_WAIT } from './waiting.ts'

/** What is older does not wait any more, whatever the shop had set. */
const EARLIEST = firstIdInSql(`now() - interval '${PERSON_WAIT.max + 1} hours'`)

const LATER_VIEW = 'A later view of the same product is sent instead.'

type Waiting = {
  event_id: string
  vendor: string
  /** What the vendor lacked. */
  reason: string
  visitor_id: string
  /** Whom the event names itself, by Shopify's word. */
  customer_id: string | null
  /** Of a product view: the product. */
  product: string | null
}
type Change = { event_id: string; vendor: string; state: string; reason?: SkipReason; message?: string }

/** Of a shop: what waits for these visitors, newest first, locked. */
export const WAITING_OF_VISITORS = `select d.event_id, d.vendor, d.reason, d.visitor_id, e.customer_id,
     case when e.type = 'product_viewed' then coalesce(e.data -> 'product' ->> 'id', e.data -> 'product' ->> 'variantId') end
       as product
   from deliveries d join events e on e.shop_id = $1 and e.id = d.event_id and e.id >= ${EARLIEST}
   where d.shop_id = $1 and d.visitor_id = any($2) and d.state = 'waiting' and d.event_id >= ${EARLIEST}
   ${LOCK_ORDER}`

/**
 * Looks who these visitors are, and decides what waits for them. Of nobody of whom nothing is known anything changes, and
 * once more changes nothing.
 * @returns the lanes that were given something to send: the caller signals them
 */
export async function settleVisitors(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  visitorIds: readonly string[],
): Promise<Lane[]> {
  const people = await peopleOf(pool, sealer, shopId, visitorIds)
  // Whose event names its customer is linked to that customer by it.
  if (people.size === 0) return []
  return withTransaction(pool, async client => {
    const found = await client.query<Waiting>({
      name: 'waiting-of-visitors',
      text: WAITING_OF_VISITORS,
      values: [shopId, [...people.keys()]],
    })
    const named = await customersNamed(client, sealer, shopId, found.rows)
    const changes = changesOf(found.rows, people, named)
    if (changes.length === 0) return []
    await client.query({
      name: 'settle-waiting',
      text: `update deliveries d
       set state = r.state, reason = r.reason, message = r.message, due_at = now(), trying_since = null, updated_at = now(),
           replay = d.replay and r.state = 'pending', visitor_id = null,
           priority = case when r.state = 'pending' and d.priority = 0 then ${PRIORITY_OF_KNOWN} else d.priority end
       from jsonb_to_recordset($2::jsonb) as r(event_id uuid, vendor text, state text, reason text, message text)
       where d.shop_id = $1 and d.event_id = r.event_id and d.vendor = r.vendor and d.state = 'waiting'`,
      values: [shopId, toJsonb(changes)],
    })
    const vendors = new Set(changes.flatMap(({ state, vendor }) => (state === 'pending' ? vendor : [])))
    return [...vendors].map(vendor => ({ shopId, vendor }))
  })
}

function customersNamed(
  client: PoolClient,
  sealer: Sealer,
  shopId: number,
  waiting: readonly Waiting[],
): Promise<Map<string, KnownCustomer>> {
  const ids = new Set(waiting.flatMap(({ customer_id }) => customer_id ?? []))
  return knownCustomers(client, sealer, shopId, [...ids])
}

/** @param waiting newest first */
function changesOf(
  waiting: readonly Waiting[],
  people: ReadonlyMap<string, VisitorPerson>,
  named: ReadonlyMap<string, KnownCustomer>,
): Change[] {
  const seen = new Set<string>()
  return waiting.flatMap(({ event_id, vendor, reason, visitor_id, customer_id, product }): Change[] => {
    const person = customer_id === null ? people.get(visitor_id) : customerAs(customer_id, named)
    const key = { event_id, vendor }
    if (person === 'shared')
      return [{ ...key, state: 'skipped', reason: 'shared_visitor', message: SKIP_REASONS.shared_visitor }]
    if (!person || !isEnough(person, reason)) return []
    const view =
      product === null ? null : JSON.stringify([vendor, person.customerId ?? person.email, product])
    if (view !== null && seen.has(view))
      return [{ ...key, state: 'skipped', reason: 'superseded', message: LATER_VIEW }]
    if (view !== null) seen.add(view)
    return [{ ...key, state: 'pending' }]
  })
}

type Person = Pick<Exclude<VisitorPerson, 'shared'>, 'customerId' | 'email'>

function customerAs(id: string, named: ReadonlyMap<string, KnownCustomer>): Person {
  const known = named.get(id)
  return { customerId: known?.customerId ?? id, email: known?.personal.email ?? null }
}

/** Whether the vendor would find what it lacked: else it would only wait again. */
function isEnough({ customerId, email }: Person, lack: string): boolean {
  return lack === 'no_person' ? customerId !== null : email !== null
}
