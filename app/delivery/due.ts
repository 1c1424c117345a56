/** Reading what a lane has to do: due deliveries with their events, and what the vendor was last given. */
import type { Pool } from 'pg'
import type { Sealer } from '../secrets/seal.ts'
import { type Due, notPlannable, type Remembered } from './decide.ts'
import { type EventRow, eventColumns, fromRow } from './event-rows.ts'
import type { Lane } from './lane.ts'
import type { Outcome } from './outcome.ts'

type DueRow = EventRow & { attempts: number; done: string[]; trying_since: Date | null; replay: boolean }

/** What a lane has to do; an event that cannot be read (its sealing key is gone) is condemned alone, not with its lane. */
export type DueDeliveries = { due: Due[]; unreadable: Map<string, Outcome> }

/** Due deliveries of a lane, oldest event first (ids are UUIDv7), at most `limit`. */
export async function dueDeliveries(
  pool: Pool,
  sealer: Sealer,
  lane: Lane,
  limit: number,
): Promise<DueDeliveries> {
  const result = await pool.query<DueRow>(
    `select ${eventColumns('e')}, d.attempts, d.done, d.trying_since, d.replay
     from deliveries d join events e on e.shop_id = d.shop_id and e.id = d.event_id
     where d.shop_id = $1 and d.vendor = $2 and d.state in ('pending', 'retry') and d.due_at <= now()
     order by d.event_id limit $3`,
    [lane.shopId, lane.vendor, limit],
  )
  const unreadable = new Map<string, Outcome>()
  const due = result.rows.flatMap((row): Due[] => {
    try {
      const { attempts, done, trying_since: since, replay: replayed, triggered_at: triggeredAt } = row
      return [{ event: fromRow(sealer, lane.shopId, row), triggeredAt, attempts, done, since, replayed }]
    } catch (error) {
      unreadable.set(row.id, notPlannable(error))
      return []
    }
  })
  return { due, unreadable }
}

/** When the lane's next delivery is due; null when nothing waits. */
export async function nextDue(pool: Pool, lane: Lane): Promise<Date | null> {
  const result = await pool.query<{ due: Date | null }>(
    `select min(due_at) as due from deliveries where shop_id = $1 and vendor = $2 and state in ('pending', 'retry')`,
    [lane.shopId, lane.vendor],
  )
  return result.rows[0]?.due ?? null
}

/**
 * Lanes that have due deliveries and are not paused. A lane that is switched off or waits for a person is among
 * them: its drain holds what was accepted while it was being stopped.
 */
export async function lanesDue(pool: Pool, limit: number): Promise<Lane[]> {
  const result = await pool.query<{ shop_id: number; vendor: string }>(
    `select distinct d.shop_id, d.vendor
     from deliveries d
     join connections c on c.shop_id = d.shop_id and c.vendor = d.vendor
     where d.state in ('pending', 'retry') and d.due_at <= now()
       and (c.paused_until is null or c.paused_until <= now())
     limit $1`,
    [limit],
  )
  return result.rows.map(row => ({ shopId: row.shop_id, vendor: row.vendor }))
}

/** What the vendor was last given of each subject. */
export async function memoriesOf(
  pool: Pool,
  lane: Lane,
  subjects: readonly string[],
): Promise<Map<string, Remembered>> {
  if (subjects.length === 0) return new Map()
  const result = await pool.query<{
    subject: string
    version: Date | null
    fingerprint: string
    event_id: string
    triggered_at: Date | null
  }>(
    `select subject, version, fingerprint, event_id, triggered_at from memories where shop_id = $1 and vendor = $2 and subject = any($3)`,
    [lane.shopId, lane.vendor, subjects],
  )
  return new Map(
    result.rows.map(row => [
      row.subject,
      {
        version: row.version?.toISOString() ?? null,
        fingerprint: row.fingerprint,
        eventId: row.event_id,
        triggeredAt: row.triggered_at,
      },
    ]),
  )
}
