/**
 * The rows that hold allowances. Every change locks the rows it needs, in one order over all nodes, reads the
 * database's clock once the locks are held, and writes back: two round trips.
 */
import pg from 'pg'
import { rollBack } from '../../db/database.ts'
import { type AllowanceState, current, idleFrom, unused } from './allowance.ts'
import type { Clock } from './clock.ts'
import type { Allowance } from './keys.ts'

/** The states by key, as of `now`. */
export type States = Map<string, AllowanceState>

type Locked = { states: States; now: number }

/** How often rows are made that were not there: they can vanish only by housekeeping. */
const ATTEMPTS = 3

/**
 * Changes allowances in one transaction.
 * @param allowances at least one
 * @param work gets the current states and the time, and puts what it changes back into the map; null: nothing is kept
 * @returns what `work` comes to
 * @throws what `work` throws, or when the database does not commit
 */
export async function changeAllowances<T>(
  pool: pg.Pool,
  clock: Clock,
  allowances: readonly Allowance[],
  work: (states: States, now: number, client: pg.PoolClient) => Promise<T> | T,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    const { states, now } = await lockRows(client, clock, allowances)
    const result = await work(states, now, client)
    await several(client, result === null ? 'rollback' : `${writing(allowances, states, now)}; commit`)
    return result
  } catch (error) {
    broken = await rollBack(client, error)
    throw error
  } finally {
    // A connection that cannot roll back is not lent again.
    client.release(broken)
  }
}

/** Begins the transaction, with the rows locked. Those that are missing are made first. */
async function lockRows(
  client: pg.PoolClient,
  clock: Clock,
  allowances: readonly Allowance[],
): Promise<Locked> {
  const keys = allowances.map(({ key }) => pg.escapeLiteral(key)).sort()
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // The clock is read by a statement of its own: one that waits for a lock has read it before.
    const [, rows, time] = await several(
      client,
      `begin;
       select key, state from allowances where key in (${keys.join(', ')}) order by key for update;
       select extract(epoch from clock_timestamp())::float8 * 1000 as now`,
    )
    const found = new Map(rows?.rows.map(row => [String(row.key), row.state as AllowanceState]))
    const now = clock.database ? clock.database() : Number(time?.rows[0]?.now)
    if (allowances.every(({ key }) => found.has(key))) {
      return {
        states: new Map(
          allowances.map(({ key, rule }) => [key, current(found.get(key) ?? unused(), rule, now)]),
        ),
        now,
      }
    }
    const empty = pg.escapeLiteral(JSON.stringify(unused()))
    const values = keys.map(key => `(${key}, ${empty}, clock_timestamp())`)
    await several(
      client,
      `rollback;
       insert into allowances (key, state, idle_from) values ${values.join(', ')} on conflict do nothing`,
    )
  }
  throw new Error('the rows of the allowances cannot be made')
}

function writing(allowances: readonly Allowance[], states: States, now: number): string {
  const values = allowances.flatMap(({ key, rule }) => {
    const state = states.get(key)
    if (!state) return []
    const json = pg.escapeLiteral(JSON.stringify(state))
    return [`(${pg.escapeLiteral(key)}, ${json}::jsonb, ${idleFrom(state, rule, now)}::float8)`]
  })
  return `update allowances a
          set state = v.state, idle_from = to_timestamp(v.idle_from / 1000), updated_at = clock_timestamp()
          from (values ${values.join(', ')}) v (key, state, idle_from) where a.key = v.key`
}

/** Several statements in one round trip; pg answers with one result each, or with the one when there is one. */
async function several(client: pg.PoolClient, text: string): Promise<pg.QueryResult[]> {
  const results = (await client.query(text)) as unknown as pg.QueryResult | pg.QueryResult[]
  return Array.isArray(results) ? results : [results]
}

/**
 * Deletes allowances that have counted nothing for a day, and circuits that nobody has tried to close for a day. What
 * was announced is forgotten with them, and learned again from the next answer.
 * @returns how many rows were deleted
 */
export async function forgetIdleAllowances(pool: pg.Pool): Promise<number> {
  // Those in use are passed by: they are locked in an order of their own.
  const allowances = await pool.query(
    `delete from allowances where key in (
       select key from allowances where idle_from < now() - interval '1 day' for update skip locked)`,
  )
  const circuits = await pool.query(
    `delete from circuits where open_until < now() - interval '1 day' and updated_at < now() - interval '1 day'`,
  )
  return (allowances.rowCount ?? 0) + (circuits.rowCount ?? 0)
}
