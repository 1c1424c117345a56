/**
 * The job engine behind a small interface: which lane to drain, and when. Jobs are signals only: losing
 * every one of them loses no delivery, because the sweep signals lanes that have due deliveries.
 *
 * pg-boss runs it. A queue of policy `stately` with the lane as `singletonKey` has at most one active and one
 * waiting job per lane, on any number of nodes; the vendor is the job's group.
 */
import { PgBoss } from 'pg-boss'
import { openPool } from '../db/database.ts'
import { LISTEN_PACE, type ListenPace, listen } from '../db/listen.ts'
import type { Log } from '../log.ts'
import { type Chore, workChores } from './chores.ts'
import { DISPATCH_PACE, type Dispatcher, type DispatchPace, startDispatcher } from './dispatch.ts'
import { type Lane, laneKey } from './lane.ts'
import { oldestFirst } from './pick.ts'
import { askTask, type Task, workTasks } from './tasks.ts'

const DRAIN = 'drain-lane'
/** Lanes drained at once by one process; almost all of that time is spent waiting for vendors. */
export const SLOTS = 40
/** Of these for one vendor at most: three slow vendors leave room for a fourth. */
export const SLOTS_PER_VENDOR = 12
/** Lanes taken by one fetch. */
const FETCH = 8
/** Workers listen here for lanes that were signalled. pg-boss would wake every worker of a queue for each job. */
const CHANNEL = 'sluice_lanes'
/** A crashed worker's lane is given to another after this long without a heartbeat. */
const HEARTBEAT_SECONDS = 10
/** One drain must end within this; the drainer ends its turn long before (see drain.ts). */
const EXPIRE_SECONDS = 300
/** What PostgreSQL calls the engine's connections. */
const NAME = 'sluice-jobs'
/**
 * Far more than a statement of the engine takes once its tables are there, and so short that a heartbeat whose connection was
 * swallowed is made up for, by another, before it is missed.
 */
const STATEMENT_TIMEOUT_MS = 3_000

export type Drain = (lane: Lane, lost: AbortSignal) => Promise<void>

export type Engine = {
  /**
   * Wakes a lane: at once, or at the given time (by the database's clock) unless something wakes it earlier.
   * `background`: it has only replays and imports to do, and comes after all others.
   */
  signal(lane: Lane, when?: { at?: Date; background?: boolean }): Promise<void>
  /** Starts to drain signalled lanes here, and to take part in the chores and tasks. */
  work(handlers: { drain: Drain; chores: readonly Chore[]; tasks?: readonly Task[] }): Promise<void>
  /** Has a task done for a key, once, here or elsewhere; nothing when that waits already. Only after `work` has named it. */
  ask(task: string, key: string): Promise<void>
  /** How many jobs exist for lanes: waiting ones (armed) and ones being drained. */
  lanesWithJobs(): Promise<{ lane: Lane; state: 'waiting' | 'active'; startAfter: Date }[]>
  /** Takes no more lanes, waits for those being drained up to eight seconds, and gives back what is left. */
  stopWork(): Promise<void>
  /** The same, then stops altogether: no signal is taken any more. */
  stop(): Promise<void>
}

/** How often things are looked at, and how long they are waited for. */
export type Pace = DispatchPace &
  ListenPace & {
    /** Missed heartbeats are only noticed by the supervisor, whose default is a minute. */
    superviseSeconds: number
    /** Requests in flight may end within this long when the process is told to stop; then their lanes are given back. */
    graceMs: number
  }
const PACE: Pace = { ...DISPATCH_PACE, ...LISTEN_PACE, superviseSeconds: 3, graceMs: 8_000 }

/**
 * Connects to the job tables (creating or migrating them when needed) in schema `pgboss`.
 * @param supervise false for a process that only signals
 * @param hurry for tests: a pace other than the usual
 */
export async function startEngine(
  databaseUrl: string,
  log: Log,
  supervise: boolean,
  hurry: Partial<Pace> = {},
): Promise<Engine> {
  const pace = { ...PACE, ...hurry }
  const patient = openPool(databaseUrl, { name: NAME, max: 1 })
  const pool = openPool(databaseUrl, {
    name: NAME,
    max: supervise ? 7 : 4,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  })
  let connections = patient
  const boss = new PgBoss({
    db: { executeSql: (text, values) => connections.query(text, values) },
    useListenNotify: false,
    supervise,
    schedule: false,
    superviseIntervalSeconds: pace.superviseSeconds,
    monitorIntervalSeconds: pace.superviseSeconds,
  })
  let stopping = false
  let stopWorking = async () => {}
  let stopped: Promise<void> | undefined
  // A database that stops together with this process cuts connections on which nothing waits any more.
  boss.on('error', error => log[stopping ? 'debug' : 'error']({ err: error }, 'job engine'))
  boss.on('warning', warning => log.warn({ warning: warning.message }, 'job engine'))
  await boss.start()
  await createQueue(boss, DRAIN)
  connections = pool
  await patient.end()

  const signal: Engine['signal'] = async (lane, { at, background = false } = {}) => {
    const options = { singletonKey: laneKey(lane), group: { id: lane.vendor }, priority: background ? -1 : 0 }
    // A waiting job is left as it is: it drains sooner, or for something live, and arms the lane again by itself.
    if (at) await boss.send(DRAIN, lane, { ...options, startAfter: at })
    else if (background) await boss.send(DRAIN, lane, options)
    // Pulls a waiting job forward to the database's now, or makes one.
    else await boss.upsert(DRAIN, lane, { ...options, startAfter: 0 })
    // Unheard, it is found by the next look.
    if (!at)
      await pool
        .query(`notify ${CHANNEL}`)
        .catch(err => log.warn({ err }, 'lane signalled, but no bell rung'))
  }

  const stopWork: Engine['stopWork'] = () => {
    stopping = true
    stopped ??= stopWorking()
    return stopped
  }

  return {
    signal,
    async work({ drain, chores, tasks = [] }) {
      for (const { name } of [...chores, ...tasks]) await createQueue(boss, name)
      const endGuarding = await workChores(boss, chores, log)
      const doing = workTasks(boss, tasks, log, pace)
      const dispatcher: Dispatcher = startDispatcher<Lane>(
        boss,
        {
          queue: DRAIN,
          slots: SLOTS,
          pick: oldestFirst(FETCH, SLOTS_PER_VENDOR),
          keyOf: laneKey,
          run: drain,
        },
        log,
        pace,
      )
      const listener = listen(databaseUrl, CHANNEL, dispatcher.ring, pace)
      stopWorking = async () => {
        endGuarding()
        await Promise.all([listener.close(), ...[dispatcher, ...doing].map(each => each.stop(pace.graceMs))])
      }
    },
    ask: (task, key) => askTask(boss, task, key),
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
    stopWork,
    async stop() {
      await stopWork()
      await boss.stop({ graceful: true, timeout: 2_000 })
      await pool.end()
    },
  }
}

async function createQueue(boss: PgBoss, name: string): Promise<void> {
  if (await boss.getQueue(name)) return
  await boss.createQueue(name, {
    policy: 'stately',
    expireInSeconds: EXPIRE_SECONDS,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    // A missed heartbeat counts as a try, and neither a lane nor a chore must ever run out of them.
    retryLimit: 1_000_000,
    retryDelay: 1,
    deleteAfterSeconds: 60,
  })
}
