/**
 * How every request to Ecomail is made: host, headers, path.
 * Source: https://docs.ecomail.cz/api-reference/introduction.
 */
import { compact } from '../values.ts'
import type { Json, VendorRequest } from '../vendor.ts'
import type { EcomailSettings } from './settings.ts'

const HOST = 'https://api2.ecomailapp.cz'

/** A request with the merchant's key. `path` begins with a slash; its variable parts went through `pathPart`. */
export function request(
  settings: Pick<EcomailSettings, 'apiKey'>,
  method: VendorRequest['method'],
  path: string,
  body?: Json,
): VendorRequest {
  const headers = { key: settings.apiKey, 'Content-Type': 'application/json' }
  return { method, url: `${HOST}${path}`, headers, ...(body !== undefined && { body }) }
}

/** One part of a path: an order named "#1001" and an e-mail address need encoding. Never throws. */
export function pathPart(value: string): string {
  // encodeURIComponent throws on half of a surrogate pair.
  return encodeURIComponent(value.toWellFormed())
}

/** A JSON object without the keys whose value is not known. */
export function known(values: Record<string, Json | undefined>): Record<string, Json> {
  return compact(values) as Record<string, Json>
}
