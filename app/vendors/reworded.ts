/**
 * Sentences that are kept with deliveries in English, and are worded otherwise now: what is kept is read as it would be told today, in every
 * language, also where it said what is not so. One may go once nothing is kept any more from when it was written.
 */
import { SKIP_REASONS } from './reasons.ts'

const REWORDED: Readonly<Record<string, string>> = {
  // Until 2026-11-22.
  'A newer state of the same order or cart was sent instead.': SKIP_REASONS.superseded,
  'The person does not accept marketing, so they are not added as a contact.':
    SKIP_REASONS.no_marketing_consent,
  'It is not known whether the person accepts marketing, so they are not added as a contact.':
    SKIP_REASONS.marketing_unknown,
  // Until 2026-11-21.
  'This kind of event is switched off for this vendor.': SKIP_REASONS.mapping_off,
  'The visitor did not allow the purposes this vendor needs.': SKIP_REASONS.no_consent,
  'The vendor needs a known customer, and this event has none.': SKIP_REASONS.no_person,
  'The vendor does not know this person, and creating contacts is switched off.':
    SKIP_REASONS.contact_missing,
  'The vendor does not accept this person as a contact.': SKIP_REASONS.contact_refused,
  "Shopify's own notice of this checkout is sent instead: it names the person.": SKIP_REASONS.told_by_webhook,
  'The vendor already has exactly this.': SKIP_REASONS.unchanged,
  'A field that the vendor requires is missing.': SKIP_REASONS.missing_field,
  'The product identifier chosen for this vendor is not known for this product.':
    SKIP_REASONS.no_product_identifier,
  'The vendor was disconnected while this waited for it.': SKIP_REASONS.disconnected,
  'The event is larger than the vendor accepts.': SKIP_REASONS.too_large,
}

/** A kept message in today's words; what follows the sentence in brackets stays. */
export function asWordedNow<T extends string | null>(message: T): T | string {
  if (message === null) return message
  const [, sentence = message, detail = ''] = /^(.*[.])( \(.*\))$/s.exec(message) ?? []
  return Object.hasOwn(REWORDED, sentence) ? `${REWORDED[sentence]}${detail}` : message
}
