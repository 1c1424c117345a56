/**
 * The job engine behind a small interface: which lane to drain, and when. Jobs are signals only: losing
 * every one of them loses no delivery, because the sweep signals lanes that have due deliveries.
 *
 * pg-boss runs it. A queue of policy `stately` with the lane as `singletonKey` has at most one active and one
 * waiting job per lane, on any number of nodes.
 */
import { PgBoss } from 'pg-boss'
import type { Log } from '../log.ts'
import { type Lane, laneKey } from './lane.ts'

const DRAIN = 'drain-lane'
const SWEEP = 'sweep'
/** A crashed worker's lane is given to another after this long without a heartbeat. */
const HEARTBEAT_SECONDS = 10
/** Missed heartbeats are only noticed by the supervisor, whose default is a minute. */
const SUPERVISE_SECONDS = 3
/** One drain must end within this; the drainer ends its turn long before (see drain.ts). */
const EXPIRE_SECONDS = 300

export type Engine = {
  /** Wakes a lane: at once, or at the given time unless something wakes it earlier. */
  signal(lane: Lane, at?: Date): Promise<void>
  /** Starts to drain signalled lanes here, and to take part in the sweep. */
  work(
    handlers: { drain(lane: Lane, lost: AbortSignal): Promise<void>; sweep(): Promise<void> },
    options: WorkOptions,
  ): Promise<void>
  /** How many jobs exist for lanes: waiting ones (armed) and ones being drained. */
  lanesWithJobs(): Promise<{ lane: Lane; state: 'waiting' | 'active'; startAfter: Date }[]>
  /** Waits for running drains up to ten seconds, then stops. */
  stop(): Promise<void>
}
export type WorkOptions = { concurrency: number; sweepSeconds: number }

/**
 * Connects to the job tables (creating or migrating them when needed) in schema `pgboss`.
 * @param supervise false for a process that only signals
 */
export async function startEngine(databaseUrl: string, log: Log, supervise: boolean): Promise<Engine> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'sluice-jobs',
    useListenNotify: supervise,
    supervise,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    max: supervise ? 6 : 2,
  })
  let stopping = false
  let sweepGuard: NodeJS.Timeout | undefined
  // A database that stops together with this process cuts connections on which nothing waits any more.
  boss.on('error', error => log[stopping ? 'debug' : 'error']({ err: error }, 'job engine'))
  boss.on('warning', warning => log.warn({ warning: warning.message }, 'job engine'))
  await boss.start()
  await createQueues(boss)

  const signal: Engine['signal'] = async (lane, at) => {
    const singletonKey = laneKey(lane)
    if (at && at.getTime() > Date.now()) {
      // A waiting job is left as it is: it drains sooner and arms the lane again by itself.
      await boss.send(DRAIN, lane, { singletonKey, startAfter: at })
      return
    }
    // Pulls a waiting job forward, or makes one.
    await boss.upsert(DRAIN, lane, { singletonKey, startAfter: new Date() })
  }

  return {
    signal,
    async work({ drain, sweep }, { concurrency, sweepSeconds }) {
      await boss.work<Lane>(
        DRAIN,
        {
          localConcurrency: concurrency,
          batchSize: 1,
          pollingIntervalSeconds: 1,
          notifyPollingIntervalSeconds: 1,
        },
        async jobs => {
          for (const job of jobs) await drain(job.data, job.signal)
        },
      )
      await boss.work(
        SWEEP,
        { batchSize: 1, pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 },
        async () => {
          try {
            await sweep()
          } finally {
            await boss.send(SWEEP, {}, { singletonKey: SWEEP, startAfter: sweepSeconds })
          }
        },
      )
      await boss.upsert(SWEEP, {}, { singletonKey: SWEEP, startAfter: new Date() })
      // The sweep arms itself again; this arms it should its job ever be lost. A waiting job is left as it is.
      const ensureSweep = () =>
        boss.send(SWEEP, {}, { singletonKey: SWEEP }).catch(error => log.warn({ err: error }, 'sweep'))
      sweepGuard = setInterval(ensureSweep, sweepSeconds * 3000).unref()
    },
    async lanesWithJobs() {
      const jobs = await boss.findJobs<Lane>(DRAIN)
      return jobs
        .filter(job => job.state === 'created' || job.state === 'retry' || job.state === 'active')
        .map(job => ({
          lane: job.data,
          state: job.state === 'active' ? 'active' : 'waiting',
          startAfter: job.startAfter,
        }))
    },
    async stop() {
      stopping = true
      clearInterval(sweepGuard)
      await boss.stop({ graceful: true, timeout: 10_000 })
    },
  }
}

async function createQueues(boss: PgBoss): Promise<void> {
  const options = {
    policy: 'stately',
    notify: true,
    expireInSeconds: EXPIRE_SECONDS,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    // A missed heartbeat counts as a try, and a lane must never run out of them.
    retryLimit: 1_000_000,
    retryDelay: 1,
    deleteAfterSeconds: 60,
  }
  for (const name of [DRAIN, SWEEP]) {
    if (!(await boss.getQueue(name))) await boss.createQueue(name, options)
  }
}
