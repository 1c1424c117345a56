/**
 * Tasks: work that somebody asked for, each done by one worker. A task has a queue of its own with at most one active and one
 * waiting job per key, on any number of nodes. Of a group few are done at once, and the groups take turns: one with ten thousand
 * keys holds up nobody.
 */
import type { PgBoss } from 'pg-boss'
import type { Log } from '../log.ts'
import { type Dispatcher, type DispatchPace, startDispatcher } from './dispatch.ts'
import { inTurn } from './pick.ts'

/** It is done again, in so many seconds. `groupRests`: until then nothing else of its group is done here either. */
export type Again = { seconds: number; groupRests?: boolean }

export type Task = {
  /** Names its queue: letters, digits and hyphens. */
  name: string
  /**
   * @param key what was asked for: up to a colon, its group
   * @returns when to do it again; null: it is done. What it throws is logged, and it is done again after a minute: a task
   * counts its tries itself.
   * @param lost aborted when the task was given to another worker, or may be waited for no longer
   */
  run(key: string, lost: AbortSignal): Promise<Again | null>
}

type Asked = { key: string }

const POLL_MS = 1_000
const FAILED_SECONDS = 60
/** Of one task at once in this process: almost all of that time is spent waiting for an answer. */
const AT_ONCE = 16
/** Of these for one group. */
const AT_ONCE_PER_GROUP = 2

/** Wakes a task for a key, unless it waits already. @param afterSeconds 0: at once */
export async function askTask(boss: PgBoss, name: string, key: string, afterSeconds = 0): Promise<void> {
  const group = { id: groupOf(key) }
  await boss.send(name, { key }, { singletonKey: key, group, startAfter: afterSeconds })
}

function groupOf(key: string): string {
  return key.split(':', 1)[0] || key
}

/** Takes part in the tasks, whose queues exist. @returns what is to be stopped */
export function workTasks(
  boss: PgBoss,
  tasks: readonly Task[],
  log: Log,
  { touchMs }: Pick<DispatchPace, 'touchMs'>,
): Dispatcher[] {
  return tasks.map(({ name, run }) => {
    const rests = createRests()
    const tried = async (key: string, lost: AbortSignal): Promise<Again | null> => {
      try {
        return await run(key, lost)
      } catch (err) {
        log.error({ err, task: name }, 'task failed')
        return { seconds: FAILED_SECONDS }
      }
    }
    const one = async ({ key }: Asked, lost: AbortSignal) => {
      const again = await tried(key, lost)
      if (again === null) return
      if (again.groupRests) rests.begin(groupOf(key), again.seconds)
      await askTask(boss, name, key, Math.max(1, Math.ceil(again.seconds)))
    }
    return startDispatcher<Asked>(
      boss,
      {
        queue: name,
        slots: AT_ONCE,
        pick: inTurn(AT_ONCE_PER_GROUP, rests.current),
        keyOf: ({ key }) => key,
        run: one,
      },
      log,
      { pollMs: POLL_MS, touchMs },
    )
  })
}

/** Groups that rest, by this process's clock: another process learns it by itself. */
function createRests(): { begin(group: string, seconds: number): void; current(): string[] } {
  const until = new Map<string, number>()
  return {
    begin(group, seconds) {
      until.set(group, Math.max(until.get(group) ?? 0, performance.now() + seconds * 1000))
    },
    current() {
      for (const [group, end] of until) if (end <= performance.now()) until.delete(group)
      return [...until.keys()]
    },
  }
}
