/** Deleting very many rows, some thousands at a time: no lock is held for long. */
import type { Pool } from 'pg'

/** Rows in one delete: some 20 ms. */
export const CHUNK = 5_000

/** Repeats a statement that deletes at most `CHUNK` rows until nothing is left for it. @returns how many were deleted */
export async function inChunks(pool: Pool, statement: string, values: unknown[]): Promise<number> {
  let total = 0
  for (;;) {
    const { rowCount } = await pool.query(statement, values)
    total += rowCount ?? 0
    if ((rowCount ?? 0) < CHUNK) return total
  }
}
