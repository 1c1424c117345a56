/**
 * The timer of abandoned checkouts: once a checkout that holds something has had neither a change nor an order for
 * the time the shop has chosen, it is accepted as `checkout_abandoned`, exactly once for each checkout.
 *
 * The event is accepted in the transaction that marks its checkout, and that checks once more that nothing has
 * happened to it: two workers at once, one that dies in between, and an order that arrives meanwhile all come to
 * one answer.
 */
import type { Pool, PoolClient } from 'pg'
import { isType, type NewStoreEvent, type StoreEvent } from '../events/store-event.ts'
import { fillCustomers } from '../identity/customers.ts'
import type { Log } from '../log.ts'
import { type AcceptContext, accept } from './accept.ts'
import { type EventRow, eventColumns, fromRow } from './event-rows.ts'
import type { Lane } from './lane.ts'
import { mayBeSpooled } from './spool.ts'

export type AbandonedContext = Pick<AcceptContext, 'pool' | 'sealer' | 'open'> & {
  log: Log
  signal(lanes: readonly Lane[]): void
}

/** How many checkouts are read at a time, and accepted at a time. */
const CHUNK = 200
const AT_ONCE = 4

type DueCheckout = {
  shop_id: number
  token: string
  domain: string
  changed_at: Date
  due_at: Date
  minutes: number
  /** An order names it, or its cart since; or the shop does not want it any more. */
  settled: boolean
} & { [K in keyof EventRow]: EventRow[K] | null }

type Key = Pick<DueCheckout, 'shop_id' | 'token' | 'due_at'>

/** Another worker was quicker, or something happened to the checkout since it was read. */
class NoLongerDue extends Error {
  override name = 'NoLongerDue'
}

/**
 * Accepts what is abandoned by now.
 * @param lost ends the work early, between two chunks
 * @returns how many events were made
 * @throws when the database fails: what was not accepted is found again
 */
export async function deriveAbandoned(
  context: AbandonedContext,
  now: Date,
  lost?: AbortSignal,
): Promise<number> {
  let made = 0
  let after: Key | null = null
  while (!lost?.aborted) {
    const due: DueCheckout[] = await dueCheckouts(context.pool, now, after)
    for (let at = 0; at < due.length; at += AT_ONCE) {
      const results = await Promise.all(due.slice(at, at + AT_ONCE).map(each => derive(context, each, now)))
      made += results.filter(one => one).length
    }
    after = due.at(-1) ?? null
    if (due.length < CHUNK) break
  }
  return made
}

/**
 * In the order of their time, after the last one of the chunk before, whatever became of that. Not of a shop of which
 * something waits in the spool: it may be the order.
 */
async function dueCheckouts(pool: Pool, now: Date, after: Key | null): Promise<DueCheckout[]> {
  const result = await pool.query<DueCheckout>(
    `select c.shop_id, c.token, c.changed_at, c.due_at, s.domain, s.abandoned_after_minutes as minutes,
            ${ORDERED} or s.uninstalled_at is not null or s.abandoned_after_minutes = 0 as settled, ${eventColumns('e')}
     from checkouts c
     join shops s on s.id = c.shop_id
     left join events e on e.shop_id = c.shop_id and e.id = c.event_id
     where c.due_at <= $1 and not ${mayBeSpooled('c.shop_id')}
       and ($2::timestamptz is null or (c.due_at, c.shop_id, c.token) > ($2, $3, $4))
     order by c.due_at, c.shop_id, c.token limit $5`,
    [now, after?.due_at ?? null, after?.shop_id ?? null, after?.token ?? null, CHUNK],
  )
  return result.rows
}

/** An order of the checkout, or one of its cart that is no older than the checkout's state. */
const ORDERED = `(c.ordered_at is not null or exists (
  select from checkouts o where o.shop_id = c.shop_id and o.cart_token = c.cart_token and o.ordered_at >= c.state_at))`

/** @returns whether the event was made */
async function derive(context: AbandonedContext, checkout: DueCheckout, now: Date): Promise<boolean> {
  const event = checkout.settled ? null : await abandonedEvent(context, checkout, now)
  if (event === null) {
    await settle(context.pool, checkout)
    return false
  }
  try {
    const change = (client: PoolClient) => claim(client, checkout, now)
    const accepted = await accept(
      { ...context, change },
      { shopDomain: checkout.domain, receivedAt: now, receipt: null, events: [event], changes: ['claimed'] },
    )
    if (accepted.kind !== 'accepted') return false
    context.signal(accepted.lanes)
    return accepted.events.length > 0
  } catch (error) {
    if (error instanceof NoLongerDue) return false
    throw error
  }
}

/** @throws NoLongerDue */
async function claim(client: PoolClient, { shop_id, token, due_at }: DueCheckout, now: Date): Promise<void> {
  const claimed = await client.query(
    `update checkouts c set abandoned_at = $4, due_at = null
     where c.shop_id = $1 and c.token = $2 and c.due_at = $3 and c.abandoned_at is null and not ${ORDERED}
       and not ${mayBeSpooled('c.shop_id')}`,
    [shop_id, token, due_at, now],
  )
  if (claimed.rowCount !== 1) throw new NoLongerDue()
}

/** Null when nobody can be reached, or its newest state cannot be read any more. */
async function abandonedEvent(
  { pool, sealer, log }: AbandonedContext,
  checkout: DueCheckout,
  now: Date,
): Promise<NewStoreEvent | null> {
  const { shop_id: shopId, token, minutes } = checkout
  if (checkout.id === null) return null
  let newest: StoreEvent
  try {
    newest = fromRow(sealer, shopId, checkout as EventRow)
  } catch (err) {
    log.warn({ err, shopId }, 'a checkout cannot be read, and is not taken for abandoned')
    return null
  }
  if (!isType(newest, 'checkout_started', 'checkout_updated')) return null
  const [known] = await fillCustomers(pool, sealer, shopId, [newest])
  if (!known?.actor.email && !known?.actor.phone) return null
  const { source, subject, version, actor, data } = newest
  const occurredAt = Math.min(checkout.changed_at.getTime() + minutes * 60_000, now.getTime())
  return {
    type: 'checkout_abandoned',
    // The state, its person and what the person allowed are those of the notice that told of it, and so are the rules.
    source,
    dedupeKey: `checkout_abandoned:${token}`,
    occurredAt: new Date(occurredAt).toISOString(),
    subject,
    version,
    actor,
    data,
  }
}

/** It waits no longer, unless it has changed meanwhile. A later change makes it wait again. */
async function settle(pool: Pool, { shop_id: shopId, token, due_at: dueAt }: Key): Promise<void> {
  await pool.query('update checkouts set due_at = null where shop_id = $1 and token = $2 and due_at = $3', [
    shopId,
    token,
    dueAt,
  ])
}
