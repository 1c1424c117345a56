/** The names by which the same happening, and the states of one thing, are recognised. */
import { createHash } from 'node:crypto'
import type { EventType } from '../../events/types.ts'

const MAX_LENGTH = 500

/**
 * "type:part:part". Where a part is unknown (or the key would be too long to store) the payload's digest
 * stands for all parts: the same payload still gives the same key.
 */
export function dedupeKey(type: EventType, parts: readonly (string | null)[], payload: unknown): string {
  const key = [type, ...parts].join(':')
  return parts.includes(null) || key.length > MAX_LENGTH ? `${type}:${digest(payload)}` : key
}

/**
 * The key of a state that a thing passes more than once: its time has whole seconds, in which two different
 * states fit, so a digest of what it says goes with it.
 * @param said the state as translated: data and actor
 */
export function stateKey(
  type: EventType,
  parts: readonly (string | null)[],
  said: unknown,
  payload: unknown,
): string {
  return dedupeKey(type, [...parts, digest(said).slice(0, 16)], payload)
}

/** SHA-256, in hex, of a JSON value written with sorted keys. */
export function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)) ?? '')
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, content]) => [key, sorted(content)])
}

/**
 * A cart's token without the `?key=…` that some Shopify interfaces append: webhooks, checkouts and the
 * storefront must name a cart alike.
 */
export function cartToken(token: string | null): string | null {
  return token?.split('?')[0] || null
}

/** "order:123", or null when the thing has no name. */
export function subject(
  kind: 'order' | 'cart' | 'checkout' | 'customer',
  name: string | null,
): string | null {
  return name === null ? null : `${kind}:${name}`
}
