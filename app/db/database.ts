import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { atMost } from '../patience.ts'
import { PrismaClient } from './generated/client.ts'
import { isUnanswered } from './unavailable.ts'

export type { PrismaClient } from './generated/client.ts'
export { isAway, isConflict, isPassing, isUnavailable, tookTooLong } from './unavailable.ts'

/** One pool of connections and Prisma over it. `timestamptz` is read as Date, `int8` and `numeric` as string. */
export type Database = {
  pool: pg.Pool
  prisma: PrismaClient
  /** Waits for running queries, for half a second at most, and closes all connections. Further calls do nothing. */
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 3_000
/** How long a statement waits for a lock that another transaction holds: a process that froze must not stop the others. */
const LOCK_TIMEOUT_MS = 5_000
/** Longer than any query of ours; what takes longer holds locks that others wait for. */
const STATEMENT_TIMEOUT_MS = 30_000
/** The server ends the statement first; so much later ends the wait for a server that cannot be reached any more. */
const ANSWER_MS = 1_000
/** How long closing waits for queries that run. */
const CLOSE_MS = 500

/**
 * Opens a database lazily: no connection is made before the first query. A restart of PostgreSQL fails the
 * queries that run and nothing else; those after it get new connections.
 * @param url connection string
 * @param max connections at most, pg and Prisma together
 */
export function openDatabase(url: string, { max = 10 }: { max?: number } = {}): Database {
  const pool = openPool(url, { max })
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  let closing: Promise<void> | undefined
  return {
    pool,
    prisma,
    close() {
      closing ??= atMost(
        CLOSE_MS,
        prisma.$disconnect().then(() => pool.end()),
      )
      return closing
    },
  }
}

export type PoolOptions = {
  max: number
  /** What PostgreSQL calls its connections (`application_name`). */
  name?: string
  /** How long a statement waits for a lock before it fails (SQLSTATE 55P03). */
  lockTimeoutMs?: number
  /** How long a statement may take (SQLSTATE 57014). */
  statementTimeoutMs?: number
  /** Statements are planned for all values, and those that have a name once (see PLANNED_ONCE). */
  plannedOnce?: keyof typeof PLANNED_ONCE
}

/**
 * Planning a statement over some twenty weeks takes longer than carrying it out. A plan for all values is made once for a
 * connection and leaves weeks out when it begins. Left to itself, PostgreSQL compares its estimated cost with that of a
 * plan for these values, and plans anew each time.
 *
 * Such a plan may be made while a week is still empty, where reading all of it looks cheapest. So what it may do is named:
 * `lookups` join by looking up row by row, in the order and as far as is asked for; `sets` find their rows by keys and
 * join them at once. Both go by indexes.
 */
const PLANNED_ONCE = {
  lookups: ['enable_hashjoin=off', 'enable_mergejoin=off'],
  sets: ['enable_nestloop=off', 'enable_mergejoin=off'],
}
/** An index that was chosen while a week was empty may still be another than the one that fits: no plan gets older. */
const PLAN_SECONDS = 60

function planning(kind: keyof typeof PLANNED_ONCE): pg.PoolConfig {
  const settings = ['plan_cache_mode=force_generic_plan', 'enable_seqscan=off', ...PLANNED_ONCE[kind]]
  return {
    options: settings.map(setting => `-c ${setting}`).join(' '),
    maxLifetimeSeconds: PLAN_SECONDS,
  }
}

/**
 * A pool of connections of its own, opened lazily, for work that must not wait for other work's connections.
 *
 * A network may swallow a connection without a word to either end. Then the query on it fails a second after
 * `statementTimeoutMs`, and neither it nor those that are idle are lent again; and the server ends the transaction after the
 * same time without a word of ours, so that its locks are not held for longer.
 */
export function openPool(
  url: string,
  {
    max,
    name = 'sluice',
    lockTimeoutMs = LOCK_TIMEOUT_MS,
    statementTimeoutMs = STATEMENT_TIMEOUT_MS,
    plannedOnce,
  }: PoolOptions,
): pg.Pool {
  const patienceMs = statementTimeoutMs + ANSWER_MS
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: patienceMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: patienceMs,
    keepAlive: true,
    ...(plannedOnce && planning(plannedOnce)),
  })
  // A connection that breaks says so here, whether idle or lent; without a listener that ends the process. The
  // query on it fails by itself, and the pool replaces it.
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  // A connection that was swallowed was hardly the only one.
  pool.on('release', error => {
    if (isUnanswered(error)) discardIdle(pool)
  })
  return pool
}

function discardIdle(pool: pg.Pool): void {
  for (let idle = pool.idleCount; idle > 0; idle--)
    pool.connect().then(
      client => client.release(true),
      () => {},
    )
}

/**
 * Runs `work` in one transaction on one connection: committed when it resolves, rolled back when it throws.
 * @returns what `work` resolves to
 * @throws what `work` throws; or an error when PostgreSQL did not commit
 */
export async function withTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(client)
    const { command } = await client.query('COMMIT')
    // PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement failed and the failure was caught.
    if (command !== 'COMMIT') throw new Error('The transaction was rolled back: a statement in it had failed')
    return result
  } catch (error) {
    broken = await rollBack(client, error)
    throw error
  } finally {
    // A connection that cannot roll back is not lent again.
    client.release(broken)
  }
}

/**
 * Ends a transaction that failed by `error`.
 * @returns what is wrong with the connection if it is of no more use: closing it rolls back as well
 */
export async function rollBack(client: pg.PoolClient, error: unknown): Promise<Error | undefined> {
  // It would wait behind the question that was not answered.
  if (isUnanswered(error)) return error
  try {
    await client.query('rollback')
    return undefined
  } catch (failure) {
    return failure instanceof Error ? failure : new Error(String(failure))
  }
}
