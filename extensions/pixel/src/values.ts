/** Single values of Shopify's events as the wire has them (app/shopify/storefront/wire.ts). */
import type { MoneyV2 } from '@shopify/web-pixels-extension'

export const MOST_OF_TEXT = 500
export const MOST_OF_ADDRESS = 2048

/** Of "gid://shopify/Product/123" and of "123" it is "123"; null of anything else. */
export const digits = (id: unknown): string | null => /(?:^|\/)(\d{1,30})$/.exec(`${id}`)?.[1] ?? null

/** Null of nothing. */
export const text = (value: string | null | undefined, most = MOST_OF_TEXT): string | null =>
  value?.trim().slice(0, most) || null

/**
 * Two decimals, or three where a currency has them: of 139.9 it is "139.90", of 0.1 + 0.2 "0.30". Null of what is
 * no price.
 */
export function amount(money: MoneyV2 | null | undefined): string | null {
  const value = Number(money?.amount ?? Number.NaN)
  return value >= 0 && value < 1e15 ? value.toFixed(3).replace(/0$/, '') : null
}

/** Absolute, also of what is relative to the page. Undefined of what is no web address, or too long for one. */
export function webAddress(value: string | null | undefined, page: string): URL | undefined {
  try {
    const url = new URL(value || ':', page)
    if (/^http/.test(url.protocol) && url.href.length <= MOST_OF_ADDRESS) return url
  } catch {}
}

/** The last part of a path: "lámpa" of "/cs/products/l%C3%A1mpa". */
export function handle(path: string | undefined): string | null {
  const last = path?.split('/').pop()
  try {
    return text(decodeURIComponent(last ?? ''))
  } catch {
    return text(last)
  }
}
