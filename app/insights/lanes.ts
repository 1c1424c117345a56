/** How lanes stand: what keeps one from sending, until when and why, and what waits in it. */
import type { Pool } from 'pg'
import type { Lane } from '../delivery/lane.ts'
import type { Sealer } from '../secrets/seal.ts'
import { whyPaused } from './pauses.ts'

export type Standing = {
  shop: string
  shopId: number
  vendor: string
  enabled: boolean
  attention: string | null
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
}

export type LaneLine = Standing & {
  /** Deliveries by what they wait for. */
  pending: number
  retry: number
  /** For its visitor to become known. */
  waiting: number
  held: number
  dead: number
  /** When the oldest open delivery was accepted. */
  oldestOpen: Date | null
}

/** As the database says it: the circuit in columns of its own, and not yet why it is paused. */
type Circuit = { restsUntil: Date | null; over: boolean; why: string; everyShop: boolean }
type Told = Pick<Standing, 'rests' | 'pausedWhy'>
type Row<T> = Omit<T, keyof Told> & Circuit

const COLUMNS = `s.domain as shop, c.shop_id as "shopId", c.vendor, c.enabled, c.attention,
  case when c.paused_until > now() then c.paused_until end as "pausedUntil",
  c.tested_at as "testedAt", c.test_ok as "testOk", c.test_message as "testMessage",
  r.until as "restsUntil", r.until <= now() as over, r.why, r.every_shop as "everyShop"`

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

/** Counted state by state: each has an index of its own, and of all of a lane's deliveries most are delivered. */
const OF_LANE = 'from deliveries d where d.shop_id = c.shop_id and d.vendor = c.vendor'

/** The same, with what waits in each. */
export async function listLanes(pool: Pool, sealer: Sealer, shopId: number | null): Promise<LaneLine[]> {
  const { rows } = await pool.query<Row<LaneLine>>(
    `select ${COLUMNS},
            o.pending::int, o.retry::int, w.waiting::int, h.held::int, f.dead::int, o.oldest as "oldestOpen"
     from ${LANES}
     left join lateral (
       select count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'retry') as retry,
              min(created_at) as oldest ${OF_LANE} and d.state in ('pending', 'retry')
     ) o on true
     left join lateral (select count(*) as waiting ${OF_LANE} and d.state = 'waiting') w on true
     left join lateral (select count(*) as held ${OF_LANE} and d.state = 'held') h on true
     left join lateral (select count(*) as dead ${OF_LANE} and d.state = 'dead') f on true
     where $1::int is null or c.shop_id = $1
     order by s.domain, c.vendor`,
    [shopId],
  )
  return explained(pool, sealer, rows)
}

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
): Promise<(Omit<T, keyof Circuit> & Told)[]> {
  const lanes: (Omit<T, keyof Circuit> & Told)[] = []
  for (const row of rows) {
    const { restsUntil: until, over, why, everyShop, ...lane } = row
    const pausedWhy = row.pausedUntil && (await whyPaused(pool, sealer, row, row.pausedUntil))
    lanes.push({ ...lane, pausedWhy, rests: until && { until, over, why, everyShop } })
  }
  return lanes
}

/** Whether a lane sends and, where it does not, until when and why. */
export function statusOf({ enabled, attention, rests, pausedUntil, pausedWhy }: Standing): string {
  if (!enabled) return 'off'
  if (attention !== null) return `needs attention: ${attention}`
  if (rests) {
    const every = rests.everyShop ? ', for every shop,' : ''
    if (!rests.over) return `rests until ${rests.until.toISOString()}${every} because ${rests.why}`
    const when = pausedUntil ? `at ${pausedUntil.toISOString()}` : 'now'
    return `tries again ${when}: it rested${every} because ${rests.why}, and one request decides`
  }
  if (!pausedUntil) return 'open'
  return `paused until ${pausedUntil.toISOString()}${pausedWhy === null ? '' : ` because ${pausedWhy}`}`
}

/** Until when a lane that is not stopped keeps what is due from going out; null: it does not. */
export function goesOnAt({ rests, pausedUntil }: Standing): Date | null {
  const times = [pausedUntil, rests && !rests.over ? rests.until : null].filter(time => time !== null)
  return times.sort((a, b) => b.getTime() - a.getTime())[0] ?? null
}
