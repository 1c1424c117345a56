/** A page of a shop's events, newest first, each with what became of it at each vendor. Texts of people are masked. */
import type { Pool } from 'pg'
import type { DeliveryState } from '../delivery/outcome.ts'
import { timeOfId } from '../events/id-time.ts'
import { scrub } from '../privacy/mask.ts'
import { asWordedNow } from '../vendors/reworded.ts'
import {
  type ActivityFilter,
  type ActivityOutcome,
  type Found,
  findEvents,
  OUTCOMES,
  type Place,
} from './activity-scan.ts'
import { STANDS_SINCE } from './waits-since.ts'

export type ActivityDelivery = {
  vendor: string
  outcome: ActivityOutcome
  /** Of what waits: it waits for its person, and may never be sent. */
  forVisitor: boolean
  /** Whether it had arrived before it was sent again by hand. */
  deliveredBefore: boolean
  reason: string | null
  message: string | null
  /** Since when it waits or is held; null: neither. */
  since: Date | null
}
export type ActivityLine = {
  id: string
  type: string
  source: string
  receivedAt: Date
  /** The order's name, the product's, the page's or the collection's title, or what was searched for. */
  about: string | null
  deliveries: ActivityDelivery[]
}
export type ActivityPage = {
  lines: ActivityLine[]
  newer: Place | null
  older: Place | null
  /** When what was looked at last was received, where the search was given up before it had a page. */
  lookedBackTo: Date | null
}

const PAGE = 50

/** @param place null: from the newest */
export async function activityPage(
  pool: Pool,
  filter: ActivityFilter,
  place: Place | null,
): Promise<ActivityPage> {
  const found = await findEvents(pool, filter, place, PAGE)
  const backwards = place !== null && 'after' in place
  // What has come since is on the first page, which is to be full.
  if (backwards && !found.more) return activityPage(pool, filter, null)
  const ids = backwards ? found.ids.toReversed() : found.ids
  return {
    lines: await linesOf(pool, filter.shopId, ids),
    ...placesOf(found, ids, place, backwards),
    lookedBackTo: found.gaveUpAt !== null && !backwards ? timeOfId(found.gaveUpAt) : null,
  }
}

/** `upTo`: the event up to which was looked, where that was not to the end: the next look goes on from there. */
export type News = { isThere: boolean; upTo: string }

/** Whether a filter finds something newer than an event, by one look, so that it may be asked every few seconds. */
export async function newsSince(pool: Pool, filter: ActivityFilter, eventId: string): Promise<News> {
  const { ids, gaveUpAt } = await findEvents(pool, filter, { after: eventId }, 1, 1)
  return { isThere: ids.length > 0, upTo: gaveUpAt ?? eventId }
}

function placesOf(
  { more, gaveUpAt }: Found,
  ids: readonly string[],
  place: Place | null,
  backwards: boolean,
) {
  const [first, last] = [ids[0], ids.at(-1)]
  const end = gaveUpAt ?? last
  if (!backwards) {
    const start = first ?? (place && 'before' in place ? place.before : undefined)
    return {
      newer: place && start !== undefined ? { after: start } : null,
      older: more && end !== undefined ? { before: end } : null,
    }
  }
  return {
    newer: (gaveUpAt ?? first) === undefined ? null : { after: gaveUpAt ?? first ?? '' },
    older: last === undefined ? null : { before: last },
  }
}

type EventLine = { id: string; type: string; source: string; received_at: Date; about: string | null }
type DeliveryLine = {
  event_id: string
  vendor: string
  state: DeliveryState
  reason: string | null
  message: string | null
  delivered_before: boolean
  since: Date | null
}

/** What an event `e` is about, in a word: not all notices of an order bear its name, but others of the same order do. */
const ABOUT = `coalesce(e.data #>> '{order,name}', e.data #>> '{product,title}', e.data #>> '{collection,title}', e.data ->> 'query',
  e.data #>> '{page,title}', case when e.subject like 'order:%' then coalesce(
    (select o.data #>> '{order,name}' from events o where o.shop_id = e.shop_id and o.subject = e.subject
     and (o.data #>> '{order,name}') is not null limit 1), substr(e.subject, 7)) end)`
const aboutText = (about: string | null | undefined) => (about ? scrub(about).slice(0, 120) : null)

export type EventName = { type: string; about: string | null }

/** Of some events, each looked up by itself; what is not kept is left out. */
export async function eventNames(
  pool: Pool,
  shopId: number,
  ids: readonly string[],
): Promise<Map<string, EventName>> {
  const { rows } = await pool.query<EventName & { id: string }>(
    `select e.id, e.type, ${ABOUT} as about from unnest($2::uuid[]) x(id)
     cross join lateral (select * from events where shop_id = $1 and id = x.id limit 1) e`,
    [shopId, ids],
  )
  return new Map(rows.map(({ id, type, about }) => [id, { type, about: aboutText(about) }]))
}

/** The same of one event. */
export async function aboutOf(pool: Pool, shopId: number, eventId: string): Promise<string | null> {
  return (await eventNames(pool, shopId, [eventId])).get(eventId)?.about ?? null
}

async function linesOf(pool: Pool, shopId: number, ids: readonly string[]): Promise<ActivityLine[]> {
  if (ids.length === 0) return []
  const values = [shopId, ids, ids.at(-1), ids[0]]
  const [events, deliveries] = await Promise.all([
    pool.query<EventLine>(
      `select id, type, source, received_at, ${ABOUT} as about
       from events e where shop_id = $1 and id = any($2::uuid[]) and id between $3 and $4 order by id desc`,
      values,
    ),
    pool.query<DeliveryLine>(
      `select d.event_id, d.vendor, d.state, d.reason, d.message, d.delivered_before, ${STANDS_SINCE} as since
       from deliveries d left join connections c on c.shop_id = $1 and c.vendor = d.vendor
       where d.shop_id = $1 and d.event_id = any($2::uuid[]) and d.event_id between $3 and $4 order by d.vendor`,
      values,
    ),
  ])
  const byEvent = Map.groupBy(deliveries.rows, row => row.event_id)
  return events.rows.map(({ id, type, source, received_at, about }) => ({
    id,
    type,
    source,
    receivedAt: received_at,
    about: aboutText(about),
    deliveries: (byEvent.get(id) ?? []).map(
      ({ vendor, state, reason, message, delivered_before, since }) => ({
        ...{ vendor, outcome: outcomeOf(state), forVisitor: state === 'waiting' },
        deliveredBefore: delivered_before,
        ...{ reason, message: asWordedNow(message), since },
      }),
    ),
  }))
}

const BY_STATE = new Map<string, ActivityOutcome>(
  (Object.keys(OUTCOMES) as ActivityOutcome[]).flatMap(outcome =>
    OUTCOMES[outcome].map(state => [state, outcome] as const),
  ),
)

/** A delivery's state as a merchant sees it. */
export function outcomeOf(state: string): ActivityOutcome {
  return BY_STATE.get(state) ?? 'waiting'
}
