/** Settings of a vendor to look at what they change: some that work where none are saved, and others beside what is set. Pure. */
import type { AnyVendor } from '../delivery/connections.ts'
import type { EventType } from '../events/types.ts'
import { type Field, fieldsOf, keysOf, optionsOf } from '../vendors/settings.ts'

type Given = Readonly<Record<string, unknown>>

/** Texts that a required setting may accept; credentials are never looked at by what is planned. */
const STAND_INS = ['example', '1', 'shop.example.com', 'https://shop.example.com', 'namespace.key']

/** @param words what texts may name besides: attributes, codes and metafields of an event */
type Words = readonly string[]

/** Settings as a new connection has them, with stand-ins for credentials. @param rows what is switched on besides */
export function exampleSettings(vendor: AnyVendor, rows: readonly EventType[] = []): Record<string, unknown> {
  const on = Object.fromEntries(rows.map(type => [type, true]))
  return completed(vendor, { rows: on }) ?? {}
}

/** With a stand-in for each setting that is missed; null: other settings are wrong too. */
export function completed(
  vendor: AnyVendor,
  given: Given,
  words: Words = [],
): Record<string, unknown> | null {
  let known: Record<string, unknown> = { ...given }
  for (let missing = firstProblem(vendor, known); missing !== null; missing = firstProblem(vendor, known)) {
    const name = missing
    if (known[name] !== undefined) return null
    const fits = [...words, ...STAND_INS].find(
      text => !problems(vendor, { ...known, [name]: text }).includes(name),
    )
    if (fits === undefined) return null
    known = { ...known, [name]: fits }
  }
  return vendor.settings.parse(known) as Record<string, unknown>
}

function firstProblem(vendor: AnyVendor, given: Given): string | null {
  return problems(vendor, given)[0] ?? null
}

function problems(vendor: AnyVendor, given: Given): string[] {
  return (vendor.settings.safeParse(given).error?.issues ?? []).map(({ path }) => String(path[0]))
}

/** One setting at a time as it could be otherwise, with what the setting is called. */
export function settingsVariants(
  vendor: AnyVendor,
  settings: Given,
  words: Words = [],
): { setting: string; label: string; settings: Record<string, unknown> }[] {
  return fieldsOf(vendor).flatMap(field =>
    otherValues(vendor, field, settings[field.name], words).flatMap(value => {
      const other = completed(vendor, { ...settings, [field.name]: value }, words)
      return other ? { setting: field.name, label: field.label, settings: other } : []
    }),
  )
}

function otherValues(
  vendor: AnyVendor,
  { name, kind, options, secret, required }: Field,
  value: unknown,
  words: Words,
): unknown[] {
  switch (kind) {
    case 'switch':
      return [value !== true]
    case 'choice':
      return options.filter(option => option !== value)
    case 'choices':
      return [options]
    case 'record':
      return recordsOf(vendor, name, words)
    case 'text':
      return secret || required || value !== undefined ? [] : [...words]
    case 'number':
      return []
  }
}

/** A record with keys of its own is chosen from where it holds lists, and is else no other than it is. */
function recordsOf(vendor: AnyVendor, name: string, words: Words): unknown[] {
  const keys = keysOf(vendor, name)
  if (keys.length === 0) return words.map(word => ({ [word]: word }))
  const whole = keys.map(key => [key, optionsOf(vendor, name, key)] as const)
  return whole.some(([, options]) => options !== null) ? [Object.fromEntries(whole)] : []
}
