/** What the pages of a shop's activity ask for: lists, one event's story, and sending again. */
import type { Database } from '../db/database.ts'
import { keepReplay } from '../delivery/kept-replays.ts'
import type { Lane } from '../delivery/lane.ts'
import { type Noting, replay } from '../delivery/replay.ts'
import { type InSpool, inSpool } from '../delivery/spool.ts'
import { comparable } from '../events/email.ts'
import { markContext } from '../identity/learn-links.ts'
import { type ActivityPage, aboutOf, activityPage, type News, newsSince } from '../insights/activity.ts'
import type { Place } from '../insights/activity-scan.ts'
import { askedPerson, sealedPerson } from '../insights/asked-person.ts'
import {
  type KeptReplay,
  keptReplay,
  keptReplays,
  type OpenedReplay,
  outcomesOfReplay,
  type ReplayOutcomes,
} from '../insights/replays.ts'
import type { Log } from '../log.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Shop } from '../shopify/shops.ts'
import { MOST_COUNTED } from '../ui/counted.ts'
import { VENDORS } from '../vendors/registry.ts'
import { explained } from './explained.ts'
import { skippedAgain } from './foreseen.ts'
import { type ActivitySearch, createSendingAgain, filterOf, type SendingAgain } from './sending-again.ts'
import { REPLAYABLE, type Reader, type ShownStory, shown } from './shown-story.ts'

export type { InSpool } from '../delivery/spool.ts'
export type { ActivityPage, News } from '../insights/activity.ts'
export type { ActivityOutcome, AskedOutcome, Place } from '../insights/activity-scan.ts'
export type { KeptReplay, OpenedReplay, ReplayOutcomes } from '../insights/replays.ts'
export type {
  ActivitySearch,
  Chosen,
  ReplayCount,
  ReplayCounts,
  ReplayPlace,
  ReplayProgress,
} from './sending-again.ts'
export type {
  Identity,
  Needed,
  ResolvedPerson,
  ShownAgain,
  ShownAttempt,
  ShownDelivery,
  ShownStopped,
  ShownStory,
} from './shown-story.ts'

export type AskedPage = ActivityPage & { person: string | null }
export type VendorName = { id: string; name: string }
export type MerchantActivity = SendingAgain & {
  vendors: VendorName[]
  /** `person`: whose events were asked for, masked; null: nobody's, or it is not known. @param who as of `markOf` */
  page(shop: Shop, search: ActivitySearch, place: Place | null, who: string | null): Promise<AskedPage>
  /** Whether something has come since an event that the search finds as well. */
  newsSince(shop: Shop, search: ActivitySearch, eventId: string): Promise<News>
  /** What stands for an e-mail address in a page's address, which logs and histories keep: marks, a tilde, and what `page` takes as `who`. */
  markOf(shop: Shop, email: string): string
  /** Null: the shop has no such event. */
  story(shop: Shop, eventId: string): Promise<ShownStory | null>
  /**
   * Sends what became of one event again, at one vendor.
   * @param note writes it down, where somebody is to answer for it
   * @returns how many, and how many wait for their lane
   */
  replayOne(
    shop: Shop,
    eventId: string,
    vendor: string,
    note?: Noting,
  ): Promise<{ count: number; held: number }>
  /** What has become by now of what a replay took. */
  outcomes(shop: Shop, replayId: string): Promise<ReplayOutcomes>
  /** What was sent again, the newest first. @param before those that came before this one; null: from the newest */
  replays(shop: Shop, before: string | null): Promise<{ replays: KeptReplay[]; older: string | null }>
  /** What one of them took, and why; null: it is not kept. */
  replay(shop: Shop, replayId: string): Promise<OpenedReplay | null>
  /** What of the shop waits to be taken up, and so is in no list yet; null: nothing. */
  spool(shop: Shop): Promise<InSpool | null>
}

export type MerchantActivityContext = {
  database: Database
  sealer: Sealer
  log: Log
  /** Wakes a lane. */
  signal(lane: Lane): Promise<void>
}

/** @param reader who reads what it gives: merchants are not told who of support did something */
export function createMerchantActivity(
  { database, sealer, log, signal }: MerchantActivityContext,
  reader: Reader = 'merchant',
): MerchantActivity {
  const { pool } = database
  const by = reader === 'merchant' ? 'shop' : 'staff'
  const sending = createSendingAgain({ pool, sealer, log, signal, by })
  return {
    vendors: VENDORS.map(({ id, name }) => ({ id, name })),
    async page(shop, search, place, who) {
      const page = await activityPage(pool, await filterOf(pool, shop, search), place)
      return { ...page, person: who === null ? null : askedPerson(sealer, shop.id, who) }
    },
    async newsSince(shop, search, eventId) {
      return newsSince(pool, await filterOf(pool, shop, search), eventId)
    },
    markOf(shop, email) {
      const same = comparable(email)
      return `${sealer.marks(same, markContext(shop.id)).join(',')}~${sealedPerson(sealer, shop.id, same)}`
    },
    async story(shop, eventId) {
      const [story, about] = await Promise.all([
        explained({ database, sealer }, shop, eventId),
        aboutOf(pool, shop.id, eventId),
      ])
      if (!story) return null
      const page = { ...shown(story, reader), about }
      const ended = page.deliveries.filter(({ canReplay, outcome }) => canReplay && outcome !== 'delivered')
      // What waits for its visitor was planned already.
      const open = page.deliveries.filter(({ nextBy, outcome }) => nextBy !== null || outcome === 'held')
      const vendors = [...ended, ...open].map(({ vendor }) => vendor)
      const going = open.map(({ vendor }) => vendor)
      const again = await skippedAgain({ pool, sealer, log }, shop, vendors, [eventId], going)
      const accepts = story.ownWord?.acceptsMarketing ?? false
      const deliveries = page.deliveries.map(each => {
        const skipsAgain = again.get(each.vendor)?.get(eventId) ?? null
        const lacked = each.reason === 'no_marketing_consent' || each.reason === 'marketing_unknown'
        return { ...each, skipsAgain, acceptsNow: lacked && accepts && each.canReplay && skipsAgain === null }
      })
      return { ...page, deliveries }
    },
    async replayOne(shop, eventId, vendor, note) {
      const chosen = { shopId: shop.id, eventId, vendor, states: REPLAYABLE }
      const noting = keepReplay(shop.id, by, { vendor, event: eventId }, note)
      const { lanes, count, held } = await replay(pool, chosen, undefined, noting)
      await Promise.all(lanes.map(signal))
      return { count, held }
    },
    ...sending,
    outcomes: (shop, replayId) => outcomesOfReplay(pool, shop.id, replayId),
    replays: (shop, before) => keptReplays(pool, shop.id, before),
    replay: (shop, replayId) => keptReplay(pool, shop.id, replayId),
    spool: shop => inSpool(pool, shop.id, MOST_COUNTED),
  }
}
