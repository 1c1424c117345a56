/** Topmail's refusals, and the one check that two of its endpoints share. */
import type { z } from 'zod'
import type { Answer } from './contract.ts'
import { type Checked, check, dotted, type Problem } from './validation.ts'

/** The documented envelope; `path` names the field on validation errors. */
export function refuse(status: number, code: string, message: string, path?: string): Answer {
  return { status, body: { error: { code, message, ...(path !== undefined && { path }) } } }
}

/** 400 `validation_error` for the first problem. */
export function invalid([first]: readonly Problem[], warnings: string[] = []): Answer {
  const path = dotted(first?.path ?? [])
  const message = first ? `${path || 'The body'}: ${first.message}` : 'The body is invalid.'
  return { ...refuse(400, 'validation_error', message, path), warnings }
}

/** "Required if contact_id is not provided": exactly what the field tables say of e-mail and contact_id. */
export function checkWithContact<S extends z.ZodType<{ email?: string; contact_id?: string }>>(
  schema: S,
  body: unknown,
): Checked<z.output<S>> {
  const checked = check(schema, body)
  if (!checked.ok || checked.value.email !== undefined || checked.value.contact_id !== undefined)
    return checked
  const problem = { path: ['email'], message: 'is required if contact_id is not provided', missing: true }
  return { ok: false, problems: [problem], warnings: checked.warnings }
}
