/** The chores of a worker: what comes round, beside the draining of lanes. */

import { ensurePartitions } from '../db/partitions.ts'
import { deriveAbandoned } from '../delivery/abandoned.ts'
import type { Chore } from '../delivery/chores.ts'
import { lanesDue } from '../delivery/due.ts'
import { forgetIdleAllowances } from '../delivery/gate/gate.ts'
import { forgetOld } from '../privacy/retention.ts'

/** How many lanes one sweep signals. */
const SWEEP_LANES = 1000
const HOUR_SECONDS = 3600

type ChoreContext = Parameters<typeof deriveAbandoned>[0] & { retentionDays: number }

export function choresOf(context: ChoreContext): Chore[] {
  const { pool, log } = context
  return [
    {
      name: 'sweep',
      everySeconds: 10,
      run: async () => context.signal(await lanesDue(pool, SWEEP_LANES)),
    },
    {
      name: 'abandoned-checkouts',
      everySeconds: 60,
      run: lost => deriveAbandoned(context, new Date(), lost),
    },
    {
      name: 'partitions-and-retention',
      everySeconds: HOUR_SECONDS,
      async run() {
        const made = await ensurePartitions(pool, new Date())
        const forgotten = await forgetOld(pool, new Date(), context.retentionDays)
        const allowances = await forgetIdleAllowances(pool)
        log.info({ made, ...forgotten, allowances }, 'retention')
      },
    },
  ]
}
