/** What the pages of a shop's activity ask for: lists, one event's story, and sending again. */
import type { Database } from '../db/database.ts'
import type { Lane } from '../delivery/lane.ts'
import {
  beginReplay,
  countReplay,
  type Noting,
  newestReplayable,
  type ReplayFilter,
  type ReplayPlace,
  type ReplayStart,
  replay,
  replayStep,
} from '../delivery/replay.ts'
import { type Amount, amountOf } from '../events/amount.ts'
import type { EventType } from '../events/types.ts'
import { markContext } from '../identity/learn-links.ts'
import { comparable } from '../identity/links.ts'
import { type ActivityPage, aboutOf, activityPage, outcomeOf } from '../insights/activity.ts'
import {
  type ActivityFilter,
  type ActivityOutcome,
  findEvents,
  type Place,
} from '../insights/activity-scan.ts'
import { type Span, spanOf } from '../insights/days.ts'
import { type AttemptStory, type DeliveryStory, explainEvent, type Story } from '../insights/explain.ts'
import { standings } from '../insights/lanes.ts'
import {
  outcomesOfReplay,
  type ReplayOutcomes,
  type ReplayTotal,
  totalOfReplay,
} from '../insights/replays.ts'
import type { Stopped } from '../insights/stopped.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Shop } from '../shopify/shops.ts'
import { VENDORS } from '../vendors/registry.ts'
import { skippedAgain } from './foreseen.ts'
import { type ShownHold, type ShownStop, shownHold, shownStop } from './merchant-vendors.ts'

export type { ReplayPlace, ReplayStart } from '../delivery/replay.ts'
export type { ActivityPage } from '../insights/activity.ts'
export type { ActivityOutcome, AskedOutcome, Place } from '../insights/activity-scan.ts'
export type { ReplayOutcomes } from '../insights/replays.ts'

/** What was received lately: so many milliseconds ago at most. */
const LATELY_MS = {
  '1h': 3600_000,
  '24h': 24 * 3600_000,
  '7d': 7 * 24 * 3600_000,
  '30d': 30 * 24 * 3600_000,
} as const
/** What a page asks for. Times are of receipt: days or minutes of the shop, or moments. `lately` in place of them. */
export type ActivitySearch = Omit<ActivityFilter, 'shopId' | 'type' | 'since' | 'until'> &
  Span & { type?: EventType | undefined; lately?: keyof typeof LATELY_MS | undefined }
export type VendorName = { id: string; name: string }
/** What is chosen to be sent again: deliveries with one outcome. */
export type Chosen = ActivitySearch & { outcome: 'delivered' | 'skipped' | 'failed'; partlyRejected: boolean }
/** What planning the newest `looked` of them says: so many would be skipped again, by reason. */
export type Foreseen = { looked: number; reasons: { reason: string; count: number }[] }
/**
 * `held`: it would wait, for what `stop` says. `superseded`: so many of them were left to a newer state, and are left to it again where it
 * arrived.
 */
export type ReplayCount = {
  vendor: string
  count: number
  superseded: number
  foreseen: Foreseen
  held: boolean
  stop?: ShownStop
}
/** `start`: what its steps begin with, so that what they send is what was counted. */
export type ReplayCounts = { counts: ReplayCount[]; start: ReplayStart }
/** `total`: what all of its steps sent again, those too whose answers were lost; null: there is a next one. */
export type ReplayProgress = {
  count: number
  held: number
  next: ReplayPlace | null
  total: ReplayTotal | null
}

/** As JSON, and with the vendor's name; requests and answers are masked, as text with their keys in order. */
export type ShownAttempt = Omit<AttemptStory, 'startedAt' | 'request' | 'response'> & {
  startedAt: string
  request: string
  response: string | null
}
/** `by`: who of support it was, in the console alone. */
export type ShownStopped = Omit<Stopped, 'from' | 'until'> & { from: string; until: string | null }
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
  /** Why it would be skipped if it were sent again now, as far as planning tells; null: nothing known. */
  skipsAgain: string | null
  /** When it was stopped while this waited, but for what this waits for now. */
  stopped: ShownStopped[]
  attempts: ShownAttempt[]
}
export type ShownStory = {
  /** What the event is about, such as an order's name. */
  about: string | null
  /** `amount`: what it comes to, in its own currency. */
  event: Omit<Story['event'], 'data'> & { data: string; amount: Amount | null }
  pixelVisitor: Story['pixelVisitor']
  receipt: { topic: string; webhookId: string; receivedAt: string } | null
  deliveries: ShownDelivery[]
  notWanted: string[]
}

export type MerchantActivity = {
  vendors: VendorName[]
  page(shop: Shop, search: ActivitySearch, place: Place | null): Promise<ActivityPage>
  /** What stands for an e-mail address in a page's address, which logs and histories keep. Comma-separated. */
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
  count(shop: Shop, chosen: Chosen): Promise<ReplayCounts>
  /** One step of sending again. @param place the `start` of the count, or `next` of the step before @param note as for one */
  step(shop: Shop, chosen: Chosen, place: ReplayPlace, note?: Noting): Promise<ReplayProgress>
  /** What has become by now of what a replay took. */
  outcomes(shop: Shop, replayId: string): Promise<ReplayOutcomes>
}

export type MerchantActivityContext = {
  database: Database
  sealer: Sealer
  /** Wakes a lane. */
  signal(lane: Lane): Promise<void>
}

type Reader = 'merchant' | 'support'

const REPLAYABLE = ['delivered', 'skipped', 'dead'] as const
const STATES = { delivered: 'delivered', skipped: 'skipped', failed: 'dead' } as const
/** So many are planned of each vendor to say what would be skipped again. */
const MOST_PLANNED = 50
/** As many events of a person or an order are sent again at a time. */
const MOST_EVENTS = 5_000

/** @param reader who reads what it gives: merchants are not told who of support did something */
export function createMerchantActivity(
  { database, sealer, signal }: MerchantActivityContext,
  reader: Reader = 'merchant',
): MerchantActivity {
  const { pool } = database
  const filterOf = async (
    shop: Shop,
    { since, until, lately, ...search }: ActivitySearch,
    now = new Date(),
  ) => ({
    ...search,
    ...(lately
      ? { since: new Date(now.getTime() - LATELY_MS[lately]) }
      : await spanOf(pool, shop.timeZone, { since, until })),
    shopId: shop.id,
  })
  return {
    vendors: VENDORS.map(({ id, name }) => ({ id, name })),
    page: async (shop, search, place) => activityPage(pool, await filterOf(shop, search), place),
    markOf: (shop, email) => sealer.marks(comparable(email), markContext(shop.id)).join(','),
    async story(shop, eventId) {
      const [story, about] = await Promise.all([
        explainEvent(database, sealer, shop.id, eventId),
        aboutOf(pool, shop.id, eventId),
      ])
      if (!story) return null
      const page = { ...shown(story, reader), about }
      const ended = page.deliveries.filter(({ canReplay, outcome }) => canReplay && outcome !== 'delivered')
      const skipped = await Promise.all(
        ended.map(async ({ vendor }) => {
          const why = await skippedAgain({ pool, sealer }, shop, vendor, [eventId])
          return [vendor, why.get(eventId) ?? null] as const
        }),
      )
      const again = new Map(skipped)
      const deliveries = page.deliveries.map(each => ({
        ...each,
        skipsAgain: again.get(each.vendor) ?? null,
      }))
      return { ...page, deliveries }
    },
    async replayOne(shop, eventId, vendor, note) {
      const chosen = { shopId: shop.id, eventId, vendor, states: REPLAYABLE }
      const { lanes, count, held } = await replay(pool, chosen, undefined, note)
      await Promise.all(lanes.map(signal))
      return { count, held }
    },
    async count(shop, chosen) {
      const start = await beginReplay(pool)
      const filter = await replayFilter(shop, chosen, start)
      const [lanes, found] = await Promise.all([
        standings(pool, sealer, shop.id),
        countReplay(pool, filter, start),
      ])
      const counts = await Promise.all(
        found.map(async ({ vendor, count, superseded, held }) => {
          const stop = shownStop(lanes.find(lane => lane.vendor === vendor))
          const foreseen = await foreseenOf(shop, filter, start, vendor)
          return { vendor: nameOf(vendor), count, superseded, foreseen, held, ...(stop && { stop }) }
        }),
      )
      return { counts, start }
    },
    async step(shop, chosen, place, note) {
      const filter = await replayFilter(shop, chosen, place)
      const { lane, ...progress } = await replayStep(pool, filter, place, undefined, note)
      if (lane && progress.held < progress.count) await signal(lane)
      const total = progress.next ? null : await totalOfReplay(pool, shop.id, place.id)
      return { ...progress, total }
    },
    outcomes: (shop, replayId) => outcomesOfReplay(pool, shop.id, replayId),
  }

  async function foreseenOf(
    shop: Shop,
    filter: ReplayFilter,
    start: ReplayStart,
    vendor: string,
  ): Promise<Foreseen> {
    const ids = await newestReplayable(pool, filter, start, vendor, MOST_PLANNED)
    const skipped = await skippedAgain({ pool, sealer }, shop, vendor, ids)
    const reasons = [...Map.groupBy(skipped.values(), reason => reason)]
    return { looked: ids.length, reasons: reasons.map(([reason, { length: count }]) => ({ reason, count })) }
  }

  /** Whose an event is, of which order, and what became of a newer state of it deliveries do not know: those events are looked for first. */
  async function replayFilter(
    shop: Shop,
    { outcome, partlyRejected, ...search }: Chosen,
    { before }: ReplayStart,
  ): Promise<ReplayFilter> {
    // What was lately when it began.
    const { order, marks, newer, ...filter } = await filterOf(shop, search, new Date(before))
    const { shopId, type, vendor, reason, replayId, since, until } = filter
    const found =
      order === undefined && marks === undefined && newer === undefined
        ? null
        : await findEvents(pool, { ...filter, order, marks, newer, outcome }, null, MOST_EVENTS)
    return {
      shopId,
      states: [STATES[outcome]],
      partlyRejected,
      ...(type && { type }),
      ...(vendor && { vendor }),
      ...(reason && { reason }),
      ...(replayId && { replayId }),
      ...(since && { since }),
      ...(until && { until }),
      ...(found && { eventIds: found.ids }),
    }
  }
}

const nameOf = (vendor: string) => VENDORS.find(({ id }) => id === vendor)?.name ?? vendor

function shown(
  { event, pixelVisitor, receipt, deliveries, notWanted }: Story,
  reader: Reader,
): Omit<ShownStory, 'about'> {
  return {
    event: { ...event, data: JSON.stringify(event.data, null, 2), amount: amountOf(event.data) },
    pixelVisitor,
    receipt: receipt && {
      topic: receipt.topic,
      webhookId: receipt.webhookId,
      receivedAt: receipt.receivedAt.toISOString(),
    },
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
    attempts,
  } = delivery
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
    skipsAgain: null,
    deliveredBefore,
    sentInstead,
    stopped: stopped.map(({ from, until, by, ...stop }) => ({
      ...{ ...stop, from: from.toISOString(), until: until?.toISOString() ?? null },
      by: reader === 'support' ? by : null,
    })),
    attempts: attempts.map(({ startedAt, request, response, ...attempt }) => ({
      ...attempt,
      startedAt: startedAt.toISOString(),
      request: JSON.stringify(request, null, 2),
      response: response === null ? null : JSON.stringify(response, null, 2),
    })),
  }
}
