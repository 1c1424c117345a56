/**
 * Who a Shopify customer is: what webhooks told, kept sealed, and added to events that carry only the
 * customer's id. The newest notice wins; a notice that does not say something takes nothing away. Consent has
 * notices of its own and follows the newest one that says something about it, whatever else is known since.
 */
import type { Pool, PoolClient } from 'pg'
import { toJsonb } from '../db/jsonb.ts'
import { isOtherAddress } from '../events/email.ts'
import type { Actor, StoreEvent } from '../events/store-event.ts'
import type { Sealer } from '../secrets/seal.ts'
import { nothingKnown, type OpenedRecord, open, type Personal, sealed } from './customer-record.ts'

/** A notice about a customer; null fields are "not said". Times are ISO 8601. */
export type CustomerNotice = {
  customerId: string
  email: string | null
  phone: string | null
  firstName: string | null
  lastName: string | null
  /** Accepts e-mail marketing: a yes is for the address in this notice, a no for all. */
  marketing: boolean | null
  updatedAt: string | null
}

type Row = {
  customer_id: string
  personal: string
  marketing: boolean | null
  marketing_at: Date | null
  updated_at: Date | null
  merged_into?: string | null
}

const columns = 'customer_id, personal, marketing, marketing_at, updated_at'

/** A notice about a customer of a shop. */
export type ShopNotice = { shopId: number; notice: CustomerNotice }

/** `addressed`: another address is known by now than when the row was read. */
type ShopRow = Row & { shop_id: number; addressed?: boolean }

/** Merges notices into what is known, in their order, inside the caller's transaction. */
export async function learnCustomers(
  client: PoolClient,
  sealer: Sealer,
  notices: readonly ShopNotice[],
): Promise<void> {
  const byCustomer = Map.groupBy(notices, ({ shopId, notice }) => keyOf(shopId, notice.customerId))
  const known = await lockedCustomers(client, notices)
  const fresh = [...byCustomer].filter(([key]) => !known.has(key))
  const made = await makeCustomers(
    client,
    sealer,
    fresh.flatMap(([, own]) => own),
  )
  const rows = [...known].map(([key, before]) => withNotices(sealer, before, byCustomer.get(key) ?? []))
  if (rows.length > 0) await saveCustomers(client, rows)
  // Another transaction has just made them: what it knows and what is said here are put together.
  const raced = fresh.filter(([key]) => !made.has(key)).flatMap(([, own]) => own)
  if (raced.length > 0) await learnCustomers(client, sealer, raced)
}

const keyOf = (shopId: number, customerId: string) => `${shopId} ${customerId}`

/** Two notices of one customer at once must not lose each other's half: the rows stay locked until the commit. */
async function lockedCustomers(
  client: PoolClient,
  notices: readonly ShopNotice[],
): Promise<Map<string, ShopRow>> {
  const keys = notices.map(({ shopId, notice }) => ({ shop_id: shopId, customer_id: notice.customerId }))
  const locked = await client.query<ShopRow>({
    name: 'lock-customers',
    text: `select shop_id, ${columns} from customers
     where (shop_id, customer_id) in (
       select shop_id, customer_id from jsonb_to_recordset($1::jsonb) as r(shop_id int, customer_id text))
     order by shop_id, customer_id for update`,
    values: [toJsonb(keys)],
  })
  return new Map(locked.rows.map(row => [keyOf(row.shop_id, row.customer_id), row]))
}

/** @returns the keys of those that were not known yet */
async function makeCustomers(
  client: PoolClient,
  sealer: Sealer,
  notices: readonly ShopNotice[],
): Promise<Set<string>> {
  if (notices.length === 0) return new Set()
  const byCustomer = Map.groupBy(notices, ({ shopId, notice }) => keyOf(shopId, notice.customerId))
  const rows = [...byCustomer.values()].flatMap(own => {
    const [first] = own
    if (!first) return []
    const { shopId, notice } = first
    const personal = nothingKnown(sealer, shopId, notice.customerId)
    const nothing = { marketing: null, marketing_at: null, updated_at: null }
    return withNotices(sealer, { shop_id: shopId, customer_id: notice.customerId, personal, ...nothing }, own)
  })
  const made = await client.query<{ shop_id: number; customer_id: string }>({
    name: 'make-customers',
    text: `insert into customers (shop_id, customer_id, personal, marketing, marketing_at, updated_at, known_at)
     select shop_id, customer_id, personal, marketing, marketing_at, updated_at, case when addressed then now() end
     from ${ROWS} order by 1, 2 on conflict do nothing returning shop_id, customer_id`,
    values: [toJsonb(rows)],
  })
  return new Set(made.rows.map(row => keyOf(row.shop_id, row.customer_id)))
}

async function saveCustomers(client: PoolClient, rows: readonly ShopRow[]): Promise<void> {
  await client.query({
    name: 'save-customers',
    text: `update customers c
     set personal = r.personal, marketing = r.marketing, marketing_at = r.marketing_at, updated_at = r.updated_at,
         known_at = case when r.addressed then now() else c.known_at end
     from ${ROWS} where c.shop_id = r.shop_id and c.customer_id = r.customer_id`,
    values: [toJsonb(rows)],
  })
}

const ROWS = `jsonb_to_recordset($1::jsonb) as r(
  shop_id int, customer_id text, personal text, marketing boolean, marketing_at timestamptz, updated_at timestamptz,
  addressed boolean)`

function withNotices(sealer: Sealer, before: ShopRow, notices: readonly ShopNotice[]): ShopRow {
  return notices.reduce((row, { notice }) => merged(sealer, row, notice), before)
}

function merged(sealer: Sealer, row: ShopRow, notice: CustomerNotice): ShopRow {
  const { shop_id: shopId, customer_id: customerId } = row
  const { marketing, updatedAt, email, phone, firstName, lastName } = notice
  const said = { email, phone, firstName, lastName }
  const older = isOlder(updatedAt, row.updated_at)
  const { personal: known, yesFor, isLost } = open(sealer, shopId, row)
  const word = isLost && row.marketing ? NO_WORD : row
  const says = marketing !== null && !(word.marketing !== null && isOlder(updatedAt, word.marketing_at))
  const personal = older ? fillNulls(known, said) : fillNulls(said, known)
  return {
    ...row,
    personal: sealed(sealer, shopId, customerId, { personal, yesFor: says && marketing ? email : yesFor }),
    marketing: says ? marketing : word.marketing,
    marketing_at: says ? latest(word.marketing_at, updatedAt) : word.marketing_at,
    updated_at: latest(row.updated_at, updatedAt),
    addressed: row.addressed === true || personal.email !== known.email,
  }
}

/** A yes is for an address: where nobody can know for which, it is none. */
const NO_WORD = { marketing: null, marketing_at: null }

function latest(known: Date | null, said: string | null): Date | null {
  if (said === null) return known
  const time = new Date(said)
  return known !== null && known > time ? known : time
}

/** A notice without a time counts as new: it has just come. */
function isOlder(updatedAt: string | null, known: Date | null): boolean {
  return updatedAt !== null && known !== null && Date.parse(updatedAt) < known.getTime()
}

/**
 * What is known of a customer. `customerId`: of whom it is, where the one asked for was merged into another. `words`: what was
 * said of marketing, by the one that is kept first.
 */
export type KnownCustomer = { customerId: string; personal: Personal; words: MarketingWord[] }
/**
 * `email`: the address that a yes is for; null: the customer has none. `isNamed`: the notice named it; otherwise it is
 * the customer's. `at`: null where the notice had no time.
 */
type MarketingWord = { accepts: boolean; email: string | null; isNamed: boolean; at: Date | null }

/**
 * What is known of these customers, by the id asked for. One that was merged into another is that one, with what only
 * its own notices said added; one that was kept, likewise.
 */
export async function knownCustomers(
  pool: Pool | PoolClient,
  sealer: Sealer,
  shopId: number,
  ids: readonly string[],
): Promise<Map<string, KnownCustomer>> {
  if (ids.length === 0) return new Map()
  const result = await pool.query<Row & { asked: string }>({
    name: 'known-customers',
    text: `select c.customer_id as asked, 1 as place, c.customer_id, c.personal, c.marketing, c.marketing_at, c.updated_at,
            c.merged_into
     from customers c where c.shop_id = $1 and c.customer_id = any($2)
     union all
     select c.customer_id, 0, k.customer_id, k.personal, k.marketing, k.marketing_at, k.updated_at, null
     from customers c join customers k on k.shop_id = c.shop_id and k.customer_id = c.merged_into
     where c.shop_id = $1 and c.customer_id = any($2) and c.merged_into is not null
     union all
     select c.merged_into, 2, c.customer_id, c.personal, c.marketing, c.marketing_at, c.updated_at, c.merged_into
     from customers c where c.shop_id = $1 and c.merged_into = any($2)
     order by place, customer_id`,
    values: [shopId, ids],
  })
  const known = new Map<string, KnownCustomer>()
  // The kept one first: the others only add to it.
  for (const row of result.rows) {
    const before = known.get(row.asked)
    const record = open(sealer, shopId, row)
    const { personal } = record
    known.set(row.asked, {
      customerId: before?.customerId ?? row.merged_into ?? row.customer_id,
      personal: before ? fillNulls(before.personal, personal) : personal,
      words: [...(before?.words ?? []), ...wordIn(row, record)],
    })
  }
  return known
}

function wordIn(
  { marketing, marketing_at: at }: Row,
  { personal, yesFor, isLost }: OpenedRecord,
): MarketingWord[] {
  if (marketing === null || (marketing && isLost)) return []
  return [{ accepts: marketing, email: yesFor ?? personal.email, isNamed: yesFor !== null, at }]
}

/**
 * The events with what is known of their customers added: e-mail, phone, names, and whether they accept marketing. A
 * customer who was merged into another is named by that one.
 */
export async function fillCustomers(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  events: readonly StoreEvent[],
): Promise<StoreEvent[]> {
  const ids = [...new Set(events.flatMap(event => event.actor.customerId ?? []))]
  const known = await knownCustomers(pool, sealer, shopId, ids)
  return events.map(event => {
    const { actor } = event
    const customer = actor.customerId === null ? undefined : known.get(actor.customerId)
    if (!customer) return event
    const { customerId, personal } = customer
    const acceptsMarketing = ownWord(actor, customer)?.accepts ?? actor.acceptsMarketing
    return { ...event, actor: { ...actor, customerId, ...fillNulls(actor, personal), acceptsMarketing } }
  })
}

/**
 * What the customer's record says of e-mail marketing for the person of an event; null: nothing. Its no is the customer's, whatever
 * the address. Its yes is for one address, and where the notice did not name it, it gives way to the event's own no.
 */
export function ownWord(actor: OwnSaying, { personal, words }: KnownCustomer): MarketingWord | null {
  const email = actor.email ?? personal.email
  const isFor = (word: MarketingWord) =>
    email === null || (word.email !== null && !isOtherAddress(word.email, email))
  const isYes = (word: MarketingWord) => isFor(word) && (word.isNamed || actor.acceptsMarketing !== false)
  return words.find(word => !word.accepts || isYes(word)) ?? null
}
type OwnSaying = Pick<Actor, 'email' | 'acceptsMarketing'>

function fillNulls(first: Personal, second: Personal): Personal {
  return {
    email: first.email ?? second.email,
    phone: first.phone ?? second.phone,
    firstName: first.firstName ?? second.firstName,
    lastName: first.lastName ?? second.lastName,
  }
}
