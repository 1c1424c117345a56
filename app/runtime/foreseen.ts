/** What sending deliveries again would come to, as far as planning tells: nothing is sent, and nothing is changed. */
import type { Pool } from 'pg'
import { connectionFrom, vendorNamed } from '../delivery/connections.ts'
import { type Deciding, type Due, decide } from '../delivery/decide.ts'
import { memoriesOf } from '../delivery/due.ts'
import { type EventRow, eventColumns, readableFrom } from '../delivery/event-rows.ts'
import { youngOf } from '../delivery/fill.ts'
import type { Lane } from '../delivery/lane.ts'
import { LATE_NOW } from '../delivery/lane-rows.ts'
import type { Outcome } from '../delivery/outcome.ts'
import { newestReplayable, type Replayable, type ReplayFilter, type ReplayStart } from '../delivery/replay.ts'
import { twinsAmong } from '../delivery/twins.ts'
import { type ToWait, WAITED_BEFORE, waitingAmong } from '../delivery/waiting.ts'
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
  at: Pick<Replayable, 'vendor' | 'held'>,
): Promise<Foreseen> {
  const ids = await newestReplayable(context.pool, filter, start, at, MOST_PLANNED)
  const skipped = (await skippedAgain(context, shop, [at.vendor], ids)).get(at.vendor)
  const reasons = [...Map.groupBy(skipped?.values() ?? [], reason => reason)]
  return { looked: ids.length, reasons: reasons.map(([reason, { length: count }]) => ({ reason, count })) }
}

/**
 * By vendor and event id, why it would be skipped if these were sent again now, by the settings as they are; what is not named would be
 * sent, or waits for something. None of a vendor that is not connected, or whose settings fit no more or cannot be unsealed, and none where
 * the events cannot be read: what is not foreseen keeps nobody from looking, or from sending.
 * @param open the vendors at which they are not at their end yet: if they went on where they are
 */
export async function skippedAgain(
  context: Foreseeing,
  shop: Shop,
  vendors: readonly string[],
  eventIds: readonly string[],
  open: readonly string[] = [],
): Promise<Map<string, ReadonlyMap<string, string>>> {
  const none = new Map<string, string>()
  if (vendors.length === 0 || eventIds.length === 0) return new Map(vendors.map(vendor => [vendor, none]))
  const unforeseen = (err: unknown, vendor?: string) => {
    const about = { err, shop: shop.domain, ...(vendor && { vendor }) }
    context.log.warn(about, 'what sending again would come to was not foreseen')
    return none
  }
  const again = await dueAgain(context, shop, eventIds).catch(unforeseen)
  const found = vendors.map(async vendor => {
    const reasons =
      again instanceof Map
        ? again
        : await planned(context, shop, vendor, again, open.includes(vendor)).catch(err =>
            unforeseen(err, vendor),
          )
    return [vendor, reasons] as const
  })
  return new Map(await Promise.all(found))
}

type DueAgain = { due: readonly Due[]; unknown: readonly string[] }

async function planned(
  context: Foreseeing,
  shop: Shop,
  vendorId: string,
  again: DueAgain,
  open: boolean,
): Promise<Map<string, string>> {
  const { pool } = context
  const lane = { shopId: shop.id, vendor: vendorId }
  const vendor = vendorNamed(vendorId)
  const given = vendor ? await savedSettings(context, lane) : null
  if (!vendor || !given || !vendor.settings.safeParse(given).success) return new Map()
  const { settings } = connectionFrom(vendor, given)
  const asked = new Set(again.due.map(({ event }) => event.id))
  const due = open ? await asBegun(pool, lane, await withBeside(context, shop, vendorId, again)) : again.due
  const withdrawn = await withdrawnAmong(pool, lane, { vendor, settings }, due)
  // What is sent again has been one of two already.
  const twins = open ? await twinsAmong(pool, lane, shop.collectors, due) : new Map<string, Outcome>()
  const allowed = due.filter(({ event }) => !withdrawn.has(event.id) && !twins.has(event.id))
  const decided = await decidedOn(pool, lane, allowed, { vendor, settings, shop, now: new Date() })
  const waits = await wouldWait(pool, shop.id, waitingAmong(allowed, decided))
  const reasons = [...twins, ...withdrawn, ...decided].flatMap(([id, outcome]) =>
    outcome.state === 'skipped' && asked.has(id) && !waits.has(id) ? [[id, outcome.reason] as const] : [],
  )
  const young = open ? await youngOf(pool, lane, again.unknown) : new Set<string>()
  const unknown = again.unknown.filter(id => !young.has(id))
  return new Map([
    ...unknown.map(id => [id, 'order_unknown'] as const),
    ...reasons,
    ...(open ? await expiring(pool, lane, [...again.unknown, ...asked]) : []),
  ])
}

/** Of one thing no more of its states are looked through. */
const MOST_BESIDE = 200

/** With what else is open there of the same things: of several states the newest alone goes out. */
async function withBeside(
  context: Foreseeing,
  shop: Shop,
  vendorId: string,
  { due }: DueAgain,
): Promise<readonly Due[]> {
  const subjects = due.flatMap(({ event }) => event.subject ?? [])
  if (subjects.length === 0) return due
  const { rows } = await context.pool.query<{ id: string }>(
    `with states as materialized (
       select id from events where shop_id = $1 and subject = any($3) and id <> all($4::uuid[]))
     select s.id from states s join deliveries d on d.shop_id = $1 and d.event_id = s.id and d.vendor = $2
     where d.state in ('pending', 'retry', 'held') order by s.id desc limit ${MOST_BESIDE}`,
    [shop.id, vendorId, subjects, due.map(({ event }) => event.id)],
  )
  if (rows.length === 0) return due
  const beside = await dueAgain(
    context,
    shop,
    rows.map(({ id }) => id),
  )
  return [...due, ...beside.due]
}

/** What is held, and too old by now to be sent when its lane goes on. */
async function expiring(pool: Pool, lane: Lane, ids: readonly string[]): Promise<[string, 'expired'][]> {
  const { rows } = await pool.query<{ id: string }>(
    `select d.event_id as id from deliveries d join shops s on s.id = d.shop_id
     where d.shop_id = $1 and d.vendor = $2 and d.event_id = any($3::uuid[]) and d.state = 'held' and ${LATE_NOW}`,
    [lane.shopId, lane.vendor, ids],
  )
  return rows.map(({ id }) => [id, 'expired'])
}

/** With what was done of each so far, and whether a person had asked for it again. */
async function asBegun(pool: Pool, lane: Lane, due: readonly Due[]): Promise<Due[]> {
  const { rows } = await pool.query<{ id: string; done: string[]; replayed: boolean }>(
    `select event_id as id, done, replay as replayed from deliveries
     where shop_id = $1 and vendor = $2 and event_id = any($3::uuid[])`,
    [lane.shopId, lane.vendor, due.map(({ event }) => event.id)],
  )
  const begun = new Map(rows.map(({ id, ...far }) => [id, far]))
  return due.map(each => ({ ...each, ...begun.get(each.event.id) }))
}

/** Of what only lacks its person, the ids of those that are not too old to wait for them in this shop. */
async function wouldWait(pool: Pool, shopId: number, toWait: readonly ToWait[]): Promise<Set<string>> {
  if (toWait.length === 0) return new Set()
  const { rows } = await pool.query<{ id: string }>(
    `select e.id from shops s, unnest($2::uuid[]) e(id) where s.id = $1 and e.id >= ${WAITED_BEFORE}`,
    [shopId, toWait.map(({ eventId }) => eventId)],
  )
  return new Set(rows.map(({ id }) => id))
}

/** The events as they would be planned. `unknown`: whose order is not known. One that cannot be read any more is left out. */
async function dueAgain(
  { pool, sealer }: Pick<Foreseeing, 'pool' | 'sealer'>,
  shop: Shop,
  eventIds: readonly string[],
): Promise<DueAgain> {
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
