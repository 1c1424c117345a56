/** What the accuracy page asks for: whether every order of a shop reached every tool, and what became of those that did not. */
import type { Pool } from 'pg'
import { ordersOf, type Period, periodOf, placedSince } from '../insights/accuracy.ts'
import {
  type Row,
  rowsOf,
  sentOf,
  type Verdict,
  verdictOf,
  type Whole,
  wholeOf,
} from '../insights/equation.ts'
import { retentionOfShop } from '../privacy/shop-retention.ts'
import type { Admin } from '../shopify/admin/client.ts'
import type { AdminFailureKind } from '../shopify/admin/failure.ts'
import { keepCount, keptCount, type OrderCount } from '../shopify/admin/order-counts.ts'
import { countOrders, ORDERS_SHOWN_DAYS, placedBetween } from '../shopify/admin/orders.ts'
import type { Shop } from '../shopify/shops.ts'
import { nameOf, VENDORS } from '../vendors/registry.ts'
import { type ShownHold, shownHold } from './merchant-vendors.ts'

export type { Row, RowKind, Verdict, Whole } from '../insights/equation.ts'

export const PERIODS = [1, 7, 30, 90] as const

/** Why Shopify's count is not known. `too_far_back`: it shows the app no orders of so long ago. `away`: Sluice did not answer the page. */
export type Uncounted = AdminFailureKind | 'imprecise' | 'too_far_back' | 'away'
export type ShopifySide =
  /** It is to be asked (`count`). */
  | { state: 'counting' }
  | { state: 'unknown'; why: Uncounted }
  /**
   * `until`: ISO 8601, orders placed before that are counted. `since`: received ones that were placed after that. `trouble`: why it
   * could not be asked anew.
   */
  | {
      state: 'counted'
      until: string
      orders: number
      since: number
      trouble: Uncounted | null
    }

export type VendorAccuracy = {
  id: string
  name: string
  connected: boolean
  /** Support's; null: none. */
  hold: ShownHold | null
  rows: Row[]
  /** Orders that it was sent, as they came or as a newer state. */
  sent: number
  verdict: Verdict
}
export type AccuracyPage = {
  periods: number[]
  /** Days of the shop, both meant: "2026-11-21". */
  period: { days: number; from: string; to: string }
  received: number
  /** Of these: placed before the period. */
  early: number
  /** What finds the period's orders in Shopify's own list, those of them that it counted (null: none yet), and those of before the app was installed. */
  placed: { whole: string; counted: string | null; before: string }
  shopify: ShopifySide
  whole: Whole
  /** The app was installed within the period: orders of before may not have been received. */
  mayPrecede: boolean
  tools: VendorAccuracy[]
  /** Numbers of older days may be some minutes old. */
  behind: boolean
}

export type MerchantAccuracy = {
  /** Asks Shopify nothing. @param days one of the periods; else the second of them */
  page(shop: Shop, days: number): Promise<AccuracyPage>
  /** The same, once Shopify has counted. It may take some ten seconds. @param again also where it has counted of late */
  count(shop: Shop, days: number, again: boolean): Promise<AccuracyPage>
}
export type MerchantAccuracyContext = {
  pool: Pool
  admin: Admin
  /** The platform keeps events for so long, unless a shop has chosen less: of longer periods nothing can be said. */
  retentionDays: number
}

/** A notice takes a moment: orders of the last minute are not compared. */
const ON_THEIR_WAY_MS = 60_000
const DAY_MS = 24 * 3600_000

export function createMerchantAccuracy(context: MerchantAccuracyContext): MerchantAccuracy {
  const { pool, retentionDays } = context
  const periodsOf = async ({ id, timeZone }: Shop, days: number) => {
    const kept = await retentionOfShop(pool, id, retentionDays)
    const periods = PERIODS.filter(each => each <= kept)
    const asked = periods.find(each => each === days) ?? periods[1] ?? 1
    const period = await periodOf(pool, timeZone, new Date(), asked)
    return { periods, period }
  }
  return {
    async page(shop, days) {
      const { periods, period } = await periodsOf(shop, days)
      const blocked = await cannotAsk(pool, shop, period)
      const kept = blocked ? null : await keptCount(pool, shop.id, period.days, period.since)
      const side = { count: kept && (await stillSays(pool, shop, period, kept)) ? kept : null, why: blocked }
      return composed(pool, shop, period, periods, side)
    },
    async count(shop, days, again) {
      const { periods, period } = await periodsOf(shop, days)
      const side = await counted(context, shop, period, again)
      return composed(pool, shop, period, periods, side)
    },
  }
}

/** Orders have whole seconds: whatever they are cut at has them too, so that Shopify's side and ours are cut at the same. */
const wholeSecond = (ms: number) => new Date(Math.floor(ms / 1000) * 1000)
/** Orders placed before that are those of before the app. @param until up to when any are counted */
const installedOf = ({ installedAt }: Shop, until = Number.POSITIVE_INFINITY) =>
  wholeSecond(Math.min(installedAt.getTime(), until))

/** What is known of Shopify's side, and why not more; neither: it was not asked yet. */
type Known = { count: OrderCount | null; why: Uncounted | null }

async function cannotAsk(pool: Pool, shop: Shop, { since }: Period): Promise<Uncounted | null> {
  if (since.getTime() >= Date.now() - ORDERS_SHOWN_DAYS * DAY_MS) return null
  const { rows } = await pool.query<{ all: boolean }>(
    `select 'read_all_orders' = any(scopes) as all from shops where id = $1`,
    [shop.id],
  )
  return rows[0]?.all ? null : 'too_far_back'
}

/**
 * Whether what Shopify counted need not be asked for again yet. A count that most of the orders have overtaken, as a new shop's first,
 * says next to nothing: it is asked for again as soon as these can be counted.
 */
async function stillSays(pool: Pool, shop: Shop, period: Period, kept: OrderCount): Promise<boolean> {
  if (!kept.fresh || kept.until.getTime() > Date.now() - 2 * ON_THEIR_WAY_MS) return kept.fresh
  return (await placedSince(pool, shop.id, period, kept.until)) <= kept.orders
}

async function counted(
  { pool, admin }: MerchantAccuracyContext,
  shop: Shop,
  period: Period,
  again: boolean,
): Promise<Known> {
  const why = await cannotAsk(pool, shop, period)
  if (why) return { count: null, why }
  const kept = await keptCount(pool, shop.id, period.days, period.since)
  if (kept && !again && (await stillSays(pool, shop, period, kept))) return { count: kept, why: null }
  const until = wholeSecond(Math.max(period.since.getTime(), Date.now() - ON_THEIR_WAY_MS))
  const orders = await countBetween(admin, shop, period.since, until)
  if ('why' in orders) return { count: kept, why: orders.why }
  const before = await countBetween(admin, shop, period.since, installedOf(shop, until.getTime()))
  if ('why' in before) return { count: kept, why: before.why }
  const count = { since: period.since, until, orders: orders.count, beforeInstall: before.count }
  await keepCount(pool, shop.id, period.days, count)
  return { count: { ...count, fresh: true }, why: null }
}

/** @returns 0 without asking where there is no time between */
async function countBetween(
  admin: Admin,
  shop: Shop,
  since: Date,
  until: Date,
): Promise<{ count: number } | { why: Uncounted }> {
  if (until <= since) return { count: 0 }
  const asked = await countOrders(admin, shop.domain, { since, until })
  if ('imprecise' in asked) return { why: 'imprecise' }
  return 'failure' in asked ? { why: asked.failure.kind } : asked
}

async function composed(
  pool: Pool,
  shop: Shop,
  period: Period,
  periods: number[],
  { count, why }: Known,
): Promise<AccuracyPage> {
  const marks = { counted: count?.until ?? null, installed: installedOf(shop, count?.until.getTime()) }
  const [orders, connected] = await Promise.all([
    ordersOf(pool, shop.id, period, marks),
    connectedVendors(pool, shop.id),
  ])
  const whole = wholeOf(orders, count)
  const { received, early, since } = orders
  const named = [...new Set([...connected.keys(), ...orders.parts.map(({ vendor }) => vendor)])]
  return {
    periods,
    period: { days: period.days, from: period.from, to: period.to },
    received,
    early,
    placed: {
      whole: placedBetween(period),
      counted: count && placedBetween({ since: period.since, until: count.until }),
      before: placedBetween({ since: period.since, until: installedOf(shop, period.until.getTime()) }),
    },
    shopify: count
      ? {
          state: 'counted',
          until: count.until.toISOString(),
          orders: count.orders,
          since,
          trouble: why,
        }
      : why
        ? { state: 'unknown', why }
        : { state: 'counting' },
    whole,
    mayPrecede: installedOf(shop) > period.since,
    tools: inOrder(named).map(id => {
      const own = orders.parts.filter(({ vendor }) => vendor === id)
      const rows = rowsOf(own, received, whole)
      const name = nameOf(id)
      return {
        id,
        name,
        connected: connected.has(id),
        hold: connected.get(id) ?? null,
        rows,
        sent: sentOf(rows),
        verdict: verdictOf(rows, whole.orders),
      }
    }),
    behind: orders.behind,
  }
}

/** As all pages list them; those that this version does not have, last. */
function inOrder(ids: readonly string[]): string[] {
  const place = (id: string) => VENDORS.findIndex(vendor => vendor.id === id) + 1 || VENDORS.length + 1
  return [...ids].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

/** Each with support's hold; null: it has none. */
async function connectedVendors(pool: Pool, shopId: number): Promise<Map<string, ShownHold | null>> {
  const { rows } = await pool.query<{
    vendor: string
    reason: string | null
    since: Date
    until: Date | null
  }>(
    `select vendor, hold_reason as reason, hold_since as since, hold_until as until from connections where shop_id = $1`,
    [shopId],
  )
  return new Map(
    rows.map(({ vendor, reason, since, until }) => [
      vendor,
      reason === null ? null : shownHold({ reason, since, until }),
    ]),
  )
}
