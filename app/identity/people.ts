/**
 * Who a visitor is, worked out from all that attests it whenever it is asked: nothing that is derived can be out of date,
 * and statements may come in any order.
 */
import type { Pool } from 'pg'
import { comparable, isOtherAddress } from '../events/email.ts'
import type { StoreEvent } from '../events/store-event.ts'
import type { Sealer } from '../secrets/seal.ts'
import { type KnownCustomer, knownCustomers } from './customers.ts'
import { emailContext } from './learn-links.ts'
import type { NamedPerson } from './links.ts'

/**
 * What one origin attests, by its newest statement. A guest has no customer id. Neither customer nor address: somebody who was
 * erased.
 */
export type Link = NamedPerson & { saidAt: Date }

/** `shared`: more than one person uses the browser, so nobody is behind what names no customer itself. */
export type VisitorPerson = NamedPerson | 'shared'

/**
 * One customer, a guest, or a guest who is that customer: by the address that is the customer's now, or that came with them
 * once. Anybody else beside them is another person.
 * @param links at least one; customers as they are after merges
 * @param emailNow the address of a customer, as far as it is known
 */
export function personOf(
  links: readonly Link[],
  emailNow: (customerId: string) => string | null,
): VisitorPerson {
  if (links.some(isSomebody)) return 'shared'
  const customers = new Set(links.flatMap(({ customerId }) => customerId ?? []))
  if (customers.size > 1) return 'shared'
  const [customerId = null] = customers
  const guests = addresses(links.filter(link => link.customerId === null))
  const newest = newestEmail(links)
  if (customerId === null) return guests.size > 1 ? 'shared' : withTick(customerId, newest, links)
  const present = emailNow(customerId)
  const own = addresses(links.filter(link => link.customerId !== null))
  if (present !== null) own.add(comparable(present))
  if ([...guests].some(email => !own.has(email))) return 'shared'
  return withTick(customerId, present ?? newest, links)
}

const isSomebody = ({ customerId, email }: Link) => customerId === null && email === null

function addresses(links: readonly Link[]): Set<string> {
  return new Set(links.flatMap(({ email }) => (email === null ? [] : comparable(email))))
}

function newestEmail(links: readonly Link[]): string | null {
  const said = links.filter(({ email }) => email !== null)
  return said.toSorted((a, b) => b.saidAt.getTime() - a.saidAt.getTime())[0]?.email ?? null
}

function withTick(customerId: string | null, email: string | null, links: readonly Link[]): NamedPerson {
  return { customerId, email, acceptsMarketing: newestTick(email, links) }
}

/** A yes counts for the address that it was said for, a no for all. Of one instant a no counts, in whatever order they come. */
function newestTick(email: string | null, links: readonly Link[]): boolean | null {
  const said = links.filter(
    link =>
      link.acceptsMarketing === false ||
      (link.acceptsMarketing && link.email !== null && !isOtherAddress(link.email, email)),
  )
  const newest = Math.max(...said.map(({ saidAt }) => saidAt.getTime()))
  const last = said.filter(({ saidAt }) => saidAt.getTime() === newest)
  return last.length === 0 ? null : last.every(({ acceptsMarketing }) => acceptsMarketing)
}

/** Who these visitors are, as far as anything attests it. */
export async function peopleOf(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  visitorIds: readonly string[],
): Promise<Map<string, VisitorPerson>> {
  if (visitorIds.length === 0) return new Map()
  const found = await pool.query<LinkRow>({
    name: 'links-of-visitors',
    text: `select visitor_id, customer_id, email, email_mark, marketing, said_at from visitor_links
     where shop_id = $1 and visitor_id = any($2)`,
    values: [shopId, visitorIds],
  })
  const ids = [...new Set(found.rows.flatMap(row => row.customer_id ?? []))]
  const customers = await knownCustomers(pool, sealer, shopId, ids)
  const emails = new Map([...customers.values()].map(each => [each.customerId, each.personal.email]))
  const byVisitor = Map.groupBy(found.rows, row => row.visitor_id)
  return new Map(
    [...byVisitor].flatMap(([visitor, rows]) => {
      const links = rows.flatMap(row => toLink(sealer, shopId, row, customers))
      if (links.length === 0) return []
      return [[visitor, personOf(links, id => emails.get(id) ?? null)] as const]
    }),
  )
}

type LinkRow = {
  visitor_id: string
  customer_id: string | null
  email: string | null
  email_mark: string | null
  marketing: boolean | null
  said_at: Date
}

/** A guest whose address does not unseal (its key is gone) counts as not named. */
function toLink(
  sealer: Sealer,
  shopId: number,
  row: LinkRow,
  customers: ReadonlyMap<string, KnownCustomer>,
): Link[] {
  const { email, email_mark: mark, customer_id: id } = row
  const opened = email === null || mark === null ? null : sealer.tryUnseal(email, emailContext(shopId, mark))
  const customerId = id === null ? null : (customers.get(id)?.customerId ?? id)
  const isUnreadable = customerId === null && email !== null && opened === null
  return isUnreadable
    ? []
    : [{ customerId, email: opened, acceptsMarketing: row.marketing, saidAt: row.said_at }]
}

/**
 * The events of visitors with who they are added, where they name nobody themselves. What is known of that customer
 * otherwise, `fillCustomers` adds.
 */
export async function fillVisitors(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  events: readonly StoreEvent[],
): Promise<StoreEvent[]> {
  const unknown = events.flatMap(({ actor }) => (namesNobody(actor) ? (actor.visitorId ?? []) : []))
  const people = await peopleOf(pool, sealer, shopId, [...new Set(unknown)])
  if (people.size === 0) return [...events]
  return events.map(event => {
    const { actor } = event
    const person = actor.visitorId === null ? undefined : people.get(actor.visitorId)
    if (!person || person === 'shared' || !namesNobody(actor)) return event
    return { ...event, actor: { ...actor, ...person } }
  })
}

/** Whether an event itself says of nobody that it is theirs. */
export function namesNobody({ customerId, email, phone }: StoreEvent['actor']): boolean {
  return !customerId && !email && !phone
}

/** What first named whoever uses a browser: a sign-in there, or a checkout or order; and when that was learned at the latest. */
export type KnownBy = { by: 'session' | 'checkout'; since: Date }

/** Null: nothing names anybody. */
export async function knownBy(pool: Pool, shopId: number, visitorId: string): Promise<KnownBy | null> {
  const found = await pool.query<{ origin: string; linked_at: Date }>(
    `select origin, linked_at from visitor_links where shop_id = $1 and visitor_id = $2
     order by linked_at, origin limit 1`,
    [shopId, visitorId],
  )
  const [first] = found.rows
  return first
    ? { by: first.origin.startsWith('session:') ? 'session' : 'checkout', since: first.linked_at }
    : null
}
