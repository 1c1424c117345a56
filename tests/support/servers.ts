/** The set-up of tests that kill servers: a database, stand-in vendors and a shop with Ecomail, and servers as processes of their own. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { parseKeys } from '../../app/secrets/keys.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { orderPayload } from '../../sandbox/store/payloads.ts'
import { createStore } from '../../sandbox/store/shopify.ts'
import type { Received } from '../../sandbox/vendors/contract.ts'
import { type Sandbox, startVendors } from '../../sandbox/vendors/server.ts'
import { environment, SEALING_KEY, SECRET, SETTINGS, SHOP } from './app.ts'
import { simpleOrder } from './orders.ts'
import { type ServerProcess, startProcess } from './process.ts'

export type Servers = {
  vendors: Sandbox
  /** A server with what is changed about its environment. @throws with its output when it does not start */
  start(env?: Record<string, string>): Promise<ServerProcess>
  /** The webhook of an order. */
  sendOrder(server: ServerProcess, id: number): Promise<Response>
  /** Waits until Ecomail has accepted the order. */
  arrived(id: number, timeoutMs: number): Promise<unknown>
}

/** Whether a request to Ecomail carries the order. */
export const carries = (id: number) => (entry: Received) => JSON.stringify(entry.body).includes(`"${id}"`)

/** Declares the set-up of a test file: call at its top level, and use what it returns inside tests only. */
export function killableServers(): Servers {
  let test: TestDatabase
  let running: ServerProcess[] = []
  const servers = {
    async start(env = {}) {
      const started = await startProcess({ ...environment(test.url, servers.vendors), ...env })
      running.push(started)
      return started
    },
    sendOrder(server, id) {
      const store = createStore({ appUrl: server.url, secret: SECRET, shop: SHOP })
      const payload = orderPayload(simpleOrder(id, { name: `#${id}` }))
      return store.webhook({ topic: 'orders/create', payload })
    },
    arrived: (id, timeoutMs) =>
      servers.vendors.waitFor('ecomail', entry => entry.accepted && carries(id)(entry), { timeoutMs }),
  } as Servers
  beforeAll(async () => {
    test = await testDatabase()
    servers.vendors = await startVendors({ limits: false })
    const { pool, prisma } = test.database
    const shop = await installShop(prisma, SHOP, [])
    const sealer = createSealer(parseKeys(SEALING_KEY))
    const settings = { ...SETTINGS.ecomail, clearBasket: false }
    await saveConnection(pool, sealer, shop.id, vendorById('ecomail'), settings)
  })
  afterEach(async () => {
    // Killed, one could leave a delivery that it has just made to the next test.
    await Promise.all(running.map(server => server.end('SIGTERM')))
    running = []
  })
  afterAll(async () => {
    await servers.vendors.close()
    await test.drop()
  })
  return servers
}
