/** Parsed settings for this folder's tests. */
import { type VoucherifySettings, voucherifySettings } from './settings.ts'

/** Application keys and defaults, with the fields given as a form would submit them. */
export function serverSettings(over: Record<string, unknown> = {}): VoucherifySettings {
  return voucherifySettings.parse({ appId: 'app-1', appToken: 'token-1', ...over })
}

/** Client keys and defaults, with the fields given as a form would submit them. */
export function clientSettings(over: Record<string, unknown> = {}): VoucherifySettings {
  return voucherifySettings.parse({
    mode: 'client',
    applicationId: 'client-1',
    clientToken: 'token-2',
    origin: 'shop.example.com',
    ...over,
  })
}
