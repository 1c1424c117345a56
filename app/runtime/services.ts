/**
 * The composition root: opens what a process needs and wires the rooms together, for the server, the command
 * line and tests. `role` decides what runs: `web` takes events in, `worker` drains lanes, `all` does both.
 */
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import { proxyTrouble } from '../config-storefront.ts'
import { type Database, openDatabase, openPool } from '../db/database.ts'
import { type Embedded, startEmbedded } from '../db/embedded/index.ts'
import { migrate } from '../db/migrate.ts'
import { ensurePartitions } from '../db/partitions.ts'
import { type AcceptContext, createAcceptor } from '../delivery/accept.ts'
import { openConnections } from '../delivery/connection-cache.ts'
import type { AnyVendor } from '../delivery/connections.ts'
import { type DrainContext, drainLane } from '../delivery/drain.ts'
import { type Engine, startEngine } from '../delivery/engine.ts'
import { createGate } from '../delivery/gate/gate.ts'
import { createRecorder } from '../delivery/record.ts'
import { createSender, type Sender } from '../delivery/send.ts'
import { createSignals } from '../delivery/signals.ts'
import { createSpool } from '../delivery/spool.ts'
import { learnCustomers } from '../identity/customers.ts'
import type { Log } from '../log.ts'
import { atMost } from '../patience.ts'
import { createSealer, type Sealer } from '../secrets/seal.ts'
import { type Admin, createAdmin } from '../shopify/admin/client.ts'
import { createEmbedded, type EmbeddedApp } from '../shopify/admin/embedded.ts'
import { keepRefusedPage } from '../shopify/admin/hosts.ts'
import { createSessionStorage } from '../shopify/admin/session-storage.ts'
import { learnShop } from '../shopify/admin/shop-facts.ts'
import type { Effect } from '../shopify/effects.ts'
import { installShop } from '../shopify/shops.ts'
import { VENDORS } from '../vendors/registry.ts'
import { applyEffects } from './apply-effects.ts'
import { choresOf } from './chores.ts'
import { type CustomerRequests, createCustomerRequests, customerFetchTask } from './customer-fetch.ts'
import { filling } from './filling.ts'
import { fleetTask } from './fleet-task.ts'
import { createHeard } from './heard.ts'
import type { IngestContext } from './ingest.ts'
import { createLimits } from './limits.ts'
import { createMerchant, type Merchant } from './merchant.ts'
import { createPixelKeys } from './pixel-keys.ts'
import { createPressure } from './pressure.ts'
import { createRecognition } from './recognition.ts'
import { createRefusals } from './refusals.ts'
import { createSupport, type Support } from './support.ts'
import { startUnspooling } from './unspool.ts'

/**
 * Shopify waits five seconds: a webhook whose rows another process holds is told to come again before that, and so is one
 * whose connection does not answer, with time left for those that waited behind it.
 */
const ACCEPTING = { max: 4, lockTimeoutMs: 1_000, statementTimeoutMs: 2_000 }
const ASKING = { max: 4, lockTimeoutMs: 2_000, statementTimeoutMs: 3_000 }
/** Shorter than a missed heartbeat: a lane that hangs on a connection that does not answer goes on here. */
const DRAINING = { max: 8, statementTimeoutMs: 7_000, plannedOnce: 'lookups' } as const
/** As many as write at once, and one for a lane that is stopped and for what met a lock and is tried again alone. */
const RECORDING = { max: 3, lockTimeoutMs: 250, statementTimeoutMs: 7_000, plannedOnce: 'sets' } as const
/**
 * A token's refresh holds its row while Shopify is asked, up to ten seconds: others wait so long, and no statement or open
 * transaction may end before. Apart from other work, which does not wait for Shopify.
 */
const ADMINISTERING = { max: 4, lockTimeoutMs: 11_000, statementTimeoutMs: 15_000 }
/** How long closing may take: the drains' time, and a little. */
const CLOSE_MS = 9_000
/** The first page waits so long for the shop's time zone at most: it is in UTC without. */
const LEARNING_MS = 1_500
/** What share of the requests from which on they are spooled is few enough to stop it. */
const CALM_SHARE = 1 / 6
/** Larger requests are few, and a group of them would not fit into memory. */
const SPOOLED_BYTES = 256 * 1024

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
  /** Shopify's Admin API of every shop. */
  admin: Admin
  customers: CustomerRequests
  /** The app in Shopify's admin. */
  embedded: EmbeddedApp
  /** What merchants' pages ask for. */
  merchant: Merchant
  /** What the pages of the support console ask for. */
  support: Support
  log: Log
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
        log.error({ err }, 'a stored person or token is unreadable, and counts as unknown'),
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
  const acceptPool = openPool(store.databaseUrl, ACCEPTING)
  const gatePool = openPool(store.databaseUrl, ASKING)
  const drainPool = openPool(store.databaseUrl, DRAINING)
  const recordPool = openPool(store.databaseUrl, RECORDING)
  const adminPool = openPool(store.databaseUrl, ADMINISTERING)
  const { apiKey, apiSecrets, adminBaseUrl, appUrl, scopes, appBridgeUrl } = config.shopify
  const [apiSecret = ''] = apiSecrets
  const admin = createAdmin({ pool: adminPool, sealer, log, apiKey, apiSecret, baseUrl: adminBaseUrl })
  const embedded = createEmbedded({
    ...{ log, apiKey, apiSecret, appUrl, scopes, adminBaseUrl, bridgeUrl: appBridgeUrl },
    sessions: createSessionStorage(pool, sealer),
    async installed(domain, granted) {
      const shop = await installShop(store.database.prisma, domain, granted)
      if (shop.timeZone !== null) return
      const learned = learnShop({ pool: adminPool, admin }, shop).catch(err => {
        log.warn({ err, shop: domain }, 'the time zone was not learned; asked for again within the hour')
      })
      await atMost(LEARNING_MS, learned)
    },
  })
  const customers = createCustomerRequests(pool, log, engine.ask)
  const accepting: AcceptContext<Effect> = {
    pool: acceptPool,
    sealer,
    open: openConnections(sealer, vendors),
    change: (client, changes) => applyEffects(client, sealer, changes),
  }
  const recognition = createRecognition({ pool: acceptPool, sealer, log, vendors, signal: signals.wake })
  const accept = recognition.after(createAcceptor(accepting))
  const pressure = createPressure({
    high: config.spoolFrom,
    low: Math.floor(config.spoolFrom * CALM_SHARE),
  })
  const spool = createSpool(acceptPool, sealer)
  const ingest: IngestContext = {
    accept: acceptance => pressure.during(() => accept(acceptance)),
    log,
    apiSecrets: config.shopify.apiSecrets,
    signal: signals.wake,
    spool: {
      wants: bytes => bytes <= SPOOLED_BYTES && pressure.isHigh(),
      keep: (shop, item) => pressure.during(() => spool.keep(shop, item)),
      keepFailed: spool.keepFailed,
    },
    limits: createLimits(config.storefront.limits),
    pixelKeys: createPixelKeys(acceptPool),
    refusals: createRefusals(log),
    keepRefusedPage: (shop, host) => {
      keepRefusedPage(pool, shop, host).catch(err => log.warn({ err, shop }, 'a refused page was not noted'))
    },
    heard: createHeard(pool, log),
    trustedProxies: config.storefront.trustedProxies,
  }
  const trouble = proxyTrouble(config.shopify.appUrl, config.storefront.trustedProxies)
  if (trouble !== null) log.warn(trouble)
  const unspooling = worker ? startUnspooling({ accept, signal: signals.wake, log, pool, sealer }) : null
  const gate = createGate({ pool: gatePool, log, address: config.sendingAddress })
  if (worker) {
    const context: DrainContext = {
      ...filling(drainPool, sealer, customers),
      pool: drainPool,
      sealer,
      open: accepting.open,
      sender,
      gate,
      recorder: createRecorder(recordPool, log),
      engine,
      log,
      vendorBaseUrls: config.vendorBaseUrls,
      stopping: () => running.stopping,
    }
    const chores = choresOf(
      { ...accepting, pool, log, signal: signals.wake, admin, ask: engine.ask },
      vendors,
      config,
    )
    const fetching = customerFetchTask({
      pool,
      log,
      admin,
      learn: (client, shopId, notice) => learnCustomers(client, sealer, [{ shopId, notice }]),
      learned: recognition.learned,
    })
    const fleet = fleetTask({ pool, log, signal: engine.signal, stopping: () => running.stopping })
    await engine.work({
      drain: (lane, lost) => drainLane(context, lane, lost),
      chores,
      tasks: [fetching, fleet],
    })
  }
  async function inOrder(requests: Promise<void>): Promise<void> {
    await Promise.all([requests, engine.stopWork(), unspooling?.stop()])
    await recognition.flush()
    await signals.flush()
    await engine.stop()
    await Promise.all([sender.close(), admin.close()])
    await Promise.all([acceptPool, gatePool, drainPool, recordPool, adminPool].map(each => each.end()))
  }
  return {
    ...store,
    engine,
    sender,
    admin,
    customers,
    embedded,
    merchant: createMerchant({
      database: store.database,
      sealer,
      embedded,
      support: config.support,
      signal: lane => engine.signal(lane),
      accept: ingest.accept,
      wake: signals.wake,
      ...{ sender, gate, vendorBaseUrls: config.vendorBaseUrls, log, admin, apiKey, appUrl, config },
    }),
    support: createSupport({
      database: store.database,
      sealer,
      keyIds: config.sealingKeys.map(({ id }) => id),
      appUrl,
      trustedProxies: config.storefront.trustedProxies,
      lateAfterMinutes: config.alerts.ageMinutes,
      oidc: config.supportOidc,
      signal: lane => engine.signal(lane),
      ...{ log, ask: engine.ask },
    }),
    log,
    ingest,
    async checkWrite() {
      await store.pool.query(
        'create temporary table if not exists readiness (at timestamptz); insert into readiness values (now()); truncate readiness',
      )
    },
    async close(requests = Promise.resolve()) {
      running.stopping = true
      await atMost(CLOSE_MS, inOrder(requests))
      await store.close()
    },
  }
}
