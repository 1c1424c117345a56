/** Events and their deliveries as a table that spreadsheets open: a row each delivery, and one for an event without any. Pure. */
import { stringify } from 'csv-stringify/sync'
import { amountOf } from '../events/amount.ts'
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
type Named = { customerId: string | null; email: string | null }
export type ExportEvent = {
  id: string
  type: string
  source: string
  occurredAt: string
  receivedAt: string
  subject?: string | null
  actor?: Named
  /** Whose it is taken for by what is known now, as far as the event does not say so itself. Masked. */
  person?: Named
  data?: unknown
  unreadable?: true
  deliveries: readonly ExportDelivery[]
}

/** What people read, in this order, and after it the codes of the same, which are the same in all languages. */
const READ = [
  ...['event', 'order', 'product', 'amount', 'currency', 'amountOnce', 'occurred', 'received', 'source'],
  ...[
    'customer',
    'email',
    'tool',
    'outcome',
    'reason',
    'message',
    'attempts',
    'accepted',
    'changed',
    'unreadable',
  ],
] as const
/** Those that are times: what they are called is followed by the zone by whose clock they are. */
const TIMES: readonly string[] = ['occurred', 'received', 'accepted', 'changed']
const CODES = [
  ...['event_id', 'event_code', 'source_code', 'subject', 'occurred_at', 'received_at'],
  ...['tool_code', 'outcome_code', 'reason_code', 'accepted_at', 'changed_at'],
]

/** The words of the pages for what is stored as a code; what has none is written as it is. */
export type ExportWords = {
  columns: Readonly<Record<(typeof READ)[number], string>>
  /** @param list which words */
  word(list: 'type' | 'source' | 'outcome' | 'reason', code: string): string
  tool(id: string): string
  /** What was built in English, in the table's language. */
  say(english: string): string
  yes: string
}
export type ExportTable = { separator: Separator; words: ExportWords }

/**
 * With line ends as RFC 4180 has them. A cell that a spreadsheet would take for a formula is made text by an apostrophe before it, and so is a
 * number too long for one.
 * Among the codes times have their offset, by which the two hours that a clock shows twice are told apart.
 * @param zone IANA's name of the time zone by whose clock times are; null: not known, and they are in UTC
 * @param first with the names of the columns, and a byte order mark by which spreadsheets know that it is UTF-8
 */
export function csvOf(
  events: readonly ExportEvent[],
  { separator, words, zone, first }: ExportTable & { zone: string | null; first: boolean },
): string {
  const time = eachOnce(isoIn(zone))
  const rows = events.flatMap(event => rowsOf(event, { separator, words }, time))
  return stringify(rows, {
    ...{ bom: first, header: first, columns: [...READ.map(name => titleOf(name, words, zone)), ...CODES] },
    ...{ delimiter: separator, record_delimiter: 'windows', escape_formulas: true, cast: { string: asText } },
  })
}

function titleOf(name: (typeof READ)[number], { columns }: ExportWords, zone: string | null): string {
  return TIMES.includes(name) ? `${columns[name]} (${zone ?? 'UTC'})` : columns[name]
}

/** As spreadsheets know a date: with a zone behind it, it would be text to them. @param iso by the clock of a zone */
const clockOf = (iso: string) => iso.slice(0, 19).replace('T', ' ')

/** Telling the time of a zone takes most of a table's time, and what became of an event is of few seconds. */
function eachOnce(time: (iso: string) => string): (iso: string) => string {
  const told = new Map<string, string>()
  return iso => {
    const second = iso.slice(0, 19)
    const known = told.get(second) ?? time(iso)
    told.set(second, known)
    return known
  }
}

/** Spreadsheets keep no more than 15 digits of a number. Shorter ones stay numbers, by which they are found elsewhere. */
const asText = (cell: string) => (/^\d{16,}$/.test(cell) ? `'${cell}` : cell)

type Cell = string | number | null

function rowsOf(
  { deliveries, ...event }: ExportEvent,
  { separator, words }: ExportTable,
  time: (iso: string) => string,
): Cell[][] {
  const { id, type, source, occurredAt, receivedAt, subject = null, actor, person, data } = event
  const { customerId = null, email = null } = person ?? actor ?? {}
  const { value, currency } = amountOf(data) ?? { value: null, currency: null }
  const [occurred, received] = [time(occurredAt), time(receivedAt)]
  const amount = value && decimalIn(value, separator)
  /** @param place of its rows, of which the first alone counts its amount */
  const told = (place: number) => [
    ...[words.word('type', type), orderName(data), productName(data)],
    ...[amount, currency, place === 0 ? amount : null],
    ...[clockOf(occurred), clockOf(received), words.word('source', source), customerId, email],
  ]
  const unreadable = event.unreadable ? words.yes : null
  const codes = [id, type, source, subject, occurred, received]
  if (deliveries.length === 0) return [[...told(0), ...NONE_READ, unreadable, ...codes, ...NO_CODES]]
  return deliveries.map(({ vendor, state, reason, message, attempts, createdAt, updatedAt }, place) => {
    const outcome = outcomeOf(state)
    const [accepted, changed] = [time(createdAt), time(updatedAt)]
    return [
      ...[...told(place), words.tool(vendor)],
      ...[
        words.word('outcome', state === 'waiting' ? 'for_visitor' : outcome),
        reason && words.word('reason', reason),
        message && words.say(message),
        attempts,
      ],
      ...[clockOf(accepted), clockOf(changed), unreadable],
      ...[...codes, vendor, outcome, reason, accepted, changed],
    ]
  })
}

const NONE_READ: readonly null[] = Array(7).fill(null)
const NO_CODES: readonly null[] = Array(5).fill(null)

/** Where cells are parted by semicolons, a spreadsheet reads a number with a decimal comma, and a point may make a date of it. */
const decimalIn = (value: string, separator: Separator) =>
  separator === ';' ? value.replace('.', ',') : value

function orderName(data: unknown): string | null {
  const { order } = (data ?? {}) as { order?: { name?: unknown } | null }
  return textOf(order?.name)
}

function productName(data: unknown): string | null {
  const { product } = (data ?? {}) as { product?: { title?: unknown } | null }
  return textOf(product?.title)
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)
