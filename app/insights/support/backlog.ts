/** What a hold or a release of a lane would do to what waits in it: counted before anybody does it. Changes nothing. */
import type { Pool } from 'pg'
import type { Lane } from '../../delivery/lane.ts'
import { LATE_NOW } from '../../delivery/lane-rows.ts'
import { stopOf } from '../../delivery/lane-state.ts'

/** Each is counted up to so many and one more, which stands for "more". */
export type Backlog = {
  /** To be sent: a hold makes them wait. */
  open: number
  /** Waiting for their visitor to become known: they go on waiting, and a hold makes them wait once the visitor is known. */
  unknown: number
  held: number
  /** What would become of the held ones with a release. */
  release: {
    /** Why they would stay held all the same: the merchant's switch, or what needs a person; null: they would not. */
    stays: { reason: string; message: string } | null
    goOut: number
    /** Received longer ago than the shop lets a release send, so ended as expired. */
    expire: number
  }
}

type Row = {
  enabled: boolean
  attention: string | null
  open: number
  unknown: number
  held: number
  fresh: number
  late: number
}

/**
 * Where more is held than is counted, late ones are looked for among the oldest and the others among the newest: that is how they lie.
 * @param most how many are counted of each
 * @returns null when the vendor is not connected
 */
export async function backlogOf(pool: Pool, { shopId, vendor }: Lane, most: number): Promise<Backlog | null> {
  const { rows } = await pool.query<Row>(
    `select c.enabled, c.attention,
       (${count("state in ('pending', 'retry')")}) as open, (${count("state = 'waiting'")}) as unknown,
       (${count("state = 'held'")}) as held,
       (${countAmong('asc')} where ${LATE_NOW}) as late, (${countAmong('desc')} where not ${LATE_NOW}) as fresh
     from connections c join shops s on s.id = c.shop_id where c.shop_id = $1 and c.vendor = $2`,
    [shopId, vendor, most + 1],
  )
  const [row] = rows
  if (!row) return null
  const { enabled, attention, open, unknown, held, fresh, late } = row
  const stays = stopOf({ enabled, attention, hold_reason: null })
  return {
    ...{ open, unknown, held },
    release: { stays, goOut: stays ? 0 : fresh, expire: stays ? 0 : late },
  }
}

const OF_LANE = 'd.shop_id = $1 and d.vendor = $2'
const count = (condition: string) =>
  `select count(*)::int from (select from deliveries d where ${OF_LANE} and d.${condition} limit $3) counted`

const countAmong = (order: 'asc' | 'desc') =>
  `select count(*)::int from (
     select d.replay, d.created_at from deliveries d where ${OF_LANE} and d.state = 'held' order by d.event_id ${order} limit $3) d`
