/** Waiting until all is idle: nothing due in the spool, no delivery open. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Services } from '../../app/runtime/services.ts'

const POLL_MS = 25

/** @throws after `timeoutMs` when requests or deliveries are still open */
export async function untilIdle({ pool }: Pick<Services, 'pool'>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const result = await pool.query<{ open: number }>(
      `select (select count(*) from deliveries where state in ('pending', 'retry'))::int
            + (select coalesce(sum(items), 0) from spool where due_at <= now())::int as open`,
    )
    const open = result.rows[0]?.open ?? 0
    if (open === 0) return
    if (Date.now() > deadline)
      throw new Error(`${open} requests or deliveries are still open after ${timeoutMs / 1000} s`)
    await delay(POLL_MS)
  }
}
