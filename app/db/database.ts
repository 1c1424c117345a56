import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from './generated/client.ts'

export type { PrismaClient } from './generated/client.ts'
export { isConflict, isUnavailable } from './unavailable.ts'

/** One pool of connections and Prisma over it. `timestamptz` is read as Date, `int8` and `numeric` as string. */
export type Database = {
  pool: pg.Pool
  prisma: PrismaClient
  /** Waits for running queries and closes all connections. Further calls do nothing. */
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 3_000
/** How long a statement waits for a lock that another transaction holds: a process that froze must not stop the others. */
const LOCK_TIMEOUT_MS = 5_000
/** Longer than any query of ours; what takes longer holds locks that others wait for. */
const STATEMENT_TIMEOUT_MS = 30_000
/** The server ends the statement first; this ends the wait when the server cannot be reached any more. */
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000

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
      closing ??= prisma.$disconnect().then(() => pool.end())
      return closing
    },
  }
}

/**
 * A pool of connections of its own, opened lazily, for work that must not wait for other work's connections.
 * @param lockTimeoutMs how long a statement waits for a lock before it fails (SQLSTATE 55P03)
 */
export function openPool(
  url: string,
  { max, lockTimeoutMs = LOCK_TIMEOUT_MS }: { max: number; lockTimeoutMs?: number },
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'sluice',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
  })
  // A connection that breaks says so here, whether idle or lent; without a listener that ends the process. The
  // query on it fails by itself, and the pool replaces it.
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  return pool
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
    await client.query('ROLLBACK').catch(failure => {
      broken = failure instanceof Error ? failure : new Error(String(failure))
    })
    throw error
  } finally {
    // A connection that cannot roll back is not lent again.
    client.release(broken)
  }
}
