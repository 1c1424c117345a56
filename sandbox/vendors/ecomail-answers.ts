/** Ecomail's answers when it refuses. */
import type { Answer } from './contract.ts'
import { dotted, type Problem } from './validation.ts'

/** No error table is documented; official clients read `message` and, as here, `errors` by field. */
export function message(status: number, text: string): Answer {
  return { status, body: { message: text } }
}

/** A refusal of fields, in the shape that Ecomail's official Magento module reads. 422 is the sandbox's choice. */
export function invalid(problems: readonly Problem[], warnings: string[] = []): Answer {
  const errors: Record<string, string[]> = {}
  for (const problem of problems) {
    const field = dotted(problem.path)
    errors[field] = [...(errors[field] ?? []), `${field || 'The body'}: ${problem.message}`]
  }
  return { status: 422, body: { message: 'The given data was invalid.', errors }, warnings }
}
