/** Ending by hand what a vendor announced: a "come again in three days" that was its mistake, or that it took back. */
import type { Pool } from 'pg'
import type { Limit } from '../../vendors/vendor.ts'
import type { Lane } from '../lane.ts'
import { announcedUntil, lift } from './allowance.ts'
import { createClock } from './clock.ts'
import { allowancesFound } from './found.ts'
import type { Asking } from './keys.ts'
import { changeAllowances } from './store.ts'

/** A limit of which the vendor had said that nothing may go before `until`, by the database's clock. */
export type Lifted = { scope: Limit['scope']; until: Date }

/**
 * Ends what was announced to the lane, from whichever address. The permits that were given go on counting, so the
 * declared limits are kept. Whoever shares a limit is free of its announcement too.
 */
export async function liftAnnounced(pool: Pool, lane: Lane, asking: Asking): Promise<Lifted[]> {
  const allowances = await allowancesFound(pool, lane, asking)
  if (allowances.length === 0) return []
  return changeAllowances(pool, createClock(), allowances, states =>
    allowances.flatMap(({ key, scope }) => {
      const state = states.get(key)
      const until = state ? announcedUntil(state) : 0
      if (!state || until === 0) return []
      states.set(key, lift(state))
      return [{ scope, until: new Date(until) }]
    }),
  )
}
