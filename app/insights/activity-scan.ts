/**
 * Which events of a shop a filter finds, by pages, each from an event on: never by counting or skipping rows. Of what is asked for,
 * that which narrows most gives candidates in order, by an index; the rest is asked of each. No more than so many
 * candidates are looked at for a page: it then says how far back it has looked.
 */
import type { Pool } from 'pg'
import { firstIdOf, LAST_ID } from '../db/partitions.ts'
import { DELIVERY_STATES, type DeliveryState } from '../delivery/outcome.ts'
import type { EventType } from '../events/types.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { type Direction, idBeside, leftOrders, nextWindow, type Window } from './left-orders.ts'
import { HAS_ARRIVED, NEWER } from './newer-state.ts'
import { bareOrder, FOLDED_ORDER_NAME, foldedInSql, orderNames } from './order-names.ts'

/**
 * What became of a delivery, as a merchant sees it. `waiting`: it will be sent, or waits for its person. Asked for what is delivered, a
 * list has as well what had arrived and is being sent again.
 */
export const OUTCOMES = {
  delivered: ['delivered'],
  skipped: ['skipped'],
  waiting: ['pending', 'retry', 'waiting'],
  held: ['held'],
  failed: ['dead'],
} as const satisfies Record<string, readonly DeliveryState[]>
export type ActivityOutcome = keyof typeof OUTCOMES
/** What waits, told apart: what will be sent, and what waits for its person and may never be. */
const WAITING = {
  to_send: ['pending', 'retry'],
  for_visitor: ['waiting'],
} as const satisfies Record<string, readonly DeliveryState[]>
const ASKED = { ...OUTCOMES, ...WAITING }
/** `none`: no delivery was made of the event, because the vendor was not connected then or has no use for it. */
export type AskedOutcome = keyof typeof ASKED | 'none'

export type ActivityFilter = {
  shopId: number
  type?: EventType | undefined
  vendor?: string | undefined
  outcome?: AskedOutcome | undefined
  /** Why it was skipped, held or given up. */
  reason?: string | undefined
  /** Of what waits or is held: only what had not arrived before it was sent again. */
  undelivered?: boolean | undefined
  /** Of orders that were left to a newer state: what that came to (`Newer`). Of a vendor: at another it is another. */
  newer?: string | undefined
  /** Only what was last sent again with this selection. */
  replayId?: string | undefined
  /** Received at or after. */
  since?: Date | undefined
  /** Received before. */
  until?: Date | undefined
  /** Placed at or after, of orders: when it happened, not when it was received. */
  placed?: Date | undefined
  /** What the order is called in the shop ("#1001"; see `orderNames`), or Shopify's id of it. */
  order?: string | undefined
  /** Marks of an e-mail address (`Sealer.marks`): what its person did. */
  marks?: readonly string[] | undefined
}
/** Where a page begins: at what is older, or newer, than an event. */
export type Place = { before: string } | { after: string }

/** Candidates of one look, and of all looks for one page. */
const LOOK = 500
export const MOST_LOOKED_AT = 5_000
/** Of one page, where what is looked through has few candidates: some 300 ms. */
const MOST_LOOKS = 20
/** Of an order's subjects, and of a person's browsers, no more are looked for. */
const MOST_TRACES = 50

export type Found = {
  /** In the direction of the search. */
  ids: string[]
  /** There are more than these. */
  more: boolean
  /** The last candidate, where the search was given up before it had enough. */
  gaveUpAt: string | null
}

/** Whose events: traces that each have an index. Null: nobody's or no order's in particular. */
type Traces = { subjects: string[]; visitors: string[]; marks: readonly string[] }
type Look = { traces: Traces | null; vendors: string[]; direction: Direction; by?: Window['by'] }

/** @param most so many, and whether there are more @param mostLooks how often it looks for them */
export async function findEvents(
  pool: Pool,
  filter: ActivityFilter,
  place: Place | null,
  most: number,
  mostLooks = MOST_LOOKS,
): Promise<Found> {
  const ids: string[] = []
  if (filter.newer !== undefined && filter.vendor === undefined) return { ids, more: false, gaveUpAt: null }
  const direction: Direction = place && 'after' in place ? 'newer' : 'older'
  const traces = await tracesOf(pool, filter)
  const vendors = await vendorsOf(pool, filter)
  let [from, to] = boundsOf(filter, place)
  for (let looked = 0, looks = 0; looked < MOST_LOOKED_AT && looks < mostLooks; looks++) {
    const how = { traces, vendors, direction }
    const { candidates, end } = isByOrders(filter, traces)
      ? await lookInWindow(pool, filter, how, from, to)
      : { candidates: await look(pool, filter, how, from, to), end: null }
    for (const { id, matches } of candidates) {
      if (matches && ids.length === most) return { ids, more: true, gaveUpAt: null }
      if (matches) ids.push(id)
    }
    const last = candidates.length < LOOK ? end : (candidates.at(-1)?.id ?? null)
    if (last === null) return { ids, more: false, gaveUpAt: null }
    looked += candidates.length
    if (direction === 'older') to = last
    else from = last
  }
  return { ids, more: true, gaveUpAt: direction === 'older' ? to : from }
}

/** Ids above the first and below the second. */
function boundsOf({ since, until, placed }: ActivityFilter, place: Place | null): [from: string, to: string] {
  // Nothing is received before it was placed, but for clocks that differ by less than an hour.
  const earliest = Math.max(1, since?.getTime() ?? 1, placed ? placed.getTime() - 3600_000 : 1)
  // The first id of a millisecond is to be found itself.
  const first = idBeside(firstIdOf(new Date(earliest)), -1n)
  const last = until ? firstIdOf(until) : LAST_ID
  if (!place) return [first, last]
  const [low = first, high = last] = 'before' in place ? [first, place.before] : [place.after, last]
  return [[low, first].sort()[1] ?? low, [high, last].sort()[0] ?? high]
}

/** Subjects of orders ($1: the shop) by their names ($2), for the tests of its plan too. */
export const SUBJECTS_OF_NAMES = `select e.subject from unnest($2::text[]) x(name) cross join lateral (
  select subject from events where shop_id = $1 and ${FOLDED_ORDER_NAME} = ${foldedInSql('x.name')}
    and (data #>> '{order,name}') is not null order by id desc limit ${MOST_TRACES}) e`

/** An order's notices do not all bear its name, so its name leads to its subject. */
async function tracesOf(pool: Pool, { shopId, order, marks }: ActivityFilter): Promise<Traces | null> {
  if (order !== undefined) {
    const { rows } = await pool.query<{ subject: string | null }>(SUBJECTS_OF_NAMES, [
      shopId,
      orderNames(order),
    ])
    const named = rows.flatMap(({ subject }) => subject ?? [])
    return { subjects: [...new Set([...named, `order:${bareOrder(order)}`])], visitors: [], marks: [] }
  }
  if (marks === undefined) return null
  const { rows } = await pool.query<{ visitor_id: string; customer_id: string | null }>(
    `select visitor_id, customer_id from visitor_links where shop_id = $1 and email_mark = any($2) limit ${MOST_TRACES}`,
    [shopId, marks],
  )
  const customers = rows.flatMap(row => (row.customer_id === null ? [] : `customer:${row.customer_id}`))
  return {
    subjects: [...new Set(customers)],
    visitors: [...new Set(rows.map(row => row.visitor_id))],
    marks,
  }
}

/** Vendors that the shop has connected; others have no deliveries that anybody can still do something about. */
async function vendorsOf(pool: Pool, { shopId, vendor }: ActivityFilter): Promise<string[]> {
  if (vendor !== undefined) return [vendor]
  const { rows } = await pool.query<{ vendor: string }>(
    'select vendor from connections where shop_id = $1 order by vendor',
    [shopId],
  )
  return rows.map(row => row.vendor)
}

type Candidate = { id: string; matches: boolean }

async function look(
  pool: Pool,
  filter: ActivityFilter,
  how: Look,
  from: string,
  to: string,
): Promise<Candidate[]> {
  const { text, values } = lookStatement(filter, how, from, to)
  return (await pool.query<Candidate>(text, values)).rows
}

/** `end`: what the next look begins with where these were all; null: there is none. */
async function lookInWindow(
  pool: Pool,
  filter: ActivityFilter,
  how: Look,
  from: string,
  to: string,
): Promise<{ candidates: Candidate[]; end: string | null }> {
  const { by, between, end } = await nextWindow(pool, filter, how.direction, from, to)
  return { candidates: await look(pool, filter, { ...how, by }, ...between), end }
}

/** One look, for the tests of its plan too. */
export function lookStatement(
  filter: ActivityFilter,
  { traces, vendors, direction, by = 'left' }: Look,
  from: string,
  to: string,
): { text: string; values: unknown[] } {
  const { shopId, type, vendor, outcome, reason, newer, replayId } = filter
  const order = direction === 'older' ? 'desc' : 'asc'
  const states = outcome && outcome !== 'none' ? ASKED[outcome] : null
  const ofDelivery = [vendor, outcome, reason, newer, replayId].some(asked => asked !== undefined)
  const exists = deliveryExists(
    outcome === 'delivered' ? HAS_ARRIVED : filter.undelivered ? UNDELIVERED : STATE,
  )
  const delivery = outcome === 'none' ? `not ${exists}` : exists
  // One by one ("limit 1"): a join is planned as a hash of all of the shop's events where few of them seem few enough.
  const text = `select e.id, ($5::text is null or e.type = $5) and ($16::timestamptz is null or e.occurred_at >= $16)
       and (${ofDelivery ? delivery : 'true'}) as matches
     from (${candidatesOf(filter, { traces, by }, order)}) c cross join lateral (
       select shop_id, id, type, subject, occurred_at from events where shop_id = $1 and id = c.id limit 1) e
     where e.id > $2 and e.id < $3 order by e.id ${order}`
  const given = traces ?? { subjects: [], visitors: [], marks: [] }
  const values = [
    ...[shopId, from, to, vendors, type ?? null],
    ...[vendor ?? null, states, reason ?? null],
    ...[given.subjects, given.visitors, given.marks, Object.keys(SKIP_REASONS)],
    ...[replayId ?? null, DELIVERY_STATES, newer ?? null, filter.placed ?? null],
  ]
  return { text: `with given(${NAMES}) as (select ${KINDS}) ${text}`, values }
}

/** PostgreSQL wants to know the kind of each value, also of those that a statement does not use. */
const KINDS =
  '$4::text[], $5::text, $6::text, $7::text[], $8::text, $9::text[], $10::text[], $11::text[], $12::text[], $13::uuid, $14::text[], $15::text, $16::timestamptz'
const NAMES =
  'vendors, type, vendor, states, reason, subjects, visitors, marks, reasons, replay, all_states, newer, placed'

const STATE = '($7::text[] is null or d.state = any($7))'
const UNDELIVERED = `${STATE} and not d.delivered_before`
const deliveryExists = (condition: string) =>
  `exists (select 1 from deliveries d where d.shop_id = $1 and d.event_id = e.id
  and ($6::text is null or d.vendor = $6) and ${condition} and ($8::text is null or d.reason = $8)
  and ($13::uuid is null or d.replay_id = $13) and ($15::text is null or ${NEWER} = $15))`

/** Only orders are told by their newer states, and most of what is left to one is a state itself. */
const isByOrders = ({ newer, replayId }: ActivityFilter, traces: Traces | null) =>
  newer !== undefined && !traces && replayId === undefined

function candidatesOf(
  filter: ActivityFilter,
  { traces, by }: Required<Pick<Look, 'traces' | 'by'>>,
  order: 'asc' | 'desc',
): string {
  const { type, vendor, outcome, reason, replayId } = filter
  if (traces) return ofTraces(order)
  if (replayId !== undefined) return ofReplay(order)
  if (isByOrders(filter, traces)) return leftOrders(by, order, LOOK)
  if (outcome === 'skipped')
    return ofDeliveries(order, reason === undefined ? 'unnest($12::text[])' : '(select $8::text)', [
      "d.state = 'skipped' and d.reason = x.v",
    ])
  if (outcome === 'failed') return ofDeliveries(order, NONE, ["d.state = 'dead'"])
  if (outcome === 'held') return ofDeliveries(order, NONE, ["d.state = 'held'"])
  if (outcome === 'waiting') return ofDeliveries(order, PRIORITIES, [TO_SEND, `${FOR_VISITOR} and x.v = 0`])
  if (outcome === 'to_send') return ofDeliveries(order, PRIORITIES, [TO_SEND])
  if (outcome === 'for_visitor') return ofDeliveries(order, NONE, [FOR_VISITOR])
  if (type !== undefined) return ofType(order)
  if (vendor !== undefined && outcome !== 'none') return ofDeliveries(order, NONE, ['true'])
  return `select id from events where shop_id = $1 and id > $2 and id < $3 order by id ${order} limit ${LOOK}`
}

const ofType = (order: string) =>
  `select id from events where shop_id = $1 and type = $5 and id > $2 and id < $3 order by id ${order} limit ${LOOK}`

const NONE = '(select 1)'
const PRIORITIES = 'unnest(array[-1, 0, 1]::smallint[])'
const TO_SEND = "d.state in ('pending', 'retry') and d.priority = x.v"
const FOR_VISITOR = "d.state = 'waiting'"

/** Lane by lane, as the indexes of deliveries are, and within a lane by what comes before the event in an index. */
function ofDeliveries(order: string, by: string, conditions: readonly string[]): string {
  const parts = conditions.map(
    condition => `select d.event_id as id from unnest($4::text[]) l(vendor) cross join ${by} x(v)
      cross join lateral (select d.event_id from deliveries d where d.shop_id = $1 and d.vendor = l.vendor and ${condition}
        and d.event_id > $2 and d.event_id < $3 order by d.event_id ${order} limit ${LOOK}) d`,
  )
  return `select id from (${parts.join(' union ')}) all_of_them order by id ${order} limit ${LOOK}`
}

/** State by state, as its index is. An event that several tools are sent is looked at once. */
function ofReplay(order: string): string {
  return `select distinct id from (select d.event_id as id from unnest($14::text[]) s(state) cross join lateral (
      select distinct d.event_id from deliveries d where d.shop_id = $1 and d.replay_id = $13 and d.state = s.state
        and d.event_id > $2 and d.event_id < $3 order by d.event_id ${order} limit ${LOOK}) d) all_of_them
    order by id ${order} limit ${LOOK}`
}

function ofTraces(order: string): string {
  const parts = [
    ['$9', 'e.subject = x.v'],
    ['$10', 'e.visitor_id = x.v and e.visitor_id is not null'],
    ['$11', 'e.email_mark = x.v and e.email_mark is not null'],
  ].map(
    ([values, condition]) => `select e.id from unnest(${values}::text[]) x(v) cross join lateral (
      select e.id from events e where e.shop_id = $1 and ${condition} and e.id > $2 and e.id < $3
      order by e.id ${order} limit ${LOOK}) e`,
  )
  return `select id from (${parts.join(' union ')}) all_of_them order by id ${order} limit ${LOOK}`
}
