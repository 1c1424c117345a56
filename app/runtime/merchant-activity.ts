/** What the pages of a shop's activity ask for: lists, one event's story, and sending again. */
import type { Database } from '../db/database.ts'
import type { Lane } from '../delivery/lane.ts'
import { countReplay, type ReplayFilter, type ReplayPlace, replay, replayStep } from '../delivery/replay.ts'
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
import { type AttemptStory, type DeliveryStory, explainEvent, type Story } from '../insights/explain.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Shop } from '../shopify/shops.ts'
import { VENDORS } from '../vendors/registry.ts'
import { type ShownHold, shownHold } from './merchant-vendors.ts'

export type { ReplayPlace } from '../delivery/replay.ts'
export type { ActivityOutcome, Place } from '../insights/activity-scan.ts'

/** What a page asks for. Times are of receipt. */
export type ActivitySearch = Omit<ActivityFilter, 'shopId' | 'type'> & { type?: EventType | undefined }
export type VendorName = { id: string; name: string }
/** What is chosen to be sent again: deliveries with one outcome. */
export type Chosen = ActivitySearch & { outcome: 'delivered' | 'skipped' | 'failed'; partlyRejected: boolean }
export type ReplayCount = { vendor: string; count: number; held: boolean }
export type ReplayProgress = { count: number; held: number; next: ReplayPlace | null }

/** As JSON, and with the vendor's name; requests and answers are masked, as text with their keys in order. */
export type ShownAttempt = Omit<AttemptStory, 'startedAt' | 'request' | 'response'> & {
  startedAt: string
  request: string
  response: string | null
}
export type ShownDelivery = Pick<DeliveryStory, 'vendor' | 'reason' | 'message' | 'nextBy'> & {
  name: string
  outcome: ActivityOutcome
  nextAttemptAt: string | null
  waitsUntil: string | null
  /** Support's, of what it holds. */
  hold: ShownHold | null
  /** Whether it can be sent again by hand. */
  canReplay: boolean
  attempts: ShownAttempt[]
}
export type ShownStory = {
  /** What the event is about, such as an order's name. */
  about: string | null
  event: Omit<Story['event'], 'data'> & { data: string }
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
  /** Sends what became of one event again, at one vendor. @returns how many, and how many wait for their lane */
  replayOne(shop: Shop, eventId: string, vendor: string): Promise<{ count: number; held: number }>
  count(shop: Shop, chosen: Chosen): Promise<ReplayCount[]>
  /** One step of sending again. @param place null: the first step */
  step(shop: Shop, chosen: Chosen, place: ReplayPlace | null): Promise<ReplayProgress>
}

export type MerchantActivityContext = {
  database: Database
  sealer: Sealer
  /** Wakes a lane. */
  signal(lane: Lane): Promise<void>
}

const REPLAYABLE = ['delivered', 'skipped', 'dead'] as const
const STATES = { delivered: 'delivered', skipped: 'skipped', failed: 'dead' } as const
/** As many events of a person or an order are sent again at a time. */
const MOST_EVENTS = 5_000

export function createMerchantActivity({
  database,
  sealer,
  signal,
}: MerchantActivityContext): MerchantActivity {
  const { pool } = database
  return {
    vendors: VENDORS.map(({ id, name }) => ({ id, name })),
    page: (shop, search, place) => activityPage(pool, { ...search, shopId: shop.id }, place),
    markOf: (shop, email) => sealer.marks(comparable(email), markContext(shop.id)).join(','),
    async story(shop, eventId) {
      const [story, about] = await Promise.all([
        explainEvent(database, sealer, shop.id, eventId),
        aboutOf(pool, shop.id, eventId),
      ])
      return story && { ...shown(story), about }
    },
    async replayOne(shop, eventId, vendor) {
      const chosen = { shopId: shop.id, eventId, vendor, states: REPLAYABLE }
      const { lanes, ...done } = await replay(pool, chosen)
      await Promise.all(lanes.map(signal))
      return done
    },
    async count(shop, chosen) {
      const found = await countReplay(pool, await replayFilter(shop, chosen))
      return found.map(({ vendor, count, held }) => ({ vendor: nameOf(vendor), count, held }))
    },
    async step(shop, chosen, place) {
      const { lane, count, held, next } = await replayStep(pool, await replayFilter(shop, chosen), place)
      if (lane && held < count) await signal(lane)
      return { count, held, next }
    },
  }

  /** Whose an event is, and of which order, deliveries do not know: those events are looked for first. */
  async function replayFilter(
    shop: Shop,
    { outcome, order, marks, partlyRejected, type, vendor, reason, since, until }: Chosen,
  ): Promise<ReplayFilter> {
    const shopId = shop.id
    const found =
      order === undefined && marks === undefined
        ? null
        : await findEvents(
            pool,
            { shopId, order, marks, outcome, type, vendor, reason, since, until },
            null,
            MOST_EVENTS,
          )
    return {
      shopId,
      states: [STATES[outcome]],
      partlyRejected,
      ...(type && { type }),
      ...(vendor && { vendor }),
      ...(reason && { reason }),
      ...(since && { since }),
      ...(until && { until }),
      ...(found && { eventIds: found.ids }),
    }
  }
}

const nameOf = (vendor: string) => VENDORS.find(({ id }) => id === vendor)?.name ?? vendor

function shown({ event, receipt, deliveries, notWanted }: Story): Omit<ShownStory, 'about'> {
  return {
    event: { ...event, data: JSON.stringify(event.data, null, 2) },
    receipt: receipt && {
      topic: receipt.topic,
      webhookId: receipt.webhookId,
      receivedAt: receipt.receivedAt.toISOString(),
    },
    deliveries: deliveries.map(shownDelivery),
    notWanted: notWanted.map(nameOf),
  }
}

function shownDelivery(delivery: DeliveryStory): ShownDelivery {
  const { vendor, state, reason, message, nextBy, nextAttemptAt, waitsUntil, hold, attempts } = delivery
  return {
    vendor,
    name: nameOf(vendor),
    outcome: outcomeOf(state),
    reason,
    message,
    nextBy,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    waitsUntil: waitsUntil?.toISOString() ?? null,
    hold: hold && shownHold(hold),
    canReplay: REPLAYABLE.some(each => each === state),
    attempts: attempts.map(({ startedAt, request, response, ...attempt }) => ({
      ...attempt,
      startedAt: startedAt.toISOString(),
      request: JSON.stringify(request, null, 2),
      response: response === null ? null : JSON.stringify(response, null, 2),
    })),
  }
}
