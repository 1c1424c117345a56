/** Events and their deliveries as a table that spreadsheets open: a row each delivery, and one for an event without any. Pure. */
import { stringify } from 'csv-stringify/sync'
import { isoIn } from '../ui/clock.ts'
import { outcomeOf } from './activity.ts'

/** Spreadsheets expect a semicolon where the comma is the decimal mark. */
export const SEPARATORS = [',', ';'] as const
export type Separator = (typeof SEPARATORS)[number]

export type ExportDelivery = {
  vendor: string
  state: string
  reason: string | null
  message: string | null
  attempts: number
  createdAt: string
  updatedAt: string
}
/** `unreadable`: it cannot be unsealed any more, so that not more of it is known. */
export type ExportEvent = {
  id: string
  type: string
  source: string
  occurredAt: string
  receivedAt: string
  subject?: string | null
  actor?: { customerId: string | null; email: string | null }
  data?: unknown
  unreadable?: true
  deliveries: readonly ExportDelivery[]
}

const COLUMNS = [
  ...[
    'event_id',
    'event',
    'source',
    'occurred_at',
    'received_at',
    'subject',
    'order',
    'customer_id',
    'email',
  ],
  ...['tool', 'outcome', 'reason', 'message', 'attempts', 'accepted_at', 'changed_at', 'unreadable'],
]

/**
 * With line ends as RFC 4180 has them. A cell that a spreadsheet would take for a formula is made text by an apostrophe before it, and so is a
 * number too long for one.
 * @param zone IANA's name of the time zone by whose clock times are; null: not known, and they are in UTC
 * @param first with the names of the columns, and a byte order mark by which spreadsheets know that it is UTF-8
 */
export function csvOf(
  events: readonly ExportEvent[],
  { separator, zone, first }: { separator: Separator; zone: string | null; first: boolean },
): string {
  const time = isoIn(zone)
  const rows = events.flatMap(event => rowsOf(event, time))
  return stringify(rows, {
    ...{ bom: first, header: first, columns: COLUMNS, delimiter: separator },
    ...{ record_delimiter: 'windows', escape_formulas: true, cast: { string: asText } },
  })
}

/** Spreadsheets write a number of more than 11 digits as 7.01E+12, and keep no more than 15 digits of it. */
const asText = (cell: string) => (/^\d{12,}$/.test(cell) ? `'${cell}` : cell)

function rowsOf(
  { deliveries, ...event }: ExportEvent,
  time: (iso: string) => string,
): (string | number | null)[][] {
  const { id, type, source, occurredAt, receivedAt, subject = null, actor, data } = event
  const { customerId = null, email = null } = actor ?? {}
  const cannotBeRead = event.unreadable ? 'true' : null
  const times = [time(occurredAt), time(receivedAt)]
  const told = [id, type, source, ...times, subject, orderName(data), customerId, email]
  if (deliveries.length === 0) return [[...told, ...NO_DELIVERY, cannotBeRead]]
  return deliveries.map(({ vendor, state, reason, message, attempts, createdAt, updatedAt }) => [
    ...told,
    ...[vendor, outcomeOf(state), reason, message, attempts, time(createdAt), time(updatedAt), cannotBeRead],
  ])
}

const NO_DELIVERY = [null, null, null, null, null, null, null]

function orderName(data: unknown): string | null {
  const { order } = (data ?? {}) as { order?: { name?: unknown } | null }
  return typeof order?.name === 'string' ? order.name : null
}
