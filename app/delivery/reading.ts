/**
 * Reading along a lane, round by round, within one turn. What was read is not looked at again before the lane's end was
 * reached, and the next round is read while this one's answers are recorded.
 */
import type { Pool } from 'pg'
import type { Sealer } from '../secrets/seal.ts'
import { type DueDeliveries, dueDeliveries, type Place, placeBefore } from './due.ts'
import type { Lane } from './lane.ts'

export type Reading = {
  /** The next of what is due, at most so many: nothing, when nothing is. */
  next(size: number): Promise<DueDeliveries>
  /** Begins to read what `next` will give. Only after a full round: what follows the last is most likely nothing. */
  ahead(size: number): void
  /** Waits for what was begun. */
  end(): Promise<void>
}

/** @param oldest the oldest event that waits in the lane: older weeks are not read */
export function readAlong(pool: Pool, sealer: Sealer, lane: Lane, oldest: string): Reading {
  const start = placeBefore(oldest)
  let place: Place = start
  let full = false
  let begun: Promise<DueDeliveries> | null = null

  async function read(size: number): Promise<DueDeliveries> {
    const found = await dueDeliveries(pool, sealer, lane, size, place)
    full = found.due.length + found.unreadable.size + found.keyless.length === size
    // What has become due behind the place is found from the start, once nothing is left before it.
    place = full ? found.place : start
    return found
  }

  return {
    next(size) {
      const reading = begun ?? read(size)
      begun = null
      return reading
    },
    ahead(size) {
      if (begun || !full) return
      begun = read(size)
      // Told by `next`, if it is asked for at all.
      begun.catch(() => {})
    },
    async end() {
      await begun?.catch(() => {})
    },
  }
}
