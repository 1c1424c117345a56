/**
 * Checking a body against a documented shape. Undocumented fields are warnings (a vendor may ignore them),
 * everything else that does not fit is a problem for which the vendor refuses.
 */
import { z } from 'zod'

export type Problem = {
  path: readonly PropertyKey[]
  message: string
  /** A required field is not there. */
  missing: boolean
}

export type Checked<T> =
  | { ok: true; value: T; warnings: string[] }
  | { ok: false; problems: Problem[]; warnings: string[] }

/** `event.email`, `transaction_items.0.price`. */
export function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}

/** The value under a path, or undefined. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  )
}

/**
 * Checks a value. Schemas are made of `z.strictObject` without transforms and without refinements of whole
 * objects (zod leaves those out once a field is unknown).
 */
export function check<S extends z.ZodType>(schema: S, value: unknown): Checked<z.output<S>> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data, warnings: [] }
  const warnings: string[] = []
  const problems: Problem[] = []
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) warnings.push(`${dotted([...issue.path, key])} is not a documented field`)
    } else {
      const missing = issue.path.length > 0 && valueAt(value, issue.path) === undefined
      problems.push({ path: issue.path, message: missing ? 'is required' : issue.message, missing })
    }
  }
  if (problems.length > 0) return { ok: false, problems, warnings }
  // Only undocumented fields were found, so the value has the schema's shape and something beside it.
  return { ok: true, value: value as z.output<S>, warnings }
}

/** An e-mail address, in any script. */
export const emailAddress = z.email({ pattern: z.regexes.unicodeEmail, error: 'must be an e-mail address' })
/** A complete http(s) address. */
export const absoluteUrl = z.url({ protocol: /^https?$/, error: 'must be a full http(s) URL' })
/** ISO 4217. */
export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be a 3-letter ISO currency code')
/** Free-form keys and values. */
export const freeForm = z.record(z.string(), z.json())
