/** Lists of deliveries and lanes, for the command line and the screens. Every query is scoped by shop. */
import type { Pool } from 'pg'
import type { PrismaClient } from '../db/database.ts'
import { firstIdOf } from '../db/partitions.ts'
import type { DeliveryState } from '../delivery/outcome.ts'

export type DeliveryLine = {
  eventId: string
  type: string
  subject: string | null
  receivedAt: Date
  vendor: string
  state: DeliveryState
  reason: string | null
  message: string | null
  attempts: number
  nextAttemptAt: Date | null
  /** Until when it waits for its visitor to become known; null: it does not. */
  waitsUntil: Date | null
}
export type DeliveryFilter = {
  shopId: number
  vendor?: string
  state?: DeliveryState
  since?: Date
  limit: number
}

/** Newest first. */
export async function listDeliveries(prisma: PrismaClient, filter: DeliveryFilter): Promise<DeliveryLine[]> {
  const { shopId, vendor, state, since, limit } = filter
  const rows = await prisma.delivery.findMany({
    where: {
      shopId,
      ...(vendor && { vendor }),
      ...(state && { state }),
      // Event ids begin with the time of receipt, which spares the weeks before it.
      ...(since && { eventId: { gte: firstIdOf(since) } }),
    },
    orderBy: [{ eventId: 'desc' }, { vendor: 'asc' }],
    take: limit,
  })
  const waits = await personWaitOf(prisma, shopId)
  const events = await prisma.event.findMany({
    where: { shopId, id: { in: rows.map(row => row.eventId) } },
    select: { id: true, type: true, subject: true, receivedAt: true },
  })
  const byId = new Map(events.map(({ id, ...event }) => [id, event]))
  return rows.map(({ eventId, createdAt, state: reached, reason, message, attempts, dueAt, ...row }) => ({
    eventId,
    ...(byId.get(eventId) ?? { type: 'unknown', subject: null, receivedAt: createdAt }),
    vendor: row.vendor,
    state: reached as DeliveryState,
    reason,
    message,
    attempts,
    nextAttemptAt: reached === 'pending' || reached === 'retry' ? dueAt : null,
    waitsUntil: waits(reached, createdAt),
  }))
}

/** @returns a function that says until when a delivery waits for its visitor, by its state and when it was accepted */
export async function personWaitOf(
  prisma: PrismaClient,
  shopId: number,
): Promise<(state: string, createdAt: Date) => Date | null> {
  const shop = await prisma.shop.findUnique({ where: { id: shopId }, select: { personWaitHours: true } })
  const waitMs = (shop?.personWaitHours ?? 0) * 3600_000
  return (state, createdAt) => (state === 'waiting' ? new Date(createdAt.getTime() + waitMs) : null)
}

export type LaneLine = {
  shop: string
  shopId: number
  vendor: string
  enabled: boolean
  attention: string | null
  /** Null also when that time has passed. */
  pausedUntil: Date | null
  /** The circuit that keeps it from sending: its own or the vendor's; `until` may have passed, then one request decides. */
  rests: { until: Date; why: string; everyShop: boolean } | null
  testOk: boolean | null
  /** Deliveries by what they wait for. */
  pending: number
  retry: number
  /** For its visitor to become known. */
  waiting: number
  held: number
  dead: number
  /** When the oldest open delivery was accepted. */
  oldestOpen: Date | null
}

/** Every lane, or one shop's, by shop and vendor. */
export async function listLanes(pool: Pool, shopId: number | null): Promise<LaneLine[]> {
  type Row = Omit<LaneLine, 'rests'> & { restsUntil: Date | null; why: string; everyShop: boolean }
  const result = await pool.query<Row>(
    `select s.domain as shop, c.shop_id as "shopId", c.vendor, c.enabled, c.attention, c.test_ok as "testOk",
            case when c.paused_until > now() then c.paused_until end as "pausedUntil",
            r.until as "restsUntil", r.why, r.every_shop as "everyShop",
            coalesce(d.pending, 0)::int as pending, coalesce(d.retry, 0)::int as retry,
            coalesce(w.waiting, 0)::int as waiting, coalesce(d.held, 0)::int as held, coalesce(d.dead, 0)::int as dead, d.oldest as "oldestOpen"
     from connections c join shops s on s.id = c.shop_id
     left join lateral (
       select count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'retry') as retry,
              count(*) filter (where state = 'held') as held, count(*) filter (where state = 'dead') as dead,
              min(created_at) filter (where state in ('pending', 'retry')) as oldest
       from deliveries d where d.shop_id = c.shop_id and d.vendor = c.vendor and d.state in ('pending', 'retry', 'held', 'dead')
     ) d on true
     left join lateral (
       select count(*) as waiting from deliveries d
       where d.shop_id = c.shop_id and d.vendor = c.vendor and d.state = 'waiting'
     ) w on true
     left join lateral (
       select open_until as until, reason as why, key = 'vendor:' || c.vendor as every_shop from circuits
       where key in ('lane:' || c.shop_id || ':' || c.vendor, 'vendor:' || c.vendor) order by open_until desc limit 1
     ) r on true
     where $1::int is null or c.shop_id = $1
     order by s.domain, c.vendor`,
    [shopId],
  )
  return result.rows.map(({ restsUntil: until, why, everyShop, ...lane }) => ({
    ...lane,
    rests: until && { until, why, everyShop },
  }))
}
