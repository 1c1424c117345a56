/**
 * Chores: work that comes round, on one node at a time, however many nodes there are. Each has a queue of its own
 * with at most one active and one waiting job, which arms the next; a node that does not know a chore never takes it.
 */
import type { Pool } from 'pg'
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

/**
 * When a node was last at work on a chore, which only workers take part in.
 * @param name a chore that comes round often: what was done is forgotten a minute later at the earliest
 * @returns how long ago, in seconds by the database's clock; null when no job of it is known
 */
export async function lastAtWork(pool: Pool, name: string): Promise<number | null> {
  const tables = await pool.query<{ there: boolean }>(`select to_regclass('pgboss.job') is not null as there`)
  if (!tables.rows[0]?.there) return null
  const seen = await pool.query<{ seconds: number | null }>(
    `select extract(epoch from clock_timestamp() - max(greatest(started_on, heartbeat_on, completed_on)))::float8 as seconds
     from pgboss.job where name = $1`,
    [name],
  )
  return seen.rows[0]?.seconds ?? null
}
