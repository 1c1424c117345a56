/**
 * The composition root: opens what a process needs and wires the rooms together, for the server, the command
 * line and tests. `role` decides what runs: `web` takes events in, `worker` drains lanes, `all` does both.
 */
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { type Embedded, startEmbedded } from '../db/embedded/index.ts'
import { migrate } from '../db/migrate.ts'
import { type DrainContext, drainLane } from '../delivery/drain.ts'
import { type Engine, startEngine } from '../delivery/engine.ts'
import { fillOrders } from '../delivery/fill-orders.ts'
import { type Lane, laneKey } from '../delivery/lane.ts'
import { createSender, type Sender } from '../delivery/send.ts'
import { fillCustomers } from '../identity/customers.ts'
import type { Log } from '../log.ts'
import { createSealer, type Sealer } from '../secrets/seal.ts'
import { fillProducts } from '../shopify/product-cache.ts'
import { shopById } from '../shopify/shops.ts'
import { VENDORS } from '../vendors/registry.ts'
import { choresOf } from './chores.ts'
import { receiveBatch } from './storefront.ts'
import { type IngestContext, receiveWebhook } from './webhooks.ts'

/** Lanes drained at once by one process. */
const DRAIN_CONCURRENCY = 8

/** Where everything lives, before anything runs: what the command line needs. */
export type Store = {
  database: Database
  pool: Pool
  sealer: Sealer
  databaseUrl: string
  close(): Promise<void>
}

export type Services = Store & {
  engine: Engine
  sender: Sender
  receiveWebhook(request: Request): Promise<Response>
  receiveBatch(request: Request): Promise<Response>
  /** Proves that a write commits. Throws when it does not. */
  checkWrite(): Promise<void>
}

type StoreConfig = Pick<Config, 'databaseUrl' | 'dataDir' | 'sealingKeys'>
type VendorList = DrainContext['vendors']

/** Opens the database, embedded or given, and brings its schema up to date. */
export async function openStore(config: StoreConfig, log: Log): Promise<Store> {
  const embedded: Embedded | null = config.databaseUrl
    ? null
    : await startEmbedded({ dataDir: config.dataDir, log: message => log.warn(message) })
  const databaseUrl = config.databaseUrl ?? embedded?.url ?? ''
  try {
    const { applied } = await migrate(databaseUrl)
    if (applied.length > 0) log.info({ applied }, 'migrations applied')
    const database = openDatabase(databaseUrl)
    const close = async () => {
      await database.close()
      await embedded?.stop()
    }
    return {
      database,
      pool: database.pool,
      sealer: createSealer(config.sealingKeys, err =>
        log.error({ err }, 'a stored person is unreadable, and counts as unknown'),
      ),
      databaseUrl,
      close,
    }
  } catch (error) {
    await embedded?.stop()
    throw error
  }
}

export async function startServices(
  config: Config,
  log: Log,
  vendors: VendorList = VENDORS,
): Promise<Services> {
  const store = await openStore(config, log)
  const worker = config.role !== 'web'
  const engine = await startEngine(store.databaseUrl, log, worker)
  const sender = createSender()
  const running = { stopping: false }
  const signal = signaller(engine, log)
  const ingest: IngestContext = {
    pool: store.pool,
    sealer: store.sealer,
    vendors,
    log,
    apiSecrets: config.shopify.apiSecrets,
    signal,
  }
  if (worker) {
    const context = drainContext(store, config, {
      engine,
      sender,
      log,
      vendors,
      stopping: () => running.stopping,
    })
    await engine.work(
      { drain: (lane, lost) => drainLane(context, lane, lost), chores: choresOf(ingest, config.alerts) },
      { concurrency: DRAIN_CONCURRENCY },
    )
  }
  return {
    ...store,
    engine,
    sender,
    receiveWebhook: request => receiveWebhook(ingest, request),
    receiveBatch: request => receiveBatch(ingest, request),
    async checkWrite() {
      await store.pool.query(
        'create temporary table if not exists readiness (at timestamptz); insert into readiness values (now()); truncate readiness',
      )
    },
    async close() {
      running.stopping = true
      await engine.stop()
      await sender.close()
      await store.close()
    },
  }
}

/** Signals lanes after a commit. A signal that fails loses nothing: the sweep finds the lane. */
function signaller(engine: Engine, log: Log) {
  return async (lanes: readonly Lane[]) => {
    for (const lane of lanes) {
      try {
        await engine.signal(lane)
      } catch (error) {
        log.warn({ lane: laneKey(lane), err: error }, 'lane not signalled; the sweep will find it')
      }
    }
  }
}

function drainContext(
  store: Store,
  config: Pick<Config, 'vendorBaseUrls'>,
  rest: Pick<DrainContext, 'engine' | 'sender' | 'log' | 'vendors' | 'stopping'>,
): DrainContext {
  const { pool, sealer } = store
  return {
    ...rest,
    pool,
    sealer,
    vendorBaseUrls: config.vendorBaseUrls,
    shopFacts: shopId => shopById(pool, shopId),
    async fill(shopId, events, shop) {
      const found = await fillOrders(pool, sealer, shopId, events)
      const known = found.flatMap(item => ('event' in item ? [item.event] : []))
      const withPeople = await fillCustomers(pool, sealer, shopId, known)
      const complete = await fillProducts(pool, shopId, shop.storefrontUrl, withPeople)
      const byId = new Map(complete.map(event => [event.id, event]))
      return events.map(({ id }) => {
        const event = byId.get(id)
        return event ? { event } : { orderUnknown: true }
      })
    },
  }
}
