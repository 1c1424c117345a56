/**
 * The composition root: opens what a process needs and wires the rooms together, for the server, the command
 * line and tests. `role` decides what runs: `web` takes events in, `worker` drains lanes, `all` does both.
 */
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import { type Database, openDatabase, openPool } from '../db/database.ts'
import { type Embedded, startEmbedded } from '../db/embedded/index.ts'
import { migrate } from '../db/migrate.ts'
import { ensurePartitions } from '../db/partitions.ts'
import { type AcceptContext, createAcceptor } from '../delivery/accept.ts'
import { openConnections } from '../delivery/connection-cache.ts'
import type { AnyVendor } from '../delivery/connections.ts'
import { type DrainContext, drainLane } from '../delivery/drain.ts'
import { type Engine, startEngine } from '../delivery/engine.ts'
import { fillOrders } from '../delivery/fill-orders.ts'
import { createGate } from '../delivery/gate/gate.ts'
import { createRecorder } from '../delivery/record.ts'
import { createSender, type Sender } from '../delivery/send.ts'
import { createSignals } from '../delivery/signals.ts'
import { fillCustomers } from '../identity/customers.ts'
import type { Log } from '../log.ts'
import { createSealer, type Sealer } from '../secrets/seal.ts'
import type { Effect } from '../shopify/effects.ts'
import { fillProducts } from '../shopify/product-cache.ts'
import { shopById } from '../shopify/shops.ts'
import { VENDORS } from '../vendors/registry.ts'
import { choresOf } from './chores.ts'
import type { IngestContext } from './ingest.ts'
import { applyEffects } from './webhooks.ts'

const ACCEPT_CONNECTIONS = 4
/** Shopify waits five seconds: a webhook whose rows another process holds is told to come again before that. */
const ACCEPT_LOCK_MS = 1_000
const DRAIN_CONNECTIONS = 8
/** As many as write at once, and one for a lane that is stopped. */
const RECORD_CONNECTIONS = 3
const GATE_CONNECTIONS = 4
const GATE_LOCK_MS = 2_000

/** Where everything lives, before anything runs: what the command line needs. */
export type Store = {
  database: Database
  pool: Pool
  sealer: Sealer
  databaseUrl: string
  close(): Promise<void>
}

export type Services = Omit<Store, 'close'> & {
  /** @param requests resolves when no more requests come: what they need is closed after it */
  close(requests?: Promise<void>): Promise<void>
  engine: Engine
  sender: Sender
  /** What the ingest routes work with. */
  ingest: IngestContext
  /** Proves that a write commits. Throws when it does not. */
  checkWrite(): Promise<void>
}

type StoreConfig = Pick<Config, 'databaseUrl' | 'dataDir' | 'sealingKeys'>
/** What tests put in the place of the real. The sender is closed with the services. */
export type Parts = { vendors?: readonly AnyVendor[]; sender?: Sender }

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
  { vendors = VENDORS, sender = createSender() }: Parts = {},
): Promise<Services> {
  const store = await openStore(config, log)
  // Rows have a place even where no week is made; whoever uses the tables so much that none can be made now goes on.
  await ensurePartitions(store.pool, new Date()).catch(err => {
    log.warn({ err }, 'weeks not made; tried again within the hour')
  })
  const worker = config.role !== 'web'
  const engine = await startEngine(store.databaseUrl, log, worker)
  const signals = createSignals(engine, log)
  const running = { stopping: false }
  const { pool, sealer } = store
  // Taking events in must go on while drains wait for a lock, and the other way round.
  const acceptPool = openPool(store.databaseUrl, { max: ACCEPT_CONNECTIONS, lockTimeoutMs: ACCEPT_LOCK_MS })
  const drainPool = openPool(store.databaseUrl, { max: DRAIN_CONNECTIONS, plannedOnce: 'lookups' })
  const recordPool = openPool(store.databaseUrl, { max: RECORD_CONNECTIONS, plannedOnce: 'sets' })
  const gatePool = openPool(store.databaseUrl, { max: GATE_CONNECTIONS, lockTimeoutMs: GATE_LOCK_MS })
  const accepting: AcceptContext<Effect> = {
    pool: acceptPool,
    sealer,
    open: openConnections(sealer, vendors),
    change: (client, changes) => applyEffects(client, sealer, changes),
  }
  const ingest: IngestContext = {
    accept: createAcceptor(accepting),
    log,
    apiSecrets: config.shopify.apiSecrets,
    signal: signals.wake,
  }
  if (worker) {
    const context: DrainContext = {
      ...filling(drainPool, sealer),
      pool: drainPool,
      sealer,
      open: accepting.open,
      sender,
      gate: createGate({ pool: gatePool, log, address: config.sendingAddress }),
      recorder: createRecorder(recordPool, log),
      engine,
      log,
      vendorBaseUrls: config.vendorBaseUrls,
      stopping: () => running.stopping,
    }
    const chores = choresOf({ ...accepting, pool, log, signal: signals.wake }, vendors, config)
    await engine.work({ drain: (lane, lost) => drainLane(context, lane, lost), chores })
  }
  return {
    ...store,
    engine,
    sender,
    ingest,
    async checkWrite() {
      await store.pool.query(
        'create temporary table if not exists readiness (at timestamptz); insert into readiness values (now()); truncate readiness',
      )
    },
    async close(requests = Promise.resolve()) {
      running.stopping = true
      await Promise.all([requests, engine.stopWork()])
      await signals.flush()
      await engine.stop()
      await sender.close()
      await Promise.all([acceptPool, drainPool, recordPool, gatePool].map(each => each.end()))
      await store.close()
    },
  }
}

/** What a drain asks of other rooms. */
function filling(pool: Pool, sealer: Sealer): Pick<DrainContext, 'fill' | 'shopFacts'> {
  return {
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
