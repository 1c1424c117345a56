/** An event's story with what delivery decides by beside it: whose the event is, and what each vendor needs allowed. As known now. */
import type { Database } from '../db/database.ts'
import { vendorNamed } from '../delivery/connections.ts'
import { keptEvent } from '../delivery/event-rows.ts'
import { OPEN_STATES } from '../delivery/outcome.ts'
import { withdrawnOf } from '../delivery/withdrawn.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { knownBy, namesNobody, peopleOf } from '../identity/people.ts'
import { explainEvent, type Story } from '../insights/explain.ts'
import type { Person } from '../insights/support/person.ts'
import { maskEmail, maskPhone } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Shop } from '../shopify/shops.ts'
import { savedAsFarAsOpened } from './connecting.ts'
import { filledEvent } from './filling.ts'
import { type Needed, neededBy } from './needed.ts'

/**
 * `browser`: nobody is known to use the visitor's; without it the event names none either. `shared`: several have used it.
 * `unreadable`: its person cannot be unsealed, because the key is missing or what is kept was damaged; `open`: whether something of the event
 * may still be sent, should the key come back.
 */
export type Identity =
  | { kind: 'nobody'; browser: boolean }
  | { kind: 'shared' }
  | { kind: 'unreadable'; open: boolean }
  | ResolvedPerson
/** Masked. */
export type ResolvedPerson = {
  kind: 'person'
  customerId: string | null
  email: string | null
  phone: string | null
  acceptsMarketing: boolean | null
  /** What names the person: the event itself, its order, or what its browser is known by. */
  by: 'event' | 'order' | 'session' | 'checkout'
  /** When that was learned of the browser, at the latest (ISO 8601); null: it is none. */
  since: string | null
  /** Whether something was sent of it before. */
  later: boolean
}
/** `needs`: by vendor; a vendor of which nothing can be said is not in it. */
export type Explained = Story & { identity: Identity; needs: Readonly<Record<string, Needed[]>> }

export type Explaining = { database: Pick<Database, 'pool' | 'prisma'>; sealer: Sealer }

/** Null when the shop has no such event. */
export async function explained(context: Explaining, shop: Shop, eventId: string): Promise<Explained | null> {
  const { database, sealer } = context
  const found = await explainEvent(database, sealer, shop.id, eventId)
  if (!found) return null
  const { story, kept } = found
  if (!kept) {
    const open = story.deliveries.some(({ state }) => OPEN_STATES.some(each => each === state))
    return { ...story, identity: { kind: 'unreadable', open }, needs: {} }
  }
  const { event } = await filledEvent(database.pool, sealer, shop, kept)
  const [identity, needs] = await Promise.all([
    identityOf(context, shop, story, kept, event),
    needsOf(context, shop, story, event),
  ])
  return { ...story, identity, needs }
}

/**
 * In the clear, so after it was written down who asked.
 * @returns null: the event is gone, nothing personal is known of it, or what is kept does not unseal
 */
export async function personInClear(
  { database: { pool }, sealer }: Explaining,
  shop: Shop,
  eventId: string,
): Promise<Person | null> {
  const kept = await keptEvent(pool, sealer, shop.id, eventId)
  if (!kept) return null
  const { event } = await filledEvent(pool, sealer, shop, kept)
  const { email, phone, firstName, lastName, address, attributes } = event.actor
  const isKnown = [email, phone, firstName, lastName, address].some(part => part !== null)
  if (!isKnown && Object.keys(attributes).length === 0) return null
  return { email, phone, firstName, lastName, address, attributes }
}

async function identityOf(
  { database: { pool }, sealer }: Explaining,
  shop: Shop,
  { deliveries }: Story,
  kept: StoreEvent,
  { actor }: StoreEvent,
): Promise<Identity> {
  const masked = {
    kind: 'person' as const,
    customerId: actor.customerId,
    email: actor.email && maskEmail(actor.email),
    phone: actor.phone && maskPhone(actor.phone),
    acceptsMarketing: actor.acceptsMarketing,
  }
  if (!namesNobody(kept.actor)) return { ...masked, by: 'event', since: null, later: false }
  const { visitorId } = kept.actor
  if (visitorId === null)
    return namesNobody(actor)
      ? { kind: 'nobody', browser: false }
      : { ...masked, by: 'order', since: null, later: false }
  if (namesNobody(actor)) {
    const people = await peopleOf(pool, sealer, shop.id, [visitorId])
    return people.get(visitorId) === 'shared' ? { kind: 'shared' } : { kind: 'nobody', browser: true }
  }
  const known = await knownBy(pool, shop.id, visitorId)
  const since = known?.since ?? null
  const sent = deliveries.flatMap(({ attempts }) => attempts.map(({ startedAt }) => startedAt))
  const later = since !== null && sent.some(at => at < since)
  return { ...masked, by: known?.by ?? 'checkout', since: since?.toISOString() ?? null, later }
}

/** By purposes alone, which are no secret: credentials that do not open keep nobody from reading them. */
async function needsOf(
  { database: { pool }, sealer }: Explaining,
  shop: Shop,
  { deliveries }: Story,
  event: StoreEvent,
): Promise<Explained['needs']> {
  const refused = await withdrawnOf(pool, shop.id, event)
  const needs = deliveries.map(async ({ vendor: id }) => {
    const vendor = vendorNamed(id)
    if (!vendor) return []
    const settings = await savedAsFarAsOpened({ pool, sealer }, { shopId: shop.id, vendor: id })
    return [[id, neededBy(vendor, settings, event, refused)] as const]
  })
  return Object.fromEntries((await Promise.all(needs)).flat())
}
