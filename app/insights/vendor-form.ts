/**
 * A vendor's settings as a form: drawn from the declaration, and read back from what a browser sends. Names in the form are
 * "set.<setting>", "set.<record>.<key>", "own.<record>.<key>", "row.<event type>" and "purposes.<event type>". Pure.
 */
import { z } from 'zod'
import type { AnyVendor } from '../delivery/connections.ts'
import type { ConsentPurpose } from '../events/store-event.ts'
import { EVENT_TYPES, type EventType, SEEN_TYPES } from '../events/types.ts'
import { choiceOf, PURPOSE_CHOICES, PURPOSES, type PurposeChoice, purposesOf } from '../vendors/purposes.ts'
import { defaultOf, type Field, fieldsOf, keysOf, leadsElsewhere, optionsOf } from '../vendors/settings.ts'
import { conditionsIn } from '../vendors/settings-needs.ts'
import { shownSettings } from './vendor-settings.ts'

/** What a browser sends, by name. A switch that is off may be missing. */
export type FormValues = Readonly<Record<string, string>>
/** As zod gives it: settings by name. */
export type Given = Record<string, unknown>

export type FormField = {
  name: string
  setting: string
  kind: 'text' | 'secret' | 'switch' | 'choice' | 'choices' | 'pairs'
  label: string
  help: string | null
  where: string | null
  options: string[]
  /** What the options are called, by option. */
  names: Readonly<Record<string, string>>
  required: boolean
  /** Needed when that setting, by its label, has that value; null: whatever others are. */
  neededWhen: { name: string; label: string; value: string; says: string } | null
  /** How it stands in the form; "on" of a switch, "a, b" of choices. Never a secret's value. */
  value: string
  /** What the saved secret ends with, masked; null: it is no secret, or none is saved. */
  saved: string | null
  /** Whether the account has values to choose from. */
  offered: boolean
  /** What belongs to the credentials, and what may be left as it is. */
  part: 'credentials' | 'options'
}

/** One kind of store event and how it goes to the vendor. */
export type FormRow = {
  name: string
  type: EventType
  becomes: string
  byDefault: boolean
  on: boolean
  /** What a visitor must have allowed, by the shop's choice. */
  purposes: readonly ConsentPurpose[]
  /** What they can be chosen from; null: consent does not count for this kind of event. */
  consent: PurposesField | null
  /** What else is set for this kind of event, such as its name at the vendor. */
  texts: { name: string; label: string; value: string }[]
  lists: RowList[]
}

/** What is chosen for one kind of event in place of what is chosen for all. */
export type RowList = {
  name: string
  label: string
  /** What the list for all is called. */
  inPlaceOf: string
  options: string[]
  /** What the options are called, by option. */
  names: Readonly<Record<string, string>>
  /** "a, b"; where it has none of its own, what it has of what holds for all. */
  value: string
  /** The switch, in the form, that it has a list of its own, which may be empty. */
  own: { name: string; on: boolean }
}

/** `notice`: a notice of Shopify's, which is stopped only by what the visitor is known to have refused. */
export type PurposesField = {
  name: string
  value: PurposeChoice
  byDefault: PurposeChoice
  options: readonly PurposeChoice[]
  notice: boolean
}

export type VendorForm = { fields: FormField[]; rows: FormRow[] }

const ROWS = 'rows'
/** Settings that are drawn with each kind of event, and not as fields. */
const WITH_EVENTS: readonly string[] = [ROWS, PURPOSES]
const texts = z.record(z.string(), z.string()).catch({})
const lists = z.record(z.string(), z.unknown()).catch({})
const switches = z.partialRecord(z.enum(EVENT_TYPES), z.boolean()).catch({})

/** @param given what is saved; null: nothing is */
export function formOf(vendor: AnyVendor, given: Given | null): VendorForm {
  const fields = fieldsOf(vendor).filter(({ name }) => !WITH_EVENTS.includes(name))
  const shown = shownSettings(vendor, given ?? {})
  const conditions = conditionsIn(vendor)
  const lastSecret = fields.findLastIndex(({ secret }) => secret)
  const first = new Set(fields.slice(0, lastSecret + 1).map(({ name }) => name))
  return {
    fields: fields
      .filter(field => !isPerEvent(vendor, field))
      .map(field => {
        const { name, kind, label, help = null, where = null, options, names = {}, required, secret } = field
        const condition = conditions.find(({ needed }) => needed === name)
        const by = fields.find(other => other.name === condition?.by)
        return {
          ...{ name: `set.${name}`, setting: name, label, help, where, options, names, required },
          kind: secret
            ? 'secret'
            : kind === 'record'
              ? 'pairs'
              : kind === 'switch' || kind === 'choice' || kind === 'choices'
                ? kind
                : 'text',
          neededWhen:
            condition && by
              ? {
                  ...{ name: `set.${by.name}`, label: by.label, value: condition.value },
                  says: by.names?.[condition.value] ?? condition.value,
                }
              : null,
          value: secret ? '' : textOf(given?.[name] ?? defaultOf(vendor, name), kind),
          offered: Object.hasOwn(vendor.offers ?? {}, name),
          saved: secret && typeof shown[name] === 'string' ? shown[name] : null,
          part: first.has(name) || (condition && first.has(condition.by)) ? 'credentials' : 'options',
        }
      }),
    rows: rowsOf(vendor, given),
  }
}

function rowsOf(vendor: AnyVendor, given: Given | null): FormRow[] {
  const chosen = switches.parse(given?.[ROWS])
  const perEvent = fieldsOf(vendor).filter(
    field => !WITH_EVENTS.includes(field.name) && isPerEvent(vendor, field),
  )
  return EVENT_TYPES.flatMap(type => {
    const row = vendor.rows[type]
    if (!row) return []
    const { becomes, byDefault } = row
    const purposes = purposesOf(vendor, given, type)
    const own = perEvent.filter(({ name }) => keysOf(vendor, name).includes(type))
    return {
      ...{ name: `row.${type}`, type, becomes, byDefault, purposes, on: chosen[type] ?? byDefault },
      consent: consentOf(type, purposes, row.purposes),
      texts: own.flatMap(({ name, label }) =>
        optionsOf(vendor, name, type)
          ? []
          : { name: `set.${name}.${type}`, label, value: texts.parse(given?.[name])[type] ?? '' },
      ),
      lists: own.flatMap(field => listOf(vendor, given, field, type)),
    }
  })
}

function listOf(
  vendor: AnyVendor,
  given: Given | null,
  { name, label, names = {}, inPlaceOf }: Field,
  type: EventType,
): RowList[] {
  const options = optionsOf(vendor, name, type)
  if (!options) return []
  const whole = fieldsOf(vendor).find(field => field.name === inPlaceOf)
  const all = whole && (given?.[whole.name] ?? defaultOf(vendor, whole.name))
  const chosen = lists.parse(given?.[name])[type]
  const list = chosenIn(chosen ?? all)
  return [
    {
      ...{ name: `set.${name}.${type}`, label, inPlaceOf: whole?.label ?? label, options, names },
      value: options.filter(option => list.includes(option)).join(', '),
      own: { name: `own.${name}.${type}`, on: chosen !== undefined },
    },
  ]
}

/** A list is saved as one, or as the text that a command line gave. */
const chosenIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? listIn(value) : []

const listIn = (text: string) => text.split(/ *, */).filter(Boolean)

function consentOf(
  type: EventType,
  purposes: readonly ConsentPurpose[],
  declared: readonly ConsentPurpose[],
): PurposesField | null {
  const [value, byDefault] = [choiceOf(purposes), choiceOf(declared)]
  if (!value || !byDefault) return null
  return {
    ...{ name: `${PURPOSES}.${type}`, value, byDefault, options: PURPOSE_CHOICES },
    notice: !SEEN_TYPES.some(seen => seen === type),
  }
}

/** A record with a value for each kind of event is drawn with the events. */
function isPerEvent(vendor: AnyVendor, { name, kind }: Field): boolean {
  const keys = kind === 'record' ? keysOf(vendor, name) : []
  return keys.length > 0 && keys.every(key => EVENT_TYPES.some(type => type === key))
}

function textOf(value: unknown, kind: Field['kind']): string {
  if (value === undefined || value === null) return ''
  if (kind === 'choices') return chosenIn(value).join(', ')
  if (typeof value === 'boolean') return value ? 'on' : ''
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map(([name, inner]) => `${name} = ${inner}`)
    .join('\n')
}

/**
 * What was sent, as settings. What is left empty is not set; an empty secret stays what it is, unless it would go to another
 * address than the one that it was entered for.
 * @param kept what is saved
 */
export function givenIn(vendor: AnyVendor, kept: Given, values: FormValues): Given {
  const given = enteredIn(vendor, values)
  if (leadsElsewhere(vendor, kept, given)) return given
  const secrets = fieldsOf(vendor).flatMap(({ name, secret }): [string, unknown][] =>
    secret && given[name] === undefined && kept[name] !== undefined ? [[name, kept[name]]] : [],
  )
  return { ...given, ...Object.fromEntries(secrets) }
}

function enteredIn(vendor: AnyVendor, values: FormValues): Given {
  const entries = fieldsOf(vendor).flatMap((field): [string, unknown][] => {
    const { name, kind } = field
    if (name === ROWS) return [[name, rowsIn(vendor, values)]]
    if (name === PURPOSES) return [[name, purposesIn(vendor, values)]]
    if (isPerEvent(vendor, field)) return [[name, perEventIn(vendor, name, values)]]
    const text = values[`set.${name}`]?.trim() ?? ''
    if (kind === 'switch') return [[name, text === 'on']]
    // None is a choice too, and not the default.
    if (kind === 'choices' && values[`set.${name}`] !== undefined) return [[name, listIn(text)]]
    if (text === '') return []
    if (kind === 'record') return [[name, pairsIn(text)]]
    if (kind === 'number') return [[name, Number(text)]]
    return [[name, text]]
  })
  return Object.fromEntries(entries)
}

/** Only what differs from the default: a default that changes later then holds for the shop. */
function rowsIn(vendor: AnyVendor, values: FormValues): Record<string, boolean> {
  return Object.fromEntries(
    EVENT_TYPES.flatMap(type => {
      const row = vendor.rows[type]
      const on = values[`row.${type}`] === 'on'
      return row && on !== row.byDefault ? [[type, on]] : []
    }),
  )
}

/** Likewise. What is no choice is kept, for the vendor's schema to refuse. */
function purposesIn(vendor: AnyVendor, values: FormValues): Record<string, string> {
  return Object.fromEntries(
    keysOf(vendor, PURPOSES).flatMap(type => {
      const chosen = values[`${PURPOSES}.${type}`] ?? ''
      const declared = choiceOf(vendor.rows[type as EventType]?.purposes ?? [])
      return chosen === '' || chosen === declared ? [] : [[type, chosen]]
    }),
  )
}

function perEventIn(vendor: AnyVendor, name: string, values: FormValues): Record<string, unknown> {
  return Object.fromEntries(
    keysOf(vendor, name).flatMap((key): [string, unknown][] => {
      const text = values[`set.${name}.${key}`]?.trim() ?? ''
      if (optionsOf(vendor, name, key))
        return values[`own.${name}.${key}`] === 'on' ? [[key, listIn(text)]] : []
      return text ? [[key, text]] : []
    }),
  )
}

/** A line each: "name = value". */
function pairsIn(text: string): Record<string, string> {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  return Object.fromEntries(
    lines.map(line => {
      const [name = '', ...rest] = line.split('=')
      return [name.trim(), rest.join('=').trim()]
    }),
  )
}
