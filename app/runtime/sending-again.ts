/** Sending again what a filter chooses: how many that is, step by step, and what planning says of it beforehand. */
import type { Pool } from 'pg'
import { FIRST_ID } from '../db/partitions.ts'
import { keepReplay, type ReplayChosen, type ReplayedBy } from '../delivery/kept-replays.ts'
import type { Lane } from '../delivery/lane.ts'
import {
  beginReplay,
  countReplay,
  type Noting,
  type ReplayPlace as PlaceOfStep,
  type ReplayFilter,
  type ReplayStart,
  replayStep,
} from '../delivery/replay.ts'
import type { EventType } from '../events/types.ts'
import { type ActivityFilter, findEvents, type Place } from '../insights/activity-scan.ts'
import { type Span, spanOf } from '../insights/days.ts'
import { standings } from '../insights/lanes.ts'
import { type ReplayTotal, totalOfReplay } from '../insights/replays.ts'
import { scrub } from '../privacy/mask.ts'
import type { Shop } from '../shopify/shops.ts'
import { MOST_COUNTED } from '../ui/counted.ts'
import { nameOf } from '../vendors/registry.ts'
import { type Foreseeing, type Foreseen, foreseenOf } from './foreseen.ts'
import { type ShownStop, shownStop } from './merchant-vendors.ts'

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
/** What is chosen to be sent again: deliveries with one outcome. */
export type Chosen = ActivitySearch & { outcome: 'delivered' | 'skipped' | 'failed'; partlyRejected: boolean }
/**
 * `held`: it would wait, for what `stop` says. `superseded`: so many of them were left to a newer state, and are left to it again where it
 * arrived. `arrived`: so many that have failed or were skipped since had arrived before they were sent again.
 */
export type ReplayCount = {
  vendor: string
  count: number
  superseded: number
  arrived: number
  foreseen: Foreseen
  held: boolean
  stop?: ShownStop
}
/**
 * `more`: these are the newest of what is looked for first, and there may be more, which is sent too. `start`: what its steps begin with,
 * so that what they send is what was counted.
 */
export type ReplayCounts = { counts: ReplayCount[]; more: boolean; start: ReplayStart }
/** `past`: of events that are looked for first, those up to this one have been. */
export type ReplayPlace = PlaceOfStep & { past?: string }
/** `total`: what all of its steps sent again, those too whose answers were lost; null: there is a next one. */
export type ReplayProgress = {
  count: number
  held: number
  next: ReplayPlace | null
  total: ReplayTotal | null
}

export type SendingAgain = {
  count(shop: Shop, chosen: Chosen): Promise<ReplayCounts>
  /** One step of sending again. @param place the `start` of the count, or `next` of the step before @param note writes it down */
  step(shop: Shop, chosen: Chosen, place: ReplayPlace, note?: Noting): Promise<ReplayProgress>
}

const STATES = { delivered: 'delivered', skipped: 'skipped', failed: 'dead' } as const
/** So many events that are looked for first are sent again at a time. */
const MOST_EVENTS = 5_000
/** Searches of one count, each of which ends after so many events that it has looked at (`MOST_LOOKED_AT`): a second or two. */
const MOST_SEARCHES = 2

export function createSendingAgain(
  context: Foreseeing & { /** Wakes a lane. */ signal(lane: Lane): Promise<void>; by: ReplayedBy },
): SendingAgain {
  const { pool, sealer, signal, by } = context
  return {
    async count(shop, chosen) {
      const start = await beginReplay(pool)
      const { filter, toFind } = await choiceOf(shop, chosen, start)
      const newest = toFind && (await newestFound(toFind))
      const narrowed = newest ? { ...filter, eventIds: newest.ids } : filter
      const [lanes, found] = await Promise.all([
        standings(pool, sealer, shop.id),
        countReplay(pool, narrowed, start),
      ])
      const counts = await Promise.all(
        found.map(async ({ vendor, held, count, superseded, arrived }) => {
          const stop = shownStop(lanes.find(lane => lane.vendor === vendor))
          const foreseen = await foreseenOf(context, shop, narrowed, start, { vendor, held })
          const counted = { vendor: nameOf(vendor), count, superseded, arrived, foreseen, held }
          return { ...counted, ...(stop && { stop }) }
        }),
      )
      return { counts, more: newest?.more ?? false, start }
    },
    async step(shop, chosen, place, note) {
      const { filter, toFind } = await choiceOf(shop, chosen, place)
      const noting = keepReplay(shop.id, by, textsOf(chosen, filter.since), note)
      const progress = toFind
        ? await stepOfFound(filter, toFind, place, noting)
        : await signalled(filter, place, noting)
      const total = progress.next ? null : await totalOfReplay(pool, shop.id, place.id)
      return { ...progress, total }
    },
  }

  async function signalled(filter: ReplayFilter, place: PlaceOfStep, note: Noting) {
    const { lane, ...progress } = await replayStep(pool, filter, place, undefined, note)
    if (lane && progress.held < progress.count) await signal(lane)
    return progress
  }

  /** The next events that are found, in all of their lanes: said again, it finds those that are left of them. */
  async function stepOfFound(
    filter: ReplayFilter,
    toFind: ActivityFilter,
    { id, before, past }: ReplayPlace,
    note: Noting,
  ): Promise<Omit<ReplayProgress, 'total'>> {
    const { ids, further } = await foundAfter(toFind, past ?? FIRST_ID)
    const sum = { count: 0, held: 0 }
    let place: PlaceOfStep | null = ids.length > 0 ? { id, before } : null
    while (place) {
      const { count, held, next } = await signalled({ ...filter, eventIds: ids }, place, note)
      sum.count += count
      sum.held += held
      place = next
    }
    return { ...sum, next: further ? { id, before, past: further } : null }
  }

  /** The oldest first. `further`: the event after which there may be more; undefined: these were the last. */
  async function foundAfter(toFind: ActivityFilter, after: string) {
    const { ids, more, gaveUpAt } = await findEvents(pool, toFind, { after }, MOST_EVENTS)
    return { ids, further: more ? (gaveUpAt ?? ids.at(-1)) : undefined }
  }

  /** As many of the newest as a person waits for. `more`: not all that there is was looked at. */
  async function newestFound(toFind: ActivityFilter): Promise<{ ids: string[]; more: boolean }> {
    const all: string[] = []
    let place: Place | null = null
    for (let searches = 0; searches < MOST_SEARCHES; searches++) {
      const { ids, more, gaveUpAt } = await findEvents(pool, toFind, place, MOST_COUNTED - all.length)
      all.push(...ids)
      if (!more) return { ids: all, more: false }
      if (gaveUpAt === null) break
      place = { before: gaveUpAt }
    }
    return { ids: all, more: true }
  }

  /**
   * Whose an event is, of which order, when that was placed, and what became of a newer state of it deliveries do not know: those events are looked for first.
   * `toFind` null: nothing of that is asked for.
   */
  async function choiceOf(
    shop: Shop,
    { outcome, partlyRejected, ...search }: Chosen,
    { before }: ReplayStart,
  ): Promise<{ filter: ReplayFilter; toFind: ActivityFilter | null }> {
    // What was lately when it began.
    const asked = await filterOf(pool, shop, search, new Date(before))
    const { order, marks, newer, placed, shopId, type, vendor, reason, replayId, since, until } = asked
    const known = [order, marks, newer, placed].every(each => each === undefined)
    return {
      filter: {
        shopId,
        states: [STATES[outcome]],
        partlyRejected,
        ...(type && { type }),
        ...(vendor && { vendor }),
        ...(reason && { reason }),
        ...(replayId && { replayId }),
        ...(since && { since }),
        ...(until && { until }),
      },
      toFind: known ? null : { ...asked, outcome },
    }
  }
}

/** @param since what is asked for by how lately it was, as a moment: it is read later */
function textsOf(chosen: Chosen, since: Date | undefined): ReplayChosen {
  const { type, vendor, outcome, reason, newer, order, placed, replayId, marks, lately } = chosen
  const from = lately ? since?.toISOString() : chosen.since
  // A reason says by itself whether these are among them.
  const partly = chosen.partlyRejected && outcome === 'failed' && !reason
  return {
    outcome,
    ...(type && { type }),
    ...(vendor && { vendor }),
    ...(reason && { reason }),
    ...(partly && { partly: 'on' }),
    ...(newer && { newer }),
    ...(order && { order: scrub(order) }),
    ...(placed && { placed: placed.toISOString() }),
    ...(replayId && { replay: replayId }),
    ...(marks && { person: 'on' }),
    ...(from && { since: from }),
    ...(chosen.until && { until: chosen.until }),
  }
}

/** A search by what the shop's clock said, and by the moment at which it is asked. */
export async function filterOf(
  pool: Pool,
  shop: Shop,
  { since, until, lately, ...search }: ActivitySearch,
  now = new Date(),
): Promise<ActivityFilter> {
  return {
    ...search,
    ...(lately
      ? { since: new Date(now.getTime() - LATELY_MS[lately]) }
      : await spanOf(pool, shop.timeZone, { since, until })),
    shopId: shop.id,
  }
}
