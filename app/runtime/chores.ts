/** The chores of a worker: what comes round, beside the draining of lanes. */
import { deriveAbandoned } from '../delivery/abandoned.ts'
import type { Chore } from '../delivery/chores.ts'
import { lanesDue } from '../delivery/due.ts'
import type { IngestContext } from './webhooks.ts'

/** How many lanes one sweep signals. */
const SWEEP_LANES = 1000

type ChoreContext = Pick<IngestContext, 'pool' | 'sealer' | 'vendors' | 'log' | 'signal'>

export function choresOf(context: ChoreContext): Chore[] {
  return [
    {
      name: 'sweep',
      everySeconds: 10,
      run: async () => context.signal(await lanesDue(context.pool, SWEEP_LANES)),
    },
    {
      name: 'abandoned-checkouts',
      everySeconds: 60,
      run: lost => deriveAbandoned(context, new Date(), lost),
    },
  ]
}
