/**
 * JSON text that PostgreSQL's `jsonb` accepts: it refuses NUL and lone surrogates, which shoppers' browsers can
 * send (https://www.postgresql.org/docs/current/datatype-json.html). Both are dropped rather than losing the event.
 */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value, (_key, item) => (typeof item === 'string' ? storable(item) : item))
}

/** A string that a `text` or `jsonb` column accepts. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '')
}
