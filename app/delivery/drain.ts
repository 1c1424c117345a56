/**
 * Draining a lane: while it is open and has due deliveries, decide, send, record. The engine guarantees one
 * drainer per lane; a crash in between leaves deliveries open, and the next drain takes them again.
 */
import type { Pool } from 'pg'
import type { StoreEvent } from '../events/store-event.ts'
import type { Log } from '../log.ts'
import { type Sealer, UnknownKeyError } from '../secrets/seal.ts'
import type { ShopFacts } from '../vendors/vendor.ts'
import type { OpenConnections } from './connection-cache.ts'
import { type Connection, SettingsError, UNOPENED, UnknownVendor } from './connections.ts'
import { KEY_RECHECK_MS, nextDue, putOffKeyless, standingOf } from './due.ts'
import type { Engine } from './engine.ts'
import type { Gate } from './gate/gate.ts'
import { type Lane, laneKey } from './lane.ts'
import { markRefused, settleFor, settleSome, stopOf } from './lane-state.ts'
import { HELD_REASONS, type Outcome } from './outcome.ts'
import { readAlong } from './reading.ts'
import type { Recorder } from './record.ts'
import { decisionsOf } from './record-rows.ts'
import { drainRound, type LaneInUse } from './round.ts'
import type { Sender } from './send.ts'
import { beginTurn, type Turn } from './turn.ts'

/** How many due deliveries one round looks at: enough to collapse an order's states and to fill batches. */
const ROUND = 100
/** The same for a vendor that takes many deliveries in one request. */
const ROUND_BATCHES = 4

/** What filling in an event came to: the event, or that its order is not known (yet). */
export type Filled = { event: StoreEvent } | { orderUnknown: true }

/** `collectors`: which of "storefront" and "pixel" tell of the shop. */
export type DrainedShop = ShopFacts & { collectors?: readonly string[] }

export type DrainContext = {
  pool: Pool
  sealer: Sealer
  open: OpenConnections
  sender: Sender
  gate: Gate
  recorder: Recorder
  engine: Pick<Engine, 'signal'>
  log: Log
  vendorBaseUrls: Readonly<Record<string, string>>
  /** Adds what the event's source did not know: product facts, the customer, the order's customer. In order. */
  fill(shopId: number, events: readonly StoreEvent[], shop: ShopFacts): Promise<Filled[]>
  shopFacts(shopId: number): Promise<DrainedShop>
  /** True once this process is stopping: a drain then returns after the requests in flight. */
  stopping(): boolean
}

/**
 * @param lost aborted when the engine has given the lane to another worker (this process was thought dead), or this
 * process may wait no longer: requests in flight are broken off, and nothing more is sent
 */
export async function drainLane(context: DrainContext, lane: Lane, lost: AbortSignal): Promise<void> {
  const { pool } = context
  const turn = await beginTurn(pool, lane, () => context.stopping() || lost.aborted)
  if (!turn) return
  const connection = await openLane(context, lane, turn)
  if (!connection) return
  const shop = await context.shopFacts(lane.shopId)
  const { oldest, left } = await released(context, lane)
  if (oldest !== null) await drainRounds(context, { lane, connection, shop, turn, lost }, oldest)
  if (left) await context.engine.signal(lane)
  else await armAgain(context, lane)
}

/** @param oldest the oldest event that waits in the lane */
async function drainRounds(
  context: DrainContext,
  inUse: Omit<LaneInUse, 'ahead'>,
  oldest: string,
): Promise<void> {
  const { pool, sealer } = context
  const { lane, connection, turn } = inUse
  const { batch } = connection.vendor.limits(connection.settings)
  const most = batch === 1 ? ROUND : Math.max(ROUND, batch * ROUND_BATCHES)
  const reading = readAlong(pool, sealer, lane, oldest)
  const began = performance.now()
  let done = 0
  let size = most
  /** Reads the next round, of as many deliveries as the turn will last for: what is left over was read for nothing. */
  function ahead(ofThis: number): void {
    const perMs = (done + ofThis / 2) / (performance.now() - began)
    const likely = perMs * turn.leftMs() - ofThis / 2
    size = Math.min(most, Math.max(ROUND, Math.ceil(likely / ROUND) * ROUND))
    if (likely > ROUND / 2) reading.ahead(size)
  }
  try {
    while (turn.leftMs() > 0 && (await turn.mayGoOn())) {
      const { due, unreadable, keyless } = await reading.next(size)
      if (due.length + unreadable.size + keyless.length === 0) return
      await recordUnreadable(context, lane, unreadable)
      await leaveKeyless(context, lane, keyless)
      const halt = await drainRound(context, { ...inUse, ahead: () => ahead(due.length) }, due)
      if (halt?.pause) await turn.pause(halt.pause)
      // What was read ahead may be held by now.
      if (halt) return
      done += due.length
    }
  } finally {
    await reading.end()
  }
}

/**
 * Releases some of what is held although the lane is open: it was just started again.
 * @returns the oldest event that waits then, and whether there is more to release
 */
async function released(
  { pool, log }: DrainContext,
  lane: Lane,
): Promise<{ oldest: string | null; left: boolean }> {
  const { oldest, held } = await standingOf(pool, lane)
  if (!held) return { oldest, left: false }
  const { left, released, expired } = await settleSome(pool, lane)
  log.info({ lane: laneKey(lane), released, expired }, 'released')
  return { oldest: (await standingOf(pool, lane)).oldest, left }
}

async function recordUnreadable(context: DrainContext, lane: Lane, unreadable: ReadonlyMap<string, Outcome>) {
  if (unreadable.size === 0) return
  context.log.error({ lane: laneKey(lane), events: [...unreadable.keys()] }, 'events cannot be read')
  await context.recorder.record(decisionsOf(lane, unreadable))
}

async function leaveKeyless({ pool, log }: DrainContext, lane: Lane, keyless: readonly string[]) {
  if (keyless.length === 0) return
  log.error(
    { lane: laneKey(lane), events: keyless.length },
    'events are sealed with a key that this process lacks',
  )
  await putOffKeyless(pool, lane, keyless)
}

/** The lane's connection if it may send now. Otherwise sees to it that what is open waits properly, and null. */
async function openLane(
  context: DrainContext,
  lane: Lane,
  { row, pausedUntil, leftMs }: Pick<Turn, 'row' | 'pausedUntil' | 'leftMs'>,
): Promise<Connection | null> {
  const { pool, log } = context
  if (stopOf(row)) {
    const { left } = await settleFor(pool, lane, leftMs())
    if (left) await context.engine.signal(lane)
    return null
  }
  if (pausedUntil) {
    await context.engine.signal(lane, { at: pausedUntil })
    return null
  }
  try {
    return context.open(lane.shopId, row)
  } catch (error) {
    if (error instanceof UnknownKeyError) {
      // Another process may have the key, and this one will once it is given it: nothing that a merchant could mend.
      log.error(
        { lane: laneKey(lane), key: error.keyId },
        'connection is sealed with a key that this process lacks',
      )
      await context.engine.signal(lane, { at: new Date(Date.now() + KEY_RECHECK_MS) })
      return null
    }
    log.error({ lane: laneKey(lane), err: error }, 'connection cannot be used')
    await markRefused(pool, lane, whyUnusable(error), row.secrets)
    const { left } = await settleFor(pool, lane, leftMs())
    if (left) await context.engine.signal(lane)
    return null
  }
}

/** The sentence that the merchant reads. */
function whyUnusable(error: unknown): string {
  if (error instanceof UnknownVendor) return HELD_REASONS.vendor_missing
  if (error instanceof SettingsError) return error.message
  return UNOPENED
}

/** Arms the lane for its next due delivery, if any, and not before a pause ends. An idle lane is not armed. */
async function armAgain(context: DrainContext, lane: Lane): Promise<void> {
  const next = await nextDue(context.pool, lane)
  if (!next) return
  await context.engine.signal(lane, { ...(next.at && { at: next.at }), background: next.background })
}
