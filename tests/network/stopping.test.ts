/** A process that is asked to stop while the network swallows what it says to PostgreSQL. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { parseKeys } from '../../app/secrets/keys.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { orderPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { createStore } from '../../sandbox/store/shopify.ts'
import { type Sandbox, startVendors } from '../../sandbox/vendors/server.ts'
import { environment, SEALING_KEY, SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { type Network, networkTo } from '../support/network.ts'
import { minute } from '../support/orders.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'

/** The promise is 10 s; the rest is for a machine that is busy with other things. */
const STOP_MS = 11_000

let base: TestDatabase
let network: Network
let vendors: Sandbox
let server: ServerProcess
beforeEach(async () => {
  base = await testDatabase()
  network = await networkTo(base.url)
  vendors = await startVendors({ limits: false })
  const shop = await installShop(base.database.prisma, SHOP, [])
  await saveConnection(
    base.database.prisma,
    createSealer(parseKeys(SEALING_KEY)),
    shop.id,
    vendorById('ecomail'),
    { ...SETTINGS.ecomail, clearBasket: false },
  )
  server = await startProcess(environment(network.url, vendors))
})
afterEach(async () => {
  await server.end('SIGKILL')
  await vendors.close()
  await network.close()
  await base.drop()
})

async function send(id: number): Promise<number> {
  const payload = orderPayload({
    id,
    name: `#${id}`,
    lines: [{ product: 'lamp', quantity: 1 }],
    customer: SIGNED_IN,
    email: SIGNED_IN.email,
    createdAt: minute(0),
    updatedAt: minute(0),
  })
  const store = createStore({ appUrl: server.url, secret: SECRET, shop: SHOP })
  return (await store.webhook({ topic: 'orders/create', payload })).status
}

async function expectStop(): Promise<void> {
  const asked = Date.now()
  expect(await server.end('SIGTERM')).toBe(0)
  expect(Date.now() - asked).toBeLessThan(STOP_MS)
}

it('ends in time though no connection answers, with an answer of a vendor that is not recorded and a webhook that waits', async () => {
  const answered = network.swallowAt('insert into exchanges', 'question')
  expect(await send(9001)).toBe(200)
  await answered
  const accepting = network.swallowAt('insert-receipts', 'question')
  const waiting = send(9002)
  await accepting
  network.cut()
  await expectStop()
  expect(await waiting).toBe(503)
}, 60_000)

it('ends in time though its idle connections were forgotten', async () => {
  expect(await send(9003)).toBe(200)
  const open = async () =>
    (await base.database.pool.query(`select from deliveries where state in ('pending', 'retry')`)).rowCount
  await expect.poll(open, { timeout: 15_000 }).toBe(0)
  network.forget()
  await expectStop()
}, 60_000)
