/** Ending by hand what a vendor announced: a "come again in three days" that was its mistake, or that it took back. */
import type { Pool } from 'pg'
import type { Limit } from '../../vendors/vendor.ts'
import type { Lane } from '../lane.ts'
import { announcedUntil, lift } from './allowance.ts'
import { createClock } from './clock.ts'
import { type Allowance, type Asking, allowancesOf } from './keys.ts'
import { changeAllowances } from './store.ts'

/** A limit of which the vendor had said that nothing may go before `until`, by the database's clock. */
export type Lifted = { scope: Limit['scope']; until: Date }

/**
 * Ends what was announced to the lane, from whichever address. The permits that were given go on counting, so the
 * declared limits are kept. Whoever shares a limit is free of its announcement too.
 */
export async function liftAnnounced(pool: Pool, lane: Lane, asking: Asking): Promise<Lifted[]> {
  const allowances = await allowancesThereAre(pool, lane, asking)
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

/** The lane's allowances that have a row: of each address from which something was sent. */
async function allowancesThereAre(pool: Pool, lane: Lane, asking: Asking): Promise<Allowance[]> {
  // A key ends with the address where there is one: with none it is what all of them begin with.
  const declared = allowancesOf(lane, asking, '')
  const found = await pool.query<{ key: string; number: number }>(
    `select a.key, d.number::int from allowances a
     join unnest($1::text[], $2::boolean[]) with ordinality d(key, addressed, number)
       on a.key = d.key or (d.addressed and starts_with(a.key, d.key))`,
    [declared.map(({ key }) => key), declared.map(({ scope }) => scope !== 'key')],
  )
  return found.rows.flatMap(({ key, number }) => {
    const one = declared[number - 1]
    return one ? [{ ...one, key }] : []
  })
}
