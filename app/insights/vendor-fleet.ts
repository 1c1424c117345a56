/** How each vendor stands over all shops, from what was last taken of each lane (app/insights/lane-health.ts). */
import type { Pool } from 'pg'
import { withTransaction } from '../db/database.ts'
import { LANE_STATES, type LaneState } from '../delivery/lane.ts'

/** Why the vendor rests for every shop. `over`: `until` has passed, and one request decides. */
export type VendorRest = { since: Date; until: Date; over: boolean; why: string }
export type VendorFleet = {
  vendor: string
  /** Shops that have it connected, and of these how many stand how. */
  shops: number
  states: Record<LaneState, number>
  /** Neither switched off, removed nor held. */
  on: number
  /** Deliveries; of each lane no more than 10,000 are counted. */
  waiting: number
  held: number
  /** Of these, what is in lanes that support holds; the rest is held for what the merchant has switched off, or has to see to. */
  heldBySupport: number
  /** How many of `held` are in lanes that stand so. */
  heldIn: Record<LaneState, number>
  /** When the oldest that waits, or that is held, was received. */
  oldestWaiting: Date | null
  oldestHeld: Date | null
  /** Of events received yesterday and today, days of each shop. */
  delivered: number
  failed: number
  /** The circuit that keeps it from sending for every shop; null: none. */
  rests: VendorRest | null
}

type Part = Pick<
  VendorFleet,
  'vendor' | 'waiting' | 'held' | 'oldestWaiting' | 'oldestHeld' | 'delivered' | 'failed'
> & {
  state: LaneState
  shops: number
}
type Rest = { vendor: string } & VendorRest

/**
 * Adds up how lanes stand, a tenth of a second or two with hundreds of thousands of them. One after another: two at once would each add what
 * the other takes away.
 */
export async function addUpFleet(pool: Pool): Promise<void> {
  await withTransaction(pool, async client => {
    await client.query('lock table vendor_health in share row exclusive mode')
    await client.query(ADD_UP)
    await client.query(SAY_ADDED)
  })
}

/** The newest of lanes that were taken: what is kept of those that are added up. */
const NEWEST = '(select max(taken_at) from lane_health)'
const SAY_ADDED = `insert into rollups (name, seen_until) select 'vendor_health', ${NEWEST} where ${NEWEST} is not null
  on conflict (name) do update set seen_until = excluded.seen_until`

/** Lanes were taken that are not added up: whoever has taken them did not come to it. Two steps over indexes. */
export async function isBehind(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ behind: boolean }>(
    `select coalesce(${NEWEST} > coalesce((select seen_until from rollups where name = 'vendor_health'), '-infinity'), false) as behind`,
  )
  return rows[0]?.behind ?? false
}

const ADD_UP = `
  with fresh as materialized (
    select vendor, state, count(*) as shops, sum(waiting) as waiting, sum(held) as held, sum(held_to_go) as held_to_go, min(oldest_waiting) as oldest_waiting, min(oldest_held) as oldest_held,
           sum(delivered) as delivered, sum(failed) as failed
    from lane_health group by 1, 2),
  gone as (
    delete from vendor_health v where not exists (select from fresh f where f.vendor = v.vendor and f.state = v.state))
  insert into vendor_health as v (vendor, state, shops, waiting, held, held_to_go, oldest_waiting, oldest_held, delivered, failed)
  select vendor, state, shops, waiting, held, held_to_go, oldest_waiting, oldest_held, delivered, failed from fresh
  on conflict (vendor, state) do update set shops = excluded.shops, waiting = excluded.waiting, held = excluded.held,
    held_to_go = excluded.held_to_go, oldest_waiting = excluded.oldest_waiting, oldest_held = excluded.oldest_held,
    delivered = excluded.delivered, failed = excluded.failed
  where (v.shops, v.waiting, v.held, v.held_to_go, v.oldest_waiting, v.oldest_held, v.delivered, v.failed) is distinct from
    (excluded.shops, excluded.waiting, excluded.held, excluded.held_to_go, excluded.oldest_waiting, excluded.oldest_held, excluded.delivered, excluded.failed)`

/**
 * Every vendor that any shop has connected, by its id, as it was added up after the last round. Lanes that were connected a moment ago may
 * not be among them yet.
 */
export async function fleetOf(pool: Pool): Promise<VendorFleet[]> {
  const [parts, rests] = await Promise.all([
    pool.query<Part>(
      `select vendor, state, shops, waiting::float8, held::float8, oldest_waiting as "oldestWaiting", oldest_held as "oldestHeld",
              delivered::float8, failed::float8
       from vendor_health order by 1, 2`,
    ),
    pool.query<Rest>(
      `select substr(key, 8) as vendor, opened_at as since, open_until as until, open_until <= now() as over, reason as why
       from circuits where key like 'vendor:%'`,
    ),
  ])
  const byVendor = Map.groupBy(parts.rows, part => part.vendor)
  return [...byVendor].map(([vendor, ofVendor]) => ({
    ...summed(vendor, ofVendor),
    rests: restOf(rests.rows, vendor),
  }))
}

function restOf(rests: readonly Rest[], id: string): VendorRest | null {
  const found = rests.find(({ vendor }) => vendor === id)
  if (!found) return null
  const { vendor: _, ...rest } = found
  return rest
}

function summed(vendor: string, parts: readonly Part[]): Omit<VendorFleet, 'rests'> {
  const sum = (of: (part: Part) => number) => parts.reduce((total, part) => total + of(part), 0)
  const shopsIn = (state: LaneState) => sum(part => (part.state === state ? part.shops : 0))
  const heldOf = (state: LaneState) => sum(part => (part.state === state ? part.held : 0))
  const byState = (of: (state: LaneState) => number) =>
    Object.fromEntries(LANE_STATES.map(state => [state, of(state)])) as Record<LaneState, number>
  const [states, heldIn] = [byState(shopsIn), byState(heldOf)]
  const shops = sum(part => part.shops)
  const oldest = (of: 'oldestWaiting' | 'oldestHeld') =>
    parts.flatMap(part => part[of] ?? []).sort((a, b) => a.getTime() - b.getTime())[0] ?? null
  return {
    ...{ vendor, shops, states, on: shops - states.off - states.held },
    waiting: sum(part => part.waiting),
    held: sum(part => part.held),
    ...{ heldIn, heldBySupport: heldIn.held },
    oldestWaiting: oldest('oldestWaiting'),
    oldestHeld: oldest('oldestHeld'),
    delivered: sum(part => part.delivered),
    failed: sum(part => part.failed),
  }
}
