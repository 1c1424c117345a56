/** Which shops a fleet action is for, and what it would come to: as it begins and as its preview tells. */
import type { Pool } from 'pg'
import { z } from 'zod'
import { storable } from '../db/jsonb.ts'
import { likeLiteral } from '../db/like.ts'
import { scrub } from '../privacy/mask.ts'
import { LANE_STATES } from './lane.ts'
import { MOST_REASON_CHARACTERS } from './lane-state.ts'

export const FLEET_KINDS = ['hold', 'release'] as const
export type FleetKind = (typeof FLEET_KINDS)[number]

export const fleetFilterSchema = z.strictObject({
  /** What a shop's domain contains; null: any. */
  shops: z
    .string()
    .trim()
    .toLowerCase()
    .max(100)
    .transform(text => text || null)
    .nullable()
    .default(null),
  /** The states of lanes, as they were counted last; none: any. */
  states: z.array(z.enum(LANE_STATES)).default([]),
  /**
   * Only shops that support holds for exactly this reason: a release leaves other holds as they are, a hold gives these another
   * reason and end. Null: a release is of all that support holds, a hold of all that it does not hold yet.
   */
  heldFor: z.string().max(MOST_REASON_CHARACTERS).nullable().default(null),
})
/** Which of the shops that have connected the vendor: those for which all of it is so. */
export type FleetFilter = z.output<typeof fleetFilterSchema>
export const ALL_SHOPS: FleetFilter = fleetFilterSchema.parse({})

export type FleetAsked = { kind: FleetKind; vendor: string; filter: FleetFilter }

/** What an action would come to now. */
export type FleetPreview = {
  /** Shops that fit the filter, and those of them that it would change. */
  shops: number
  toChange: number
  /**
   * Deliveries that would be held, or go out, without those that a release lets expire or that stay held for another reason: as last counted, of
   * a lane 10,000 at most. Null: not counted yet.
   */
  deliveries: number | null
  /** What happened before this is counted. */
  countedAt: Date | null
  /** The id of an action of this vendor that is running. */
  running: string | null
}

/** Nothing of a person is kept, nor sought: reasons of holds are without it too. */
export function storableFilter({ shops, states, heldFor }: FleetFilter): FleetFilter {
  const clean = (text: string | null) => text && storable(scrub(text))
  return { shops: clean(shops), states, heldFor: clean(heldFor) }
}

/** SQL: a hold of the connection `c` that stands. */
export const STANDS = '(c.hold_reason is not null and (c.hold_until is null or c.hold_until > now()))'

/**
 * SQL: connections `c` that fit, the hold that stands, and whether the action would change them. Nothing is read that is not asked
 * for: with 100,000 shops each further table takes as long as all the rest, and of `connections` an index has every column that is
 * named here (`connections_fleet_idx`).
 * @param values what the statement is given; the vendor is `$1`
 * @param health SQL: what else is to be told of how they stand (`h`), which is then looked up
 */
function fitting({ kind, vendor, filter }: FleetAsked, values: unknown[], health = ''): string {
  const { shops, states, heldFor } = storableFilter(filter)
  const given = (value: unknown) => `$${values.push(value)}`
  const changes = { hold: `not ${STANDS}`, release: STANDS }[kind]
  const parts = [`c.vendor = ${given(vendor)}`]
  if (shops !== null) parts.push(`s.domain like ${given(`%${likeLiteral(shops)}%`)}`)
  if (states.length > 0) parts.push(`h.state = any(${given(states)}::text[])`)
  if (heldFor !== null) parts.push(`${STANDS} and c.hold_reason = ${given(heldFor)}`)
  return `
    select c.shop_id, case when ${STANDS} then c.hold_reason end as hold_reason, case when ${STANDS} then c.hold_since end as hold_since,
      ${heldFor === null ? changes : 'true'} as to_change ${health && `, ${health}`}
    from connections c ${shops === null ? '' : 'join shops s on s.id = c.shop_id'}
    ${health || states.length > 0 ? 'left join lane_health h on h.shop_id = c.shop_id and h.vendor = c.vendor' : ''}
    where ${parts.join(' and ')}`
}

/** @returns a statement that gives the shops that the action changes now, in order, each with the hold that stands there */
export function chosenShops(asked: FleetAsked): { text: string; values: unknown[] } {
  const values: unknown[] = []
  const text = `select shop_id, hold_reason, hold_since from (${fitting(asked, values)}) fitting where to_change order by shop_id`
  return { text, values }
}

/** What the action would come to. */
export async function previewFleet(pool: Pool, asked: FleetAsked): Promise<FleetPreview> {
  const { text, values } = previewStatement(asked)
  const found = await pool.query<FleetPreview>(text, values)
  return found.rows[0] ?? { shops: 0, toChange: 0, deliveries: null, countedAt: null, running: null }
}

/** For the test of its plan too. Deliveries of all shops are added up already (`vendor_health`); those of others are here. */
export function previewStatement(asked: FleetAsked): { text: string; values: unknown[] } {
  const values: unknown[] = []
  const isHold = asked.kind === 'hold'
  const { shops, states, heldFor } = asked.filter
  const isOfAll = shops === null && states.length === 0 && heldFor === null
  const counted = isHold ? 'waiting' : 'held_to_go'
  const from = fitting(asked, values, isOfAll ? '' : `h.${counted} as deliveries`)
  const sum = isOfAll
    ? `(select sum(${counted}) from vendor_health where vendor = $1 and (state = 'held') = ${!isHold})`
    : 'sum(deliveries) filter (where to_change)'
  const text = `
    with until as (select seen_until as at from rollups where name = 'lane_health' and isfinite(seen_until))
    select count(*)::int as shops, (count(*) filter (where to_change))::int as "toChange",
      case when exists (select from until) then coalesce(${sum}, 0)::float8 end as deliveries, (select at from until) as "countedAt",
      (select id from fleet_actions where vendor = $1 and state = 'running') as running
    from (${from}) fitting`
  return { text, values }
}

/** For which reasons support holds a vendor, most shops first, at most 50. */
export async function heldReasons(
  pool: Pool,
  vendor: string,
): Promise<{ reason: string; shops: number; since: Date }[]> {
  const found = await pool.query<{ reason: string; shops: number; since: Date }>(HELD_REASONS_OF, [vendor])
  return found.rows
}

/** For the test of its plan too. */
export const HELD_REASONS_OF = `
  select hold_reason as reason, count(*)::int as shops, min(hold_since) as since from connections
  where vendor = $1 and hold_reason is not null group by 1 order by 2 desc, 1 limit 50`
