/** What an address of the page of all shops asks for. What does not make sense is left out: the page then shows more, not an error. */
import { z } from 'zod'
import { LANE_STATES } from '../delivery/lane.ts'
import { columnOf, SHOP_SORTS, type ShopSort } from '../insights/shop-sorts.ts'
import { NO_LANES, type ShopPlace } from '../insights/support-shops.ts'
import type { ShopSearch } from './support-shops.ts'

const searchSchema = z.object({
  text: z
    .string()
    .trim()
    .max(200)
    .transform(text => text.replaceAll('\0', '') || undefined)
    .optional()
    .catch(undefined),
  vendor: z
    .string()
    .regex(/^\w{1,50}$/)
    .optional()
    .catch(undefined),
  state: z.enum(LANE_STATES).optional().catch(undefined),
  sort: z.enum(SHOP_SORTS).catch('worst'),
})

/** A whole number that PostgreSQL takes for an `integer`. */
const NUMBER = /^-?\d{1,9}$/
/** As PostgreSQL writes it. */
const TIME = /^(infinity|\d{4}-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?[+-][01]\d(:\d\d)?)$/
/** What `key` may be, by what is sorted by. */
const KEYS: Record<ReturnType<typeof columnOf>['column'], RegExp> = {
  ...{ worst: NUMBER, waiting: NUMBER, held: NUMBER, delivered: NUMBER, failed: NUMBER },
  ...{ oldest: TIME, oldestHeld: TIME },
  domain: /^[\w.-]{1,255}$/,
}
const BETWEEN = '~'

export type AskedShops = { search: ShopSearch; place: ShopPlace | null }

export function askedShops(params: URLSearchParams): AskedShops {
  const search = searchSchema.parse(Object.fromEntries(params))
  return { search, place: placeOf(params.get('after'), search.sort) }
}

/** @returns what `after` of an address says: the place from which its page goes on */
export function written({ rank, key, shopId }: ShopPlace): string {
  return [rank, key, shopId].join(BETWEEN)
}

function placeOf(text: string | null, sort: ShopSort): ShopPlace | null {
  const [rank = '', key = '', shopId = ''] = text?.split(BETWEEN) ?? []
  if (!NUMBER.test(rank) || !NUMBER.test(shopId)) return null
  const place = { rank: Number(rank), key, shopId: Number(shopId) }
  const { column } = columnOf(sort)
  if (place.rank === NO_LANES && column !== 'domain') return { ...place, key: '' }
  return KEYS[column].test(key) ? place : null
}
