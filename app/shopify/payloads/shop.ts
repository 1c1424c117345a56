/** shop/update and app/scopes_update: https://shopify.dev/docs/api/webhooks/2026-10 */
import { z } from 'zod'
import { knownZone } from '../time-zone.ts'
import { currency, text, time, words } from './fields.ts'

/** The domains are null in Shopify's own samples: which shop it is, only the request's header says. */
export const shopSchema = z.object({
  name: text,
  currency,
  domain: text,
  iana_timezone: text.transform(knownZone),
  updated_at: time,
})

export const scopesSchema = z.object({ current: words, updated_at: time })
