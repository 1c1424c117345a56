/**
 * Accepting: one transaction writes the receipts, the events and one delivery per connected vendor that wants the
 * event. When it has committed the senders may be told 200; before that nothing is kept. Under load many acceptances
 * share one transaction (group.ts), so that a commit is paid for once.
 */
import type { Pool, PoolClient } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { isAway, withTransaction } from '../db/database.ts'
import type { NewStoreEvent, StoreEvent } from '../events/store-event.ts'
import type { EventType } from '../events/types.ts'
import { learnLinks } from '../identity/learn-links.ts'
import { saidIn } from '../identity/links.ts'
import { learnRefusals, type Refusal, refusalsIn } from '../identity/refusals.ts'
import type { Sealer } from '../secrets/seal.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import type { Want } from '../vendors/vendor.ts'
import { type EventToKeep, insertEvents, insertReceipts, type NewDelivery } from './accept-rows.ts'
import { trackCheckouts } from './checkouts.ts'
import { noteCollectors, pixelShops } from './collectors.ts'
import type { OpenConnections } from './connection-cache.ts'
import { type ConnectionRow, connectionsOf, type ShopConnections, shopsByDomain } from './connections.ts'
import { createGroups } from './group.ts'
import type { Lane } from './lane.ts'
import { stopOf } from './lane-state.ts'
import { isToldByWebhook } from './told.ts'

/** What identifies one webhook delivery of Shopify. */
export type Receipt = {
  webhookId: string
  /**
   * Second key: the same event, topic, subscription and body under another webhook id; null when Shopify sent no
   * event id. The event id alone is shared by all that one action of the merchant changed, such as fifty orders
   * (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
   */
  eventKey: string | null
  topic: string
  triggeredAt: Date | null
  /** Why nothing comes of it, if so. */
  ignored: string | null
}

/** `C` is what else a payload changes, besides making events. */
export type Acceptance<C = never> = {
  shopDomain: string
  receivedAt: Date
  /** Null for storefront batches: their events are deduplicated by key alone. */
  receipt: Receipt | null
  events: readonly NewStoreEvent[]
  changes?: readonly C[]
  /** What is refused besides what the events say: a batch of which nothing may be kept. */
  refusals?: readonly Refusal[]
  /** A privacy request concerns a shop that has already uninstalled. */
  evenIfUninstalled?: boolean
}

/** What one acceptance changes in its shop. */
export type Changes<C> = { shopId: number; acceptance: Acceptance<C>; changes: readonly C[] }

export type Accepted =
  | {
      kind: 'accepted'
      shopId: number
      events: { id: string; type: EventType }[]
      lanes: Lane[]
      /** Visitors of the shop of whom something new is known by it, or by what was accepted together with it. */
      visitors: string[]
    }
  | { kind: 'duplicate' }
  | { kind: 'not_installed' }

export type AcceptContext<C = never> = {
  pool: Pool
  sealer: Sealer
  open: OpenConnections
  /** Writes what the payloads change besides making events, in the same transaction. */
  change?(client: PoolClient, changes: readonly Changes<C>[]): Promise<void>
}

/** Most acceptances in one transaction: enough that its fixed cost no longer counts. */
const GROUP = 64
/** While one group commits the next one is written. */
const GROUPS_AT_ONCE = 2
/** Shopify hangs up after five seconds: by then it has been told to come again. */
export const PATIENCE_MS = 4_000

/**
 * Accepts in groups. The function returned throws when the database cannot commit, and four seconds after it was called at the
 * latest: then the caller answers 503. What was kept all the same, because only the answer was late, is known when it comes again.
 */
export function createAcceptor<C>(
  context: AcceptContext<C>,
): (acceptance: Acceptance<C>) => Promise<Accepted> {
  return createGroups<Acceptance<C>, Accepted>({
    max: GROUP,
    parallel: GROUPS_AT_ONCE,
    namesOf,
    patienceMs: PATIENCE_MS,
    run: acceptances => acceptAll(context, acceptances),
    // A lock that is waited for too long is one acceptance's fault too: a process froze in the middle of it.
    takesApart: error => !isAway(error),
  })
}

/** Accepts one by itself. Throws when the database cannot commit. */
export async function accept<C>(context: AcceptContext<C>, acceptance: Acceptance<C>): Promise<Accepted> {
  const [accepted] = await acceptAll(context, [acceptance])
  if (!accepted) throw new Error('an acceptance came to nothing')
  return accepted
}

/** What may be there only once: two that share one of these are told apart only by the order of their transactions. */
function namesOf({ shopDomain, receipt, events }: Acceptance<unknown>): string[] {
  const names = events.map(event => `event ${event.dedupeKey}`)
  if (receipt) names.push(`id ${receipt.webhookId}`)
  if (receipt?.eventKey) names.push(`key ${receipt.eventKey}`)
  return names.map(name => `${shopDomain} ${name}`)
}

/** One acceptance on its way through the transaction. */
type Item<C> = {
  acceptance: Acceptance<C>
  shop: ShopConnections
  events: StoreEvent[]
}

/** @param acceptances no two of which share a name */
async function acceptAll<C>(
  context: AcceptContext<C>,
  acceptances: readonly Acceptance<C>[],
): Promise<Accepted[]> {
  return withTransaction(context.pool, async client => {
    const shops = await shopsByDomain(client, [...new Set(acceptances.map(({ shopDomain }) => shopDomain))])
    const items = acceptances.map(acceptance => toItem(acceptance, shops))
    const installed = items.filter(item => item !== null)
    const fresh = await withReceipts(client, installed)
    const changes = [...fresh].flatMap(({ acceptance, shop }) =>
      acceptance.changes?.length ? { shopId: shop.id, acceptance, changes: acceptance.changes } : [],
    )
    if (changes.length > 0) await context.change?.(client, changes)
    const connections = await openedFor(client, context, fresh)
    const rows: EventToKeep[] = []
    const deliveries: NewDelivery[] = []
    for (const item of fresh) {
      const { id: shopId } = item.shop
      const { receivedAt, receipt } = item.acceptance
      for (const event of item.events) {
        rows.push({ shopId, event, receivedAt, receipt })
        for (const { row, wants } of connections.get(shopId) ?? [])
          deliveries.push(...newDelivery(shopId, row, event, wants(event)))
      }
    }
    const kept = await insertEvents(client, context.sealer, rows, deliveries)
    // Shops in the order of their ids: two groups about the same checkouts then wait for each other, not in a ring.
    for (const [shopId, own] of [...Map.groupBy(rows, row => row.shopId)].sort(([a], [b]) => a - b)) {
      const known = own.flatMap(({ event }) => (kept.has(event.id) ? event : []))
      await trackCheckouts(client, shopId, known)
    }
    const tellers = [...fresh].map(({ shop }) => shop)
    const told = rows.filter(({ event }) => kept.has(event.id))
    const learned = await learnLinks(client, context.sealer, saidIn(told, pixelShops(tellers, told)))
    await noteCollectors(client, tellers, told)
    const plain = [...fresh].flatMap(({ shop, acceptance: { refusals = [] } }) =>
      refusals.map(refusal => ({ shopId: shop.id, ...refusal })),
    )
    await learnRefusals(client, [...refusalsIn(told), ...plain])
    const visitors = Map.groupBy(learned, ({ shopId }) => shopId)
    return items.map(item => {
      if (item === null) return { kind: 'not_installed' }
      if (!fresh.has(item)) return { kind: 'duplicate' }
      // Once for each shop: whoever listens is told no visitor twice.
      const own = visitors.get(item.shop.id) ?? []
      visitors.delete(item.shop.id)
      return accepted(
        item,
        kept,
        deliveries,
        own.map(({ visitorId }) => visitorId),
      )
    })
  })
}

function toItem<C>(acceptance: Acceptance<C>, shops: ReadonlyMap<string, ShopConnections>): Item<C> | null {
  const shop = shops.get(acceptance.shopDomain)
  if (!shop || (shop.uninstalled && !acceptance.evenIfUninstalled)) return null
  const receivedAt = acceptance.receivedAt.toISOString()
  const events = acceptance.events.map(event => ({ ...event, id: uuidv7(), receivedAt }) as StoreEvent)
  return { acceptance, shop, events }
}

/** @returns those whose webhook is not known yet, and those that have no receipt */
async function withReceipts<C>(client: PoolClient, items: readonly Item<C>[]): Promise<Set<Item<C>>> {
  const receipts = items.flatMap(({ shop, acceptance: { receipt, receivedAt } }) =>
    receipt ? { shopId: shop.id, receivedAt, ...receipt } : [],
  )
  const inserted = await insertReceipts(client, receipts)
  return new Set(
    items.filter(
      ({ shop, acceptance: { receipt } }) => !receipt || inserted.has(`${shop.id} ${receipt.webhookId}`),
    ),
  )
}

type Wanting = { row: ConnectionRow; wants(event: StoreEvent): Want }

/**
 * The shops' connections, as they stay until this transaction ends where it matters: a lane that is started again
 * meanwhile would release before these deliveries are held, and they would wait until it runs. (One that is stopped
 * meanwhile holds them at its next drain.)
 */
async function openedFor<C>(
  client: PoolClient,
  context: AcceptContext<C>,
  items: ReadonlySet<Item<C>>,
): Promise<Map<number, Wanting[]>> {
  const shops = new Map(
    [...items].flatMap(({ shop, events }) => (events.length > 0 ? [[shop.id, shop]] : [])),
  )
  const stopped = [...shops.values()].filter(({ connections }) =>
    connections.some(row => stopOf(row) !== null),
  )
  const locked = await connectionsOf(
    client,
    stopped.map(({ id }) => id),
    'for share',
  )
  return new Map(
    [...shops].map(([id, shop]) => [
      id,
      (locked.get(id) ?? shop.connections).map(row => ({ row, wants: wantsOf(context, id, row) })),
    ]),
  )
}

function newDelivery(shopId: number, row: ConnectionRow, event: StoreEvent, want: Want): NewDelivery[] {
  if (want === 'no') return []
  // History must not delay what happens now.
  const priority = event.source === 'import' ? 1 : 0
  const base = { shop_id: shopId, event_id: event.id, vendor: row.vendor, priority }
  const skipped = want === 'off' ? 'mapping_off' : isToldByWebhook(event) ? 'told_by_webhook' : null
  if (skipped) return [{ ...base, state: 'skipped', reason: skipped, message: SKIP_REASONS[skipped] }]
  const stop = stopOf(row)
  // Nobody waits any more for a view that comes out when the tool is started, perhaps weeks later.
  if (stop && event.source === 'test')
    return [{ ...base, state: 'skipped', reason: 'test_stopped', message: SKIP_REASONS.test_stopped }]
  if (stop) return [{ ...base, state: 'held', ...stop }]
  return [{ ...base, state: 'pending', reason: null, message: null }]
}

/** A connection whose settings no longer fit still takes every event: the drain says what is wrong, and nothing is lost. */
function wantsOf<C>(
  { open }: AcceptContext<C>,
  shopId: number,
  row: ConnectionRow,
): (event: StoreEvent) => Want {
  try {
    const { vendor, settings } = open(shopId, row)
    return event => vendor.wants(event, settings)
  } catch {
    return () => 'yes'
  }
}

function accepted<C>(
  { shop, events }: Item<C>,
  kept: ReadonlySet<string>,
  deliveries: readonly NewDelivery[],
  visitors: readonly string[],
): Accepted {
  const own = new Set(events.flatMap(({ id }) => (kept.has(id) ? id : [])))
  const waiting = deliveries.filter(({ event_id, state }) => state === 'pending' && own.has(event_id))
  const vendors = [...new Set(waiting.map(({ vendor }) => vendor))]
  return {
    kind: 'accepted',
    shopId: shop.id,
    events: events.filter(({ id }) => own.has(id)).map(({ id, type }) => ({ id, type })),
    lanes: vendors.map(vendor => ({ shopId: shop.id, vendor })),
    visitors: [...new Set(visitors)],
  }
}
