/** For tests of this room: a tiny vendor, and shops with events and deliveries in a real database. */
import type { Pool } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { withTransaction } from '../db/database.ts'
import { waitingForLocks } from '../db/testing.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import { createSealer, type Sealer } from '../secrets/seal.ts'
import { purposesSetting } from '../vendors/purposes.ts'
import { credential, rowsSetting, rowWants } from '../vendors/settings.ts'
import { answer, SHOP, storeEvent } from '../vendors/testing.ts'
import type { Planned, Step, Vendor } from '../vendors/vendor.ts'
import { insertEvents } from './accept-rows.ts'
import { openConnections } from './connection-cache.ts'
import { type AnyVendor, connectionRow } from './connections.ts'
import type { DrainContext } from './drain.ts'
import { createGate, type Gate } from './gate/gate.ts'
import type { Lane } from './lane.ts'
import { markRefused, settleLane } from './lane-state.ts'
import type { DeliveryState } from './outcome.ts'
import { createRecorder } from './record.ts'
import { beginTurn } from './turn.ts'

export const sealer: Sealer = createSealer([{ id: 'test', bytes: Buffer.alloc(32, 7) }])

const rows: Vendor['rows'] = {
  product_viewed: { becomes: 'view', byDefault: true, purposes: ['analytics', 'marketing'] },
  order_updated: { becomes: 'order', byDefault: true, purposes: [] },
  search_submitted: { becomes: 'search', byDefault: false, purposes: [] },
}
const settingsSchema = z.object({
  apiKey: credential.meta({ label: 'Key', secret: true }),
  region: z.enum(['eu', 'us']).default('eu').meta({ label: 'Region' }),
  rows: rowsSetting,
  purposes: purposesSetting(rows),
})
export type TinySettings = z.infer<typeof settingsSchema>
export const TINY_SETTINGS = { apiKey: 'tiny-key-0123456789' }

/** A step that leaves the event's subject, if it has one; its body is the subject and what distinguishes the state. */
export function tinyStep(event: StoreEvent, name = 'event'): Step {
  const body = { type: event.type, at: event.version }
  const { subject, version } = event
  return {
    name,
    deliveries: [event.id],
    request: { method: 'POST', url: 'https://api.tiny.example/v1/events?trace=1', headers: {}, body },
    ...(subject && { leaves: { subject, version } }),
  }
}

/** A vendor that takes views with consent to marketing, and orders as states; override what a test is about. */
export function tinyVendor(over: Partial<Vendor<TinySettings>> = {}): AnyVendor {
  const vendor: Vendor<TinySettings> = {
    id: 'tiny',
    name: 'Tiny',
    settings: settingsSchema,
    rows,
    limits: () => ({ limits: [], batch: 2, concurrency: 1 }),
    wants: (event, settings) => rowWants(vendor, event, settings),
    stateOf: event => event.subject,
    plan: (deliveries: readonly Planned[]) => ({
      steps: deliveries.map(({ event }) => tinyStep(event)),
      skips: [],
    }),
    read: () => ({ kind: 'delivered' }),
    test: () => ({
      request: { method: 'GET', url: 'https://api.tiny.example/v1/me', headers: {} },
      read: ({ status }) => ({ ok: status === 200, merchant: 'Tiny answered.', log: `Tiny ${status}` }),
    }),
    forget: () => ({ cannot: 'Tiny knows nobody.' }),
    ...over,
  }
  return vendor
}

/** Event ids in the order of their numbers. */
export function eventId(number: number): string {
  return `01930000-0000-7000-8000-${String(number).padStart(12, '0')}`
}

/** @returns the id of a new, installed shop */
export async function newShop(pool: Pool, name: string): Promise<number> {
  const result = await pool.query<{ id: number }>('insert into shops (domain) values ($1) returning id', [
    `${name}.myshopify.com`,
  ])
  const id = result.rows[0]?.id
  if (id === undefined) throw new Error('no shop was made')
  return id
}

/** Keeps an event under the id it has. */
export async function keepEvent(pool: Pool, shopId: number, event: StoreEvent): Promise<void> {
  const row = { shopId, event, receivedAt: new Date(event.receivedAt), receipt: null }
  await withTransaction(pool, client => insertEvents(client, sealer, [row], []))
}

export type SeededDelivery = {
  vendor?: string
  state?: DeliveryState
  reason?: string | null
  /** Seconds from now; negative: overdue. */
  dueIn?: number
  replay?: boolean
  /** Whether it had arrived before it was sent again. */
  deliveredBefore?: boolean
}

/** Keeps an event (a search, unless given) and its delivery. @returns the event's id */
export async function keepDelivery(
  pool: Pool,
  shopId: number,
  delivery: SeededDelivery = {},
  over: Partial<StoreEvent> = {},
): Promise<string> {
  const id = over.id ?? uuidv7()
  const { vendor = 'tiny', state = 'pending', reason = null, dueIn = -1 } = delivery
  const { replay = false, deliveredBefore = false } = delivery
  const visitorId = state === 'waiting' ? (over.actor?.visitorId ?? null) : null
  const found = await pool.query('select 1 from events where shop_id = $1 and id = $2', [shopId, id])
  if (found.rowCount === 0) {
    const search = storeEvent('search_submitted', { url: null, query: 'lantern' })
    await keepEvent(pool, shopId, { ...search, dedupeKey: id, ...over, id } as StoreEvent)
  }
  await pool.query(
    `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, trying_since, created_at, updated_at, replay,
                             visitor_id, delivered_before)
     values ($1, $2, $3, $4, $5, '{}', now() + make_interval(secs => $6), now() - interval '1 hour', now(), now(), $7, $8, $9)`,
    [shopId, id, vendor, state, reason, dueIn, replay, visitorId, deliveredBefore],
  )
  return id
}

/** Keeps deliveries of the events 0 to `count` - 1, without the events. */
export async function keepMany(
  pool: Pool,
  shopId: number,
  count: number,
  state: DeliveryState,
  vendor = 'tiny',
): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => eventId(n))
  await pool.query(
    `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
     select $1, unnest($2::uuid[]), $4, $3, '{}'::text[], now() - interval '1 second', now(), now()`,
    [shopId, ids, state, vendor],
  )
}

export type DeliveryRow = {
  state: string
  reason: string | null
  message: string | null
  attempts: number
  done: string[]
  replay: boolean
  due_at: Date
  trying_since: Date | null
}

/** @throws when there is no such delivery */
export async function deliveryOf(
  pool: Pool,
  shopId: number,
  id: string,
  vendor = 'tiny',
): Promise<DeliveryRow> {
  const result = await pool.query<DeliveryRow>(
    `select state, reason, message, attempts, done, replay, due_at, trying_since from deliveries
     where shop_id = $1 and event_id = $2 and vendor = $3`,
    [shopId, id, vendor],
  )
  if (!result.rows[0]) throw new Error(`no delivery of ${id}`)
  return result.rows[0]
}

/** Waits until the work is done, or waits for a lock that another transaction of this database holds. */
export async function settledOrBlocked(pool: Pool, work: Promise<unknown>): Promise<void> {
  let settled = false
  const settle = () => {
    settled = true
  }
  work.then(settle, settle)
  while (!settled) {
    if (await waitingForLocks(pool)) return
  }
}

/** A gate that lets everything through. */
export const OPEN_GATE: Gate = {
  ask: async (_lane, _asking, want) => ({
    kind: 'go',
    permits: want,
    probe: false,
    take: () => true,
    untake: () => {},
    answered: () => {},
    flush: async () => {},
    close: async () => {},
  }),
}

/** What a drain works with: every request is answered 200, nothing is filled in, nothing is armed; override what a test is about. */
export function drainContext(
  pool: Pool,
  vendors: readonly AnyVendor[],
  over: Partial<DrainContext> = {},
): DrainContext {
  const log = createLog('silent')
  return {
    pool,
    sealer,
    open: openConnections(sealer, vendors),
    sender: { close: async () => {}, send: async () => ({ answer: answer(200) }) },
    gate: createGate({ pool, log, address: 'test' }),
    recorder: createRecorder(pool, log),
    engine: { signal: async () => {} },
    log,
    vendorBaseUrls: {},
    fill: async (_shop, events) => events.map(event => ({ event })),
    shopFacts: async () => SHOP,
    stopping: () => false,
    ...over,
  }
}

/** Pauses the lane, as its own turn would. */
export async function pauseLane(pool: Pool, lane: Lane, until: Date): Promise<void> {
  const turn = await beginTurn(pool, lane, () => false)
  await turn?.pause({ until })
}

/** Refuses the credentials that the lane has now. */
export async function refuse(pool: Pool, lane: Lane, message: string): Promise<void> {
  const row = await connectionRow(pool, lane.shopId, lane.vendor)
  await markRefused(pool, lane, message, row?.secrets ?? '')
  await settleLane(pool, lane)
}
