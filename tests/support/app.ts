/** The whole app for a test: a fresh database, stand-in vendors, the server on a free port, one installed shop. */
import { randomBytes } from 'node:crypto'
import { type Config, readConfig } from '../../app/config.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { type AnyVendor, saveConnection, vendorById } from '../../app/delivery/connections.ts'
import type { Lane } from '../../app/delivery/lane.ts'
import type { Sender } from '../../app/delivery/send.ts'
import { createLog } from '../../app/log.ts'
import { type RunningServer, startServer } from '../../app/runtime/server.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { untilIdle } from '../../sandbox/demo/idle.ts'
import { createStore, type Store } from '../../sandbox/store/shopify.ts'
import type { VendorName } from '../../sandbox/vendors/contract.ts'
import {
  DEMO_CREDENTIALS,
  type Sandbox,
  type SandboxOptions,
  startVendors,
} from '../../sandbox/vendors/server.ts'
import { logLines } from './logs.ts'

export const SHOP = 'test-shop.myshopify.com'
export const SECRET = 'shpss_0123456789abcdef0123456789abcdef'
export const PREVIOUS_SECRET = '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'
export const SEALING_KEY = `test:${randomBytes(32).toString('base64')}`

export const SETTINGS = {
  ecomail: { ...DEMO_CREDENTIALS.ecomail },
  topmail: { ...DEMO_CREDENTIALS.topmail },
  alana: { ...DEMO_CREDENTIALS.alana },
  voucherify: {
    mode: 'server',
    appId: DEMO_CREDENTIALS.voucherify.appId,
    appToken: DEMO_CREDENTIALS.voucherify.appToken,
  },
} as const

/** A drain that is just ending may hold what is emptied; PostgreSQL then ends one of the two, and this one tries again. */
async function truncate(pool: TestDatabase['database']['pool']): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await emptyTables(pool, ['shops'])
      return
    } catch (error) {
      if ((error as { code?: string }).code !== '40P01' || tries === 5) throw error
    }
  }
}

export type TestApp = {
  url: string
  shopId: number
  store: Store
  vendors: Sandbox
  server: RunningServer
  test: TestDatabase
  logs: string[]
  connect(vendor: string, settings?: Record<string, unknown>): Promise<number>
  /** Waits until nothing is open any more. */
  idle(): Promise<void>
  /** Forgets everything but the shop. */
  reset(): Promise<void>
  lane(vendor: string): Lane
  /** Wakes the vendor's lane. */
  signal(vendor: string): Promise<void>
  /** Type, state and reason of each delivery, by event and vendor. */
  states(): Promise<[type: string, state: string, reason: string | null][]>
  /** Method and path of each request that a vendor got. */
  sentTo(vendor: VendorName): string[]
  deliveries(): Promise<
    {
      type: string
      vendor: string
      state: string
      reason: string | null
      attempts: number
      event_id: string
      message: string | null
      due_at: Date
    }[]
  >
  close(): Promise<void>
}

/** The environment of a server process in tests. */
export function environment(databaseUrl: string, vendors: Sandbox): Record<string, string> {
  return {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    SHOPIFY_API_KEY: 'test-key',
    SHOPIFY_API_SECRET: SECRET,
    SHOPIFY_API_SECRET_PREVIOUS: PREVIOUS_SECRET,
    SHOPIFY_APP_URL: 'https://sluice.example.com',
    SCOPES: 'read_orders',
    SLUICE_SECRETS_KEYS: SEALING_KEY,
    ECOMAIL_BASE_URL: vendors.urls.ecomail,
    TOPMAIL_BASE_URL: vendors.urls.topmail,
    ALANA_BASE_URL: vendors.urls.alana,
    VOUCHERIFY_BASE_URL: vendors.urls.voucherify,
    LOG_LEVEL: 'trace',
  }
}

export type AppOptions = {
  sandbox?: SandboxOptions
  vendors?: readonly AnyVendor[]
  /** Gives up on vendors sooner, say. */
  sender?: Sender
  config?: Partial<Config>
  /** In place of the usual environment, name by name. */
  env?: Record<string, string>
  databaseUrl?: string
}

export async function startApp(options: AppOptions = {}): Promise<TestApp> {
  const test = await testDatabase()
  const vendors = await startVendors({ limits: false, ...options.sandbox })
  const output = logLines()
  const config = {
    ...readConfig({ ...environment(options.databaseUrl ?? test.url, vendors), ...options.env }),
    ...options.config,
  }
  const server = await startServer(config, createLog('trace', output), {
    ...(options.vendors && { vendors: options.vendors }),
    ...(options.sender && { sender: options.sender }),
  })
  const { pool, sealer, database } = server.services
  const shop = await installShop(database.prisma, SHOP, [])
  const url = `http://127.0.0.1:${server.port}`
  const deliveries = async () => {
    const result = await pool.query(
      `select e.type, d.vendor, d.state, d.reason, d.attempts, d.event_id, d.message, d.due_at
       from deliveries d join events e on e.shop_id = d.shop_id and e.id = d.event_id order by d.event_id, d.vendor`,
    )
    return result.rows
  }
  const lane = (vendor: string) => ({ shopId: shop.id, vendor })
  return {
    url,
    shopId: shop.id,
    store: createStore({ appUrl: url, secret: SECRET, shop: SHOP }),
    vendors,
    server,
    test,
    logs: output.lines,
    connect: (vendor, settings) =>
      saveConnection(
        database.pool,
        sealer,
        shop.id,
        vendorById(vendor, options.vendors),
        settings ?? { ...SETTINGS[vendor as keyof typeof SETTINGS] },
      ),
    idle: () => untilIdle(server.services),
    async reset() {
      vendors.reset()
      await truncate(pool)
    },
    lane,
    signal: vendor => server.services.engine.signal(lane(vendor)),
    states: async () => (await deliveries()).map(({ type, state, reason }) => [type, state, reason]),
    sentTo: vendor => vendors.inbox(vendor).map(entry => `${entry.method} ${entry.path.split('?')[0]}`),
    deliveries,
    async close() {
      await server.close()
      await vendors.close()
      await test.drop()
    },
  }
}
