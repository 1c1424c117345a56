/**
 * JSON text that PostgreSQL's `jsonb` accepts: it refuses NUL and lone surrogates, which shoppers' browsers can
 * send (https://www.postgresql.org/docs/current/datatype-json.html). NUL is dropped and a lone surrogate replaced,
 * in strings and keys, rather than losing the event.
 */
export function toJsonb(value: unknown): string {
  const text = JSON.stringify(value)
  return UNSTORABLE.test(text) ? cleaned(value) : text
}

/** As JSON.stringify writes NUL and lone surrogates. An escaped backslash before such letters is only looked at twice. */
const UNSTORABLE = /\\u(0000|d[89a-f])/

function cleaned(value: unknown): string {
  return JSON.stringify(value, (_key, item) => {
    if (typeof item === 'string') return storable(item)
    return isRecord(item) ? withStorableKeys(item) : item
  })
}

/** A string that a `text` or `jsonb` column accepts. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withStorableKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), item]))
}
