/**
 * What all vendors' settings share: reading a zod declaration as form fields, and the per-row switches.
 */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { StoreEvent } from '../events/store-event.ts'
import { EVENT_TYPES } from '../events/types.ts'
import type { Row, Vendor, Want } from './vendor.ts'

/** What a form needs beside a field's type. Put on a zod field by `.meta()`, last in its chain. */
export type FieldMeta = {
  label: string
  help?: string
  /** Where in the vendor's own screens the value is found. */
  where?: string
  /** What the options of a choice are called on screens, by option. */
  names?: Readonly<Record<string, string>>
  /** The list that this one stands in for where it is chosen for a kind of event. */
  inPlaceOf?: string
  /** Sealed at rest, write-only, masked everywhere. */
  secret?: boolean
  /** Half of a pair that signs in: its merchant sees it in the form, everybody else what it ends with. */
  half?: boolean
  /** Says where requests go: where it differs from what is saved, saved secrets do not go along. */
  leads?: boolean
}

export type Field = FieldMeta & {
  name: string
  /** `choices`: any of the options; given as a list. */
  kind: 'text' | 'switch' | 'choice' | 'choices' | 'number' | 'record'
  options: string[]
  required: boolean
}

/** Which event rows the merchant switched from their default: `{ product_viewed: false }`. */
export const rowsSetting = z
  .partialRecord(z.enum(EVENT_TYPES), z.boolean())
  .default({})
  .meta({ label: 'Events', help: 'Which store events go to this tool.' })

/** `--set` of a secret, an address or a name: never empty, never with blanks around it. */
export const nonEmpty = z.string().trim().min(1).max(500)

/** A credential that goes into a header: a pasted blank or look-alike letter is refused here, not by the network. */
export const credential = nonEmpty.regex(
  /^[\x21-\x7e]+$/,
  'must be plain letters, digits and signs, without blanks',
)

/** Decides by the row and the merchant's switch alone; vendors refine it where a row takes only some events. */
export function rowWants(
  vendor: Pick<Vendor, 'rows'>,
  event: StoreEvent,
  settings: { rows: Partial<Record<string, boolean>> },
): Want {
  const row: Row | undefined = vendor.rows[event.type]
  if (!row) return 'no'
  const chosen = settings.rows[event.type]
  if (chosen ?? row.byDefault) return 'yes'
  return row.byDefault ? 'off' : 'no'
}

const FIELDS = new WeakMap<Vendor['settings'], readonly Field[]>()

/** The form fields of a vendor's settings, in the order declared. Throws when a field lacks a label. */
export function fieldsOf(vendor: Pick<Vendor, 'id' | 'settings'>): readonly Field[] {
  const fields = FIELDS.get(vendor.settings) ?? readFields(vendor)
  FIELDS.set(vendor.settings, fields)
  return fields
}

function readFields(vendor: Pick<Vendor, 'id' | 'settings'>): Field[] {
  const schema = vendor.settings as unknown as { shape?: Record<string, z.ZodType> }
  if (!schema.shape) throw new Error(`${vendor.id}: settings must be a zod object`)
  return Object.entries(schema.shape).map(([name, type]) => {
    const meta = (type.meta() ?? {}) as Partial<FieldMeta>
    if (!meta.label) throw new Error(`${vendor.id}: setting ${name} has no label`)
    const json = schemaOf(type, 'input')
    const several = schemaOf(type, 'output').items?.enum
    const kind = json.enum
      ? 'choice'
      : several
        ? 'choices'
        : json.type === 'boolean'
          ? 'switch'
          : json.type === 'object'
            ? 'record'
            : json.type === 'number' || json.type === 'integer'
              ? 'number'
              : 'text'
    return {
      ...meta,
      label: meta.label,
      name,
      kind,
      options: json.enum ?? several ?? [],
      required: !type.safeParse(undefined).success,
    }
  })
}

type Shape = {
  type?: string
  enum?: string[]
  items?: { enum?: string[] }
  propertyNames?: { enum?: string[] }
  properties?: Record<string, Shape>
}

/** What is declared stays as it is, and reading it takes milliseconds: a form asks for hundreds of these. */
const SHAPES = { input: new WeakMap<z.ZodType, Shape>(), output: new WeakMap<z.ZodType, Shape>() }

/** @param io a list may also be given as a text, so what is given says less of it than what comes of it */
function schemaOf(type: z.ZodType, io: 'input' | 'output'): Shape {
  const shape = SHAPES[io].get(type) ?? (z.toJSONSchema(type, { io, unrepresentable: 'any' }) as Shape)
  SHAPES[io].set(type, shape)
  return shape
}

/** The keys that a record among the settings may have; none when they are the merchant's own. */
export function keysOf(vendor: Pick<Vendor, 'settings'>, record: string): string[] {
  const type = typeOf(vendor, record)
  const { propertyNames, properties = {} } = type ? schemaOf(type, 'input') : {}
  return propertyNames?.enum ?? Object.keys(properties)
}

/** What a record among the settings lets choose from for one of its keys, as a list; null: it is no list that is chosen. */
export function optionsOf(vendor: Pick<Vendor, 'settings'>, record: string, key: string): string[] | null {
  const type = typeOf(vendor, record)
  return (type && schemaOf(type, 'output').properties?.[key]?.items?.enum) ?? null
}

/** What a setting is when nothing is given for it; undefined: nothing, or it must be given. */
export function defaultOf(vendor: Pick<Vendor, 'settings'>, name: string): unknown {
  return typeOf(vendor, name)?.safeParse(undefined).data
}

/**
 * Whether settings lead requests to another address than what is saved does: secrets that were entered for the one must
 * not be sent to the other.
 */
export function leadsElsewhere(
  vendor: Pick<Vendor, 'id' | 'settings'>,
  saved: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): boolean {
  const valueIn = (settings: Readonly<Record<string, unknown>>, name: string): unknown => {
    const read = typeOf(vendor, name)?.safeParse(settings[name])
    return read?.success ? read.data : settings[name]
  }
  return fieldsOf(vendor).some(
    ({ name, leads }) => leads && !isDeepStrictEqual(valueIn(saved, name), valueIn(given, name)),
  )
}

function typeOf(vendor: Pick<Vendor, 'settings'>, name: string): z.ZodType | undefined {
  const { shape } = vendor.settings as unknown as { shape: Record<string, z.ZodType> }
  return shape[name]
}
