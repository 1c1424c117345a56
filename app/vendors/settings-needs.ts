/** Which settings must be given, found out by asking the vendor's schema. Pure. */
import { type Field, fieldsOf } from './settings.ts'
import type { Vendor } from './vendor.ts'

type Declared = Pick<Vendor, 'id' | 'settings'>

/** "yes", "no", or where another setting decides: "when mode is client". By the setting's name. */
export function needsOf(vendor: Declared): Map<string, string> {
  const conditions = conditionsIn(vendor)
  return new Map(
    fieldsOf(vendor).map(({ name, required }) => {
      const when = conditions.flatMap(({ needed, by, value }) => (needed === name ? `${by} is ${value}` : []))
      return [name, required ? 'yes' : when.length > 0 ? `when ${when.join(' or ')}` : 'no']
    }),
  )
}

/** A setting that must be given when another has a value; that of a switch is "on" or "off". */
export type Condition = { needed: string; by: string; value: string }

/** All of a vendor's conditions, in the order of the settings that decide. */
export function conditionsIn(vendor: Declared): Condition[] {
  const fields = fieldsOf(vendor)
  const given = Object.fromEntries(
    fields.flatMap(({ name, required, options }) => (required ? [[name, options[0] ?? 'x']] : [])),
  )
  return fields.flatMap(choice => conditionsOf(vendor, choice, given))
}

/** Settings that are missed with some values of a choice and not with others, each with such a value. */
function conditionsOf(
  vendor: Declared,
  { name, kind, options }: Field,
  given: Readonly<Record<string, unknown>>,
): Condition[] {
  const values: [unknown, string][] =
    kind === 'switch'
      ? [
          [true, 'on'],
          [false, 'off'],
        ]
      : options.map(option => [option, option])
  const missed = values.map(([value, said]) => ({
    said,
    names: missing(vendor, { ...given, [name]: value }),
  }))
  return missed.flatMap(({ said, names }) =>
    names.flatMap(needed =>
      missed.every(other => other.names.includes(needed)) ? [] : { needed, by: name, value: said },
    ),
  )
}

function missing({ settings }: Declared, given: Readonly<Record<string, unknown>>): string[] {
  const issues = settings.safeParse(given).error?.issues ?? []
  return issues.map(({ path }) => String(path[0])).filter(name => given[name] === undefined)
}
