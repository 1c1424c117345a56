/** A lane goes on elsewhere when the worker that drains it is killed, or has to stop while a vendor does not answer. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { parseKeys } from '../../app/secrets/keys.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { orderPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { createStore } from '../../sandbox/store/shopify.ts'
import type { Received } from '../../sandbox/vendors/contract.ts'
import { type Sandbox, startVendors } from '../../sandbox/vendors/server.ts'
import { environment, SEALING_KEY, SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'

/** The promise is 30 s after a crash. */
const TAKE_OVER_MS = 30_000
/** The promise is 10 s; what is beyond is closing connections on a busy machine. */
const STOP_MS = 13_000

let test: TestDatabase
let vendors: Sandbox
let running: ServerProcess[] = []
const start = async (role: 'web' | 'worker') => {
  const started = await startProcess({ ...environment(test.url, vendors), SLUICE_ROLE: role })
  running.push(started)
  return started
}

beforeAll(async () => {
  test = await testDatabase()
  vendors = await startVendors({ limits: false })
  const shop = await installShop(test.database.prisma, SHOP, [])
  await saveConnection(
    test.database.prisma,
    createSealer(parseKeys(SEALING_KEY)),
    shop.id,
    vendorById('ecomail'),
    { ...SETTINGS.ecomail, clearBasket: false },
  )
})
afterEach(async () => {
  // Killed, one could leave a delivery that it has just made to the next test.
  await Promise.all(running.map(server => server.end('SIGTERM')))
  running = []
})
afterAll(async () => {
  await vendors.close()
  await test.drop()
})

const carries = (id: number) => (entry: Received) => JSON.stringify(entry.body).includes(`"${id}"`)

/** A worker that waits for Ecomail's answer to the order, and another that runs beside it. */
async function stuckWith(id: number): Promise<{ stuck: ServerProcess }> {
  const [web, stuck] = await Promise.all([start('web'), start('worker')])
  vendors.fail('ecomail', { hang: true, times: 1 })
  const at = '2026-11-20T10:00:00Z'
  const payload = orderPayload({
    id,
    name: `#${id}`,
    lines: [{ product: 'lamp', quantity: 1 }],
    customer: SIGNED_IN,
    email: SIGNED_IN.email,
    createdAt: at,
    updatedAt: at,
  })
  const store = createStore({ appUrl: web.url, secret: SECRET, shop: SHOP })
  expect((await store.webhook({ topic: 'orders/create', payload })).status).toBe(200)
  await vendors.waitFor('ecomail', carries(id), { timeoutMs: 15_000 })
  await start('worker')
  expect(vendors.inbox('ecomail').filter(carries(id))).toHaveLength(1)
  return { stuck }
}

const arrived = (id: number, timeoutMs: number) =>
  vendors.waitFor('ecomail', entry => entry.accepted && carries(id)(entry), { timeoutMs })

it('a killed worker’s lane is taken over by another within 30 s', async () => {
  const { stuck } = await stuckWith(8001)
  await stuck.end('SIGKILL')
  await arrived(8001, TAKE_OVER_MS)
}, 90_000)

it('a worker that is asked to stop while a vendor hangs ends within ten seconds, and gives the delivery back', async () => {
  const { stuck } = await stuckWith(8002)
  const asked = Date.now()
  expect(await stuck.end('SIGTERM')).toBe(0)
  expect(Date.now() - asked).toBeLessThan(STOP_MS)
  await arrived(8002, TAKE_OVER_MS)
}, 90_000)
