/** What became of an event at each vendor: part of its story (explain.ts). */
import type { Pool } from 'pg'
import { z } from 'zod'
import type { PrismaClient } from '../db/database.ts'
import { type StandingHold, standingHold } from '../delivery/holds.ts'
import { replaysOf } from '../delivery/replays.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { maskSigning } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'
import { asWordedNow } from '../vendors/reworded.ts'
import { personWaitOf } from './deliveries.ts'
import { canTryNow, type Kept, keptBy, type Standing, standings, statusOf } from './lanes.ts'
import { type Late, lateOf } from './late.ts'
import {
  type ReplayTraces,
  replayTraces,
  type Sending,
  type SentAgain,
  sendingsOf,
  toldAgain,
} from './sendings.ts'
import { sentInsteadOf } from './sent-instead.ts'
import { isOpen, type Stopped, stoppedWhile, waitsOf } from './stopped.ts'
import { STANDS_SINCE } from './waits-since.ts'

/** What a vendor answered, masked. */
export type ShownAnswer = { status: number; headers: unknown; body: unknown }
export type AttemptStory = {
  number: number
  step: string
  outcome: string
  message: string | null
  log: string | null
  startedAt: Date
  durationMs: number
  request: unknown
  /** Null: there was no answer. */
  response: ShownAnswer | null
  error: string | null
}
export type DeliveryStory = {
  vendor: string
  state: string
  reason: string | null
  message: string | null
  /** When it is tried next, never a time that is past; null: it is not tried again, is due now, or waits for a person. */
  nextAttemptAt: Date | null
  /** What happens next, in words; null: nothing. */
  next: string | null
  /**
   * What decides when that is: nothing, it is due; its own time; the lane's, which is paused or rests; a person, who has to start
   * the lane. Null: nothing happens next.
   */
  nextBy: 'now' | 'time' | 'lane' | 'person' | null
  /** Why its lane is paused or rests, where that decides; null: that is not known either. */
  nextWhy: { why: string; everyShop: boolean } | null
  /** Whether it can be tried before that time; see `canTryNow`. */
  canTryNow: boolean
  /** Support's, of what it holds. */
  hold: StandingHold | null
  /** Since when this one waits for the end of that: it may have come long after it began, or have waited for something else before. */
  heldSince: Date | null
  /** Whether its lane is stopped, and by what: what is sent again waits there; null: the vendor is not connected. */
  lane: Pick<Standing, 'hold' | 'enabled' | 'attention'> | null
  /** Until when it waits for its visitor to become known; null: it does not. */
  waitsUntil: Date | null
  /** Of what ended as `counted_once` or `superseded`: the event that was sent instead; null: it did not, or none is known (any more). */
  sentInstead: string | null
  /** Whether it had arrived before it was sent again by hand. */
  deliveredBefore: boolean
  /** Each time it was sent again, in order, and by whom. */
  again: SentAgain[]
  /** When its lane was stopped while it waited, but for what it waits for now: that is in `hold` and `next`. */
  stopped: Stopped[]
  /** What stops its lane now, while it is open, since when and by whom: but for support's hold. */
  stops: Stopped[]
  /** That it was first tried late, and what its story does not say otherwise. */
  late: Late | null
  attempts: AttemptStory[]
}
/** By vendor. */
export async function deliveriesOf(
  pool: Pool,
  prisma: PrismaClient,
  sealer: Sealer,
  shopId: number,
  event: StoreEvent,
): Promise<DeliveryStory[]> {
  const where = { shopId, eventId: event.id }
  const [lanes, clock, deliveries, attempts, waits] = await Promise.all([
    standings(pool, sealer, shopId),
    pool.query<{ now: Date }>('select now()'),
    prisma.delivery.findMany({ where, orderBy: { vendor: 'asc' } }),
    prisma.attempt.findMany({ where, orderBy: [{ number: 'asc' }, { part: 'asc' }] }),
    personWaitOf(prisma, shopId),
  ])
  const ids = attempts.map(({ exchangeId }) => exchangeId)
  const exchanges = await prisma.exchange.findMany({ where: { shopId, id: { in: ids } } })
  const byId = new Map(exchanges.map(exchange => [exchange.id, exchange]))
  const attemptsOf = (vendor: string) =>
    attempts.flatMap(({ vendor: of, number, step, outcome, message, log, exchangeId }) => {
      const exchange = byId.get(exchangeId)
      if (of !== vendor || !exchange) return []
      const { startedAt, durationMs, request, error } = exchange
      const response = exchange.response as ShownAnswer | null
      const shown = { request: withSigningMasked(request), response, error }
      return { number, step, outcome, message, log, startedAt, durationMs, ...shown }
    })
  const now = clock.rows[0]?.now ?? new Date()
  const tried = new Map(deliveries.map(({ vendor }) => [vendor, attemptsOf(vendor)]))
  const sendings = new Map(
    deliveries.map(each => [each.vendor, sendingsOf(each, replaysOf(each), tried.get(each.vendor) ?? [])]),
  )
  const [instead, traces, heldSince] = await Promise.all([
    sentInsteadOf(pool, shopId, event, deliveries),
    tracesOf(pool, shopId, event.id, [...sendings.values()].flat()),
    deliveries.some(({ state }) => state === 'held')
      ? heldSinceOf(pool, shopId, event.id)
      : new Map<string, Date>(),
  ])
  return Promise.all(
    deliveries.map(
      async ({ vendor, state, reason, message, dueAt, createdAt, deliveredBefore, updatedAt }) => {
        const lane = lanes.find(each => each.vendor === vendor)
        const held = state === 'held' && reason === 'on_hold' ? (lane?.hold ?? null) : null
        const next = nextOf(state === 'pending' || state === 'retry' ? dueAt : null, now, lane)
        const sent = sendings.get(vendor) ?? []
        const waited = waitsOf({ state, updatedAt }, sent, now)
        const stopped = await stoppedWhile(pool, { shopId, vendor }, waited)
        return {
          ...{ vendor, state, reason, message: asWordedNow(message), ...next },
          nextWhy: next.nextBy === 'lane' && lane ? whyOf(keptBy(lane)) : null,
          canTryNow: next.nextAttemptAt !== null && lane !== undefined && canTryNow(lane),
          hold: held && { ...held, by: (await standingHold(pool, { shopId, vendor }))?.by ?? null },
          heldSince: held && laterOf(heldSince.get(vendor), held.since),
          lane: lane ? { hold: lane.hold, enabled: lane.enabled, attention: lane.attention } : null,
          waitsUntil: waits(state, createdAt),
          sentInstead: instead.get(vendor) ?? null,
          deliveredBefore,
          again: toldAgain(sent, vendor, traces),
          stopped: stopped.filter(({ until }) => until !== null || !isOpen(state)),
          stops: isOpen(state) ? stopped.filter(({ kind, until }) => until === null && kind !== 'hold') : [],
          // What was sent again without having been tried waited for whoever did that.
          late: lateOf(event, createdAt, sent[0]?.turns[0] ?? [], stopped),
          attempts: tried.get(vendor) ?? [],
        }
      },
    ),
  )
}

const withHeaders = z.looseObject({ headers: z.record(z.string(), z.string()) })

/** What was kept before it was masked is not shown either. */
function withSigningMasked(request: unknown): unknown {
  const { data } = withHeaders.safeParse(request)
  return data ? { ...data, headers: maskSigning(data.headers) } : request
}

/** By vendor. */
async function heldSinceOf(pool: Pool, shopId: number, eventId: string): Promise<Map<string, Date>> {
  const { rows } = await pool.query<{ vendor: string; since: Date }>(
    `select d.vendor, ${STANDS_SINCE} as since from deliveries d left join connections c using (shop_id, vendor)
     where d.shop_id = $1 and d.event_id = $2 and d.state = 'held'`,
    [shopId, eventId],
  )
  return new Map(rows.map(({ vendor, since }) => [vendor, since]))
}

/** What was held already when the hold began waited for something else until then. */
const laterOf = (stands: Date | undefined, holdBegan: Date): Date | null =>
  stands ? new Date(Math.max(stands.getTime(), holdBegan.getTime())) : null

/** None is looked for where nothing was sent again. */
async function tracesOf(
  pool: Pool,
  shopId: number,
  eventId: string,
  sendings: readonly Sending[],
): Promise<ReplayTraces> {
  const again = sendings.flatMap(({ again }) => again ?? [])
  if (again.length === 0) return { entries: [], senders: new Map() }
  const ids = again.flatMap(each => (each === 'untold' ? [] : each.id))
  return replayTraces(pool, shopId, eventId, ids)
}

const whyOf = (kept: Kept | null) =>
  kept && kept.why !== null ? { why: kept.why, everyShop: kept.everyShop } : null

/** Pure. @param dueAt when it may go, as far as it alone is concerned; null: it does not wait to be sent */
export function nextOf(
  dueAt: Date | null,
  now: Date,
  lane: Standing | undefined,
): Pick<DeliveryStory, 'next' | 'nextBy' | 'nextAttemptAt'> {
  if (dueAt === null) return { next: null, nextBy: null, nextAttemptAt: null }
  if (lane && (lane.hold || !lane.enabled || lane.attention !== null)) {
    const next = `when the lane goes on (${statusOf(lane)})`
    return { next, nextBy: 'person', nextAttemptAt: null }
  }
  const goesOn = lane ? (keptBy(lane)?.until ?? null) : null
  if (lane && goesOn && goesOn > now && goesOn >= dueAt) {
    const next = `as soon as the lane goes on at ${goesOn.toISOString()} (${statusOf(lane)})`
    return { next, nextBy: 'lane', nextAttemptAt: goesOn }
  }
  return dueAt > now
    ? { next: dueAt.toISOString(), nextBy: 'time', nextAttemptAt: dueAt }
    : { next: 'due now', nextBy: 'now', nextAttemptAt: null }
}
