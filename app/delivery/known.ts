/**
 * What waited for a visitor, once it is known who the visitor is: it becomes due, newest first, of each product the last view
 * only. Where more than one person turns out to use the browser, it ends.
 */
import type { Pool } from 'pg'
import { withTransaction } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'
import { firstIdInSql } from '../db/partitions.ts'
import { peopleOf, type VisitorPerson } from '../identity/people.ts'
import type { Sealer } from '../secrets/seal.ts'
import { SKIP_REASONS, type SkipReason } from '../vendors/reasons.ts'
import { PRIORITY_OF_KNOWN } from './due.ts'
import type { Lane } from './lane.ts'
import { PERSON_WAIT } from './waiting.ts'

/** What is older does not wait any more, whatever the shop had set. */
const EARLIEST = firstIdInSql(`now() - interval '${PERSON_WAIT.max + 1} hours'`)

const LATER_VIEW = 'A later view of the same product is sent instead.'

type Waiting = {
  event_id: string
  vendor: string
  /** What the vendor lacked. */
  reason: string
  visitor_id: string
  /** Of a product view: the product. */
  product: string | null
}
type Change = { event_id: string; vendor: string; state: string; reason?: SkipReason; message?: string }

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
  if (people.size === 0) return []
  return withTransaction(pool, async client => {
    const found = await client.query<Waiting>({
      name: 'waiting-of-visitors',
      text: `select d.event_id, d.vendor, d.reason, e.visitor_id,
         case when e.type = 'product_viewed' then coalesce(e.data -> 'product' ->> 'id', e.data -> 'product' ->> 'variantId') end
           as product
       from events e join deliveries d on d.shop_id = $1 and d.event_id = e.id and d.state = 'waiting'
       where e.shop_id = $1 and e.visitor_id = any($2) and e.id >= ${EARLIEST} and d.event_id >= ${EARLIEST}
       order by d.event_id desc, d.vendor for update of d`,
      values: [shopId, [...people.keys()]],
    })
    const changes = changesOf(found.rows, people)
    if (changes.length === 0) return []
    await client.query({
      name: 'settle-waiting',
      text: `update deliveries d
       set state = r.state, reason = r.reason, message = r.message, due_at = now(), trying_since = null, updated_at = now(),
           replay = d.replay and r.state = 'pending',
           priority = case when r.state = 'pending' and d.priority = 0 then ${PRIORITY_OF_KNOWN} else d.priority end
       from jsonb_to_recordset($2::jsonb) as r(event_id uuid, vendor text, state text, reason text, message text)
       where d.shop_id = $1 and d.event_id = r.event_id and d.vendor = r.vendor and d.state = 'waiting'`,
      values: [shopId, toJsonb(changes)],
    })
    const vendors = new Set(changes.flatMap(({ state, vendor }) => (state === 'pending' ? vendor : [])))
    return [...vendors].map(vendor => ({ shopId, vendor }))
  })
}

/** @param waiting newest first */
function changesOf(waiting: readonly Waiting[], people: ReadonlyMap<string, VisitorPerson>): Change[] {
  const seen = new Set<string>()
  return waiting.flatMap(({ event_id, vendor, reason, visitor_id, product }): Change[] => {
    const person = people.get(visitor_id)
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

/** Whether the vendor would find what it lacked: else it would only wait again. */
function isEnough({ customerId, email }: Exclude<VisitorPerson, 'shared'>, lack: string): boolean {
  return lack === 'no_person' ? customerId !== null : email !== null
}
