/** What the first page asks for: the set-up guide, what needs the merchant, and how deliveries have gone day by day. */
import type { Pool } from 'pg'
import { firstIdOf } from '../db/partitions.ts'
import {
  countedUntil,
  otherZoneUntil,
  type Settled,
  settledByDay,
  type VendorDay,
} from '../insights/daily.ts'
import { type Days, daysOf, lastDays, momentsOf } from '../insights/days.ts'
import { failedSince } from '../insights/failed.ts'
import { listLanes } from '../insights/lanes.ts'
import { provedVendors } from '../insights/proved.ts'
import { dismissGuide, readSetUp, type SetUp } from '../insights/set-up.ts'
import { storefrontStatus } from '../insights/storefront-status.ts'
import type { Log } from '../log.ts'
import { retentionOfShop } from '../privacy/shop-retention.ts'
import type { Admin } from '../shopify/admin/client.ts'
import { activatePixel } from '../shopify/admin/pixel.ts'
import { type PixelState, pixelAddress, pixelShop, pixelState } from '../shopify/admin/pixel-state.ts'
import { listTroubles } from '../shopify/admin/trouble.ts'
import type { Shop } from '../shopify/shops.ts'
import { embedEditorUrl } from '../shopify/theme-editor.ts'
import { MOST_COUNTED, MOST_FAILED } from '../ui/counted.ts'
import { VENDORS } from '../vendors/registry.ts'
import type { Connecting } from './connecting.ts'
import { type Attention, attentionOf } from './merchant-attention.ts'
import { type Guide, guideOf } from './merchant-guide.ts'
import { cardOf, type VendorCard } from './merchant-vendors.ts'
import { createTestEvents, type TestEventContext, type TestEvents } from './test-event.ts'

export type { Settled } from '../insights/daily.ts'
export type { Attention } from './merchant-attention.ts'
export type { Guide, StepName } from './merchant-guide.ts'
export type { SentTest, TestProblem, ToldTest, ToldTool } from './test-event.ts'

/** How many days are looked back, today among them. */
export type PeriodDays = 7 | 30 | 90

/** `rate`: delivered of what was delivered or failed, from 0 to 1; null: nothing was. Skipped ones do not count. `arrived`: as of `VendorDay`. */
export type Totals = Settled & { arrived: number; rate: number | null }
export type HomeVendor = Pick<VendorCard, 'id' | 'name' | 'status' | 'counts'> & { totals: Totals }
/** One tool's numbers, as many as there are days. */
export type Series = { id: string; name: string; days: Settled[] }
export type HomePage = {
  /** Null: put away. */
  guide: Guide | null
  attention: Attention[]
  /** Opens the theme editor with the embed switched on. */
  editorUrl: string
  period: PeriodDays
  /** Since when the period is, as addresses of lists have it: "2026-11-15". */
  from: string
  /** "2026-11-15", oldest first, days of the shop. */
  days: string[]
  series: Series[]
  totals: Totals
  /**
   * What is to be sent, and when the oldest of it was accepted; what waits for its visitor to become known, and for how many hours at
   * most; what is held. Numbers: see `MOST_COUNTED`.
   */
  now: { open: number; oldest: string | null; forVisitor: number; visitorHours: number; held: number }
  tools: HomeVendor[]
  /** Up to when it is counted (ISO 8601); null: nothing was counted yet. */
  countedUntil: string | null
  /** Days up to this one ("2026-11-15") stay counted in another time zone; null: none. */
  otherZoneUntil: string | null
  /** The guide knows of an event that has just arrived, and no number does yet. */
  counting: boolean
}

export type MerchantHome = {
  page(shop: Shop, period: PeriodDays): Promise<HomePage>
  /** @returns why the web pixel does not run; null: it does */
  activatePixel(shop: Shop): Promise<string | null>
  test: TestEvents
  dismissGuide(shop: Shop): Promise<void>
}

export type MerchantHomeContext = {
  pool: Pool
  log: Log
  admin: Admin
  /** The app's client id, and its public address. */
  apiKey: string
  appUrl: string
  connecting: Connecting
  /** The platform keeps events for so many days, unless a shop has chosen less. */
  retentionDays: number
} & Pick<TestEventContext, 'accept' | 'wake'>

export function createMerchantHome(context: MerchantHomeContext): MerchantHome {
  const { pool, log, admin, apiKey, appUrl, connecting, retentionDays } = context
  const pixelContext = { pool, log, address: pixelAddress(appUrl) }
  /** As of now: somebody who has just sent again what failed is not told of it once more. What is to be deleted counts no more. */
  async function failedNow(shop: Shop, { from, to }: Days, now: Date) {
    const keptFor = await retentionOfShop(pool, shop.id, retentionDays)
    const kept = lastDays(now, keptFor, shop.timeZone).from
    const { since } = await momentsOf(pool, shop.timeZone, { from: from > kept ? from : kept, to })
    return failedSince(
      pool,
      shop.id,
      VENDORS.map(({ id }) => id),
      since,
      MOST_FAILED + 1,
    )
  }
  return {
    async page(shop, period) {
      const now = new Date()
      const days = lastDays(now, period, shop.timeZone)
      const [lanes, proved, counts, until, otherZone, storefront, pixel, setUp, troubles, failed] =
        await Promise.all([
          listLanes(pool, connecting.sealer, shop.id, MOST_COUNTED + 1),
          provedVendors(pool, shop.id),
          settledByDay(pool, shop.id, days),
          countedUntil(pool, shop.id),
          otherZoneUntil(pool, shop.id, days),
          storefrontStatus(pool, shop.id),
          pixelShop(pool, shop).then(each => pixelState(pixelContext, each)),
          readSetUp(pool, shop.id),
          listTroubles(pool, shop.domain),
          failedNow(shop, days, now),
        ])
      const standing = VENDORS.map(({ id, name }) => {
        const lane = lanes.find(({ vendor }) => vendor === id) ?? null
        const own = counts.filter(({ vendor }) => vendor === id)
        const { oldestAccepted: received = null, oldestOpen: waits = null } = lane ?? {}
        const oldest = received && waits && { received, waits }
        const card = cardOf(id, name, lane, proved)
        return { card, oldest, own, totals: totalOf(own), failed: failed.get(id) ?? { count: 0, arrived: 0 } }
      })
      const cards = standing.map(({ card }) => card)
      const { storefrontUrl } = shop
      const editorUrl = embedEditorUrl(shop.domain, apiKey)
      const guide = guideOf({ cards, proved, storefront, pixel, setUp, editorUrl, storefrontUrl })
      const oldest = lanes
        .flatMap(({ oldestAccepted }) => oldestAccepted ?? [])
        .sort((a, b) => a.getTime() - b.getTime())
      const each = daysOf(days)
      return {
        guide,
        attention: attentionOf({
          tools: standing,
          ...{ storefront, pixel, now, guided: guide !== null, access: troubles[0]?.kind ?? null },
        }),
        editorUrl,
        period,
        from: days.from,
        days: each,
        series: standing.flatMap(({ card: { id, name }, own }) =>
          own.length > 0 ? { id, name, days: byDay(each, own) } : [],
        ),
        totals: totalOf(counts),
        now: {
          open: sum(cards, ({ counts }) => counts.open),
          oldest: oldest[0]?.toISOString() ?? null,
          forVisitor: sum(cards, ({ counts }) => counts.forVisitor),
          visitorHours: shop.personWaitHours,
          held: sum(cards, ({ counts }) => counts.held),
        },
        tools: standing.map(({ card: { id, name, status, counts }, totals }) => ({
          id,
          name,
          status,
          counts,
          totals,
        })),
        countedUntil: until?.toISOString() ?? null,
        otherZoneUntil: otherZone,
        counting: isJustArrived(setUp.delivered, now) && totalOf(counts).delivered === 0,
      }
    },
    async activatePixel(shop) {
      const state: PixelState = await activatePixel({ ...pixelContext, admin }, await pixelShop(pool, shop))
      return state.state === 'active' && state.trouble === null ? null : state.message
    },
    test: createTestEvents(context),
    dismissGuide: shop => dismissGuide(pool, shop.id),
  }
}

/** Within a day, which is of any period: what arrived before is counted, or no longer looked back to. */
const isJustArrived = (delivered: SetUp['delivered'], now: Date) =>
  delivered !== null && delivered.eventId >= firstIdOf(new Date(now.getTime() - 24 * 3600_000))

const sum = <T>(items: readonly T[], numberOf: (item: T) => number) =>
  items.reduce((total, item) => total + numberOf(item), 0)

function totalOf(counts: readonly VendorDay[]): Totals {
  const delivered = sum(counts, each => each.delivered)
  const failed = sum(counts, each => each.failed)
  const skipped = sum(counts, each => each.skipped)
  return {
    delivered,
    skipped,
    failed,
    arrived: sum(counts, each => each.arrived),
    rate: delivered + failed > 0 ? delivered / (delivered + failed) : null,
  }
}

const NONE: Settled = { delivered: 0, skipped: 0, failed: 0 }

function byDay(days: readonly string[], counts: readonly VendorDay[]): Settled[] {
  const known = new Map(
    counts.map(({ day, delivered, skipped, failed }) => [day, { delivered, skipped, failed }]),
  )
  return days.map(day => known.get(day) ?? NONE)
}
