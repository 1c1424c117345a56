/**
 * Erasing a person at our side: what is known of the customer, who their browsers are, the sealed fields and the ids of their
 * events, and what was still to be sent of them. What was sent before stays written down as it was, masked; what vendors hold
 * is not ours to erase.
 *
 * A chunk is a statement of its own, and what leads to the rest goes last: a run that was broken off begins anew and finds
 * less to do.
 */
import type { Pool } from 'pg'
import { CHUNK } from '../db/chunks.ts'
import { firstIdOf } from '../db/partitions.ts'
import { comparable } from '../events/email.ts'
import { knownCustomers } from '../identity/customers.ts'
import { emailContext, markContext } from '../identity/learn-links.ts'
import { peopleOf, type VisitorPerson } from '../identity/people.ts'
import type { Sealer } from '../secrets/seal.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { emailIn } from './event-rows.ts'
import { IS_OPEN } from './outcome.ts'
import { LOCK_ORDER } from './waiting.ts'

/** `receivedAt`: when it was asked for. */
export type Erasing = {
  customerId: string | null
  email: string | null
  orderIds: readonly string[]
  receivedAt: Date
}

/** What was being accepted when the request came has an id from about then, and may be committed behind a walk that runs. */
const UNDER_WAY_MS = 60_000
/** Whoever does more meanwhile than so many walks find is left to the next round. */
const MOST_WALKS = 10

/** @returns false when it was broken off: some of it is left */
export async function erasePerson(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  erasing: Erasing,
  lost?: AbortSignal,
): Promise<boolean> {
  const recently = new Date(erasing.receivedAt.getTime() - UNDER_WAY_MS)
  for (let walk = 0; walk < MOST_WALKS; walk++) {
    const traces = await tracesOf(pool, sealer, shopId, erasing)
    await forgetFetches(pool, shopId, traces)
    const erased = await walkEvents(pool, sealer, shopId, traces, walk === 0 ? new Date(0) : recently, lost)
    if (erased === null) return false
    if (walk > 0 && erased === 0) {
      await eraseIdentity(pool, shopId, traces)
      return true
    }
  }
  return false
}

/** First, and once more last: whoever is asking Shopify for the customer finds that nobody is asked for any more. */
async function forgetFetches(pool: Pool, shopId: number, { customerIds }: Traces): Promise<void> {
  await pool.query('delete from customer_fetches where shop_id = $1 and customer_id = any($2)', [
    shopId,
    customerIds,
  ])
}

/**
 * Who the person was. That somebody used a browser that others use too stays, without who: what happens in it would be the
 * others' otherwise, what the person did included.
 */
async function eraseIdentity(pool: Pool, shopId: number, traces: Traces): Promise<void> {
  const { customerIds, marks, shared } = traces
  await pool.query(
    `insert into visitor_links (shop_id, visitor_id, origin, said_at, linked_at)
     select $1, visitor, 'erased', now(), now() from unnest($2::text[]) as shared(visitor) order by visitor
     on conflict (shop_id, visitor_id, origin) do update set said_at = now(), linked_at = now()`,
    [shopId, shared],
  )
  for (const table of ['visitor_links', 'visitor_checkouts']) {
    await pool.query(`delete from ${table} where shop_id = $1 and ${THEIRS}`, [shopId, customerIds, marks])
    // Others may have typed the person's address.
    await pool.query(
      `update ${table} set email = null, email_mark = null where shop_id = $1 and email_mark = any($2)`,
      [shopId, marks],
    )
  }
  await forgetFetches(pool, shopId, traces)
  await pool.query('delete from visitor_refusals where shop_id = $1 and visitor_id = any($2)', [
    shopId,
    traces.visitors,
  ])
  await pool.query('delete from customers where shop_id = $1 and customer_id = any($2)', [
    shopId,
    customerIds,
  ])
}

/** What names the customer, or a guest with their address. */
const THEIRS = '(customer_id = any($2) or (customer_id is null and email_mark = any($3)))'

/** By what the person's rows are found. */
type Traces = {
  customerIds: string[]
  /** Comparable addresses. */
  emails: Set<string>
  marks: string[]
  /** Browsers that nobody else has used. */
  visitors: string[]
  /** Browsers that others have used too. */
  shared: string[]
  subjects: string[]
}

async function tracesOf(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  { customerId, email, orderIds }: Erasing,
): Promise<Traces> {
  const merged = await pool.query<{ customer_id: string }>(
    'select customer_id from customers where shop_id = $1 and merged_into = $2',
    [shopId, customerId],
  )
  const customerIds = customerId === null ? [] : [customerId, ...merged.rows.map(row => row.customer_id)]
  const known = await knownCustomers(pool, sealer, shopId, customerIds)
  // Whoever was merged into another has that one's address now: of them the request names it, or nobody does.
  const own = [...known.values()].filter(each => customerIds.includes(each.customerId))
  const told = await addressesTold(pool, sealer, shopId, customerIds)
  const addresses = [email, ...own.map(({ personal }) => personal.email), ...told.emails]
  const emails = new Set(addresses.flatMap(each => (each ? comparable(each) : [])))
  const marks = new Set([
    ...told.marks,
    ...[...emails].flatMap(each => sealer.marks(each, markContext(shopId))),
  ])
  const linked = await pool.query<{ visitor_id: string }>(
    `select distinct visitor_id from visitor_links where shop_id = $1 and ${THEIRS}`,
    [shopId, customerIds, [...marks]],
  )
  const ids = linked.rows.map(row => row.visitor_id)
  const people = await peopleOf(pool, sealer, shopId, ids)
  const isTheirs = (person: VisitorPerson | undefined) =>
    person !== undefined &&
    person !== 'shared' &&
    (person.customerId === null || customerIds.includes(person.customerId))
  return {
    customerIds,
    emails,
    marks: [...marks],
    visitors: ids.filter(id => isTheirs(people.get(id))),
    shared: ids.filter(id => people.get(id) === 'shared'),
    subjects: [...customerIds.map(id => `customer:${id}`), ...orderIds.map(id => `order:${id}`)],
  }
}

/** Addresses that came with the customer at some time, in a checkout or an order. */
async function addressesTold(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  customerIds: readonly string[],
): Promise<{ emails: string[]; marks: string[] }> {
  const from = (table: string) =>
    `select email, email_mark as mark from ${table}
     where shop_id = $1 and customer_id = any($2) and email is not null and email_mark is not null`
  const found = await pool.query<{ email: string; mark: string }>(
    `${from('visitor_links')} union ${from('visitor_checkouts')}`,
    [shopId, customerIds],
  )
  return {
    emails: found.rows.flatMap(
      ({ email, mark }) => sealer.tryUnseal(email, emailContext(shopId, mark)) ?? [],
    ),
    marks: found.rows.map(({ mark }) => mark),
  }
}

/** @returns how many rows were erased; null: it was broken off */
async function walkEvents(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  traces: Traces,
  from: Date,
  lost?: AbortSignal,
): Promise<number | null> {
  let erased = 0
  let after: string | null = firstIdOf(from)
  while (after !== null) {
    if (lost?.aborted) return null
    const chunk = await eraseEvents(pool, sealer, shopId, traces, after)
    erased += chunk.erased
    after = chunk.last
  }
  return erased
}

/**
 * Looks through some of the shop's events: of a guest only the sealed address tells whose they are.
 * @returns how many rows were erased, and where to look on; null: that was the last
 */
async function eraseEvents(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  { customerIds, emails, visitors, subjects }: Traces,
  after: string,
): Promise<{ erased: number; last: string | null }> {
  const found = await pool.query<{ id: string; theirs: boolean; personal: string | null }>(
    `select id, coalesce(customer_id = any($3) or visitor_id = any($4) or subject = any($5), false) as theirs,
            case when customer_id is null then personal end as personal
     from events where shop_id = $1 and id > $2 order by id limit ${CHUNK}`,
    [shopId, after, customerIds, visitors, subjects],
  )
  const ids = found.rows.flatMap(({ id, theirs, personal }) => {
    if (theirs) return id
    const email = personal === null || emails.size === 0 ? null : emailIn(sealer, shopId, id, personal)
    return email !== null && emails.has(comparable(email)) ? id : []
  })
  const erased = ids.length > 0 ? await eraseThese(pool, shopId, ids, customerIds) : 0
  return { erased, last: found.rows.length === CHUNK ? (found.rows.at(-1)?.id ?? null) : null }
}

/**
 * The key of an event stays: the same happening, told once more, must not become a new event.
 * @returns how many rows had something to erase
 */
async function eraseThese(
  pool: Pool,
  shopId: number,
  ids: readonly string[],
  customerIds: readonly string[],
): Promise<number> {
  const within = [shopId, ids, ids[0], ids.at(-1)]
  const ended = await pool.query(
    `with locked as materialized (
       select d.event_id, d.vendor from deliveries d
       where d.shop_id = $1 and d.event_id = any($2::uuid[]) and d.event_id between $3 and $4
         and ${IS_OPEN} ${LOCK_ORDER})
     update deliveries d
     set state = 'skipped', reason = 'erased', message = $5, updated_at = now(), visitor_id = null
     from locked l
     where d.shop_id = $1 and d.event_id = l.event_id and d.vendor = l.vendor and d.event_id between $3 and $4`,
    [...within, SKIP_REASONS.erased],
  )
  const erased = await pool.query(
    `update events set personal = null, email_mark = null, customer_id = null, visitor_id = null,
       subject = case when subject = any($5) then null else subject end
     where shop_id = $1 and id = any($2::uuid[]) and id between $3 and $4
       and (num_nonnulls(personal, email_mark, customer_id, visitor_id) > 0 or subject = any($5))`,
    [...within, customerIds.map(id => `customer:${id}`)],
  )
  return (ended.rowCount ?? 0) + (erased.rowCount ?? 0)
}
