/**
 * Chores: work that comes round, on one node at a time, however many nodes there are. Each has a queue of its own
 * with at most one active and one waiting job, which arms the next; a node that does not know a chore never takes it.
 */
import type { PgBoss } from 'pg-boss'
import type { Log } from '../log.ts'

export type Chore = {
  /** Names its queue: letters, digits and hyphens. */
  name: string
  /** From the end of one round to the begin of the next: a whole number, 1 or more. */
  everySeconds: number
  /** @param lost aborts when the engine has given the round to another node */
  run(lost: AbortSignal): Promise<unknown>
}

/** How often a node looks for a chore that is due. */
const POLL_SECONDS = { min: 1, max: 5 }
/** A job that is lost is replaced after this many rounds. */
const GUARD_ROUNDS = 3

/**
 * Takes part in the chores, whose queues exist.
 * @returns what ends the guarding of their jobs
 */
export async function workChores(boss: PgBoss, chores: readonly Chore[], log: Log): Promise<() => void> {
  const guards: NodeJS.Timeout[] = []
  for (const { name, everySeconds, run } of chores) {
    const pollSeconds = Math.min(POLL_SECONDS.max, Math.max(POLL_SECONDS.min, everySeconds / 10))
    const arm = () => boss.send(name, {}, { singletonKey: name, startAfter: everySeconds })
    await boss.work(
      name,
      { batchSize: 1, pollingIntervalSeconds: pollSeconds, notifyPollingIntervalSeconds: pollSeconds },
      async jobs => {
        for (const job of jobs) {
          try {
            await run(job.signal)
          } catch (err) {
            // What fails comes round again like what succeeds: a retry of its own would arm it twice.
            log.error({ err, chore: name }, 'chore failed')
          }
        }
        await arm()
      },
    )
    await boss.upsert(name, {}, { singletonKey: name, startAfter: 0 })
    // A waiting job is left as it is.
    const guard = () => arm().catch(err => log.warn({ err, chore: name }, 'chore not armed'))
    guards.push(setInterval(guard, everySeconds * GUARD_ROUNDS * 1000).unref())
  }
  return () => {
    for (const guard of guards) clearInterval(guard)
  }
}
