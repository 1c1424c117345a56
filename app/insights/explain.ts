/**
 * The whole story of one event: what came in, what was decided for each vendor, what was sent, what came
 * back, what happens next. Personal fields are masked.
 */
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Database, PrismaClient } from '../db/database.ts'
import { timeOfId } from '../db/partitions.ts'
import { type EventRow, eventColumns, fromRow } from '../delivery/event-rows.ts'
import { type Actor, isOrderEvent, type StoreEvent } from '../events/store-event.ts'
import { knownCustomers, ownWord } from '../identity/customers.ts'
import { fillOrderVisitors } from '../identity/order-visitors.ts'
import { maskEmail, maskPhone, scrub, scrubJson } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'
import { asWordedNow } from '../vendors/reworded.ts'
import { personWaitOf } from './deliveries.ts'
import { canTryNow, type Kept, keptBy, type Standing, standings, statusOf } from './lanes.ts'
import { sentInsteadOf } from './sent-instead.ts'
import { isOpen, type Stopped, stoppedWhile, waitsOf } from './stopped.ts'

export type AttemptStory = {
  number: number
  step: string
  outcome: string
  message: string | null
  log: string | null
  startedAt: Date
  durationMs: number
  request: unknown
  response: unknown
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
  hold: Standing['hold']
  /** Whether its lane is stopped, and by what: what is sent again waits there; null: the vendor is not connected. */
  lane: Pick<Standing, 'hold' | 'enabled' | 'attention'> | null
  /** Until when it waits for its visitor to become known; null: it does not. */
  waitsUntil: Date | null
  /** Of what ended as `counted_once` or `superseded`: the event that was sent instead; null: it did not, or none is known (any more). */
  sentInstead: string | null
  /** Whether it had arrived before it was sent again by hand. */
  deliveredBefore: boolean
  /** When its lane was stopped while it waited, but for what it waits for now: that is in `hold` and `next`. */
  stopped: Stopped[]
  attempts: AttemptStory[]
}
/** `dueAt`: when it counts as abandoned, if nothing happens until then. */
export type CheckoutStory = { dueAt: Date | null; orderedAt: Date | null; abandonedAt: Date | null }
export type Story = {
  event: {
    id: string
    type: string
    source: string
    occurredAt: string
    receivedAt: string
    subject: string | null
    version: string | null
    dedupeKey: string
    actor: {
      visitorId: string | null
      customerId: string | null
      email: string | null
      phone: string | null
      consent: Actor['consent']
      acceptsMarketing: boolean | null
    }
    data: unknown
  }
  /** The browser of an order that names none, as the web pixel in its checkout tells: what is sent names it. Null: none is known. */
  pixelVisitor: string | null
  /** Whether its person was erased, as what ended with them tells. False: they were not, or nothing of it was still to be sent then. */
  isErased: boolean
  /**
   * What the customer's own record says by now of e-mail marketing, and since when it has, where the event says something else
   * or nothing: what is sent goes by the record. Null: there is no such record, or it says the same.
   */
  ownWord: { acceptsMarketing: boolean; at: Date | null } | null
  receipt: { webhookId: string; topic: string; triggeredAt: Date | null; receivedAt: Date } | null
  /** Its request lay in the spool; null: not for long, or not at all. */
  unread: { from: Date; until: Date } | null
  /** What became of the checkout that the event is about; null for other events. */
  checkout: CheckoutStory | null
  deliveries: DeliveryStory[]
  /** Connected vendors that were given no delivery: the event is of no use there, or its row is not switched on. */
  notWanted: string[]
}

/** Null when the shop has no such event. */
export async function explainEvent(
  { pool, prisma }: Pick<Database, 'pool' | 'prisma'>,
  sealer: Sealer,
  shopId: number,
  eventId: string,
): Promise<Story | null> {
  const found = await pool.query<EventRow>(
    `select ${eventColumns('e')} from events e where e.shop_id = $1 and e.id = $2`,
    [shopId, eventId],
  )
  const row = found.rows[0]
  if (!row) return null
  const event = fromRow(sealer, shopId, row)
  const [pixelVisitor, ownWord, receipt, checkout, deliveries, connections] = await Promise.all([
    pixelVisitorOf(pool, prisma, shopId, event),
    ownWordOf(pool, sealer, shopId, event),
    row.webhook_id === null
      ? null
      : prisma.receipt.findUnique({
          where: { shopId_webhookId: { shopId, webhookId: row.webhook_id } },
          select: { webhookId: true, topic: true, triggeredAt: true, receivedAt: true },
        }),
    checkoutOf(prisma, shopId, row),
    deliveriesOf(pool, prisma, sealer, shopId, event),
    prisma.connection.findMany({ where: { shopId }, select: { vendor: true }, orderBy: { vendor: 'asc' } }),
  ])
  const given = new Set(deliveries.map(delivery => delivery.vendor))
  return {
    event: describeEvent(event),
    pixelVisitor,
    ownWord,
    isErased: row.personal === null && deliveries.some(({ reason }) => reason === 'erased'),
    receipt,
    unread: unreadOf(event),
    checkout,
    deliveries,
    notWanted: connections.flatMap(({ vendor }) => (given.has(vendor) ? [] : [vendor])),
  }
}

/** Longer than a request takes that is taken up as it comes. */
const UNREAD_MS = 10_000

/** An event has its id from when its request was taken up. */
function unreadOf({ id, receivedAt }: StoreEvent): Story['unread'] {
  const [from, until] = [new Date(receivedAt), timeOfId(id)]
  return until.getTime() - from.getTime() > UNREAD_MS ? { from, until } : null
}

/** An event as it is shown: its person masked. */
export function describeEvent({ actor, ...event }: StoreEvent): Story['event'] {
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    occurredAt: event.occurredAt,
    receivedAt: event.receivedAt,
    subject: event.subject,
    version: event.version,
    dedupeKey: scrub(event.dedupeKey),
    actor: {
      visitorId: actor.visitorId && scrub(actor.visitorId),
      customerId: actor.customerId,
      email: actor.email && maskEmail(actor.email),
      phone: actor.phone && maskPhone(actor.phone),
      consent: actor.consent,
      acceptsMarketing: actor.acceptsMarketing,
    },
    data: scrubJson(event.data),
  }
}

/** As it is filled in where the event is sent. */
async function pixelVisitorOf(
  pool: Pool,
  prisma: PrismaClient,
  shopId: number,
  event: StoreEvent,
): Promise<string | null> {
  if (event.actor.visitorId !== null || !isOrderEvent(event)) return null
  const shop = await prisma.shop.findUnique({ where: { id: shopId }, select: { collectors: true } })
  if (!shop?.collectors.includes('pixel')) return null
  const [filled] = await fillOrderVisitors(pool, shopId, [event])
  const visitorId = filled?.actor.visitorId
  return visitorId ? scrub(visitorId) : null
}

/** As `fillCustomers` goes by it where the event is sent. */
async function ownWordOf(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  { actor }: StoreEvent,
): Promise<Story['ownWord']> {
  if (actor.customerId === null) return null
  const known = (await knownCustomers(pool, sealer, shopId, [actor.customerId])).get(actor.customerId)
  const acceptsMarketing = known ? ownWord(actor, known) : null
  if (!known || acceptsMarketing === null || acceptsMarketing === actor.acceptsMarketing) return null
  return { acceptsMarketing, at: known.marketingAt }
}

async function checkoutOf(
  prisma: PrismaClient,
  shopId: number,
  row: EventRow,
): Promise<CheckoutStory | null> {
  const { checkout } = z
    .object({ checkout: z.object({ token: z.string() }).optional().catch(undefined) })
    .parse(row.data)
  if (!checkout) return null
  return prisma.checkout.findUnique({
    where: { shopId_token: { shopId, token: checkout.token } },
    select: { dueAt: true, orderedAt: true, abandonedAt: true },
  })
}

async function deliveriesOf(
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
      const { startedAt, durationMs, request, response, error } = exchange
      return { number, step, outcome, message, log, startedAt, durationMs, request, response, error }
    })
  const now = clock.rows[0]?.now ?? new Date()
  const instead = await sentInsteadOf(pool, shopId, event, deliveries)
  return Promise.all(
    deliveries.map(async ({ vendor, state, reason, message, dueAt, createdAt, deliveredBefore, ...row }) => {
      const lane = lanes.find(each => each.vendor === vendor)
      const next = nextOf(state === 'pending' || state === 'retry' ? dueAt : null, now, lane)
      const tried = attemptsOf(vendor)
      const waited = waitsOf({ state, createdAt, ...row }, tried, now)
      const stopped = await stoppedWhile(pool, { shopId, vendor }, waited)
      return {
        ...{ vendor, state, reason, message: asWordedNow(message), ...next },
        nextWhy: next.nextBy === 'lane' && lane ? whyOf(keptBy(lane)) : null,
        canTryNow: next.nextAttemptAt !== null && lane !== undefined && canTryNow(lane),
        hold: state === 'held' && reason === 'on_hold' ? (lane?.hold ?? null) : null,
        lane: lane ? { hold: lane.hold, enabled: lane.enabled, attention: lane.attention } : null,
        waitsUntil: waits(state, createdAt),
        sentInstead: instead.get(vendor) ?? null,
        deliveredBefore,
        stopped: stopped.filter(({ until }) => until !== null || !isOpen(state)),
        attempts: tried,
      }
    }),
  )
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
