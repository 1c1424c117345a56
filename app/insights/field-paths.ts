/** Fields of a store event by path: which there are, what they hold, and the event with another value there. Pure. */
import { DATA_SCHEMAS } from '../events/data.ts'
import { actorSchema, type StoreEvent } from '../events/store-event.ts'

/** From the event on: ["data", "order", "lines", "0", "total"]. */
export type Path = readonly string[]

/** Of a list of things so many are looked at: all are of one kind. */
const MOST_OF_LIST = 2

/** What one value stands for: a list of texts, or what has names of its own, counts as one field. */
const WHOLE = new Set(['tags', 'discountCodes', 'attributes', 'metafields', 'address'])

/** When it happened, who did it, and what it carries: each field once. Ids and keys of ours are none. */
export function fieldsIn(event: StoreEvent): Path[] {
  return [['occurredAt'], ...below(event.actor, ['actor']), ...below(event.data, ['data'])]
}

function below(value: unknown, path: Path): Path[] {
  const name = path.at(-1) ?? ''
  const isWhole = (WHOLE.has(name) && name !== 'address') || (name === 'address' && value === null)
  if (isWhole || value === null || typeof value !== 'object') return [path]
  if (Array.isArray(value))
    return value.length === 0
      ? [path]
      : value.slice(0, MOST_OF_LIST).flatMap((item, place) => below(item, [...path, String(place)]))
  return Object.entries(value).flatMap(([key, item]) => below(item, [...path, key]))
}

/** The event with its lists of things as short as they are looked at, so that planning it over and over costs little. */
export function withShortLists(event: StoreEvent): StoreEvent {
  return { ...event, data: shortened(event.data) } as StoreEvent
}

function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, MOST_OF_LIST).map(shortened)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, WHOLE.has(name) ? item : shortened(item)]),
  )
}

/** The field's name, the same for each thing of a list: "order.lines.total", "actor.email". */
export function nameOf(path: Path): string {
  return path.filter(part => part !== 'data' && !/^\d+$/.test(part)).join('.')
}

export function valueAt(event: StoreEvent, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], event)
}

/** Whether nothing is known there: null, or empty. */
export function isUnknown(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** The event with another value there; null when no event can have that. */
export function withValue(event: StoreEvent, path: Path, value: unknown): StoreEvent | null {
  const [part, ...rest] = path
  const data: unknown = part === 'data' ? put(event.data, rest, value) : event.data
  const schema = DATA_SCHEMAS[event.type]
  if (part === 'data') return schema.safeParse(data).success ? ({ ...event, data } as StoreEvent) : null
  if (part !== 'actor') return { ...event, [part ?? '']: value } as StoreEvent
  const actor: unknown = put(event.actor, rest, value)
  return actorSchema.safeParse(actor).success ? ({ ...event, actor } as StoreEvent) : null
}

/** A copy with another value there; what is not on the way is shared. */
function put(holder: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value
  if (Array.isArray(holder))
    return holder.map((item, at) => (String(at) === key ? put(item, rest, value) : item))
  if (holder === null || typeof holder !== 'object') return undefined
  return { ...holder, [key]: put((holder as Record<string, unknown>)[key], rest, value) }
}

/** The event without what it knows there; null when it cannot be without it. */
export function without(event: StoreEvent, path: Path): StoreEvent | null {
  if (path[0] !== 'actor' && path[0] !== 'data') return null
  const value = valueAt(event, path)
  if (Array.isArray(value)) return withValue(event, path, [])
  return withValue(event, path, null) ?? (typeof value === 'object' ? withValue(event, path, {}) : null)
}

/** The event with another value of the same kind there; null when none is found. */
export function varied(event: StoreEvent, path: Path): StoreEvent | null {
  for (const value of otherValues(valueAt(event, path))) {
    const other = withValue(event, path, value)
    if (other) return other
  }
  return null
}

function otherValues(value: unknown): unknown[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [value + 1]
  if (typeof value === 'string') return otherTexts(value)
  if (Array.isArray(value)) return otherValues(value[0]).map(first => [first, ...value.slice(1)])
  if (value === null || typeof value !== 'object') return []
  const names = Object.keys(value)
  // All at once: which of them is asked for, the settings say.
  return [
    Object.fromEntries(Object.entries(value).map(([name, own]) => [name, otherValues(own)[0] ?? own])),
  ].filter(() => names.length > 0)
}

const SECOND = 1_000

function otherTexts(text: string): string[] {
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return [new Date(Date.parse(text) - SECOND).toISOString()]
  if (/^-?\d+\.\d+$/.test(text)) return [`${text}1`, `1${text}`]
  if (/^\d+$/.test(text)) return [`1${text.slice(1)}7`, '7']
  if (/^[A-Z]{3}$/.test(text)) return [text === 'XTS' ? 'XXX' : 'XTS', `x${text}`]
  if (/^https?:/.test(text)) return [`${text}${text.includes('?') ? '&' : '?'}other=1`]
  if (text.startsWith('+')) return [`${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`]
  // States are words of Shopify's: another one is as good as any.
  return [`x${text}`]
}
