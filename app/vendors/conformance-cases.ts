/** Events as the world may send them: every field missing in turn, hostile texts in every place that takes text. */
import { parseStoreEvent, type StoreEvent } from '../events/store-event.ts'

export type EventCase = { name: string; event: StoreEvent }

/** Texts that break careless code, by what they are. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  empty: '',
  blanks: ' \t\n ',
  'control characters': 'a\u0000b\u0007c\r\nd\u001b[31m',
  'a lone surrogate': 'half \ud83d',
  emoji: '🪔'.repeat(300),
  '100 kB': 'x'.repeat(100_000),
  HTML: '<script>alert("1")</script>&amp;',
  __proto__: '__proto__',
  'a path': '../../etc?x=1#y&z=%00',
}

type Path = readonly string[]

const children = (value: unknown): [string, unknown][] =>
  value && typeof value === 'object' ? Object.entries(value) : []

/** Every place in the event's actor and data, outer places before what they hold. */
function places(event: StoreEvent): Path[] {
  const below = (value: unknown, path: Path): Path[] =>
    children(value).flatMap(([key, child]) => [[...path, key], ...below(child, [...path, key])])
  return [['subject'], ['version'], ...below(event.actor, ['actor']), ...below(event.data, ['data'])]
}

function at(event: StoreEvent, path: Path): unknown {
  return path.reduce<unknown>((value, key) => children(value).find(([name]) => name === key)?.[1], event)
}

/** The event with another value in one place, or null when the event schema does not allow it there. */
function changed(event: StoreEvent, path: Path, value: unknown): StoreEvent | null {
  const copy = structuredClone(event)
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((part, key) => (part as Record<string, unknown> | null)?.[key], copy)
  if (!holder || typeof holder !== 'object') return null
  Object.assign(holder, { [path.at(-1) ?? '']: value })
  return isValid(copy) ? copy : null
}

function isValid(event: StoreEvent): boolean {
  try {
    parseStoreEvent(event)
    return true
  } catch {
    return false
  }
}

function emptied(event: StoreEvent, path: Path): StoreEvent | null {
  return Array.isArray(at(event, path)) ? changed(event, path, []) : changed(event, path, null)
}

/** The event with as much as the schema allows emptied, taking the places in the order given. */
function allEmptied(event: StoreEvent, order: Path[]): StoreEvent {
  return order.reduce((before, path) => emptied(before, path) ?? before, event)
}

/** The event with each nullable or listed field emptied in turn, then with all of them emptied. */
export function missingCases(event: StoreEvent): EventCase[] {
  const all = places(event)
  const single = all.flatMap(path => {
    const without = emptied(event, path)
    return without ? [{ name: `${event.type} without ${path.join('.')}`, event: without }] : []
  })
  return [
    ...single,
    { name: `${event.type} without anything`, event: allEmptied(event, all) },
    { name: `${event.type} with every inner field empty`, event: allEmptied(event, all.toReversed()) },
  ]
}

/** The event with each hostile text in each place that holds text in turn, then in all places at once. */
export function hostileCases(event: StoreEvent): EventCase[] {
  const texts = places(event).filter(path => typeof at(event, path) === 'string')
  const cases = Object.entries(HOSTILE_TEXTS).flatMap(([name, text]) => {
    const each = texts.flatMap(path => {
      const bad = changed(event, path, text)
      return bad ? [{ name: `${event.type} with ${name} in ${path.join('.')}`, event: bad }] : []
    })
    const everywhere = texts.reduce((before, path) => changed(before, path, text) ?? before, event)
    return [...each, { name: `${event.type} with ${name} everywhere`, event: everywhere }]
  })
  const trapped: unknown = JSON.parse('{"__proto__":"x","constructor":"y","":"z"}')
  const attributes = changed(event, ['actor', 'attributes'], trapped)
  return attributes
    ? [...cases, { name: `${event.type} with trapped attribute names`, event: attributes }]
    : cases
}

/** The same value, frozen through and through: changing it throws. */
export function frozen<T>(value: T): T {
  for (const [, child] of children(value)) frozen(child)
  return value instanceof Date ? value : Object.freeze(value)
}
