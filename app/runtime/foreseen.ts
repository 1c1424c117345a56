/** What sending deliveries again would come to, as far as planning tells: nothing is sent, and nothing is changed. */
import type { Pool } from 'pg'
import { connectionFrom, vendorNamed } from '../delivery/connections.ts'
import { type Deciding, type Due, decide } from '../delivery/decide.ts'
import { memoriesOf } from '../delivery/due.ts'
import { type EventRow, eventColumns, readableFrom } from '../delivery/event-rows.ts'
import type { Lane } from '../delivery/lane.ts'
import type { Outcome } from '../delivery/outcome.ts'
import { newestReplayable, type ReplayFilter, type ReplayStart } from '../delivery/replay.ts'
import { waitingAmong } from '../delivery/waiting.ts'
import { withdrawnAmong } from '../delivery/withdrawn.ts'
import type { Log } from '../log.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Shop } from '../shopify/shops.ts'
import { savedSettings } from './connecting.ts'
import { filledIn } from './filling.ts'

export type Foreseeing = { pool: Pool; sealer: Sealer; log: Log }
/** What planning the newest `looked` of them says: so many would be skipped, by reason. */
export type Foreseen = { looked: number; reasons: { reason: string; count: number }[] }

/** So many are planned of each vendor to say what would be skipped. */
const MOST_PLANNED = 50

/** What a replay that begins so would come to at one vendor: its newest deliveries are planned, and stand for all. */
export async function foreseenOf(
  context: Foreseeing,
  shop: Shop,
  filter: ReplayFilter,
  start: ReplayStart,
  vendorId: string,
): Promise<Foreseen> {
  const ids = await newestReplayable(context.pool, filter, start, vendorId, MOST_PLANNED)
  const skipped = await skippedAgain(context, shop, vendorId, ids)
  const reasons = [...Map.groupBy(skipped.values(), reason => reason)]
  return { looked: ids.length, reasons: reasons.map(([reason, { length: count }]) => ({ reason, count })) }
}

/**
 * By event id, why it would be skipped if these were sent again now, by the settings as they are; what is not named would be sent, or waits
 * for something. None where the vendor is not connected, or its settings fit no more or cannot be unsealed: what is not foreseen keeps
 * nobody from looking, or from sending.
 */
export async function skippedAgain(
  context: Foreseeing,
  shop: Shop,
  vendorId: string,
  eventIds: readonly string[],
): Promise<Map<string, string>> {
  try {
    return await planned(context, shop, vendorId, eventIds)
  } catch (err) {
    context.log.warn(
      { err, shop: shop.domain, vendor: vendorId },
      'what sending again would come to was not foreseen',
    )
    return new Map()
  }
}

async function planned(
  context: Foreseeing,
  shop: Shop,
  vendorId: string,
  eventIds: readonly string[],
): Promise<Map<string, string>> {
  const { pool } = context
  const lane = { shopId: shop.id, vendor: vendorId }
  const vendor = vendorNamed(vendorId)
  const given = vendor && eventIds.length > 0 ? await savedSettings(context, lane) : null
  if (!vendor || !given || !vendor.settings.safeParse(given).success) return new Map()
  const { settings } = connectionFrom(vendor, given)
  const { due, unknown } = await dueAgain(context, shop, eventIds)
  const withdrawn = await withdrawnAmong(pool, lane, { vendor, settings }, due)
  const allowed = due.filter(({ event }) => !withdrawn.has(event.id))
  const decided = await decidedOn(pool, lane, allowed, { vendor, settings, shop, now: new Date() })
  const waits = new Set(waitingAmong(allowed, decided).map(({ eventId }) => eventId))
  const reasons = [...withdrawn, ...decided].flatMap(([id, outcome]) =>
    outcome.state === 'skipped' && !waits.has(id) ? [[id, outcome.reason] as const] : [],
  )
  return new Map([...unknown.map(id => [id, 'order_unknown'] as const), ...reasons])
}

/** The events as they would be planned. `unknown`: whose order is not known. One that cannot be read any more is left out. */
async function dueAgain(
  { pool, sealer }: Pick<Foreseeing, 'pool' | 'sealer'>,
  shop: Shop,
  eventIds: readonly string[],
): Promise<{ due: Due[]; unknown: string[] }> {
  const { rows } = await pool.query<EventRow>(
    `select ${eventColumns('e')} from events e where e.shop_id = $1 and e.id = any($2::uuid[]) order by e.id`,
    [shop.id, eventIds],
  )
  const noticed = new Map(rows.map(row => [row.id, row.triggered_at]))
  const kept = rows.flatMap(row => readableFrom(sealer, shop.id, row) ?? [])
  const filled = await filledIn(pool, sealer, shop.id, kept, { shop })
  const due = filled
    .flatMap(each => ('event' in each ? each.event : []))
    .map(
      (event): Due => ({
        ...{ event, attempts: 0, done: [], since: null, replayed: true },
        triggeredAt: noticed.get(event.id) ?? null,
      }),
    )
  const known = new Set(due.map(({ event }) => event.id))
  return { due, unknown: kept.flatMap(({ id }) => (known.has(id) ? [] : id)) }
}

/** Decided as a round of the lane does, which learns only from the steps what else they leave. */
async function decidedOn(
  pool: Pool,
  lane: Lane,
  due: readonly Due[],
  deciding: Omit<Deciding, 'memories'>,
): Promise<Map<string, Outcome>> {
  const { vendor, settings } = deciding
  const states = due.flatMap(({ event }) => vendor.stateOf(event, settings) ?? [])
  const memories = await memoriesOf(pool, lane, states)
  const { steps } = decide(due, { ...deciding, memories })
  const left = steps.flatMap(step => step.leaves?.subject ?? [])
  const all = new Map([...memories, ...(await memoriesOf(pool, lane, left))])
  return decide(due, { ...deciding, memories: all }).outcomes
}
