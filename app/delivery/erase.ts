/**
 * Erasing a person at our side, as Shopify asks for it (customers/redact,
 * https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance): what is known of the customer, who their browsers
 * are, the sealed fields and the ids of their events, and what was still to be sent of them. What was sent before stays
 * written down as it was, masked; what vendors hold is not ours to erase.
 *
 * A chunk is a statement of its own, and what leads to the rest goes last: a run that was broken off begins anew and finds
 * less to do.
 */
import type { Pool } from 'pg'
import { z } from 'zod'
import { CHUNK } from '../db/chunks.ts'
import { firstIdOf } from '../db/partitions.ts'
import { knownCustomers } from '../identity/customers.ts'
import { markContext } from '../identity/learn-links.ts'
import { comparable } from '../identity/links.ts'
import { peopleOf } from '../identity/people.ts'
import type { Log } from '../log.ts'
import { requestContext } from '../privacy/requests.ts'
import type { Sealer } from '../secrets/seal.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { emailIn } from './event-rows.ts'

export type Erasing = { customerId: string | null; email: string | null; orderIds: readonly string[] }

/** Requests carried out in one round. */
const REQUESTS = 50
const subjectSchema = z.object({
  customerId: z.string().nullable(),
  email: z.string().nullable(),
  orderIds: z.array(z.string()),
})

type Context = { pool: Pool; sealer: Sealer; log: Log }

/** Carries out what Shopify has asked for and is not done yet. @returns how many requests */
export async function eraseRequested({ pool, sealer, log }: Context, lost?: AbortSignal): Promise<number> {
  const open = await pool.query<{ shop_id: number; webhook_id: string; subject: string }>(
    `select shop_id, webhook_id, subject from privacy_requests
     where topic = 'customers/redact' and erased_at is null order by received_at limit ${REQUESTS}`,
  )
  let done = 0
  for (const { shop_id: shopId, webhook_id: webhookId, subject } of open.rows) {
    const named = sealer.tryUnseal(subject, requestContext(shopId, webhookId))
    if (named === null) {
      log.error({ shopId, webhook: webhookId }, 'whom to erase is sealed with a key that is gone')
      continue
    }
    if (!(await erasePerson(pool, sealer, shopId, subjectSchema.parse(JSON.parse(named)), lost))) return done
    await pool.query('update privacy_requests set erased_at = now() where shop_id = $1 and webhook_id = $2', [
      shopId,
      webhookId,
    ])
    log.info({ shopId, webhook: webhookId }, 'a person was erased')
    done++
  }
  return done
}

/** @returns false when it was broken off: some of it is left */
export async function erasePerson(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  erasing: Erasing,
  lost?: AbortSignal,
): Promise<boolean> {
  const traces = await tracesOf(pool, sealer, shopId, erasing)
  let after: string | null = firstIdOf(new Date(0))
  while (after !== null) {
    if (lost?.aborted) return false
    after = await eraseEvents(pool, sealer, shopId, traces, after)
  }
  await pool.query(
    'delete from visitor_links where shop_id = $1 and (customer_id = any($2) or email_mark = any($3))',
    [shopId, traces.customerIds, traces.marks],
  )
  await pool.query(
    'delete from visitor_checkouts where shop_id = $1 and (customer_id = any($2) or email_mark = any($3))',
    [shopId, traces.customerIds, traces.marks],
  )
  await pool.query('delete from customers where shop_id = $1 and customer_id = any($2)', [
    shopId,
    traces.customerIds,
  ])
  return true
}

/** By what the person's rows are found. */
type Traces = {
  customerIds: string[]
  /** Comparable addresses. */
  emails: Set<string>
  marks: string[]
  /** Browsers that nobody else has used. */
  visitors: string[]
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
  const addresses = [email, ...own.map(({ personal }) => personal.email)]
  const emails = new Set(addresses.flatMap(each => (each ? comparable(each) : [])))
  const marks = [...emails].flatMap(each => sealer.marks(each, markContext(shopId)))
  const linked = await pool.query<{ visitor_id: string }>(
    'select distinct visitor_id from visitor_links where shop_id = $1 and (customer_id = any($2) or email_mark = any($3))',
    [shopId, customerIds, marks],
  )
  const people = await peopleOf(
    pool,
    sealer,
    shopId,
    linked.rows.map(row => row.visitor_id),
  )
  return {
    customerIds,
    emails,
    marks,
    visitors: [...people].flatMap(([visitor, person]) => (person === 'shared' ? [] : visitor)),
    subjects: [...customerIds.map(id => `customer:${id}`), ...orderIds.map(id => `order:${id}`)],
  }
}

/**
 * Looks through some of the shop's events: of a guest only the sealed address tells whose they are.
 * @returns where to look on; null: that was the last
 */
async function eraseEvents(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  { customerIds, emails, visitors, subjects }: Traces,
  after: string,
): Promise<string | null> {
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
  if (ids.length > 0) await eraseThese(pool, shopId, ids, customerIds)
  return found.rows.length === CHUNK ? (found.rows.at(-1)?.id ?? null) : null
}

/** The key of an event stays: the same happening, told once more, must not become a new event. */
async function eraseThese(
  pool: Pool,
  shopId: number,
  ids: readonly string[],
  customerIds: readonly string[],
): Promise<void> {
  const within = [shopId, ids, ids[0], ids.at(-1)]
  await pool.query(
    `update deliveries set state = 'skipped', reason = 'erased', message = $5, updated_at = now()
     where shop_id = $1 and event_id = any($2::uuid[]) and event_id between $3 and $4
       and state in ('pending', 'retry', 'waiting', 'held')`,
    [...within, SKIP_REASONS.erased],
  )
  await pool.query(
    `update events set personal = null, email_mark = null, customer_id = null, visitor_id = null,
       subject = case when subject = any($5) then null else subject end
     where shop_id = $1 and id = any($2::uuid[]) and id between $3 and $4`,
    [...within, customerIds.map(id => `customer:${id}`)],
  )
}
