/**
 * A shop's events and what became of them, to take away: pages of lines of JSON, or of a table (./export-csv.ts), in the order of receipt,
 * each page from an event on.
 * People are masked as they are on the page of an event, and what was sent and came back is not part of it.
 */
import type { Pool } from 'pg'
import { firstIdOf } from '../db/partitions.ts'
import { type EventRow, eventColumns, fromRow } from '../delivery/event-rows.ts'
import type { Actor, StoreEvent } from '../events/store-event.ts'
import { maskEmail } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'
import { asWordedNow } from '../vendors/reworded.ts'
import { describeEvent } from './explain.ts'
import { csvOf, type ExportEvent, type ExportTable } from './export-csv.ts'

/** Some 1 MB of lines. A table takes longer to write. */
const PAGE = { lines: 500, table: 300 }

export type Exporting = {
  pool: Pool
  sealer: Sealer
  /** All of a page at once: the events with whom each is taken for; one of which that cannot be told is left out. */
  withPeople(events: readonly StoreEvent[]): Promise<readonly StoreEvent[]>
}
/** Received at or after, and before. */
export type ExportPeriod = { since: Date; until: Date }
export type ExportPage = {
  /** Of JSON: an event with its deliveries on each, with a line feed at its end. */
  lines: string
  count: number
  /** The event after which the next page begins; null: this was the last. */
  next: string | null
  /** Up to when everything is in this page and those before it. */
  reached: Date
}

type DeliveryRow = {
  event_id: string
  vendor: string
  state: string
  reason: string | null
  message: string | null
  attempts: number
  created_at: Date
  updated_at: Date
}

/**
 * @param after the event after which it begins; null: at the beginning of the period
 * @param table how a table is written; null: lines of JSON
 * @param zone IANA's name of the time zone by whose clock a table's times are; null: not known, and they are in UTC
 */
export async function exportPage(
  { pool, sealer, withPeople }: Exporting,
  shopId: number,
  { since, until }: ExportPeriod,
  after: string | null,
  table: ExportTable | null,
  zone: string | null,
): Promise<ExportPage> {
  const most = table ? PAGE.table : PAGE.lines
  const { rows } = await pool.query<EventRow>(
    `select ${eventColumns('e')} from events e
     where e.shop_id = $1 and e.id >= $2 and e.id < $3 and ($4::uuid is null or e.id > $4)
     order by e.id limit ${most}`,
    [shopId, firstIdOf(since), firstIdOf(until), after],
  )
  const deliveries = Map.groupBy(await deliveriesOf(pool, shopId, rows), ({ event_id }) => event_id)
  const read = rows.map(row => readIn(sealer, shopId, row))
  // What bears an e-mail address says itself whose it is.
  const bare = read.flatMap(each => ('event' in each && each.event.actor.email === null ? each.event : []))
  const known = bare.length > 0 ? await withPeople(bare) : []
  const people = new Map(known.map(({ id, actor }) => [id, actor]))
  const events = read.map(each => lineOf(each, people, deliveries))
  const last = rows.length === most ? rows.at(-1) : undefined
  return {
    lines: table
      ? csvOf(events, { ...table, zone, first: after === null })
      : events.map(event => `${JSON.stringify(event)}\n`).join(''),
    count: rows.length,
    next: last?.id ?? null,
    reached: last?.received_at ?? until,
  }
}

async function deliveriesOf(pool: Pool, shopId: number, events: readonly EventRow[]): Promise<DeliveryRow[]> {
  const ids = events.map(({ id }) => id)
  const { rows } = await pool.query<DeliveryRow>(
    `select event_id, vendor, state, reason, message, attempts, created_at, updated_at from deliveries
     where shop_id = $1 and event_id = any($2::uuid[]) and event_id between $3 and $4 order by event_id, vendor`,
    [shopId, ids, ids[0], ids.at(-1)],
  )
  return rows
}

/** `unreadable`: what can be said of it all the same. */
type Read = { event: StoreEvent } | { unreadable: Omit<ExportEvent, 'deliveries'> }

/** One event that cannot be read, such as one sealed with a key that is gone, must not keep all others from being taken away. */
function readIn(sealer: Sealer, shopId: number, row: EventRow): Read {
  try {
    return { event: fromRow(sealer, shopId, row) }
  } catch {
    const { id, type, source, occurred_at, received_at } = row
    const times = { occurredAt: occurred_at.toISOString(), receivedAt: received_at.toISOString() }
    return { unreadable: { id, type, source, ...times, unreadable: true } }
  }
}

/** @param people whom each is taken for, by its id */
function lineOf(
  read: Read,
  people: ReadonlyMap<string, Actor>,
  deliveries: ReadonlyMap<string, readonly DeliveryRow[]>,
): ExportEvent {
  const event = 'event' in read ? withPerson(describeEvent(read.event), people) : read.unreadable
  const became = deliveries.get(event.id) ?? []
  return {
    ...event,
    deliveries: became.map(({ vendor, state, reason, message, attempts, created_at, updated_at }) => ({
      ...{ vendor, state, reason, message: asWordedNow(message), attempts },
      createdAt: created_at.toISOString(),
      updatedAt: updated_at.toISOString(),
    })),
  }
}

function withPerson(
  event: ReturnType<typeof describeEvent>,
  people: ReadonlyMap<string, Actor>,
): Omit<ExportEvent, 'deliveries'> {
  const known = people.get(event.id)
  if (!known) return event
  const { customerId, email } = known
  const person = { customerId, email: email && maskEmail(email) }
  const { actor } = event
  return person.customerId === actor.customerId && person.email === actor.email ? event : { ...event, person }
}
