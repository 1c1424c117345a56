/**
 * A turn: one worker's time with a lane. It ends when its slice is over, when the lane is stopped, when this process
 * stops, and when the lane has been given to another worker or begun anew by a person: a process that was frozen finds,
 * before it sends anything, that the lane's count of turns is no longer its own.
 */
import type { Pool } from 'pg'
import { type ConnectionRow, connectionColumns, IS_STARTED } from './connections.ts'
import type { Lane } from './lane.ts'

/** After this long a lane goes to the end of the queue, so that others get their turn. */
const SLICE_MS = 1_000
/**
 * How long a look at the connection holds good: a lane that is switched off sends nothing more after this. Measured by
 * a clock that runs on while the process is frozen, so that one that was looks again before it sends.
 */
const FRESH_MS = 500

/** Until a time by the database's clock, or for so many ms from now. */
export type Pause = { until: Date } | { forMs: number }

export type Turn = {
  row: ConnectionRow
  /** Until when the lane is paused, by the database's clock; null: it is not, or no longer. */
  pausedUntil: Date | null
  /** How long it goes on. From 0 on its time is up: what has begun is finished, nothing else is begun. */
  leftMs(): number
  /** Whether the lane may still send, and this worker in it. Asked right before every request. */
  mayGoOn(): Promise<boolean>
  /**
   * Nothing is sent in this lane before the pause ends, and it is not drained for anything new either. Only while the turn
   * is the lane's: what it was told to wait for may be over with it, such as a limit of credentials since replaced.
   */
  pause(pause: Pause): Promise<void>
}

/** @returns null when the shop has not connected the vendor */
export async function beginTurn(pool: Pool, lane: Lane, isStopping: () => boolean): Promise<Turn | null> {
  const key = [lane.shopId, lane.vendor]
  const asked = performance.now()
  const begun = await pool.query<ConnectionRow & { turn: string; paused: boolean | null }>({
    name: 'begin-turn',
    text: `update connections set turn = turn + 1 where shop_id = $1 and vendor = $2 returning ${connectionColumns}, turn,
       paused_until > now() as paused`,
    values: key,
  })
  const [row] = begun.rows
  if (!row) return null
  const start = performance.now()
  // Asked before it was told: a process that was frozen in between looks again before it sends.
  let looked = asked
  let ended = false
  let looking: Promise<boolean> | null = null

  /** An end is final: whoever has the lane now counts on it. */
  async function look(): Promise<boolean> {
    const asked = performance.now()
    const found = await pool.query<{ open: boolean }>({
      name: 'look-at-turn',
      text: `select ${IS_STARTED} and turn = $3 as open from connections where shop_id = $1 and vendor = $2`,
      values: [...key, row?.turn],
    })
    looked = asked
    ended ||= found.rows[0]?.open !== true
    return !ended
  }

  return {
    row,
    pausedUntil: row.paused ? row.paused_until : null,
    leftMs: () => (ended ? 0 : SLICE_MS - (performance.now() - start)),
    async mayGoOn() {
      if (ended || isStopping()) return false
      if (performance.now() - looked < FRESH_MS) return true
      looking ??= look().finally(() => {
        looking = null
      })
      return (await looking) && !isStopping()
    },
    async pause(pause) {
      const { until = null, forMs = null } = { until: undefined, forMs: undefined, ...pause }
      await pool.query(
        `update connections set paused_until = coalesce($4::timestamptz, now() + make_interval(secs => $5::float8 / 1000))
         where shop_id = $1 and vendor = $2 and turn = $3`,
        [...key, row.turn, until, forMs],
      )
    },
  }
}
