/** What an address asks of Sluice: as a page is opened, Shopify's admin adds to it who asks, and a link that kept that would hand it on. */

/** https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens, and what Remix's own requests have. */
const OTHERS = ['embedded', 'hmac', 'host', 'id_token', 'locale', 'session', 'shop', 'timestamp', '_data']

/** @param search of an address, "?type=order_created&id_token=…" @returns it without what is not Sluice's: "?type=order_created", or "" */
export function ownQuery(search: string): string {
  const asked = [...new URLSearchParams(search)].filter(([name]) => !OTHERS.includes(name))
  return asked.length > 0 ? `?${new URLSearchParams(asked)}` : ''
}
