/**
 * Dispatching: takes jobs of a queue from the job engine and does each in a slot of this process. Who is next when there is a
 * free slot is the picker's to say (pick.ts).
 */
import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { Log } from '../log.ts'
import { atMost } from '../patience.ts'
import type { Picker } from './pick.ts'

export type DispatchPace = {
  /** Signals are heard at once; this finds jobs for later, and what was signalled while the ear was cut off. */
  pollMs: number
  /** Well below the heartbeat after which a job is given to another worker. */
  touchMs: number
}
export const DISPATCH_PACE: DispatchPace = { pollMs: 500, touchMs: 2_500 }

/** How long a job may take to end once its requests are broken off. */
const ENDING_MS = 1_000

export type Dispatching<T> = {
  queue: string
  /** Jobs done at once. */
  slots: number
  pick: Picker<T>
  /** Names what a job is about: at most one job of a name goes on here. */
  keyOf(data: T): string
  /** @param lost aborted when the job has been given to another worker, or may be waited for no longer */
  run(data: T, lost: AbortSignal): Promise<void>
}
export type Dispatcher = {
  /** Something was signalled. */
  ring(): void
  /** Takes no more jobs and waits for those under way, at most this long; then these are given back. */
  stop(graceMs: number): Promise<void>
}

/** `claim` names this attempt at the job: once the engine has given it to another worker, it counts for nothing. */
type Running<T> = { claim: Claim; group: string | null; data: T; lost: AbortController; done: Promise<void> }
type Claim = { id: string; retryCount: number }

/** What the engine answers to a heartbeat beside what its types tell: the ids that are still held. */
const touchedSchema = z.object({ settled: z.array(z.string()) })

export function startDispatcher<T extends object>(
  boss: PgBoss,
  { queue, slots, pick, keyOf, run }: Dispatching<T>,
  log: Log,
  { pollMs, touchMs }: DispatchPace,
): Dispatcher {
  const running = new Set<Running<T>>()
  let stopped = false
  let fetching = false
  let rung = false

  async function fill(): Promise<void> {
    if (fetching) {
      rung = true
      return
    }
    fetching = true
    try {
      do {
        rung = false
      } while ((await take()) || rung)
    } catch (error) {
      log.warn({ queue, err: error }, 'no jobs could be taken; tried again soon')
    } finally {
      fetching = false
    }
  }

  /** @returns whether there may be more, and room for it */
  async function take(): Promise<boolean> {
    const free = slots - running.size
    if (stopped || free === 0) return false
    const groups = [...running].flatMap(({ group }) => group ?? [])
    const { jobs, more } = await pick(
      (batchSize, ignoreGroups) => boss.fetch<T>(queue, { batchSize, ignoreGroups: [...ignoreGroups] }),
      groups,
      free,
    )
    for (const { id, retryCount, groupId = null, data } of jobs) start({ id, retryCount }, groupId, data)
    return more
  }

  function start(claim: Claim, group: string | null, data: T): void {
    // Given again, it was taken away before: what still goes on of it here goes on for nobody.
    for (const other of running) if (keyOf(other.data) === keyOf(data)) other.lost.abort()
    const job: Running<T> = { claim, group, data, lost: new AbortController(), done: Promise.resolve() }
    running.add(job)
    job.done = carryOut(job).finally(() => {
      running.delete(job)
      fill()
    })
  }

  async function carryOut({ claim, data, lost }: Running<T>): Promise<void> {
    try {
      await run(data, lost.signal)
      // What is broken off is not done: it is given back, or another has it already.
      if (!lost.signal.aborted) await boss.complete(queue, claim)
    } catch (error) {
      log.error({ queue, job: keyOf(data), err: error }, 'a job failed; it is tried again')
      await giveBack([claim])
    }
  }

  /** The engine gives the jobs to whoever asks next, here or elsewhere. */
  async function giveBack(claims: Claim[]): Promise<void> {
    if (claims.length === 0) return
    try {
      await boss.fail(queue, claims)
    } catch (error) {
      log.warn(
        { queue, err: error },
        'jobs not given back; they are taken over when their heartbeat is missed',
      )
    }
  }

  /** What is no longer ours was given to another worker, because this one was silent for too long. */
  async function touch(): Promise<void> {
    const jobs = [...running].filter(({ lost }) => !lost.signal.aborted)
    if (jobs.length === 0) return
    try {
      const answer = await boss.touch(
        queue,
        jobs.map(({ claim }) => claim),
      )
      const held = new Set(touchedSchema.parse(answer).settled)
      for (const { claim, lost } of jobs) if (!held.has(claim.id)) lost.abort()
    } catch (error) {
      log.warn({ queue, err: error }, 'no heartbeat could be given')
    }
  }

  const ended = () => Promise.all([...running].map(({ done }) => done))

  const poll = setInterval(fill, pollMs)
  const heart = setInterval(touch, touchMs)
  fill()
  return {
    ring: fill,
    async stop(graceMs) {
      stopped = true
      clearInterval(poll)
      await atMost(graceMs, ended())
      clearInterval(heart)
      const left = [...running].filter(({ lost }) => !lost.signal.aborted)
      for (const { lost } of left) lost.abort()
      // What was answered in this moment is still recorded.
      await atMost(ENDING_MS, Promise.all([giveBack(left.map(({ claim }) => claim)), ended()]))
    },
  }
}
