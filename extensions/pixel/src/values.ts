/**
 * Single values of Shopify's events as the wire has them. Whatever comes, nothing throws.
 *
 * Shopify's CLI bundles for ES6, where each `?.`, `??` and `...` becomes a line of its own: the pixel does without most.
 */
import type { MoneyV2 } from '@shopify/web-pixels-extension'

/** To read the fields of what may be missing. */
export const of: <T extends object>(value: T | null | undefined) => Partial<T> = Object

/** "gid://shopify/Product/123" and "123" to "123"; null for anything else: `exec` makes a text of what is none. */
export const digits = (id: unknown): string | null => of(/(?:^|\/)(\d{1,30})$/.exec(String(id)))[1] || null

/** Cut to what the server takes; null for nothing. */
export const text = (value: unknown, most = 500): string | null =>
  value && typeof value === 'string' ? value.slice(0, most) : null

/**
 * A decimal with two places, or three where a currency has them: 139.9 to "139.90", 0.1 + 0.2 to "0.30".
 * Null when it is no price.
 */
export function amount(money: MoneyV2 | null | undefined): string | null {
  const value = Number.parseFloat(of(money).amount as unknown as string)
  return value >= 0 && value < 1e15 ? value.toFixed(3).replace(/0$/, '') : null
}

/** Those that fit into so many characters of JSON. */
export const fitting = <T>(list: T[], room: number): T[] =>
  list.filter(one => {
    const { length } = JSON.stringify(one)
    if (length > room) return false
    room -= length
    return true
  })

export type Address = {
  href?: string
  /** Without query and fragment. */
  page?: string
  /** Of a product or a collection: "lámpa" of "/cs/products/l%C3%A1mpa". */
  handle?: string
}

/** Parts of a web address that is absolute or relative to the page's; none when it is no web address. */
export function address(value: unknown, page: { href: string }): Address {
  try {
    const { href, origin, pathname } = new URL(value as string, page.href)
    const handle = of(/^.*\/(?:products|collections)\/([^/]+)/.exec(pathname))[1] || ''
    if (value && /^https?:/.test(href)) {
      return { href, page: origin + pathname, handle: decodeURIComponent(handle) }
    }
  } catch {}
  return {}
}
