/**
 * Where each field of a store event goes at a vendor, found out by planning the event again with another value in the
 * field and looking what has changed in the requests. So it says what the code does, whatever the vendor. Pure.
 */
import type { Made } from '../delivery/preview.ts'
import type { StoreEvent } from '../events/store-event.ts'
import type { Json } from '../vendors/vendor.ts'
import { fieldsIn, isUnknown, nameOf, type Path, valueAt, varied, without, withValue } from './field-paths.ts'

/** One field of the event. */
export type SettingNamed = { setting: string; label: string }
export type Traced = {
  /** "order.lines.total", "actor.email" */
  field: string
  /** Whether the event knows it. */
  known: boolean
  /** Where it stands in the requests: "transaction.amount", "items[].price"; "" for the request's address. */
  goes: string[]
  /** Whether it has a part in whether anything is sent, or by which requests. */
  decides: boolean
  /** Why nothing is sent without it; null: it can do without. */
  needed: string | null
  /** Fields that it stands in for where they are not known. */
  standsInFor: string[]
  /** Settings with which it would be sent, by name and as they are called. */
  elsewhere: SettingNamed[]
}

type Planning = (event: StoreEvent) => Made
export type Tracing = {
  plan: Planning
  /** Planning by other settings, with what the changed setting is called. */
  variants: readonly (SettingNamed & { plan: Planning })[]
  /** Events of the same kind which tell where a field would go that this one does not know. */
  fillers: readonly StoreEvent[]
}

type Field = {
  path: Path
  name: string
  known: boolean
  /** An event that differs from another in this field alone; null: there is none. */
  vary(event: StoreEvent): StoreEvent | null
  change: Change
  /** The event without it, and what comes of that; null: it cannot be without it. */
  bare: StoreEvent | null
  lacking: Made | null
}

/** @returns none when nothing is sent of the event */
export function tracesOf(event: StoreEvent, { plan, variants, fillers }: Tracing): Traced[] {
  const made = plan(event)
  if (made.kind !== 'sent') return []
  const fields = fieldsIn(event).map((path): Field => {
    const known = !isUnknown(valueAt(event, path))
    const vary = (other: StoreEvent) => (known ? varied(other, path) : filled(other, path, fillers))
    const other = vary(event)
    const change = other ? changeBetween(made, plan(other)) : NO_CHANGE
    const bare = known ? without(event, path) : null
    const lacking = bare ? plan(bare) : null
    const decides = change.decides || (lacking !== null && lacking.kind !== 'sent')
    return { path, name: nameOf(path), known, vary, change: { ...change, decides }, bare, lacking }
  })
  const isUsed = ({ change: { goes, decides } }: Field) => goes.length > 0 || decides
  const unused = fields.filter(field => !isUsed(field))
  const used = fields.flatMap(field =>
    isUsed(field) && field.bare ? { name: field.name, bare: field.bare } : [],
  )
  const standIns = used.map(({ name, bare }) => ({ by: name, ...usedIn(unused, bare, plan) }))
  const others = variants.map(({ plan: planned, ...by }) => ({ by, ...usedIn(unused, event, planned) }))
  return merged(
    fields.map(({ path, name, known, change, lacking }) => {
      const among = <T>(found: readonly { by: T; paths: Path[] }[]) =>
        found.flatMap(({ by, paths }) => (paths.includes(path) ? [by] : []))
      return {
        ...{ field: name, known, ...change },
        needed: lacking && lacking.kind !== 'sent' && 'reason' in lacking ? lacking.reason : null,
        standsInFor: among(standIns),
        elsewhere: among(others),
      }
    }),
  )
}

/** Which of the fields would be sent of an event by a planning. All are varied at once first: most often none is. */
function usedIn(fields: readonly Field[], event: StoreEvent, plan: Planning): { paths: Path[] } {
  const made = plan(event)
  const isUsed = (other: StoreEvent | null) =>
    other !== null && changeBetween(made, plan(other)).goes.length > 0
  const all = fields.reduce((before, { vary }) => vary(before) ?? before, event)
  if (!isUsed(all)) return { paths: [] }
  return { paths: fields.flatMap(({ path, vary }) => (isUsed(vary(event)) ? [path] : [])) }
}

/** The event as it would be if it knew the field. */
function filled(event: StoreEvent, path: Path, fillers: readonly StoreEvent[]): StoreEvent | null {
  const value = fillers.map(filler => valueAt(filler, path)).find(each => !isUnknown(each))
  return value === undefined ? null : withValue(event, path, value)
}

/** Things of a list are one. */
function merged(traces: readonly Traced[]): Traced[] {
  const unique = (texts: readonly string[]) => [...new Set(texts)]
  return [...Map.groupBy(traces, ({ field }) => field)].map(([field, same]) => ({
    field,
    known: same.some(({ known }) => known),
    goes: unique(same.flatMap(({ goes }) => goes)),
    decides: same.some(({ decides }) => decides),
    needed: same.find(({ needed }) => needed !== null)?.needed ?? null,
    standsInFor: unique(same.flatMap(({ standsInFor }) => standsInFor)),
    elsewhere: [
      ...new Map(same.flatMap(({ elsewhere }) => elsewhere).map(each => [each.setting, each])).values(),
    ],
  }))
}

type Change = { goes: string[]; decides: boolean }
const NO_CHANGE: Change = { goes: [], decides: false }

function changeBetween(before: Made, after: Made): Change {
  if (before.kind !== 'sent' || after.kind !== 'sent')
    return { goes: [], decides: before.kind !== after.kind }
  const others = new Map(after.steps.map(step => [step.name, step.request]))
  const goes = before.steps.flatMap(({ name, request }) => {
    const other = others.get(name)
    if (!other) return []
    const address = request.url === other.url ? [] : ['']
    return [...address, ...placesBetween(request.body ?? null, other.body ?? null, '')]
  })
  const ways = (made: typeof before) =>
    made.steps.map(({ name, request }) => `${name} ${request.method}`).join()
  return { goes: [...new Set(goes)], decides: ways(before) !== ways(after) }
}

/** Places in which two values differ. */
function placesBetween(a: Json, b: Json, place: string): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  const [one, other] = [opened(a), opened(b)]
  if (Array.isArray(one) && Array.isArray(other)) {
    // Plain values, and lists of another length, differ as a whole.
    const plain = [...one, ...other].every(item => item === null || typeof item !== 'object')
    if (plain || one.length !== other.length) return [place]
    return one.flatMap((item, at) => placesBetween(item, other[at] ?? null, `${place}[]`))
  }
  if (!isObject(one) || !isObject(other)) return [place]
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap(key =>
    placesBetween(one[key] ?? null, other[key] ?? null, place ? `${place}.${key}` : key),
  )
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON inside a text is looked into. */
function opened(value: Json): Json {
  if (typeof value !== 'string' || !/^[{[]/.test(value)) return value
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}
