/**
 * Fleet actions: support holds or releases one vendor for many shops, in a vendor's outage. Which shops it is for is chosen when
 * the action begins and does not change while it goes on; the steps are taken by whichever worker is there (fleet-step.ts).
 */
import { DatabaseError, type Pool, type PoolClient } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { withTransaction } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import { idIn } from '../events/id.ts'
import { scrub } from '../privacy/mask.ts'
import { type Actor, MERCHANT_READS, writeAudit } from '../support/audit.ts'
import type { Role } from '../support/roles.ts'
import { chosenShops, type FleetAsked, storableFilter } from './fleet-filter.ts'
import { MOST_REASON_CHARACTERS } from './lane-state.ts'

/** `until`: when a hold ends by itself. */
export type FleetOrder = FleetAsked & { reason: string; until: Date | null }
/** `merchantReads`: as of one shop's release (`releaseBySupport`); of a hold every reason is told. */
export type NewFleet = FleetOrder & { merchantReads?: boolean }

export type FleetAction = FleetOrder & {
  id: string
  /** In whose name it goes on: who began it, or resumed it last. */
  actor: string
  role: Role | null
  /** Who began it. */
  begunBy: string
  /** Its stops and where it went on, in their order. */
  turns: FleetTurn[]
  createdAt: Date
  finishedAt: Date | null
  state: 'running' | 'stopped' | 'done'
  /** Shops it is for, shops seen to, those of them that were changed, and those whose deliveries have followed. */
  total: number
  done: number
  changed: number
  followed: number
}

export type FleetTurn = { what: 'stopped' | 'resumed'; at: Date; actor: string }

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

/**
 * Begins an action: from its commit on any worker takes its steps. The caller wakes one (`fleetTask` in app/runtime/fleet-task.ts).
 * @returns its id
 * @throws FleetRefused when another of this vendor is running, no shop would be changed, or it lacks a reason
 */
export async function beginFleet(pool: Pool, by: Actor, order: NewFleet): Promise<string> {
  const id = uuidv7()
  const { kind, vendor, until, merchantReads = false } = order
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
    const { text, values } = chosenShops(order)
    const chosen = await client.query(
      `insert into fleet_shops (action_id, shop_id, hold_reason, hold_since)
       select $${values.length + 1}, shop_id, hold_reason, hold_since from (${text}) chosen`,
      [...values, id],
    )
    const shops = chosen.rowCount ?? 0
    if (shops === 0) throw new FleetRefused('nobody', 'There is no shop that this would change.')
    await client.query('update fleet_actions set total = $2 where id = $1', [id, shops])
    const after = { filter, until, shops, ...(kind === 'release' && merchantReads && MERCHANT_READS) }
    await writeAudit(client, by, [{ action: `fleet_${kind}`, vendor, subject: id, reason, after }])
  })
  return id
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
    // In whose name it is done changes only where it goes on.
    const before = { state: from, shops: row.done, ...(going && { actor: row.actor }) }
    const after = { state: to, shops: row.done, ...(going && { actor: by.actor }) }
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

type Row = Omit<FleetAction, 'turns'>
const COLUMNS = `id, action as kind, vendor, filter, reason, until, actor, role, created_at as "createdAt",
  finished_at as "finishedAt", state, total, done, changed, followed,
  coalesce((select a.actor from audit_entries a where a.subject = fleet_actions.id::text order by a.id limit 1), actor) as "begunBy"`

/** @returns null when there is none of this id */
export async function fleetAction(pool: Pool, id: string): Promise<FleetAction | null> {
  if (idIn(id) === null) return null
  const found = await pool.query<Row>(`select ${COLUMNS} from fleet_actions where id = $1`, [id])
  const [action] = await withTurns(pool, found.rows)
  return action ?? null
}

/** The newest first. */
export async function fleetActions(pool: Pool, limit: number): Promise<FleetAction[]> {
  const found = await pool.query<Row>(
    `select ${COLUMNS} from fleet_actions order by created_at desc, id desc limit $1`,
    [limit],
  )
  return withTurns(pool, found.rows)
}

/** As the audit tells it, of which all that were ever stopped are fewer entries than one action has of its shops. */
async function withTurns(pool: Pool, actions: readonly Row[]): Promise<FleetAction[]> {
  const found = await pool.query<FleetTurn & { id: string }>(
    `with turns as materialized (select * from audit_entries where action in ('fleet_stop', 'fleet_resume'))
     select subject as id, case action when 'fleet_stop' then 'stopped' else 'resumed' end as what, at, actor
     from turns where subject = any($1) order by turns.id`,
    [actions.map(({ id }) => id)],
  )
  const turns = Map.groupBy(found.rows, ({ id }) => id)
  return actions.map(action => ({
    ...action,
    turns: (turns.get(action.id) ?? []).map(({ what, at, actor }) => ({ what, at, actor })),
  }))
}

/** Actions that some worker should be taking the steps of. @returns their ids */
export async function runningFleet(pool: Pool): Promise<string[]> {
  const found = await pool.query<{ id: string }>(
    `select id from fleet_actions where state = 'running' order by id`,
  )
  return found.rows.map(({ id }) => id)
}
