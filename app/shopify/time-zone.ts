/** A shop's time zone, as Shopify names it: `ianaTimezone` of https://shopify.dev/docs/api/admin-graphql/latest/objects/Shop. */

/** Intl takes "+05:30" as well, which PostgreSQL reads the other way round. */
const IANA_NAME = /^[A-Za-z]\w*([/+-]\w+)*$/

/** @returns the zone as it is given; null for none, and for one that Intl does not know */
export function knownZone(zone: string | null): string | null {
  if (zone === null || !IANA_NAME.test(zone)) return null
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch {
    return null
  }
}
