/** What is wrong with settings, in words: sentences that name the setting and what is expected. Pure. */
import type { z } from 'zod'
import { type Field, fieldsOf, keysOf } from './settings.ts'
import type { Vendor } from './vendor.ts'

type Issue = z.core.$ZodIssue
type Declared = Pick<Vendor, 'id' | 'settings'>
type Given = Readonly<Record<string, unknown>>

/**
 * @param given what was given for the settings, none of which is repeated: some of it is secret
 * @returns parts of a sentence, each of which names the setting; none when the settings fit
 */
export function problemsOf(vendor: Declared, given: Given): string[] {
  const fields = new Map(fieldsOf(vendor).map(field => [field.name, field]))
  return issuesOf(vendor, given).map(issue => told(issue, vendor, fields, given))
}

/**
 * The same for a form: by setting, each beginning with the setting's label; the first where there are several.
 * @param saved what is saved: a secret of it that is missed was kept back, because the settings lead elsewhere
 */
export function problemsByField(vendor: Declared, given: Given, saved: Given = {}): Map<string, string> {
  const fields = new Map(fieldsOf(vendor).map(field => [field.name, field]))
  const problems = issuesOf(vendor, given).map(issue => {
    const name = String(issue.path[0] ?? '')
    const { label, secret } = fields.get(name) ?? {}
    if (label && secret && given[name] === undefined && saved[name] !== undefined)
      return [name, `${label}: enter the key again, because it would go to another address`] as const
    const text = told(issue, vendor, fields, given)
    return [name, label && text.startsWith(name) ? `${label}${text.slice(name.length)}` : text] as const
  })
  return new Map(problems.reverse())
}

function issuesOf(vendor: Declared, given: Given): Issue[] {
  const { error } = vendor.settings.safeParse(given)
  // What follows for the same value from the same fault says nothing more.
  const first = new Map((error?.issues ?? []).map(issue => [issue.path.join('.'), issue] as const).reverse())
  return [...first.values()].reverse()
}

function told(issue: Issue, vendor: Declared, fields: ReadonlyMap<string, Field>, given: Given): string {
  const name = String(issue.path[0] ?? 'the settings')
  if (issue.code === 'unrecognized_keys')
    return `${name} must not have ${issue.keys.map(key => `"${key}"`).join(', ')}; it may have ${keysOf(vendor, name).join(', ')}`
  return problem(issue, name, fields.get(name), given[name] === undefined)
}

function problem(issue: Issue, name: string, field: Field | undefined, missing: boolean): string {
  const { code, path, message } = issue
  const isInList = typeof path.at(-1) === 'number'
  const at = (isInList ? path.slice(0, -1) : path).map(String).join('.') || name
  const which = isInList ? `each of ${at}` : at
  if (code === 'invalid_type')
    return path.length < 2 && missing ? `${name} is needed` : `${which} must be ${kindOf(issue, field)}`
  if (code === 'invalid_value') return `${which} must be one of ${issue.values.map(String).join(', ')}`
  if (code === 'too_small')
    return issue.minimum === 1 ? `${which} must not be empty` : `${which} must not be under ${issue.minimum}`
  if (code === 'too_big')
    return `${which} must be no longer than ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`
  if (code === 'invalid_key') return `${name} must not have "${String(path.at(-1))}"`
  if (code === 'invalid_format' && message.startsWith('Invalid'))
    return `${which} must have the form that the tool gives it`
  if (message.startsWith(name)) return message
  return /^(is|must) /.test(message) ? `${which} ${message}` : `${which}: ${message}`
}

function kindOf({ expected }: Extract<Issue, { code: 'invalid_type' }>, field: Field | undefined): string {
  if (expected === 'boolean') return field?.kind === 'switch' ? 'on or off' : 'true or false'
  if (expected === 'string') return 'a text'
  if (expected === 'array') return 'a list'
  if (expected === 'record' || expected === 'object') return 'JSON with a value for each name'
  return `a ${expected}`
}
