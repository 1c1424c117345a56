/**
 * Fleet actions: support holds or releases one vendor for many shops, in a vendor's outage. Which shops it is for is chosen when
 * the action begins and does not change while it goes on; the steps are taken by whichever worker is there (fleet-step.ts).
 */
import { DatabaseError, type Pool, type PoolClient } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { withTransaction } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import { scrub } from '../privacy/mask.ts'
import { type Actor, writeAudit } from '../support/audit.ts'
import type { Role } from '../support/roles.ts'
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
/** `until`: when a hold ends by itself. */
export type FleetOrder = FleetAsked & { reason: string; until: Date | null }

/** What an action would come to now. */
export type FleetPreview = {
  /** Shops that fit the filter, and those of them that it would change. */
  shops: number
  toChange: number
  /** Deliveries that would be held, or go out: as last counted, of a lane 10,000 at most. Null: not counted yet. */
  deliveries: number | null
  countedAt: Date | null
  /** The id of an action of this vendor that is running. */
  running: string | null
}

export type FleetAction = FleetOrder & {
  id: string
  /** Who began it, or resumed it last: in whose name it goes on. */
  actor: string
  role: Role | null
  createdAt: Date
  finishedAt: Date | null
  state: 'running' | 'stopped' | 'done'
  /** Shops it is for, shops seen to, those of them that were changed, and those whose deliveries have followed. */
  total: number
  done: number
  changed: number
  followed: number
}

/** Why an action cannot begin or go on, in a sentence. */
export class FleetRefused extends Error {
  override name = 'FleetRefused'
  /** Which of the reasons: pages say it in their own words. */
  readonly why: 'running' | 'nobody' | 'reason' | 'until'

  constructor(why: FleetRefused['why'], message: string) {
    super(message)
    this.why = why
  }
}

/** SQL: connections `c` of shops `s`, the hold that stands `l`, how they stand `h`, and whether the action would change them. */
const FITTING = `
  select c.shop_id, l.reason as hold_reason, l.since as hold_since, h.waiting, h.held, h.taken_at,
    case when $5::text is not null then true when $6 then l.reason is not null else l.reason is null end as to_change
  from connections c
    left join lateral (
      select c.hold_reason as reason, c.hold_since as since where c.hold_until is null or c.hold_until > now()) l on true
    join shops s on s.id = c.shop_id
    left join lane_health h on h.shop_id = c.shop_id and h.vendor = c.vendor
  where c.vendor = $1 and ($2::text is null or position($2 in s.domain) > 0)
    and (cardinality($3::text[]) = 0 or h.state = any($3)) and ($4::text is null or l.reason = $4)`

function fitting({ kind, vendor, filter: asked }: FleetAsked): unknown[] {
  const filter = storableFilter(asked)
  return [vendor, filter.shops, filter.states, filter.heldFor, filter.heldFor, kind === 'release']
}

/** What the action would come to. */
export async function previewFleet(pool: Pool, asked: FleetAsked): Promise<FleetPreview> {
  const found = await pool.query<FleetPreview>(
    `with fitting as (${FITTING})
     select count(*)::int as shops, (count(*) filter (where to_change))::int as "toChange",
       (sum(case when $6 then held else waiting end) filter (where to_change))::int as deliveries, min(taken_at) as "countedAt",
       (select id from fleet_actions where vendor = $1 and state = 'running') as running
     from fitting`,
    fitting(asked),
  )
  return found.rows[0] ?? { shops: 0, toChange: 0, deliveries: null, countedAt: null, running: null }
}

/**
 * Begins an action: from its commit on any worker takes its steps. The caller wakes one (`fleetTask` in app/runtime/fleet-task.ts).
 * @returns its id
 * @throws FleetRefused when another of this vendor is running, no shop would be changed, or it lacks a reason
 */
export async function beginFleet(pool: Pool, by: Actor, order: FleetOrder): Promise<string> {
  const id = uuidv7()
  const { kind, vendor, until } = order
  const filter = storableFilter(order.filter)
  const reason = storable(scrub(order.reason.trim()))
  if (!reason || reason.length > MOST_REASON_CHARACTERS)
    throw new FleetRefused(
      'reason',
      `The reason must be a text of 1 to ${MOST_REASON_CHARACTERS} characters.`,
    )
  if (until && (kind === 'release' || !(until > new Date())))
    throw new FleetRefused('until', 'The end must be a time that is still to come, and a release has none.')
  await atOnce(pool, async client => {
    await client.query(
      `insert into fleet_actions (id, action, vendor, filter, reason, until, actor, role, address, total)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
      [id, kind, vendor, JSON.stringify(filter), reason, until, by.actor, by.role, by.address],
    )
    const chosen = await client.query(
      `insert into fleet_shops (action_id, shop_id, hold_reason, hold_since)
       select $7, shop_id, hold_reason, hold_since from (${FITTING}) fitting where to_change order by shop_id`,
      [...fitting(order), id],
    )
    const shops = chosen.rowCount ?? 0
    if (shops === 0) throw new FleetRefused('nobody', 'There is no shop that this would change.')
    await client.query('update fleet_actions set total = $2 where id = $1', [id, shops])
    const after = { filter, until, shops }
    await writeAudit(client, by, [{ action: `fleet_${kind}`, vendor, subject: id, reason, after }])
  })
  return id
}

/** Nothing of a person is kept, nor sought: reasons of holds are without it too. */
function storableFilter({ shops, states, heldFor }: FleetFilter): FleetFilter {
  const clean = (text: string | null) => text && storable(scrub(text))
  return { shops: clean(shops), states, heldFor: clean(heldFor) }
}

/** Stops it between two steps: what it has done stays. @returns false when it was not running */
export function stopFleet(pool: Pool, by: Actor, id: string): Promise<boolean> {
  return changeState(pool, by, id, 'running', 'stopped')
}

/**
 * It goes on where it was stopped, in the name of who says so: what is done from now on is theirs. The caller wakes a worker.
 * @returns false when it was not stopped
 * @throws FleetRefused when another of its vendor is running, or its hold would have ended by now
 */
export function resumeFleet(pool: Pool, by: Actor, id: string): Promise<boolean> {
  return changeState(pool, by, id, 'stopped', 'running')
}

type Turn = { vendor: string; done: number; until: Date | null; actor: string }

function changeState(
  pool: Pool,
  by: Actor,
  id: string,
  from: 'running' | 'stopped',
  to: 'running' | 'stopped',
): Promise<boolean> {
  return atOnce(pool, async client => {
    const found = await client.query<Turn>(
      'select vendor, done, until, actor from fleet_actions where id = $1 and state = $2 for update',
      [id, from],
    )
    const [row] = found.rows
    if (!row) return false
    if (to === 'running' && row.until && row.until <= new Date())
      throw new FleetRefused('until', 'Its hold would have ended by itself by now: begin another.')
    const going = to === 'running' ? ', actor = $3, role = $4, address = $5' : ''
    await client.query(`update fleet_actions set state = $2${going} where id = $1`, [
      ...[id, to],
      ...(going ? [by.actor, by.role, by.address] : []),
    ])
    const action = to === 'stopped' ? 'fleet_stop' : 'fleet_resume'
    const before = { state: from, shops: row.done, actor: row.actor }
    const after = { state: to, shops: row.done }
    await writeAudit(client, by, [{ action, vendor: row.vendor, subject: id, before, after }])
    return true
  })
}

/** One action of a vendor runs at a time: an index sees to it. */
async function atOnce<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  try {
    return await withTransaction(pool, work)
  } catch (error) {
    if (error instanceof DatabaseError && error.constraint === 'fleet_actions_running_idx')
      throw new FleetRefused(
        'running',
        'Another action of this vendor is running: stop it, or wait for its end.',
      )
    throw error
  }
}

const COLUMNS = `id, action as kind, vendor, filter, reason, until, actor, role, created_at as "createdAt",
  finished_at as "finishedAt", state, total, done, changed, followed`

/** @returns null when there is none of this id */
export async function fleetAction(pool: Pool, id: string): Promise<FleetAction | null> {
  if (!z.uuid().safeParse(id).success) return null
  const found = await pool.query<FleetAction>(`select ${COLUMNS} from fleet_actions where id = $1`, [id])
  return found.rows[0] ?? null
}

/** The newest first. */
export async function fleetActions(pool: Pool, limit: number): Promise<FleetAction[]> {
  const found = await pool.query<FleetAction>(
    `select ${COLUMNS} from fleet_actions order by created_at desc, id desc limit $1`,
    [limit],
  )
  return found.rows
}

/** Actions that some worker should be taking the steps of. @returns their ids */
export async function runningFleet(pool: Pool): Promise<string[]> {
  const found = await pool.query<{ id: string }>(
    `select id from fleet_actions where state = 'running' order by id`,
  )
  return found.rows.map(({ id }) => id)
}

/** For which reasons support holds a vendor, most shops first, at most 50. */
export async function heldReasons(
  pool: Pool,
  vendor: string,
): Promise<{ reason: string; shops: number; since: Date }[]> {
  const found = await pool.query<{ reason: string; shops: number; since: Date }>(
    `select hold_reason as reason, count(*)::int as shops, min(hold_since) as since from connections
     where vendor = $1 and hold_reason is not null group by 1 order by 2 desc, 1 limit 50`,
    [vendor],
  )
  return found.rows
}
