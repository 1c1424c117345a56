/** Settings on the command line: read from NAME=VALUE, and listed with what each is for. */
import type { AnyVendor } from '../delivery/connections.ts'
import type { Listed } from '../insights/vendor-settings.ts'
import { PURPOSES } from '../vendors/purposes.ts'
import { fieldsOf, leadsElsewhere, optionsOf } from '../vendors/settings.ts'
import { problemsByField } from '../vendors/settings-problems.ts'
import { Failure } from './failure.ts'

export function listed(settings: Record<string, unknown>): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return Object.entries(settings)
    .map(([name, value]) => `  ${name} = ${text(value)}`)
    .join('\n')
}

/** `NAME=VALUE` pairs as the vendor's schema takes them: switches, numbers and records from their text. */
export function settingsFrom(vendor: AnyVendor, pairs: readonly string[]): Record<string, unknown> {
  const fields = new Map(fieldsOf(vendor).map(field => [field.name, field]))
  const given = Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw new Failure('--set takes NAME=VALUE, such as --set apiKey=…')
      const name = pair.slice(0, at)
      return [name, fromText(vendor, fields.get(name)?.kind, pair.slice(at + 1), name)]
    }),
  )
  return given
}

/**
 * What is given, and of what is saved the rest: without its secrets where the two lead to different addresses.
 * @throws Failure when one of those is needed
 */
export function merged(
  vendor: AnyVendor,
  saved: Record<string, unknown>,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const all = { ...saved, ...given }
  if (!leadsElsewhere(vendor, saved, all)) return all
  const secrets = fieldsOf(vendor).filter(({ name, secret }) => secret && given[name] === undefined)
  for (const { name } of secrets) delete all[name]
  const problems = problemsByField(vendor, all, saved)
  const again = secrets.find(({ name }) => saved[name] !== undefined && problems.has(name))
  if (again) throw new Failure(`${problems.get(again.name)}: --set ${again.name}=…`)
  return all
}

function fromText(vendor: AnyVendor, kind: string | undefined, text: string, name: string): unknown {
  if (kind === 'switch') {
    if (/^(true|on|yes)$/i.test(text)) return true
    if (/^(false|off|no)$/i.test(text)) return false
    throw new Failure(`${name} must be on or off.`)
  }
  if (kind === 'number') return text.trim() === '' ? text : Number(text)
  if (kind === 'record') {
    try {
      return JSON.parse(text)
    } catch {
      const [option] = optionsOf(vendor, name, 'product_viewed') ?? []
      const example = option ? `["${option}"]` : name === PURPOSES ? '"analytics"' : 'false'
      throw new Failure(`${name} must be JSON, such as {"product_viewed":${example}}.`)
    }
  }
  return text
}

export function tellSettings(settings: readonly Listed[]): string {
  return settings.map(tellSetting).join('\n')
}

const VALUES = { text: 'text', switch: 'on or off', number: 'a number', record: 'JSON' } as const

function tellSetting({ name, required, secret, kind, options, label, help, where }: Listed): string {
  const need = required === 'yes' ? 'required' : required === 'no' ? 'optional' : `required ${required}`
  const value =
    kind === 'choice'
      ? options.join(', ')
      : kind === 'choices'
        ? `a list with commas, of ${options.join(', ')}`
        : VALUES[kind]
  const about = [label, help, where && `Found here: ${where}`].filter(part => part !== undefined)
  return [
    `${name}: ${value}; ${need}${secret ? '; secret' : ''}`,
    `    ${about.map(part => part.replace(/[.]?$/, '.')).join(' ')}`,
  ].join('\n')
}
