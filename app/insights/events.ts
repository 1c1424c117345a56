/** Lists of events, whether a vendor is told of them or not. Every query is scoped by shop. */
import type { PrismaClient } from '../db/database.ts'
import { firstIdOf } from '../db/partitions.ts'
import type { EventType } from '../events/types.ts'
import { scrub } from '../privacy/mask.ts'

export type EventLine = {
  eventId: string
  type: string
  source: string
  subject: string | null
  occurredAt: Date
  receivedAt: Date
  visitorId: string | null
  /** By vendor. Empty: no connected vendor had a use for it. */
  deliveries: { vendor: string; state: string }[]
}
export type EventFilter = {
  shopId: number
  type?: EventType
  /** Received at or after. */
  since?: Date
  visitor?: string
  limit: number
}

/** Newest first. */
export async function listEvents(
  prisma: PrismaClient,
  { shopId, type, since, visitor, limit }: EventFilter,
): Promise<EventLine[]> {
  const events = await prisma.event.findMany({
    where: {
      shopId,
      ...(type && { type }),
      ...(visitor !== undefined && { visitorId: visitor }),
      // Event ids begin with the time of receipt, which spares the weeks before it.
      ...(since && { id: { gte: firstIdOf(since) } }),
    },
    select: {
      id: true,
      type: true,
      source: true,
      subject: true,
      occurredAt: true,
      receivedAt: true,
      visitorId: true,
    },
    orderBy: { id: 'desc' },
    take: limit,
  })
  const deliveries = await prisma.delivery.findMany({
    where: { shopId, eventId: { in: events.map(({ id }) => id) } },
    select: { eventId: true, vendor: true, state: true },
    orderBy: { vendor: 'asc' },
  })
  const byEvent = Map.groupBy(deliveries, ({ eventId }) => eventId)
  return events.map(({ id, visitorId, ...event }) => ({
    eventId: id,
    ...event,
    visitorId: visitorId && scrub(visitorId),
    deliveries: (byEvent.get(id) ?? []).map(({ vendor, state }) => ({ vendor, state })),
  }))
}
