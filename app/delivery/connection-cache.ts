/**
 * Opened connections by the row they were opened from, so that a busy shop's credentials are not unsealed and parsed
 * again for every webhook and every turn of a lane. A row that was saved again is opened again: sealing never gives
 * the same text twice.
 */
import type { Sealer } from '../secrets/seal.ts'
import { type AnyVendor, type Connection, type ConnectionRow, openConnection } from './connections.ts'

/** Some 2 kB each. */
const KEPT = 10_000

export type OpenConnections = (shopId: number, row: ConnectionRow) => Connection

/** @returns a function like `openConnection`, which throws what that throws */
export function openConnections(sealer: Sealer, vendors: readonly AnyVendor[]): OpenConnections {
  const known = new Map<string, { row: ConnectionRow; connection: Connection }>()
  return (shopId, row) => {
    const key = `${shopId}:${row.vendor}`
    const entry = known.get(key)
    if (entry && isSame(entry.row, row)) return entry.connection
    const connection = openConnection(sealer, shopId, row, vendors)
    // The oldest goes first: a Map keeps the order of insertion.
    known.delete(key)
    const [oldest] = known.keys()
    if (known.size >= KEPT && oldest !== undefined) known.delete(oldest)
    known.set(key, { row, connection })
    return connection
  }
}

function isSame(a: ConnectionRow, b: ConnectionRow): boolean {
  return a.secrets === b.secrets && a.updated_at.getTime() === b.updated_at.getTime()
}
