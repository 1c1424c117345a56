/** The allowances that a lane has so far, for who looks at them or lifts what they hold, and asks for no permit. */
import type { Pool } from 'pg'
import type { Lane } from '../lane.ts'
import { type AllowanceState, current } from './allowance.ts'
import { type Allowance, type Asking, allowancesOf } from './keys.ts'

/** `state`: as of now, by the database's clock. */
export type FoundAllowance = Allowance & { state: AllowanceState }

/** The lane's allowances that have a row: of each address from which something was sent. */
export async function allowancesFound(pool: Pool, lane: Lane, asking: Asking): Promise<FoundAllowance[]> {
  // A key ends with the address where there is one: with none it is what all of them begin with.
  const declared = allowancesOf(lane, asking, '')
  const found = await pool.query<{ key: string; number: number; state: AllowanceState; now: number }>(
    `select a.key, d.number::int, a.state, extract(epoch from now())::float8 * 1000 as now from allowances a
     join unnest($1::text[], $2::boolean[]) with ordinality d(key, addressed, number)
       on a.key = d.key or (d.addressed and starts_with(a.key, d.key))`,
    [declared.map(({ key }) => key), declared.map(({ scope }) => scope !== 'key')],
  )
  return found.rows.flatMap(({ key, number, state, now }) => {
    const one = declared[number - 1]
    return one ? [{ ...one, key, state: current(state, one.rule, now) }] : []
  })
}
