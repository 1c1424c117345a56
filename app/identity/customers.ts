/**
 * Who a Shopify customer is: what webhooks told, kept sealed, and added to events that carry only the
 * customer's id. The newest notice wins; a notice that does not say something takes nothing away. Consent has
 * notices of its own and follows the newest one that says something about it, whatever else is known since.
 */
import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import type { StoreEvent } from '../events/store-event.ts'
import type { Sealer } from '../secrets/seal.ts'

/** A notice about a customer; null fields are "not said". Times are ISO 8601. */
export type CustomerNotice = {
  customerId: string
  email: string | null
  phone: string | null
  firstName: string | null
  lastName: string | null
  /** Accepts e-mail marketing. */
  marketing: boolean | null
  updatedAt: string | null
}

const personalSchema = z.object({
  email: z.string().nullable(),
  phone: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
})
type Personal = z.infer<typeof personalSchema>
const NOBODY_KNOWN: Personal = { email: null, phone: null, firstName: null, lastName: null }
type Row = {
  customer_id: string
  personal: string
  marketing: boolean | null
  marketing_at: Date | null
  updated_at: Date | null
}

const context = (shopId: number, customerId: string) => [String(shopId), 'customer', customerId]
const columns = 'customer_id, personal, marketing, marketing_at, updated_at'

/** Merges a notice into what is known, inside the caller's transaction. */
export async function learnCustomer(
  client: PoolClient,
  sealer: Sealer,
  shopId: number,
  notice: CustomerNotice,
): Promise<void> {
  const { customerId, marketing, updatedAt, ...said } = notice
  // Two notices of one customer at once must not lose each other's half: the row is made first, then locked.
  const seal = (personal: Personal) => sealer.seal(JSON.stringify(personal), context(shopId, customerId))
  await client.query(
    'insert into customers (shop_id, customer_id, personal) values ($1, $2, $3) on conflict do nothing',
    [shopId, customerId, seal(NOBODY_KNOWN)],
  )
  const locked = await client.query<Row>(
    `select ${columns} from customers where shop_id = $1 and customer_id = $2 for update`,
    [shopId, customerId],
  )
  const row = locked.rows[0]
  if (!row) throw new Error('a customer row vanished inside its own transaction')
  const older = isOlder(updatedAt, row.updated_at)
  const says = marketing !== null && !(row.marketing !== null && isOlder(updatedAt, row.marketing_at))
  const known = open(sealer, shopId, row)
  const personal = older ? fillNulls(known, said) : fillNulls(said, known)
  await client.query(
    `update customers
     set personal = $3, marketing = $4, marketing_at = greatest(marketing_at, $5), updated_at = greatest(updated_at, $6)
     where shop_id = $1 and customer_id = $2`,
    [
      shopId,
      customerId,
      seal(personal),
      says ? marketing : row.marketing,
      says ? updatedAt : row.marketing_at,
      updatedAt,
    ],
  )
}

/** A notice without a time counts as new: it has just come. */
function isOlder(updatedAt: string | null, known: Date | null): boolean {
  return updatedAt !== null && known !== null && Date.parse(updatedAt) < known.getTime()
}

/** The events with what is known of their customers added: e-mail, phone, names, and whether they accept marketing. */
export async function fillCustomers(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  events: readonly StoreEvent[],
): Promise<StoreEvent[]> {
  const ids = [...new Set(events.flatMap(event => event.actor.customerId ?? []))]
  if (ids.length === 0) return [...events]
  const result = await pool.query<Row>(
    `select ${columns} from customers where shop_id = $1 and customer_id = any($2)`,
    [shopId, ids],
  )
  const rows = new Map(result.rows.map(row => [row.customer_id, row]))
  return events.map(event => {
    const row = event.actor.customerId === null ? undefined : rows.get(event.actor.customerId)
    if (!row) return event
    const actor = {
      ...event.actor,
      ...fillNulls(personalSchema.parse(event.actor), open(sealer, shopId, row)),
    }
    return { ...event, actor: { ...actor, acceptsMarketing: row.marketing ?? actor.acceptsMarketing } }
  })
}

/** A person whose row does not unseal (its key is gone) counts as unknown: the next notice tells who it is. */
function open(sealer: Sealer, shopId: number, row: Row): Personal {
  const personal = sealer.tryUnseal(row.personal, context(shopId, row.customer_id))
  return personal === null ? NOBODY_KNOWN : personalSchema.parse(JSON.parse(personal))
}

function fillNulls(first: Personal, second: Personal): Personal {
  return {
    email: first.email ?? second.email,
    phone: first.phone ?? second.phone,
    firstName: first.firstName ?? second.firstName,
    lastName: first.lastName ?? second.lastName,
  }
}
