/** What is done to the processes, the database and the vendors, and when: all of it drawn from a seed before it begins. */
import { VENDORS, type VendorName } from '../../sandbox/vendors/contract.ts'
import { type Random, seededRandom } from './random.ts'

export type Act =
  | { kind: 'kill' | 'terminate'; role: 'worker' | 'web' }
  | { kind: 'freeze'; forMs: number }
  | { kind: 'crash-database'; how: 'SIGKILL' | 'SIGQUIT'; downMs: number }
  | { kind: 'leave-alone'; forMs: number }
  | { kind: 'fail-vendor'; vendor: VendorName; how: 'refuses' | 'resets' | 'hangs'; forMs: number }

export type PlannedAct = Act & {
  /** The wait before it, in milliseconds. */
  afterMs: number
  /** Which of the processes that run then: 0 ≤ x < 1. */
  pick: number
}

export type PlanOptions = {
  seed: number
  /** SIGKILLs of workers and of the web process. */
  kills: number
  /** Crashes of PostgreSQL. */
  restarts: number
  /** Whether a vendor may also hang for half a minute, and be dead for longer. */
  long: boolean
}

const GAP_MS = [200, 1500] as const
/** Longer than the time without a heartbeat after which a worker counts as dead. */
const FREEZE_MS = [12_000, 16_000] as const
const DOWN_MS = [500, 3000] as const
const WEB_SHARE = 0.2
const KILLS_PER_TERMINATION = 8
const KILLS_PER_FREEZE = 20
const KILLS_PER_DEAD_VENDOR = 40
/** Time in which a take-over can be seen that nothing else disturbs. */
const LEFT_ALONE_MS = [16_000, 20_000] as const
const KILLS_PER_REST = 20

/** The same options give the same plan. */
export function planChaos(options: PlanOptions): PlannedAct[] {
  const random = seededRandom(options.seed)
  const times = (count: number, act: () => Act) => Array.from({ length: count }, act)
  const oneIn = (kills: number) => Math.max(1, Math.round(options.kills / kills))
  const role = () => (random.chance(WEB_SHARE) ? 'web' : 'worker')
  const acts = [
    ...times(options.kills, () => ({ kind: 'kill', role: role() })),
    ...times(oneIn(KILLS_PER_TERMINATION), () => ({ kind: 'terminate', role: role() })),
    ...times(oneIn(KILLS_PER_FREEZE), () => ({ kind: 'freeze', forMs: random.between(...FREEZE_MS) })),
    ...times(options.restarts, () => crash(random)),
    ...times(oneIn(KILLS_PER_DEAD_VENDOR), () => deadVendor(random, options.long)),
    ...times(Math.floor(options.kills / KILLS_PER_REST), () => ({
      kind: 'leave-alone',
      forMs: random.between(...LEFT_ALONE_MS),
    })),
  ]
  return random
    .shuffled(acts)
    .map(act => ({ ...act, afterMs: random.between(...GAP_MS), pick: random.next() }))
}

function crash(random: Random): Act {
  return {
    kind: 'crash-database',
    how: random.pick(['SIGKILL', 'SIGQUIT']),
    downMs: random.between(...DOWN_MS),
  }
}

function deadVendor(random: Random, long: boolean): Act {
  return {
    kind: 'fail-vendor',
    vendor: random.pick(VENDORS),
    how: random.pick(long ? ['refuses', 'resets', 'hangs'] : ['refuses', 'resets']),
    forMs: long ? random.between(15_000, 25_000) : random.between(3000, 5000),
  }
}
