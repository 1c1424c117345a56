/** Where Voucherify is, and how a request signs in. */
import type { VendorRequest } from '../vendor.ts'
import type { VoucherifySettings } from './settings.ts'

/**
 * The hosts that Voucherify lists (https://docs.voucherify.io/guides/api-overview). Its address template
 * `https://{cluster}.voucherify.io` takes "us1.api", not "us1": building it from the region would miss.
 */
const HOSTS = {
  eu: 'https://api.voucherify.io',
  us1: 'https://us1.api.voucherify.io',
  as1: 'https://as1.api.voucherify.io',
} as const

/** Scheme and host, without a trailing slash. */
export function hostOf(settings: VoucherifySettings): string {
  if (settings.baseUrl) return new URL(settings.baseUrl).origin
  return settings.region === 'custom' ? HOSTS.eu : HOSTS[settings.region]
}

/**
 * The headers that sign a request in. Client: application id, token and `origin`. The page prints
 * `Authorization` beside them, but there it is the alternative for OAuth, so it is not sent.
 */
export function credentialsOf(settings: VoucherifySettings): Record<string, string> {
  if (settings.mode === 'server')
    return { 'X-App-Id': settings.appId ?? '', 'X-App-Token': settings.appToken ?? '' }
  return {
    'X-Client-Application-Id': settings.applicationId ?? '',
    'X-Client-Token': settings.clientToken ?? '',
    origin: settings.origin ?? '',
  }
}

/** The request that tracks a custom event: `POST /v1/events`, or `POST /client/v1/events` with client keys. */
export function eventRequest(settings: VoucherifySettings, body: VendorRequest['body']): VendorRequest {
  const path = settings.mode === 'server' ? '/v1/events' : '/client/v1/events'
  return {
    method: 'POST',
    url: `${hostOf(settings)}${path}`,
    headers: { 'Content-Type': 'application/json', ...credentialsOf(settings) },
    ...(body !== undefined && { body }),
  }
}

/** A read-only request that the same credentials sign in. */
export function testRequest(settings: VoucherifySettings): VendorRequest {
  const path = settings.mode === 'server' ? '/v1/customers?limit=1' : '/client/v1/promotions/tiers?limit=1'
  return { method: 'GET', url: `${hostOf(settings)}${path}`, headers: credentialsOf(settings) }
}
