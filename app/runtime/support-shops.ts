/** What the console's page of all shops asks for. */
import type { Pool } from 'pg'
import { LANE_STATES, type LaneState } from '../delivery/lane.ts'
import { type InSpool, inSpool } from '../delivery/spool.ts'
import { idIn } from '../events/id.ts'
import { healthUntil } from '../insights/lane-health.ts'
import { type FoundShops, findShops, isOfEveryDomain, shopOfEvent } from '../insights/shop-search.ts'
import { SHOP_SORTS, type ShopSort } from '../insights/shop-sorts.ts'
import { type ShopFilter, type ShopPage, type ShopPlace, shopsPage } from '../insights/support-shops.ts'
import { MOST_COUNTED } from '../ui/counted.ts'
import { isOrderNumber } from '../ui/support/shops/order-number.ts'
import { VENDORS } from '../vendors/registry.ts'
import type { Staff } from './support.ts'

export type { LaneState } from '../delivery/lane.ts'
export type { InSpool } from '../delivery/spool.ts'
export type { ShopSort } from '../insights/shop-sorts.ts'
export type { LaneHealth, ShopLine } from '../insights/support-shops.ts'

/** `text`: a part of a domain or a name, an order's number, or a vendor's name. */
export type ShopSearch = Omit<ShopFilter, 'among'> & { text?: string | undefined }
export type FoundPage = ShopPage & {
  /** Of those on the page, the shops that have an order of the name that was typed. */
  orders: number[]
  /** How many shops are looked through, which is what is filtered and sorted, where more were found, and by what; null: all that were found. */
  lookedThrough: { shops: number; more: NonNullable<FoundShops['more']> } | null
  /** No shop is found by what was typed, which is nothing but a part of what all domains end with. */
  ofEveryDomain: boolean
  /** What was typed is a vendor's name, or begins one and finds nothing else: its shops are shown. */
  vendor: string | null
  /** What may hold the order that was looked for, where nothing was found; null: something was, no order was, or nothing waits. */
  spool: InSpool | null
  /** What happened before this is in it; null: nothing was looked at yet. */
  until: Date | null
}

export type SupportShops = {
  vendors: { id: string; name: string }[]
  states: readonly LaneState[]
  sorts: readonly ShopSort[]
  page(by: Staff, search: ShopSearch, place: ShopPlace | null): Promise<FoundPage>
  /** The event that a text is the id of, and the domain of its shop, null: of none. Null: the text is no id. */
  event(by: Staff, text: string): Promise<{ id: string; shop: string | null } | null>
}

export function createSupportShops({ pool }: { pool: Pool }): SupportShops {
  return {
    vendors: VENDORS.map(({ id, name }) => ({ id, name })),
    states: LANE_STATES,
    sorts: SHOP_SORTS,
    async event(_by, text) {
      const id = idIn(text)
      return id === null ? null : { id, shop: await shopOfEvent(pool, id) }
    },
    async page(_by, { text = '', ...filter }, place) {
      const whole = vendorNamed(text)
      const [found, until] = await Promise.all([
        text.trim() === '' || whole ? null : findShops(pool, text),
        healthUntil(pool),
      ])
      const named = whole ?? (found?.ids.length === 0 ? vendorBegunBy(text) : undefined)
      const vendor = named?.id ?? filter.vendor
      const page = await shopsPage(
        pool,
        { ...filter, vendor, ...(found && !named && { among: found.ids }) },
        place,
      )
      return {
        ...page,
        orders: page.lines.flatMap(({ id }) => (found?.orders.includes(id) ? [id] : [])),
        lookedThrough: found?.more ? { shops: found.ids.length, more: found.more } : null,
        ofEveryDomain: found?.ids.length === 0 && isOfEveryDomain(text),
        vendor: named?.id ?? null,
        spool:
          page.lines.length === 0 && isOrderNumber(text) ? await inSpool(pool, null, MOST_COUNTED) : null,
        until,
      }
    },
  }
}

/** What is shorter begins too much. */
const LEAST_BEGUN = 3

/** The one vendor whose name begins so; undefined: none, or several. */
function vendorBegunBy(text: string): { id: string } | undefined {
  const wanted = text.trim().toLowerCase()
  const begun = VENDORS.filter(({ name }) => name.toLowerCase().startsWith(wanted))
  return wanted.length >= LEAST_BEGUN && begun.length === 1 ? begun[0] : undefined
}

/** The vendor that is called so. A shop may be called like a vendor too, but whoever types a vendor's whole name means the vendor. */
function vendorNamed(text: string): { id: string } | undefined {
  const wanted = text.trim().toLowerCase()
  return VENDORS.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted)
}
