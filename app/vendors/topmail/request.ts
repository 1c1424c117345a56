/**
 * How every request to Topmail is made: host, headers.
 * Source: https://api.topmail.so/developers/authentication.
 */
import { compact } from '../values.ts'
import type { Json, VendorRequest } from '../vendor.ts'
import type { TopmailSettings } from './settings.ts'

const BASE = 'https://api.topmail.so/api/v1'

/**
 * A request with the merchant's key. A body brings the headers of a change: its type, and `Idempotency-Key`,
 * by which Topmail recognises the same request sent twice.
 */
export function request(
  settings: Pick<TopmailSettings, 'apiKey'>,
  method: VendorRequest['method'],
  path: string,
  change?: { body: Json; idempotencyKey: string },
): VendorRequest {
  const authorization = { Authorization: `Bearer ${settings.apiKey}` }
  if (!change) return { method, url: `${BASE}${path}`, headers: authorization }
  const headers = {
    ...authorization,
    'Content-Type': 'application/json',
    'Idempotency-Key': change.idempotencyKey,
  }
  return { method, url: `${BASE}${path}`, headers, body: change.body }
}

/** A JSON object without the keys whose value is not known. */
export function known(values: Record<string, Json | undefined>): Record<string, Json> {
  return compact(values) as Record<string, Json>
}

/** The text, or null when it is longer than Topmail takes: a cut identifier is another identifier. */
export function within(value: string | null, max: number): string | null {
  return value !== null && value.length <= max ? value : null
}
