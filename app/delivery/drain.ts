/**
 * Draining a lane: while it is open and has due deliveries, decide, send, record. The engine guarantees one
 * drainer per lane; a crash in between leaves deliveries open, and the next drain takes them again.
 */
import type { Pool } from 'pg'
import type { StoreEvent } from '../events/store-event.ts'
import type { Log } from '../log.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { ShopFacts } from '../vendors/vendor.ts'
import { drainBatch, type Turn } from './batch.ts'
import {
  type AnyVendor,
  type Connection,
  connectionRow,
  openConnection,
  SettingsError,
} from './connections.ts'
import { dueDeliveries, nextDue } from './due.ts'
import type { Engine } from './engine.ts'
import { type Lane, laneKey } from './lane.ts'
import { holdOpen, refuseLane } from './lane-state.ts'
import { HELD_REASONS, type Outcome } from './outcome.ts'
import { recordOutcomes } from './record.ts'
import type { Sender } from './send.ts'

/** How many due deliveries one round looks at: enough to collapse an order's states and fill the largest batch. */
const ROUND = 100
/**
 * After this long a lane goes back into the queue, so that others get their turn. The request in flight then takes
 * at most 30 s more, which together is far below the time after which the engine gives the lane to another worker.
 */
const TURN_MS = 20_000

/** What filling in an event came to: the event, or that its order is not known (yet). */
export type Filled = { event: StoreEvent } | { orderUnknown: true }

export type DrainContext = {
  pool: Pool
  sealer: Sealer
  vendors: readonly AnyVendor[]
  sender: Sender
  engine: Pick<Engine, 'signal'>
  log: Log
  vendorBaseUrls: Readonly<Record<string, string>>
  /** Adds what the event's source did not know: product facts, the customer, the order's customer. In order. */
  fill(shopId: number, events: readonly StoreEvent[], shop: ShopFacts): Promise<Filled[]>
  shopFacts(shopId: number): Promise<ShopFacts>
  /** True once this process is stopping: a drain then returns after the request in flight. */
  stopping(): boolean
}

/**
 * @param lost aborted when the engine has given the lane to another worker (it took too long, or this process was
 * thought dead): nothing more is sent then
 */
export async function drainLane(context: DrainContext, lane: Lane, lost: AbortSignal): Promise<void> {
  const turnEnds = Date.now() + TURN_MS
  const turn: Turn = {
    stopped: () => context.stopping() || lost.aborted,
    over: () => Date.now() > turnEnds,
  }
  while (!turn.stopped() && !turn.over()) {
    const connection = await openLane(context, lane)
    if (!connection) return
    const { due, unreadable } = await dueDeliveries(context.pool, context.sealer, lane, ROUND)
    if (due.length + unreadable.size === 0) break
    await recordUnreadable(context, lane, unreadable)
    const shop = await context.shopFacts(lane.shopId)
    if (!(await drainBatch(context, { lane, connection, shop }, due, turn))) break
  }
  await armAgain(context, lane)
}

async function recordUnreadable(context: DrainContext, lane: Lane, unreadable: ReadonlyMap<string, Outcome>) {
  if (unreadable.size === 0) return
  context.log.error({ lane: laneKey(lane), events: [...unreadable.keys()] }, 'events cannot be read')
  await recordOutcomes(context.pool, lane, unreadable)
}

/** The lane's connection if it may send now. Otherwise sees to it that what is open waits properly, and null. */
async function openLane(context: DrainContext, lane: Lane): Promise<Connection | null> {
  const row = await connectionRow(context.pool, lane.shopId, lane.vendor)
  if (!row) return null
  if (!row.enabled) {
    await holdOpen(context.pool, lane, 'off', HELD_REASONS.off)
    return null
  }
  if (row.attention) {
    await holdOpen(context.pool, lane, 'refused', row.attention)
    return null
  }
  if (row.paused_until && row.paused_until.getTime() > Date.now()) {
    await context.engine.signal(lane, row.paused_until)
    return null
  }
  try {
    return openConnection(context.sealer, lane.shopId, row, context.vendors)
  } catch (error) {
    context.log.error({ lane: laneKey(lane), err: error }, 'connection cannot be used')
    const message =
      error instanceof SettingsError
        ? error.message
        : 'The stored credentials cannot be opened. Enter them again.'
    await refuseLane(context.pool, lane, message, row.secrets)
    return null
  }
}

/** Arms the lane for its next due delivery, if any, and not before a pause ends. An idle lane is not armed. */
async function armAgain(context: DrainContext, lane: Lane): Promise<void> {
  const next = await nextDue(context.pool, lane)
  if (!next) return
  const row = await connectionRow(context.pool, lane.shopId, lane.vendor)
  const paused = row?.paused_until?.getTime() ?? 0
  await context.engine.signal(lane, new Date(Math.max(next.getTime(), paused)))
}
