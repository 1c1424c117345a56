/** Lists of deliveries, for the command line and the screens. Every query is scoped by shop. */
import type { PrismaClient } from '../db/database.ts'
import { firstIdOf } from '../db/partitions.ts'
import type { DeliveryState } from '../delivery/outcome.ts'
import { asWordedNow } from '../vendors/reworded.ts'

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
  /** What was last sent again with this selection. */
  replayId?: string
  limit: number
}

/** Newest first. */
export async function listDeliveries(prisma: PrismaClient, filter: DeliveryFilter): Promise<DeliveryLine[]> {
  const { shopId, vendor, state, since, replayId, limit } = filter
  const rows = await prisma.delivery.findMany({
    where: {
      shopId,
      ...(vendor && { vendor }),
      ...(state && { state }),
      ...(replayId && { replayId }),
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
    message: asWordedNow(message),
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
