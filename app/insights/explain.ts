/**
 * The whole story of one event: what came in, what was decided for each vendor, what was sent, what came
 * back, what happens next. Personal fields are masked.
 */
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Database, PrismaClient } from '../db/database.ts'
import { type EventRow, eventRow, impersonalFrom, readableFrom } from '../delivery/event-rows.ts'
import { timeOfId } from '../events/id-time.ts'
import { type Actor, isOrderEvent, type StoreEvent } from '../events/store-event.ts'
import { knownCustomers, ownWord } from '../identity/customers.ts'
import { fillOrderVisitors } from '../identity/order-visitors.ts'
import { maskEmail, maskPhone, scrub, scrubJson } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'
import { type DeliveryStory, deliveriesOf } from './explain-deliveries.ts'

export type { AttemptStory, DeliveryStory } from './explain-deliveries.ts'

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

/**
 * @returns null when the shop has no such event; `kept`: the event itself, unmasked, null where its person cannot be unsealed:
 * the story then tells of it without them
 */
export async function explainEvent(
  { pool, prisma }: Pick<Database, 'pool' | 'prisma'>,
  sealer: Sealer,
  shopId: number,
  eventId: string,
): Promise<{ story: Story; kept: StoreEvent | null } | null> {
  const row = await eventRow(pool, shopId, eventId)
  if (!row) return null
  const kept = readableFrom(sealer, shopId, row)
  const event = kept ?? impersonalFrom(row)
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
  const story = {
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
  return { story, kept }
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
  const word = known ? ownWord(actor, known) : null
  if (word === null || word.accepts === actor.acceptsMarketing) return null
  return { acceptsMarketing: word.accepts, at: word.at }
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
