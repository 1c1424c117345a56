/**
 * Reading a webhook's body without losing anything: Shopify's numeric ids may exceed 2^53, which
 * `JSON.parse` rounds.
 *
 * One rule: **every number becomes the string of its digits as they were written** (`820982911946154508` and
 * `"820982911946154508"` read the same, `195.66` reads "195.66"). The field readers of payloads/ take both.
 */
import { parse } from 'lossless-json'

/** A JSON value in which every number is a string. */
export type ExactJson = string | boolean | null | ExactJson[] | { [key: string]: ExactJson }

/** Deeper than any document of Shopify's, and far from what exhausts the stack. */
export const MAX_DEPTH = 64

/** The body is not a JSON document that Shopify could have sent. Holds nothing of the body. */
export class MalformedJson extends Error {
  override name = 'MalformedJson'
}

/**
 * Parses a body (UTF-8 bytes, or text). Keys named `__proto__` become ordinary keys and change no prototype;
 * of a repeated key the last counts, as in `JSON.parse`. Throws `MalformedJson` when the bytes are not UTF-8,
 * not JSON, or nested deeper than `MAX_DEPTH`.
 */
export function parseJson(body: Uint8Array | string): ExactJson {
  const text = typeof body === 'string' ? body : decoded(body)
  if (isTooDeep(text)) throw new MalformedJson(`The body is nested deeper than ${MAX_DEPTH} levels.`)
  try {
    return parse(text, null, { parseNumber: digits => digits, onDuplicateKey: last }) as ExactJson
  } catch {
    // The parser's message quotes the body, which may hold personal data.
    throw new MalformedJson('The body is not JSON.')
  }
}

const last = ({ newValue }: { newValue: unknown }) => newValue

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new MalformedJson('The body is not UTF-8.')
  }
}

/** Counts brackets outside strings before parsing, because the parser recurses once per level. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '"') i = endOfString(text, i)
    else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** Where the string that opens at `start` closes, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = start + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end
}
