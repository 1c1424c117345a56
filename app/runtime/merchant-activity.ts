/** What the pages of a shop's activity ask for: lists, one event's story, and sending again. */
import type { Database } from '../db/database.ts'
import { keepReplay } from '../delivery/kept-replays.ts'
import type { Lane } from '../delivery/lane.ts'
import { attentionReason } from '../delivery/outcome.ts'
import { type Noting, replay } from '../delivery/replay.ts'
import { type InSpool, inSpool } from '../delivery/spool.ts'
import { type Amount, amountOf } from '../events/amount.ts'
import { comparable } from '../events/email.ts'
import { markContext } from '../identity/learn-links.ts'
import { type ActivityPage, aboutOf, activityPage, outcomeOf } from '../insights/activity.ts'
import type { ActivityOutcome, Place } from '../insights/activity-scan.ts'
import { askedPerson, sealedPerson } from '../insights/asked-person.ts'
import { type AttemptStory, type DeliveryStory, explainEvent, type Story } from '../insights/explain.ts'
import {
  type KeptReplay,
  keptReplay,
  keptReplays,
  type OpenedReplay,
  outcomesOfReplay,
  type ReplayOutcomes,
} from '../insights/replays.ts'
import type { SentAgain } from '../insights/sendings.ts'
import type { Stopped } from '../insights/stopped.ts'
import type { Log } from '../log.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Shop } from '../shopify/shops.ts'
import { MOST_COUNTED } from '../ui/counted.ts'
import { nameOf, VENDORS } from '../vendors/registry.ts'
import { skippedAgain } from './foreseen.ts'
import { type ShownHold, type ShownStop, shownHold, shownStop } from './merchant-vendors.ts'
import { type ActivitySearch, createSendingAgain, filterOf, type SendingAgain } from './sending-again.ts'

export type { InSpool } from '../delivery/spool.ts'
export type { ActivityPage } from '../insights/activity.ts'
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

export type AskedPage = ActivityPage & { person: string | null }
export type VendorName = { id: string; name: string }
/** As JSON, and with the vendor's name; requests and answers are masked, as text with their keys in order. */
export type ShownAttempt = Omit<AttemptStory, 'startedAt' | 'request' | 'response'> & {
  startedAt: string
  request: string
  response: string | null
  /** Of the answer; null: there was none. */
  status: number | null
}
/** `by`: who of support it was, in the console alone. `switchedBy`: who had switched it off, if that was it, as who reads it calls them. */
export type ShownStopped = Omit<Stopped, 'from' | 'until'> & {
  /** Whether it waits because the vendor refused its credentials. */
  refused: boolean
  from: string
  until: string | null
  switchedBy: 'you' | 'support' | 'merchant' | 'staff'
}
/** `by`, `who`: as `switchedBy` and `by` of what is stopped; `somebody`: it is not known who. */
export type ShownAgain = Omit<SentAgain, 'at' | 'by' | 'sentBy'> & {
  at: string | null
  by: ShownStopped['switchedBy'] | 'somebody'
  who: string | null
}
export type ShownDelivery = Pick<
  DeliveryStory,
  'vendor' | 'reason' | 'message' | 'nextBy' | 'nextWhy' | 'canTryNow' | 'deliveredBefore' | 'sentInstead'
> & {
  name: string
  outcome: ActivityOutcome
  nextAttemptAt: string | null
  waitsUntil: string | null
  /** Support's, of what it holds. */
  hold: ShownHold | null
  /** Why it would wait if it were sent again; null: it would not. */
  stop: ShownStop | null
  /** Whether it can be sent again by hand. */
  canReplay: boolean
  /** Why it would be skipped if it were sent again now, or went on, as far as planning tells; null: nothing known. */
  skipsAgain: string | null
  /** Whether it was left out for want of a consent to marketing that has been given since, so that it can be sent now. */
  acceptsNow: boolean
  /** When it was stopped while this waited, but for what this waits for now. */
  stopped: ShownStopped[]
  /** What stops its vendor now, but for support's hold. */
  stops: ShownStopped[]
  /** Each time it was sent again, in order. */
  again: ShownAgain[]
  attempts: ShownAttempt[]
}
export type ShownStory = {
  /** What the event is about, such as an order's name. */
  about: string | null
  /** `amount`: what it comes to, in its own currency. */
  event: Omit<Story['event'], 'data'> & { data: string; amount: Amount | null }
  pixelVisitor: Story['pixelVisitor']
  isErased: Story['isErased']
  ownWord: { acceptsMarketing: boolean; at: string | null } | null
  receipt: { topic: string; webhookId: string; receivedAt: string } | null
  /** Its request lay in the spool; null: not for long, or not at all. */
  unread: { from: string; until: string } | null
  deliveries: ShownDelivery[]
  notWanted: string[]
}

export type MerchantActivity = SendingAgain & {
  vendors: VendorName[]
  /** `person`: whose events were asked for, masked; null: nobody's, or it is not known. @param who as of `markOf` */
  page(shop: Shop, search: ActivitySearch, place: Place | null, who: string | null): Promise<AskedPage>
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

type Reader = 'merchant' | 'support'

const REPLAYABLE = ['delivered', 'skipped', 'dead'] as const

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
    markOf(shop, email) {
      const same = comparable(email)
      return `${sealer.marks(same, markContext(shop.id)).join(',')}~${sealedPerson(sealer, shop.id, same)}`
    },
    async story(shop, eventId) {
      const [story, about] = await Promise.all([
        explainEvent(database, sealer, shop.id, eventId),
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

/** What nobody of support did was done in the merchant's pages. */
const DONE_BY = {
  merchant: { shop: 'you', staff: 'support' },
  support: { shop: 'merchant', staff: 'staff' },
} as const

/** Of staff without a name the console says that it was support. */
function sender(sentBy: SentAgain['sentBy'], by: string | null, reader: Reader): ShownAgain['by'] {
  if (sentBy === null) return 'somebody'
  return sentBy === 'staff' && by === null ? 'support' : DONE_BY[reader][sentBy]
}

function shown(
  { event, pixelVisitor, isErased, ownWord, receipt, unread, deliveries, notWanted }: Story,
  reader: Reader,
): Omit<ShownStory, 'about'> {
  return {
    event: { ...event, data: JSON.stringify(event.data, null, 2), amount: amountOf(event.data) },
    pixelVisitor,
    isErased,
    ownWord: ownWord && { ...ownWord, at: ownWord.at?.toISOString() ?? null },
    receipt: receipt && {
      topic: receipt.topic,
      webhookId: receipt.webhookId,
      receivedAt: receipt.receivedAt.toISOString(),
    },
    unread: unread && { from: unread.from.toISOString(), until: unread.until.toISOString() },
    deliveries: deliveries.map(delivery => shownDelivery(delivery, reader)),
    notWanted: notWanted.map(nameOf),
  }
}

function shownDelivery(delivery: DeliveryStory, reader: Reader): ShownDelivery {
  const {
    vendor,
    state,
    reason,
    message,
    nextBy,
    nextWhy,
    canTryNow,
    nextAttemptAt,
    waitsUntil,
    hold,
    lane,
    deliveredBefore,
    sentInstead,
    stopped,
    stops,
    again,
    attempts,
  } = delivery
  const shownStopped = ({ from, until, by, ...stop }: Stopped): ShownStopped => ({
    ...{ ...stop, from: from.toISOString(), until: until?.toISOString() ?? null },
    refused: stop.kind === 'attention' && attentionReason(stop.message ?? '') === 'refused',
    by: reader === 'support' ? by : null,
    switchedBy: DONE_BY[reader][by === null ? 'shop' : 'staff'],
  })
  return {
    vendor,
    name: nameOf(vendor),
    outcome: outcomeOf(state),
    reason,
    message,
    nextBy,
    nextWhy,
    canTryNow,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    waitsUntil: waitsUntil?.toISOString() ?? null,
    hold: hold && shownHold(hold),
    stop: shownStop(lane),
    // The tool has what is newer: sent again, it would be left out again.
    canReplay: REPLAYABLE.some(each => each === state) && !(reason === 'superseded' && sentInstead !== null),
    ...{ skipsAgain: null, acceptsNow: false },
    deliveredBefore,
    sentInstead,
    stopped: stopped.map(shownStopped),
    stops: stops.map(shownStopped),
    again: again.map(({ at, sentBy, by, ...each }) => ({
      ...{ ...each, at: at?.toISOString() ?? null, by: sender(sentBy, by, reader) },
      who: reader === 'support' ? by : null,
    })),
    attempts: attempts.map(({ startedAt, request, response, ...attempt }) => ({
      ...attempt,
      startedAt: startedAt.toISOString(),
      request: JSON.stringify(request, null, 2),
      response: response === null ? null : JSON.stringify(response, null, 2),
      status: response?.status ?? null,
    })),
  }
}
