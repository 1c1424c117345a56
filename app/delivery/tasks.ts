/**
 * Tasks: work that somebody asked for, each done by one worker. A task has a queue of its own with at most one active and one
 * waiting job per key, on any number of nodes.
 */
import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { Log } from '../log.ts'

export type Task = {
  /** Names its queue: letters, digits and hyphens. */
  name: string
  /**
   * @param key what was asked for
   * @returns after how many seconds to do it again; null: it is done. What it throws is logged, and it is done again after a
   * minute: a task counts its tries itself.
   */
  run(key: string): Promise<number | null>
}

const POLL_SECONDS = 1
const FAILED_SECONDS = 60
/** Of one task at once in this process. */
const AT_ONCE = 8

const jobSchema = z.object({ key: z.string() })

/** Wakes a task for a key, unless it waits already. @param afterSeconds 0: at once */
export async function askTask(boss: PgBoss, name: string, key: string, afterSeconds = 0): Promise<void> {
  await boss.send(name, { key }, { singletonKey: key, startAfter: afterSeconds })
}

/** Takes part in the tasks, whose queues exist. */
export async function workTasks(boss: PgBoss, tasks: readonly Task[], log: Log): Promise<void> {
  for (const { name, run } of tasks) {
    const tried = async (key: string) => {
      try {
        return await run(key)
      } catch (err) {
        log.error({ err, task: name }, 'task failed')
        return FAILED_SECONDS
      }
    }
    const one = async (data: unknown) => {
      const { key } = jobSchema.parse(data)
      const again = await tried(key)
      if (again !== null) await askTask(boss, name, key, Math.max(1, Math.ceil(again)))
    }
    await boss.work(
      name,
      {
        batchSize: AT_ONCE,
        pollingIntervalSeconds: POLL_SECONDS,
        notifyPollingIntervalSeconds: POLL_SECONDS,
      },
      async jobs => {
        await Promise.all(jobs.map(job => one(job.data)))
      },
    )
  }
}
