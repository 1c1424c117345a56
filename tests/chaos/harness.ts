/** One run: everything started, the plan carried out while the stores trade, and the evidence gathered when all is idle. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, openDatabase } from '../../app/db/database.ts'
import { migrate } from '../../app/db/migrate.ts'
import { startEngine } from '../../app/delivery/engine.ts'
import { laneKey } from '../../app/delivery/lane.ts'
import { createLog } from '../../app/log.ts'
import { VENDORS, type VendorName } from '../../sandbox/vendors/contract.ts'
import type { Sandbox } from '../../sandbox/vendors/server.ts'
import type { DeliveryCount, Evidence, Sighting } from './evidence.ts'
import { everydayFaults, failUntilHealed } from './faults.ts'
import { Fleet } from './fleet.ts'
import { Ledger } from './ledger.ts'
import { type PlannedAct, planChaos } from './plan.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { APP_SECRET, connectShops, environment, startVendorsFor } from './setup.ts'
import { sightingsIn } from './sightings.ts'
import { Stores } from './stores.ts'

export type ChaosOptions = {
  seed: number
  kills: number
  restarts: number
  /** How long the plan may take at most, and then as long again may pass until all is idle. */
  seconds: number
  shops: number
  workers: number
  /** Milliseconds between two orders or batches, over all shops. */
  everyMs: number
  /** Commits reach the disk, vendors may hang for half a minute. */
  long: boolean
  /** Told of what happens, one line each. */
  log(line: string): void
}

export type Run = {
  evidence: Evidence
  /** What was carried out of the plan; less than planned when the time was up. */
  done: PlannedAct[]
  planned: number
  requests: number
  sent: number
  acknowledged: number
  /** Requests per vendor, also those that failed. */
  received: Record<VendorName, number>
  attempts: number
  seconds: number
}

const POLL_MS = 250

/** @throws when something could not be started; what was started is stopped */
export async function runChaos(options: ChaosOptions): Promise<Run> {
  const opened: (() => Promise<void>)[] = []
  try {
    const postgres = await startPostgres(options.long)
    opened.unshift(() => postgres.remove())
    const vendors = await startVendorsFor(options.shops, options.seed)
    opened.unshift(() => vendors.close())
    await migrate(postgres.url)
    const database = openDatabase(postgres.url)
    opened.unshift(() => database.close())
    const sealingKey = `chaos:${randomBytes(32).toString('base64')}`
    const shops = await connectShops(database, sealingKey, options.shops)
    const webPort = await freePort()
    const env = environment(postgres.url, sealingKey)
    const fleet = new Fleet({ env, vendorUrls: vendors.urls, workers: options.workers, webPort })
    opened.unshift(() => fleet.close())
    await fleet.start()
    options.log(`${options.workers} workers and a web process run; ${shops.length} shops`)
    const ledger = new Ledger()
    const stores = new Stores(
      {
        appUrl: `http://127.0.0.1:${webPort}`,
        secret: APP_SECRET,
        shops,
        seed: options.seed,
        everyMs: options.everyMs,
        onPerson: email => {
          vendors.addContacts('ecomail', [email])
          vendors.addContacts('topmail', [email])
        },
      },
      ledger,
    )
    return await carryOut({ options, postgres, vendors, database, fleet, ledger, stores })
  } finally {
    for (const close of opened) await close()
  }
}

type Scene = {
  options: ChaosOptions
  postgres: Postgres
  vendors: Sandbox
  database: Database
  fleet: Fleet
  ledger: Ledger
  stores: Stores
}

async function carryOut(scene: Scene): Promise<Run> {
  const { options, postgres, vendors, database, fleet, ledger, stores } = scene
  const startedAt = Date.now()
  const since = () => `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`
  const log = (line: string) => options.log(`${since()}  ${line}`)
  await stores.introduceShoppers()
  const inbox = collect(vendors, fleet)
  everydayFaults(vendors, options.long)
  const trading = stores.trade()
  const plan = planChaos(options)
  const done = await follow(plan, scene, startedAt + options.seconds * 1000, log)
  log(`${done.length} of ${plan.length} acts carried out; waiting until all is idle`)
  await fleet.settled()
  await stores.close(options.seconds * 1000)
  await trading
  vendors.heal()
  const armed = await untilIdle(scene, Date.now() + options.seconds * 1000)
  log('idle')
  const { deliveries, attempts } = await deliveriesIn(database)
  await fleet.close()
  const { sightings, received } = inbox.end()
  return {
    evidence: {
      wanted: ledger.wanted(),
      sightings,
      disturbances: [...fleet.disturbances, ...postgres.outages],
      deliveries,
      armed,
      refused: ledger.refused,
      crashes: fleet.crashes,
      terminations: fleet.terminations,
    },
    done,
    planned: plan.length,
    requests: ledger.requests,
    sent: ledger.sent(),
    acknowledged: ledger.acknowledged(),
    received,
    attempts,
    seconds: (Date.now() - startedAt) / 1000,
  }
}

/** Acts of one kind follow each other; those of different kinds overlap. */
async function follow(
  plan: readonly PlannedAct[],
  scene: Scene,
  deadline: number,
  log: (line: string) => void,
): Promise<PlannedAct[]> {
  const running = new Map<string, Promise<void>>()
  const done: PlannedAct[] = []
  for (const [index, act] of plan.entries()) {
    await delay(act.afterMs)
    await running.get(act.kind)
    if (Date.now() > deadline) break
    const acting = perform(act, scene, what => log(`${what} (${index + 1}/${plan.length})`))
    // What fails while nobody waits for it is thrown where it is waited for.
    acting.catch(() => {})
    done.push(act)
    if (act.kind === 'kill' || act.kind === 'terminate' || act.kind === 'leave-alone') await acting
    else running.set(act.kind, acting)
  }
  await Promise.all(running.values())
  return done
}

async function perform(act: PlannedAct, scene: Scene, log: (what: string) => void): Promise<void> {
  const { fleet, postgres, vendors, options } = scene
  switch (act.kind) {
    case 'kill':
      return log(`kill -9 ${await fleet.strike(act.role, act.pick, 'SIGKILL')}`)
    case 'terminate':
      return log(`SIGTERM ${await fleet.strike(act.role, act.pick, 'SIGTERM')}`)
    case 'freeze':
      log(`a worker is frozen for ${act.forMs} ms`)
      return log(`${await fleet.freeze(act.pick, act.forMs)} goes on`)
    case 'leave-alone':
      log(`nothing is killed for ${act.forMs} ms`)
      return delay(act.forMs)
    case 'crash-database':
      log(`PostgreSQL crashes: ${act.how}`)
      await postgres.crash(act.how, act.downMs)
      return log('PostgreSQL is back')
    case 'fail-vendor':
      log(`${act.vendor} ${act.how} for ${act.forMs} ms`)
      failUntilHealed(vendors, act.vendor, act.how)
      await delay(act.forMs)
      vendors.heal(act.vendor)
      everydayFaults(vendors, options.long, act.vendor)
      return log(`${act.vendor} is well again`)
  }
}

/** Reads the inboxes all the time, because they keep only so many entries. */
function collect(vendors: Sandbox, fleet: Fleet) {
  const received = Object.fromEntries(VENDORS.map(vendor => [vendor, 0])) as Record<VendorName, number>
  const sightings: Sighting[] = []
  // What came before, such as the shoppers' own contacts, is none of the run's.
  const last = new Map(VENDORS.map(vendor => [vendor, vendors.inbox(vendor).at(-1)?.seq ?? 0]))
  const read = () => {
    for (const vendor of VENDORS) {
      const entries = vendors.inbox(vendor, last.get(vendor))
      last.set(vendor, entries.at(-1)?.seq ?? last.get(vendor) ?? 0)
      received[vendor] += entries.length
      sightings.push(...sightingsIn(vendor, entries, host => fleet.senderOf(host)))
    }
  }
  const timer = setInterval(read, POLL_MS)
  return {
    end() {
      clearInterval(timer)
      read()
      return { sightings, received }
    },
  }
}

/** @returns the lanes that still have a job when the time is up */
async function untilIdle({ postgres, database }: Scene, deadline: number): Promise<string[]> {
  const engine = await startEngine(postgres.url, createLog('fatal'), false)
  try {
    for (;;) {
      const jobs = await engine.lanesWithJobs()
      const { rows } = await database.pool.query(
        `(select 1 from deliveries where state in ('pending', 'retry') limit 1) union all (select 1 from spool limit 1)`,
      )
      if ((jobs.length === 0 && rows.length === 0) || Date.now() > deadline)
        return jobs.map(({ lane, state }) => `${laneKey(lane)} (${state})`)
      await delay(POLL_MS)
    }
  } finally {
    await engine.stop()
  }
}

async function deliveriesIn({ pool }: Database): Promise<{ deliveries: DeliveryCount[]; attempts: number }> {
  const { rows } = await pool.query<DeliveryCount & { attempts: number }>(
    `select vendor, state, reason, count(*)::int as count, sum(attempts)::int as attempts
     from deliveries group by vendor, state, reason order by vendor, state, reason`,
  )
  const attempts = rows.reduce((sum, row) => sum + row.attempts, 0)
  return { deliveries: rows.map(({ attempts: _, ...row }) => row), attempts }
}

/** The web process keeps its address over all its lives. */
function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => found(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
