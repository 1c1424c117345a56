/** Which settings must be given, found out by asking the vendor's schema. Pure. */
import { type Field, fieldsOf } from './settings.ts'
import type { Vendor } from './vendor.ts'

type Declared = Pick<Vendor, 'id' | 'settings'>

/** "yes", "no", or where another setting decides: "when mode is client". By the setting's name. */
export function needsOf(vendor: Declared): Map<string, string> {
  const fields = fieldsOf(vendor)
  const given = Object.fromEntries(
    fields.flatMap(({ name, required, options }) => (required ? [[name, options[0] ?? 'x']] : [])),
  )
  const conditions = fields.flatMap(choice => conditionsOf(vendor, choice, given))
  return new Map(
    fields.map(({ name, required }) => {
      const when = conditions.flatMap(([needed, condition]) => (needed === name ? [condition] : []))
      return [name, required ? 'yes' : when.length > 0 ? `when ${when.join(' or ')}` : 'no']
    }),
  )
}

/** Settings that are missed with some values of a choice and not with others, each with such a value. */
function conditionsOf(
  vendor: Declared,
  { name, kind, options }: Field,
  given: Readonly<Record<string, unknown>>,
): [needed: string, condition: string][] {
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
    names.flatMap((needed): [string, string][] =>
      missed.every(other => other.names.includes(needed)) ? [] : [[needed, `${name} is ${said}`]],
    ),
  )
}

function missing({ settings }: Declared, given: Readonly<Record<string, unknown>>): string[] {
  const issues = settings.safeParse(given).error?.issues ?? []
  return issues.map(({ path }) => String(path[0])).filter(name => given[name] === undefined)
}
