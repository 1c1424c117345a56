/**
 * Replay: sending deliveries again that a person chose, as new attempts of the same delivery, to the vendor
 * each belongs to and to no other. What the vendor already has is sent again: that is what was asked for.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'
import type { EventType } from '../events/types.ts'
import { connectionsOf } from './connections.ts'
import type { Lane } from './lane.ts'
import { stopOf } from './lane-state.ts'
import type { DeliveryState } from './outcome.ts'

export type ReplayFilter = {
  shopId: number
  vendor?: string
  /** Open deliveries are on their way anyway, and held ones wait for their lane: neither is replayed. */
  states: readonly Extract<DeliveryState, 'delivered' | 'skipped' | 'dead'>[]
  /** Received at or after. */
  since?: Date
  /** Received before. */
  until?: Date
  eventId?: string
  type?: EventType
  /**
   * Takes along what a vendor rejected a part of without saying which (`partly_rejected`): most of it is there
   * already, and would be there twice. A single event asked for by its id is always taken.
   */
  partlyRejected?: boolean
}

/**
 * What is chosen by a filter goes out below live traffic; a single event at once.
 * @returns how many, how many of these are held because their lane is stopped, and the lanes to signal
 */
export async function replay(
  pool: Pool,
  filter: ReplayFilter,
): Promise<{ count: number; held: number; lanes: Lane[] }> {
  const set = await withTransaction(pool, client => setGoing(client, filter))
  const going = set.filter(({ state }) => state === 'pending')
  const lanes = [...new Set(going.map(({ vendor }) => vendor))].map(vendor => ({
    shopId: filter.shopId,
    vendor,
  }))
  return { count: set.length, held: set.length - going.length, lanes }
}

/** What a replay would take: deliveries by vendor and state. `held`: they would wait, because their lane is stopped. */
export type Replayable = { vendor: string; state: string; held: boolean; count: number }

/** Counts what `replay` would take with the same filter, and changes nothing. By vendor and state. */
export async function countReplay(pool: Pool, filter: ReplayFilter): Promise<Replayable[]> {
  const result = await pool.query<Replayable>(
    `select d.vendor, d.state, c.reason is not null as held, count(*)::int as count
     from deliveries d, ${CHOSEN_FROM} where ${CHOSEN} group by 1, 2, 3 order by 1, 2`,
    await chosenBy(pool, filter),
  )
  return result.rows
}

type Replayed = { vendor: string; state: 'pending' | 'held' }

async function setGoing(client: PoolClient, filter: ReplayFilter): Promise<Replayed[]> {
  const result = await client.query<Replayed>(
    `update deliveries d
     set state = case when c.reason is null then 'pending' else 'held' end, reason = c.reason, message = c.message,
         done = '{}', replay = true, priority = case when $6::uuid is null then 1 else 0 end, due_at = now(),
         trying_since = null, updated_at = now()
     from ${CHOSEN_FROM} where ${CHOSEN} returning d.vendor, d.state`,
    await chosenBy(client, filter, 'for share'),
  )
  return result.rows
}

/** Beside deliveries `d`: their events, and why their lanes are stopped. */
const CHOSEN_FROM = 'events e, jsonb_to_recordset($7::jsonb) as c(vendor text, reason text, message text)'
const CHOSEN = `d.shop_id = $1 and e.shop_id = d.shop_id and e.id = d.event_id
  and c.vendor = d.vendor
  and ($2::text is null or d.vendor = $2)
  and d.state = any($3)
  and ($4::timestamptz is null or e.received_at >= $4)
  and ($5::timestamptz is null or e.received_at < $5)
  and ($6::uuid is null or d.event_id = $6)
  and ($9::text is null or e.type = $9)
  and ($8 or $6::uuid is not null or d.reason is distinct from 'partly_rejected')`

/** The values for `CHOSEN_FROM` and `CHOSEN`. @param lock keeps the connections as they are until the transaction ends */
async function chosenBy(
  client: Pool | PoolClient,
  filter: ReplayFilter,
  lock: 'for share' | '' = '',
): Promise<unknown[]> {
  const connections = await connectionsOf(client, [filter.shopId], lock)
  const standings = (connections.get(filter.shopId) ?? []).map(row => ({
    vendor: row.vendor,
    ...stopOf(row),
  }))
  return [
    filter.shopId,
    filter.vendor ?? null,
    filter.states,
    filter.since ?? null,
    filter.until ?? null,
    filter.eventId ?? null,
    toJsonb(standings),
    filter.partlyRejected ?? false,
    filter.type ?? null,
  ]
}
