/**
 * SQLSTATE codes and classes that mean "not now" (https://www.postgresql.org/docs/current/errcodes-appendix.html):
 * connection exceptions, out of resources (53100 disk full, 53300 too many connections), ended by an operator
 * (57P01 shutdown, 57P02 crash, 57P03 starting up), system errors, a statement or lock that took too long, a
 * session ended as idle, and a write on a server that is (after a failover) only a replica.
 */
const SQLSTATE = /^(08...|53...|57P0.|58...|57014|55P03|25P03|25006)$/

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
])

/**
 * Prisma's codes (https://www.prisma.io/docs/orm/reference/error-reference): not reachable, timed out, operation
 * timed out, connection closed, none free in the pool, no transaction begun in time, too many connections.
 */
const PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037'])

/** Kinds of the driver adapter's errors, which carry no code of the network's. */
const ADAPTER = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'])

/** Errors that pg makes itself carry no code, only these words. */
const MESSAGE =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|timeout expired|query read timeout|connection error and is not queryable|client was closed and is not queryable|after calling end on the pool/i

/** Deep enough for Prisma's error around the adapter's around pg's. */
const MAX_DEPTH = 5

/**
 * Does an error of a database call mean that the database cannot be used now, so that the same call may succeed
 * later (answer 503), rather than that the call was wrong? Give it errors of database calls only: a vendor that
 * refuses connections looks the same.
 */
export function isUnavailable(error: unknown): boolean {
  return search(error, 0)
}

function search(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return false
  const { code, originalCode, kind, message, cause, errors, meta } = error as Record<string, unknown>
  if ([code, originalCode, kind].some(meansUnavailable)) return true
  if (typeof message === 'string' && MESSAGE.test(message)) return true
  const inner = [cause, meta, property(meta, 'driverAdapterError'), ...(Array.isArray(errors) ? errors : [])]
  return inner.some(each => search(each, depth + 1))
}

function meansUnavailable(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    (SQLSTATE.test(code) || NETWORK.has(code) || PRISMA.has(code) || ADAPTER.has(code))
  )
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** Did pg give up waiting for an answer (its `query_timeout`)? Whatever is said on that connection later waits behind the question. */
export function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout'
}

/**
 * Did PostgreSQL end this transaction in favour of another (a deadlock, a serialisation failure, a lock that was waited
 * for too long), so that the same one may succeed at once?
 */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(String(Object(error).code))
}

const CONFLICTS = new Set(['40P01', '40001', '55P03'])

/** Did a statement take longer than it may? Less at a time may come through. */
export const tookTooLong = (error: unknown): boolean => Object(error).code === '57014'

/** May the same call succeed when it is made again: now that another transaction is through, or once the database is there? */
export const isPassing = (error: unknown): boolean => isUnavailable(error) || isConflict(error)

/** Can nobody use the database now? Not so where only another transaction was in the way. */
export const isAway = (error: unknown): boolean => isUnavailable(error) && !isConflict(error)
