/** What is wrong with settings, in words: sentences that name the setting and what is expected. Pure. */
import { z } from 'zod'
import { type Field, fieldsOf } from './settings.ts'
import type { Vendor } from './vendor.ts'

type Issue = z.core.$ZodIssue

/**
 * @param given what was given for the settings, none of which is repeated: some of it is secret
 * @returns parts of a sentence, each of which names the setting; none when the settings fit
 */
export function problemsOf(
  vendor: Pick<Vendor, 'id' | 'settings'>,
  given: Readonly<Record<string, unknown>>,
): string[] {
  const parsed = vendor.settings.safeParse(given)
  if (parsed.success) return []
  const fields = new Map(fieldsOf(vendor).map(field => [field.name, field]))
  // What follows for the same value from the same fault says nothing more.
  const first = new Map(parsed.error.issues.map(issue => [issue.path.join('.'), issue] as const).reverse())
  return [...first.values()].reverse().map(issue => {
    const name = String(issue.path[0] ?? 'the settings')
    if (issue.code === 'unrecognized_keys')
      return `${name} must not have ${issue.keys.map(key => `"${key}"`).join(', ')}; it may have ${namesIn(vendor, name).join(', ')}`
    return problem(issue, name, fields.get(name), given[name] === undefined)
  })
}

function problem(issue: Issue, name: string, field: Field | undefined, missing: boolean): string {
  const { code, path, message } = issue
  const which = typeof path.at(-1) === 'number' ? `each of ${name}` : path.map(String).join('.') || name
  if (code === 'invalid_type')
    return path.length < 2 && missing ? `${name} is needed` : `${which} must be ${kindOf(issue, field)}`
  if (code === 'invalid_value') return `${which} must be one of ${issue.values.map(String).join(', ')}`
  if (code === 'too_small')
    return issue.minimum === 1 ? `${which} must not be empty` : `${which} must not be under ${issue.minimum}`
  if (code === 'too_big')
    return `${which} must be no longer than ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`
  if (code === 'invalid_key') return `${name} must not have "${String(path.at(-1))}"`
  if (code === 'invalid_format' && message.startsWith('Invalid'))
    return `${which} must have the form that the vendor gives it`
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

/** The names that a record may have, where that is a closed list. */
function namesIn(vendor: Pick<Vendor, 'settings'>, record: string): string[] {
  const { properties = {} } = z.toJSONSchema(vendor.settings, { io: 'input', unrepresentable: 'any' })
  const shape = z
    .object({ propertyNames: z.object({ enum: z.array(z.string()) }) })
    .safeParse(properties[record])
  return shape.success ? shape.data.propertyNames.enum : []
}
