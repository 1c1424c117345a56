/** How lanes stand: what keeps one from sending, until when and why, and what waits in it. */
import type { Pool } from 'pg'
import { secretsOf } from '../delivery/connections.ts'
import { WAITS_SINCE } from '../delivery/due.ts'
import type { Lane } from '../delivery/lane.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import type { Sealer } from '../secrets/seal.ts'
import { supportWords } from '../ui/vendor-words.ts'
import { whyPaused } from './pauses.ts'

export type Standing = {
  shop: string
  shopId: number
  vendor: string
  enabled: boolean
  attention: string | null
  /** Support's; null: none. `until` null: until it is released. */
  hold: { reason: string; since: Date; until: Date | null } | null
  /** Null also when that time has passed. */
  pausedUntil: Date | null
  /** What goes after "because"; null: it is not paused, or nothing that is stored tells. */
  pausedWhy: string | null
  /** The circuit that keeps it from sending: its own or the vendor's. `over`: `until` has passed, and one request decides. */
  rests: { until: Date; over: boolean; why: string; everyShop: boolean } | null
  /** The last test of its credentials; null: none since they were entered. */
  testedAt: Date | null
  testOk: boolean | null
  testMessage: string | null
  /** Whether the vendor refused them in it; null also where that was not kept. */
  testRefused: boolean | null
  /** Whether its credentials can be opened by this process; where they cannot, another may have the key. */
  opens: boolean
}

export type LaneLine = Standing & {
  /** Deliveries by what they wait for: all of them, or of each kind as many as were asked for. */
  pending: number
  retry: number
  /** For its visitor to become known. */
  waiting: number
  held: number
  dead: number
  /** When the oldest that is held was accepted, whatever it was held for since; null: nothing is. */
  oldestHeld: Date | null
  /** Since when the oldest open delivery waits: see `WAITS_SINCE`. */
  oldestOpen: Date | null
  /** When the oldest open delivery was accepted, which a release or a replay leaves as it is. */
  oldestAccepted: Date | null
}

/** As the database says it: the circuit in columns of its own, and not yet why it is paused. */
type Circuit = { restsUntil: Date | null; over: boolean; why: string; everyShop: boolean }
type Told = Pick<Standing, 'hold' | 'rests' | 'pausedWhy' | 'opens'>
/** Times are texts within JSON. */
type StoredHold = { hold: { reason: string; since: string; until: string | null } | null }
type Row<T> = Omit<T, keyof Told> & Circuit & StoredHold & { secrets: string }
/** What is not handed out as it is stored. */
type Stored = keyof Circuit | 'hold' | 'secrets'

const COLUMNS = `s.domain as shop, c.shop_id as "shopId", c.vendor, c.enabled, c.attention,
  case when c.hold_reason is not null
    then jsonb_build_object('reason', c.hold_reason, 'since', c.hold_since, 'until', c.hold_until) end as hold,
  case when c.paused_until > now() then c.paused_until end as "pausedUntil",
  c.tested_at as "testedAt", c.test_ok as "testOk", c.test_message as "testMessage", c.test_refused as "testRefused",
  c.secrets, r.until as "restsUntil", r.until <= now() as over, r.why, r.every_shop as "everyShop"`

const LANES = `connections c join shops s on s.id = c.shop_id
  left join lateral (
    select open_until as until, reason as why, key = 'vendor:' || c.vendor as every_shop from circuits
    where key in ('lane:' || c.shop_id || ':' || c.vendor, 'vendor:' || c.vendor) order by open_until desc limit 1
  ) r on true`

/** How each lane stands, or those of one shop, by shop and vendor. @param vendor one vendor's only */
export async function standings(
  pool: Pool,
  sealer: Sealer,
  shopId: number | null,
  vendor: string | null = null,
): Promise<Standing[]> {
  const { rows } = await pool.query<Row<Standing>>(
    `select ${COLUMNS} from ${LANES}
     where ($1::int is null or c.shop_id = $1) and ($2::text is null or c.vendor = $2) order by s.domain, c.vendor`,
    [shopId, vendor],
  )
  return explained(pool, sealer, rows)
}

/** Each state by itself: that is how the indexes of what is not done have them, and what is done is much more. */
const OF_LANE = 'd.shop_id = c.shop_id and d.vendor = c.vendor'

/**
 * The same, with what waits in each.
 * @param most so many deliveries of each kind are counted in a lane, in the order in which it is drained, and the oldest
 * is found among them; null: all of them, which takes as long as there are many
 */
export async function listLanes(
  pool: Pool,
  sealer: Sealer,
  shopId: number | null,
  most: number | null = null,
): Promise<LaneLine[]> {
  const { rows } = await pool.query<Row<LaneLine>>(
    `select ${COLUMNS},
            d.pending, d.retry, d.oldest as "oldestOpen", d.accepted as "oldestAccepted", w.waiting, h.held, h.oldest as "oldestHeld", x.dead
     from ${LANES}
     left join lateral (
       select count(*) filter (where state = 'pending')::int as pending, count(*) filter (where state = 'retry')::int as retry,
              min(${WAITS_SINCE}) as oldest, min(d.created_at) as accepted
       from (select d.state, d.trying_since, d.updated_at, d.created_at from deliveries d
             where ${OF_LANE} and d.state in ('pending', 'retry')
             order by d.priority, d.event_id limit $2) d
     ) d on true
     left join lateral (${countOf('waiting')}) w on true
     left join lateral (
       select count(*)::int as held, min(d.created_at) as oldest
       from (select d.created_at from deliveries d where ${OF_LANE} and d.state = 'held' order by d.event_id limit $2) d
     ) h on true
     left join lateral (${countOf('dead')}) x on true
     where $1::int is null or c.shop_id = $1
     order by s.domain, c.vendor`,
    [shopId, most],
  )
  return explained(pool, sealer, rows)
}

const countOf = (state: 'waiting' | 'dead') =>
  `select count(*)::int as ${state} from (
     select from deliveries d where ${OF_LANE} and d.state = '${state}' limit $2) counted`

/** How many of a lane's deliveries wait for a next try of their own that is still to come, and when the first is. */
export async function waitingForTheirTime(
  pool: Pool,
  { shopId, vendor }: Lane,
): Promise<{ count: number; first: Date | null }> {
  const result = await pool.query<{ count: number; first: Date | null }>(
    `select count(*)::int as count, min(due_at) as first from deliveries
     where shop_id = $1 and vendor = $2 and state = 'retry' and due_at > now()`,
    [shopId, vendor],
  )
  return result.rows[0] ?? { count: 0, first: null }
}

/** Lanes that are switched on and rest after failures or wait for a person, by shop and vendor. @param most so many */
export async function lanesThatStand(pool: Pool, sealer: Sealer, most: number): Promise<Standing[]> {
  const { rows } = await pool.query<Row<Standing>>(
    `select ${COLUMNS} from ${LANES}
     where c.enabled and (r.until is not null or c.attention is not null) order by s.domain, c.vendor limit $1`,
    [most],
  )
  return explained(pool, sealer, rows)
}

async function explained<T extends Row<Standing>>(
  pool: Pool,
  sealer: Sealer,
  rows: readonly T[],
): Promise<(Omit<T, Stored> & Told)[]> {
  const lanes: (Omit<T, Stored> & Told)[] = []
  for (const row of rows) {
    const { restsUntil: until, over, why, everyShop, hold: stored, secrets, ...lane } = row
    const hold = stored && {
      ...{ reason: stored.reason, since: new Date(stored.since) },
      until: stored.until === null ? null : new Date(stored.until),
    }
    const pausedWhy = row.pausedUntil && (await whyPaused(pool, sealer, row, row.pausedUntil))
    const opens = secretsOf(sealer, row.shopId, { vendor: row.vendor, secrets }) !== null
    lanes.push({ ...lane, hold, pausedWhy, opens, rests: until && { until, over, why, everyShop } })
  }
  return lanes
}

/** Whether a lane sends and, where it does not, until when and why. */
export function statusOf(lane: Standing): string {
  const { enabled, attention, hold, rests } = lane
  if (hold) {
    const until = hold.until ? ` until ${hold.until.toISOString()}` : ''
    return `held by support since ${hold.since.toISOString()}${until}: ${hold.reason}`
  }
  if (!enabled) return 'off'
  if (attention === HELD_REASONS.disconnecting) return 'being disconnected: what waits is given up'
  if (attention !== null) return `needs attention: ${supportWords(attention)}`
  const kept = keptBy(lane)
  if (rests && kept?.by !== 'pause') {
    const every = rests.everyShop ? ', for every shop,' : ''
    if (!rests.over && kept) return `rests until ${kept.until.toISOString()}${every} because ${rests.why}`
    const when = kept ? `at ${kept.until.toISOString()}` : 'now'
    return `tries again ${when}: it rested${every} because ${rests.why}, and one request decides`
  }
  if (!kept) return 'open'
  return `paused until ${kept.until.toISOString()}${kept.why === null ? '' : ` because ${kept.why}`}`
}

/**
 * Whether a merchant may have the lane try before its time: only its own failures let it wait. What the vendor asked for, and what
 * concerns every shop, is not theirs to end.
 */
export function canTryNow(lane: Standing): boolean {
  const { enabled, attention, hold, rests } = lane
  if (!enabled || attention !== null || hold) return false
  return keptBy(lane)?.by !== 'pause' && !rests?.everyShop
}

/**
 * What keeps a lane that is not stopped from sending what is due, until when and why, as far as is known: of its circuit's rest and
 * a pause the one that takes longer. `everyShop`: the reason is the vendor's, not the shop's alone.
 */
export type Kept = { by: 'rest' | 'pause'; until: Date; why: string | null; everyShop: boolean }

/** Null: nothing does. A circuit that opens pauses the lane as well: a pause of which nothing else tells the reason is its rest. */
export function keptBy({
  rests,
  pausedUntil,
  pausedWhy,
}: Pick<Standing, 'rests' | 'pausedUntil' | 'pausedWhy'>): Kept | null {
  const restsUntil = rests && !rests.over ? rests.until : null
  const isPause = pausedUntil !== null && (restsUntil === null || pausedUntil > restsUntil)
  const until = isPause ? pausedUntil : restsUntil
  if (!until) return null
  if (isPause && (pausedWhy !== null || !rests))
    return { by: 'pause', until, why: pausedWhy, everyShop: false }
  return rests && { by: 'rest', until, why: rests.why, everyShop: rests.everyShop }
}
