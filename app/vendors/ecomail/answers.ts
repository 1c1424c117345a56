/**
 * What Ecomail's answers say. Its documentation has no table of errors; its own plugins read two bodies,
 * `{"message":"…"}` and `{"errors":{"field":["…"]}}`, and find "Wrong api key" under more than one status.
 */
import { quote } from '../answers.ts'
import type { Json, VendorAnswer } from '../vendor.ts'

/**
 * Ecomail's own words in an answer, without e-mail addresses and without the key: one line, at most about
 * 200 characters, empty when there are none.
 */
export function wordsOf(answer: VendorAnswer, apiKey: string): string {
  const { body, text } = answer
  const words =
    body === null ? (isPage(answer) ? '' : text) : typeof body === 'string' ? body : fromObject(body)
  return quote(apiKey ? words.replaceAll(apiKey, '(key)') : words)
}

function fromObject(body: Json): string {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return ''
  return [body.message, body.error, body.errors].flatMap(texts).join(' ')
}

/** Every text in a value, with the names of the fields that hold it. */
function texts(value: Json | undefined): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (Array.isArray(value)) return value.flatMap(texts)
  if (!value || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([field, inner]) => texts(inner).map(text => `${field}: ${text}`))
}

/** True when the answer names errors, whatever its status. */
export function hasErrors({ body }: VendorAnswer): boolean {
  if (!body || typeof body !== 'object' || Array.isArray(body)) return false
  return texts(body.errors).length > 0
}

/** What is said about one field: `{"errors":{"event.email":["…"]}}` says "…" about `event.email`. */
export type FieldError = { field: string; words: string }

/** The errors that name a field, for telling what an answer is about: their words may hold anything, an address too. */
export function fieldErrors({ body }: VendorAnswer): FieldError[] {
  if (!body || typeof body !== 'object' || Array.isArray(body)) return []
  return named(body.errors, '').filter(({ field }) => field !== '')
}

function named(value: Json | undefined, field: string): FieldError[] {
  if (typeof value === 'string') return [{ field, words: value }]
  if (Array.isArray(value)) return value.flatMap(item => named(item, field))
  if (!value || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, inner]) => named(inner, field ? `${field}.${name}` : name))
}

/** A web page instead of JSON: something other than the API answered. */
export function isPage({ body, text }: VendorAnswer): boolean {
  return body === null && text.trimStart().startsWith('<')
}

/** Ecomail's words for a key that it does not know. */
export function isWrongKey(words: string): boolean {
  return /wrong api key/i.test(words)
}
