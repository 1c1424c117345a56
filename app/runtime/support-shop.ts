/** What support's page of one shop asks for: how each vendor stands and why, holding and releasing it. Never a credential. */

import { type AnyVendor, vendorNamed } from '../delivery/connections.ts'
import {
  HoldStands,
  holdBySupport,
  releaseBySupport,
  type StandingHold,
  standingHold,
} from '../delivery/holds.ts'
import { type Lane, type LaneState, laneKey } from '../delivery/lane.ts'
import type { Hold, KeptHold, Released } from '../delivery/lane-state.ts'
import { attentionReason, HELD_REASONS } from '../delivery/outcome.ts'
import { type InSpool, inSpool } from '../delivery/spool.ts'
import { countedUntil, type Settled, settledByDay } from '../insights/daily.ts'
import { daysOf, lastDays } from '../insights/days.ts'
import { statesOf } from '../insights/lane-stands.ts'
import { type LaneLine, listLanes } from '../insights/lanes.ts'
import { provedVendors } from '../insights/proved.ts'
import { type Backlog, backlogOf } from '../insights/support/backlog.ts'
import { type CredentialTimes, credentialTimes } from '../insights/support/credentials.ts'
import { type Failures, recentFailures } from '../insights/support/failures.ts'
import {
  attentionSince,
  type History,
  type HistoryPlace,
  laneHistory,
} from '../insights/support/lane-history.ts'
import { shopFacts } from '../insights/support/shop-facts.ts'
import { formOf } from '../insights/vendor-form.ts'
import { ADMIN_FAILURES, asAdminFailure } from '../shopify/admin/failure.ts'
import { type Shop, shopByDomain } from '../shopify/shops.ts'
import { MOST_COUNTED } from '../ui/counted.ts'
import { VENDORS } from '../vendors/registry.ts'
import { savedAsFarAsOpened } from './connecting.ts'
import type { MerchantActivityContext } from './merchant-activity.ts'
import { cardOf, type ShownHold, shownHold, type VendorCard } from './merchant-vendors.ts'
import type { Staff } from './support.ts'
import { createSupportActivity, type SupportActivity } from './support-activity.ts'

export type { Backlog } from '../insights/support/backlog.ts'
export type { FailureCause, Failures } from '../insights/support/failures.ts'
export type { History, HistoryPlace } from '../insights/support/lane-history.ts'

/** Days of numbers, today among them. */
const DAYS = 7
/** For so long a hold or a release has deliveries follow before it is answered. */
const FOLLOW_MS = 1_000

/** Times in ISO 8601, in UTC; days as "2026-11-20", those of the shop. */
export type SupportVendor = VendorCard & {
  /** The merchant's switch, whatever support holds. */
  enabled: boolean
  /** In the words of the lists of shops, as it is now. */
  state: LaneState
  /** Support's stop, whatever the merchant has switched; null: none. */
  hold: ShownHold | null
  /** Who holds it, by the audit; null: nobody does, or it does not know. */
  holder: string | null
  /** Why it waits for a person; null: it does not. */
  attention: string | null
  /** That, where support holds it too: which is told in the place of it elsewhere. `since` null: not noted. */
  behindHold: { why: string; refused: boolean; since: string | null } | null
  savedAt: string
  /** Null: before this was kept. */
  secretsSetAt: string | null
  /** When it was last seen to work; null: never that is kept. */
  workedAt: string | null
  /** What each secret ends with; null: they do not open with the keys there are. */
  secrets: { label: string; ends: string }[] | null
  /** When the oldest that is to be sent was received, and the oldest held one. */
  oldest: string | null
  oldestHeld: string | null
  days: (Settled & { day: string })[]
}
export type SupportShopPage = {
  domain: string
  name: string | null
  storefrontUrl: string
  installedAt: string
  uninstalledAt: string | null
  /** Why Shopify cannot be asked; null: nothing known. */
  trouble: { sentence: string; since: string | null } | null
  storefrontHeardAt: string | null
  pixelHeardAt: string | null
  /** When the newest order that is kept was received; null: none is. */
  lastOrderAt: string | null
  releaseWithinDays: number
  vendors: SupportVendor[]
  /** When all of this was asked for: how old something is, is reckoned from then. */
  at: string
  /** Names of vendors that the shop has not connected. */
  notConnected: string[]
  failures: Failures
  /** What of the shop waits to be taken up, and so is in no list yet; null: nothing. */
  spool: InSpool | null
  /** Up to when the numbers of days are counted; null: nothing was counted yet. */
  countedUntil: string | null
  /** Of these days, IANA's name; null: UTC. */
  timeZone: string | null
}

/** What of a lane's deliveries has followed a hold or a release by now. `left`: there may be more, which workers see to. */
export type Followed<T> = T & { left: boolean }

/** Support's hold that stands. `by`: who placed it, as the audit has it; null: it does not. */
export type ShownStanding = ShownHold & { by: string | null }

/** All are of one shop, which `find` gives, for whom `enter` let in. Null: the shop has not connected the vendor, or there is no such thing. */
export type SupportShop = {
  find(staff: Staff, domain: string): Promise<Shop | null>
  page(staff: Staff, shop: Shop): Promise<SupportShopPage>
  history(staff: Staff, shop: Shop, vendor: string, place: HistoryPlace | null): Promise<History>
  /** What a hold or a release would do, counted now. */
  backlog(staff: Staff, shop: Shop, vendor: string): Promise<Backlog | null>
  /** The hold that stands, and who placed it; null: none. */
  standing(staff: Staff, shop: Shop, vendor: string): Promise<ShownStanding | null>
  /**
   * @param seen the hold whose place it takes; null: it takes none's. Where another stands, it is refused
   * @returns how many deliveries are held by then, and whether a hold that stood was changed; or the hold that stands
   */
  hold(
    staff: Staff,
    shop: Shop,
    vendor: string,
    hold: Hold,
    seen: ShownHold | null,
  ): Promise<Followed<{ held: number; changed: boolean }> | ShownStanding | null>
  /**
   * @param why `merchantReads`: as of `releaseBySupport`
   * @param seen the hold that is meant; null: whichever there is
   * @returns the hold that stands where that is another; null also where support does not hold it
   */
  release(
    staff: Staff,
    shop: Shop,
    vendor: string,
    why: { reason: string; merchantReads: boolean },
    seen: ShownHold | null,
  ): Promise<Followed<Released> | ShownStanding | null>
  activity: SupportActivity
}

/** @param context `lateAfterMinutes`: from when on what waits is late */
export function createSupportShop(
  context: MerchantActivityContext & { lateAfterMinutes: number },
): SupportShop {
  const { database, sealer, signal } = context
  const { pool, prisma } = database
  return {
    find: (_staff, domain) => shopByDomain(prisma, domain.toLowerCase()),
    async page(_staff, shop) {
      const now = new Date()
      const period = lastDays(now, DAYS, shop.timeZone)
      const [facts, lanes, proved, times, settled, failures, until, states, spool] = await Promise.all([
        shopFacts(pool, shop.id),
        listLanes(pool, sealer, shop.id, MOST_COUNTED + 1),
        provedVendors(pool, shop.id),
        credentialTimes(pool, shop.id),
        settledByDay(pool, shop.id, period),
        recentFailures(pool, shop.id, now),
        countedUntil(pool, shop.id),
        statesOf(
          { pool, sealer },
          VENDORS.map(({ id }) => laneOf(shop, id)),
          context.lateAfterMinutes,
        ),
        inSpool(pool, shop.id, MOST_COUNTED),
      ])
      const trouble = asAdminFailure(facts.trouble)
      const vendors: SupportVendor[] = []
      for (const lane of lanes) {
        const vendor = vendorNamed(lane.vendor)
        const saved = times.find(each => each.vendor === lane.vendor)
        const state = states.get(laneKey(lane))
        if (!vendor || !saved || !state) continue
        const days = daysOf(period).map(day => {
          const found = settled.find(each => each.day === day && each.vendor === lane.vendor)
          const { delivered = 0, skipped = 0, failed = 0 } = found ?? {}
          return { day, delivered, skipped, failed }
        })
        vendors.push({
          ...standingOf(vendor, lane, proved, saved),
          state,
          secrets: lane.opens ? await secretsOf(vendor, shop) : null,
          holder: lane.hold && ((await standingHold(pool, laneOf(shop, vendor.id)))?.by ?? null),
          behindHold: await behindHold(laneOf(shop, vendor.id), lane),
          days,
        })
      }
      const { domain, name, storefrontUrl, installedAt, uninstalledAt, releaseWithinDays } = shop
      return {
        ...{ domain, name, storefrontUrl, releaseWithinDays, vendors, failures, spool },
        installedAt: installedAt.toISOString(),
        uninstalledAt: iso(uninstalledAt),
        trouble: trouble && { sentence: ADMIN_FAILURES[trouble].merchant, since: iso(facts.troubleAt) },
        storefrontHeardAt: iso(facts.storefrontHeardAt),
        pixelHeardAt: iso(facts.pixelHeardAt),
        lastOrderAt: iso(facts.lastOrderAt),
        notConnected: VENDORS.flatMap(({ id, name: of }) =>
          lanes.some(lane => lane.vendor === id) ? [] : [of],
        ),
        countedUntil: iso(until),
        at: now.toISOString(),
        timeZone: shop.timeZone,
      }
    },
    history: (_staff, shop, vendor, place) => laneHistory(pool, laneOf(shop, vendor), shop.domain, place),
    backlog: (_staff, shop, vendor) => backlogOf(pool, laneOf(shop, vendor), MOST_COUNTED),
    async standing(_staff, shop, vendor) {
      const standing = await standingHold(pool, laneOf(shop, vendor))
      return standing && shownStanding(standing)
    },
    async hold({ by }, shop, vendor, hold, seen) {
      const lane = laneOf(shop, vendor)
      const options = { replace: seen ? keptHold(seen) : false, withinMs: FOLLOW_MS }
      const held = await holdBySupport(pool, lane, hold, by, shop.domain, options).catch(standingOr)
      if (held && 'left' in held && held.left) await signal(lane)
      return held
    },
    async release({ by }, shop, vendor, { reason, merchantReads }, seen) {
      const lane = laneOf(shop, vendor)
      const options = { merchantReads, seen: seen ? keptHold(seen) : undefined, withinMs: FOLLOW_MS }
      const released = await releaseBySupport(pool, lane, reason, by, shop.domain, options).catch(standingOr)
      if (released && 'left' in released) await signal(lane)
      return released
    },
    activity: createSupportActivity(context),
  }

  async function behindHold(at: Lane, { hold, attention }: LaneLine): Promise<SupportVendor['behindHold']> {
    if (!hold || attention === null || attention === HELD_REASONS.disconnecting) return null
    const refused = attentionReason(attention) === 'refused'
    return { why: attention, refused, since: iso(await attentionSince(pool, at)) }
  }

  async function secretsOf(vendor: AnyVendor, shop: Shop): Promise<NonNullable<SupportVendor['secrets']>> {
    const given = await savedAsFarAsOpened({ pool, sealer }, laneOf(shop, vendor.id))
    return formOf(vendor, given).fields.flatMap(({ label, saved }) =>
      saved === null ? [] : [{ label, ends: saved }],
    )
  }
}

/** @throws what is no hold that stands */
function standingOr(error: unknown): ShownStanding {
  if (error instanceof HoldStands) return shownStanding(error.hold)
  throw error
}

const keptHold = ({ reason, since, until }: ShownHold): KeptHold => ({
  ...{ reason, since: new Date(since) },
  until: until === null ? null : new Date(until),
})
const shownStanding = ({ by, ...hold }: StandingHold): ShownStanding => ({ ...shownHold(hold), by })
const laneOf = (shop: Shop, vendor: string) => ({ shopId: shop.id, vendor })
const iso = (at: Date | null) => at?.toISOString() ?? null

function standingOf(
  { id, name }: AnyVendor,
  lane: LaneLine,
  proved: ReadonlySet<string>,
  { savedAt, secretsSetAt, workedAt }: CredentialTimes,
) {
  const { enabled, attention, hold, oldestAccepted, oldestHeld } = lane
  return {
    ...cardOf(id, name, lane, proved),
    ...{ enabled, attention, hold: hold && shownHold(hold) },
    savedAt: savedAt.toISOString(),
    secretsSetAt: iso(secretsSetAt),
    workedAt: iso(workedAt),
    oldest: iso(oldestAccepted),
    oldestHeld: iso(oldestHeld),
  }
}
