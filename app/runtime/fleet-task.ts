/** Fleet actions as a task: a worker takes their steps, and another when that one is gone. */
import type { Pool } from 'pg'
import type { Engine } from '../delivery/engine.ts'
import { runningFleet } from '../delivery/fleet.ts'
import { fleetStep } from '../delivery/fleet-step.ts'
import type { Task } from '../delivery/tasks.ts'
import type { Log } from '../log.ts'

const NAME = 'fleet-action'
/** Then the task is asked for anew: shorter than a process that stops waits for what it does. */
const SLICE_MS = 5_000
/** After a step that failed: the database was away, or a lock was not to be had. */
const AGAIN_SECONDS = 3

export type FleetTaskContext = { pool: Pool; log: Log; signal: Engine['signal']; stopping(): boolean }

/** The task behind `askFleet`; its key is the action's id. */
export function fleetTask({ pool, log, signal, stopping }: FleetTaskContext): Task {
  return {
    name: NAME,
    async run(id, lost) {
      const end = performance.now() + SLICE_MS
      try {
        while (performance.now() < end && !lost.aborted && !stopping())
          if (!(await fleetStep(pool, id, signal))) return null
        return { seconds: 0 }
      } catch (err) {
        log.warn({ err, action: id }, 'a step of a fleet action failed; it is taken again')
        return { seconds: AGAIN_SECONDS }
      }
    },
  }
}

/**
 * Has the steps of an action taken. Never throws: what is not asked for now is found by the chore, which asks for every action
 * that is running.
 */
export async function askFleet(ask: Engine['ask'], log: Log, id: string): Promise<void> {
  await ask(NAME, id).catch(err => log.warn({ err, action: id }, 'a fleet action waits for the next look'))
}

/** Asks for every action that is running: the task of one may have been lost. */
export async function askRunningFleet(pool: Pool, ask: Engine['ask'], log: Log): Promise<void> {
  for (const id of await runningFleet(pool)) await askFleet(ask, log, id)
}
