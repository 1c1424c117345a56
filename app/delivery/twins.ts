/**
 * One happening that both collectors have told of, the theme's embed and the web pixel, is sent once. Each event has at most
 * one twin: two views of a product within ten seconds that both have told of are two pairs, and so two views.
 */
import type { Pool } from 'pg'
import { firstIdOf, LAST_ID } from '../db/partitions.ts'
import type { StoreEvent } from '../events/store-event.ts'
import type { EventType } from '../events/types.ts'
import { COLLECTORS } from './collectors.ts'
import type { Due } from './decide.ts'
import type { Lane } from './lane.ts'
import { type Outcome, skipped } from './outcome.ts'
import type { Recorder } from './record.ts'
import { decisionsOf } from './record-rows.ts'

/** How far apart the two may say that it was. */
const WITHIN_MS = 10_000
/** An event is received after it has happened, by clocks that may differ by so much. */
const CLOCKS_MS = 60_000

const TYPES: ReadonlySet<EventType> = new Set([
  'page_viewed',
  'collection_viewed',
  'product_viewed',
  'search_submitted',
  'product_added_to_cart',
  'product_removed_from_cart',
  'cart_viewed',
])

/** What was told by a collector, and where its delivery in the lane stands; null: it has none. */
export type Told = {
  id: string
  source: string
  type: string
  visitor: string
  at: Date
  variant: string | null
  collection: string | null
  query: string | null
  url: string | null
  state: string | null
  attempts: number | null
}

/**
 * Ends those whose twin is sent already, or is to be. One query where a shop has both collectors, none elsewhere.
 * @returns the others
 */
export async function withoutTwins(
  { pool, recorder }: { pool: Pool; recorder: Recorder },
  lane: Lane,
  collectors: readonly string[],
  due: readonly Due[],
): Promise<readonly Due[]> {
  const outcomes = await twinsAmong(pool, lane, collectors, due)
  if (outcomes.size === 0) return due
  await recorder.record(decisionsOf(lane, outcomes))
  return due.filter(({ event }) => !outcomes.has(event.id))
}

/** Those whose twin is sent already, or is to be, by event id. */
export async function twinsAmong(
  pool: Pool,
  lane: Lane,
  collectors: readonly string[],
  due: readonly Pick<Due, 'event' | 'replayed'>[],
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  // What this turn has read of the shop may be older than its first event of a collector.
  const telling = new Set([...collectors, ...due.map(({ event }) => event.source)])
  if (!COLLECTORS.every(collector => telling.has(collector))) return outcomes
  const seen = due.filter(({ event, replayed }) => !replayed && isTold(event))
  if (seen.length === 0) return outcomes
  const told = await toldAround(
    pool,
    lane,
    seen.map(({ event }) => event),
  )
  const twins = pairs(told)
  const byId = new Map(told.map(one => [one.id, one]))
  for (const { event } of seen) {
    const twin = byId.get(twins.get(event.id) ?? '')
    if (twin && givesWay(event.source, twin)) outcomes.set(event.id, skipped('counted_once'))
  }
  return outcomes
}

function isTold({ source, type, actor }: StoreEvent): boolean {
  return COLLECTORS.some(collector => collector === source) && TYPES.has(type) && actor.visitorId !== null
}

/**
 * Which event was sent in the place of one that ended as `counted_once`.
 * @param decidedAt when it ended: what was told later had no part in it
 * @returns the event's id; null when it is known no more
 */
export async function twinOf(
  pool: Pool,
  lane: Lane,
  event: StoreEvent,
  decidedAt: Date,
): Promise<string | null> {
  if (!isTold(event)) return null
  const last = firstIdOf(new Date(decidedAt.getTime() + CLOCKS_MS))
  const told = await toldAround(pool, lane, [event], last)
  return pairs(told).get(event.id) ?? null
}

async function toldAround(
  pool: Pool,
  lane: Lane,
  events: readonly StoreEvent[],
  before = LAST_ID,
): Promise<Told[]> {
  const first = Math.min(...events.map(({ occurredAt }) => Date.parse(occurredAt)))
  const result = await pool.query<Told>({
    name: 'told-around',
    text: `select e.id, e.source, e.type, e.visitor_id as visitor, e.occurred_at as at,
       coalesce(e.data -> 'product' ->> 'variantId', e.data -> 'product' ->> 'id') as variant,
       e.data -> 'collection' ->> 'id' as collection, e.data ->> 'query' as query, e.data ->> 'url' as url, d.state, d.attempts
     from events e left join deliveries d on d.shop_id = $1 and d.event_id = e.id and d.vendor = $2 and d.event_id >= $5
     where e.shop_id = $1 and e.visitor_id = any($3) and e.type = any($4) and e.id >= $5
       and e.id < $6 and e.source in ('storefront', 'pixel')`,
    values: [
      lane.shopId,
      lane.vendor,
      [...new Set(events.flatMap(({ actor }) => actor.visitorId ?? []))],
      [...new Set(events.map(({ type }) => type))],
      firstIdOf(new Date(first - WITHIN_MS - CLOCKS_MS)),
      before,
    ],
  })
  return result.rows
}

/** Earliest with earliest. Pure. @returns by event id, its twin's */
export function pairs(told: readonly Told[]): Map<string, string> {
  const twins = new Map<string, string>()
  for (const same of Map.groupBy(told, happeningOf).values()) {
    const [ofTheme = [], ofPixel = []] = COLLECTORS.map(source =>
      same.filter(one => one.source === source).sort(byTime),
    )
    for (const one of ofTheme) {
      const place = ofPixel.findIndex(({ at }) => at.getTime() >= one.at.getTime() - WITHIN_MS)
      const [other] = place < 0 ? [] : ofPixel.splice(0, place + 1).slice(-1)
      if (!other) continue
      if (other.at.getTime() <= one.at.getTime() + WITHIN_MS)
        twins.set(one.id, other.id).set(other.id, one.id)
      else ofPixel.unshift(other)
    }
  }
  return twins
}

function byTime(a: Told, b: Told): number {
  return a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1)
}

/** What the two say of one happening alike. The path, because they may write the rest of an address differently. */
function happeningOf({ visitor, type, variant, collection, query, url }: Told): string {
  if (type === 'search_submitted') return JSON.stringify([visitor, type, query?.trim().toLowerCase()])
  if (type === 'cart_viewed') return JSON.stringify([visitor, type])
  const subject = variant ?? collection
  return JSON.stringify([visitor, type, subject ?? pathOf(url)])
}

function pathOf(url: string | null): string | null {
  return url === null ? null : (URL.parse(url, 'https://shop.invalid')?.pathname.replace(/\/$/, '') ?? url)
}

/** Of two that are not decided the theme's is sent: Shopify signed it, and it may name the customer. */
function givesWay(source: StoreEvent['source'], twin: Told): boolean {
  switch (twin.state) {
    case null:
    case 'skipped':
    case 'dead':
      return false
    case 'delivered':
      return true
    case 'pending':
    case 'retry':
      return (twin.attempts ?? 0) > 0 || source === 'pixel'
    default:
      return source === 'pixel'
  }
}
