/**
 * Dispatching: takes signalled lanes from the job engine and drains each in a slot of this process. One fetch serves
 * all free slots, and no vendor may fill them all: a slow one delays its own lanes only.
 */
import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { Log } from '../log.ts'
import { atMost } from '../patience.ts'
import { type Lane, laneKey } from './lane.ts'

/** Lanes drained at once by one process; almost all of that time is spent waiting for vendors. */
export const SLOTS = 40
/** Of these for one vendor at most: three slow vendors leave room for a fourth. */
export const SLOTS_PER_VENDOR = 12
/** Lanes taken by one fetch. */
const FETCH = 8
export type DispatchPace = {
  /** Signals are heard at once; this finds lanes armed for later, and what was signalled while the ear was cut off. */
  pollMs: number
  /** Well below the heartbeat after which a lane is given to another worker. */
  touchMs: number
}
export const DISPATCH_PACE: DispatchPace = { pollMs: 500, touchMs: 2_500 }

/** How long a drain may take to end once its requests are broken off. */
const ENDING_MS = 1_000

export type Drain = (lane: Lane, lost: AbortSignal) => Promise<void>
export type Dispatcher = {
  /** Something was signalled. */
  ring(): void
  /** Takes no more lanes and waits for those being drained, at most this long; then these are given back. */
  stop(graceMs: number): Promise<void>
}

/** `claim` names this attempt at the job: once the engine has given the lane to another worker, it counts for nothing. */
type Job = { claim: Claim; lane: Lane; lost: AbortController; done: Promise<void> }
type Claim = { id: string; retryCount: number }

/** What the engine answers to a heartbeat beside what its types tell: the ids that are still held. */
const touchedSchema = z.object({ settled: z.array(z.string()) })

export function startDispatcher(
  boss: PgBoss,
  queue: string,
  drain: Drain,
  log: Log,
  { pollMs, touchMs }: DispatchPace,
): Dispatcher {
  const running = new Set<Job>()
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
      log.warn({ err: error }, 'no lanes could be taken; tried again soon')
    } finally {
      fetching = false
    }
  }

  /** @returns whether there may be more, and room for it */
  async function take(): Promise<boolean> {
    const free = Math.min(FETCH, SLOTS - running.size)
    if (stopped || free === 0) return false
    const byVendor = [...Map.groupBy(running, ({ lane }) => lane.vendor)]
    const full = byVendor.flatMap(([vendor, jobs]) => (jobs.length >= SLOTS_PER_VENDOR ? vendor : []))
    // All that is fetched may be of the vendor that has the least room.
    const room = byVendor.reduce(
      (least, [, jobs]) =>
        jobs.length < SLOTS_PER_VENDOR ? Math.min(least, SLOTS_PER_VENDOR - jobs.length) : least,
      free,
    )
    const jobs = await boss.fetch<Lane>(queue, { batchSize: room, ignoreGroups: full })
    for (const { id, retryCount, data } of jobs) start({ id, retryCount }, data)
    return jobs.length === room
  }

  function start(claim: Claim, lane: Lane): void {
    // Given again, it was taken away before: a drain of it that still runs here goes on for nobody.
    for (const other of running) if (laneKey(other.lane) === laneKey(lane)) other.lost.abort()
    const job: Job = { claim, lane, lost: new AbortController(), done: Promise.resolve() }
    running.add(job)
    job.done = run(job).finally(() => {
      running.delete(job)
      fill()
    })
  }

  async function run({ claim, lane, lost }: Job): Promise<void> {
    try {
      await drain(lane, lost.signal)
      // What is broken off is not done: it is given back, or another has it already.
      if (!lost.signal.aborted) await boss.complete(queue, claim)
    } catch (error) {
      log.error({ lane: laneKey(lane), err: error }, 'a drain failed; it is tried again')
      await giveBack([claim])
    }
  }

  /** The engine gives the lanes to whoever asks next, here or elsewhere. */
  async function giveBack(claims: Claim[]): Promise<void> {
    if (claims.length === 0) return
    try {
      await boss.fail(queue, claims)
    } catch (error) {
      log.warn({ err: error }, 'lanes not given back; they are taken over when their heartbeat is missed')
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
      log.warn({ err: error }, 'no heartbeat could be given')
    }
  }

  const drained = () => Promise.all([...running].map(({ done }) => done))

  const poll = setInterval(fill, pollMs)
  const heart = setInterval(touch, touchMs)
  fill()
  return {
    ring: fill,
    async stop(graceMs) {
      stopped = true
      clearInterval(poll)
      await atMost(graceMs, drained())
      clearInterval(heart)
      const left = [...running].filter(({ lost }) => !lost.signal.aborted)
      for (const { lost } of left) lost.abort()
      // What was answered in this moment is still recorded.
      await atMost(ENDING_MS, Promise.all([giveBack(left.map(({ claim }) => claim)), drained()]))
    },
  }
}
