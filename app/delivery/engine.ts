/**
 * The job engine behind a small interface: which lane to drain, and when. Jobs are signals only: losing
 * every one of them loses no delivery, because the sweep signals lanes that have due deliveries.
 *
 * pg-boss runs it. A queue of policy `stately` with the lane as `singletonKey` has at most one active and one
 * waiting job per lane, on any number of nodes.
 */
import { PgBoss } from 'pg-boss'
import type { Log } from '../log.ts'
import { type Chore, workChores } from './chores.ts'
import { type Lane, laneKey } from './lane.ts'

const DRAIN = 'drain-lane'
/** A crashed worker's lane is given to another after this long without a heartbeat. */
const HEARTBEAT_SECONDS = 10
/** Missed heartbeats are only noticed by the supervisor, whose default is a minute. */
const SUPERVISE_SECONDS = 3
/** One drain must end within this; the drainer ends its turn long before (see drain.ts). */
const EXPIRE_SECONDS = 300

export type Engine = {
  /** Wakes a lane: at once, or at the given time unless something wakes it earlier. */
  signal(lane: Lane, at?: Date): Promise<void>
  /** Starts to drain signalled lanes here, and to take part in the chores. */
  work(
    handlers: { drain(lane: Lane, lost: AbortSignal): Promise<void>; chores: readonly Chore[] },
    options: WorkOptions,
  ): Promise<void>
  /** How many jobs exist for lanes: waiting ones (armed) and ones being drained. */
  lanesWithJobs(): Promise<{ lane: Lane; state: 'waiting' | 'active'; startAfter: Date }[]>
  /** Waits for running drains up to ten seconds, then stops. */
  stop(): Promise<void>
}
export type WorkOptions = { concurrency: number }

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
  let endGuarding = () => {}
  // A database that stops together with this process cuts connections on which nothing waits any more.
  boss.on('error', error => log[stopping ? 'debug' : 'error']({ err: error }, 'job engine'))
  boss.on('warning', warning => log.warn({ warning: warning.message }, 'job engine'))
  await boss.start()
  await createQueue(boss, DRAIN)

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
    async work({ drain, chores }, { concurrency }) {
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
      for (const { name } of chores) await createQueue(boss, name)
      endGuarding = await workChores(boss, chores, log)
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
      endGuarding()
      await boss.stop({ graceful: true, timeout: 10_000 })
    },
  }
}

async function createQueue(boss: PgBoss, name: string): Promise<void> {
  if (await boss.getQueue(name)) return
  await boss.createQueue(name, {
    policy: 'stately',
    notify: true,
    expireInSeconds: EXPIRE_SECONDS,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    // A missed heartbeat counts as a try, and neither a lane nor a chore must ever run out of them.
    retryLimit: 1_000_000,
    retryDelay: 1,
    deleteAfterSeconds: 60,
  })
}
