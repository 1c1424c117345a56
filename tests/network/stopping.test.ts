/** A process that is asked to stop while the network swallows what it says to PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

type Running = {
  base: TestDatabase
  network: Network
  vendors: Sandbox
  server: ServerProcess
  /** Sends an order of this number. @returns the status of the answer */
  send(id: number): Promise<number>
}

/** One for each test: they go on side by side, as each waits most of the time. */
const running: Running[] = []
const waiting: Running[] = []
beforeAll(async () => {
  for (let n = 0; n < 2; n++) running.push(await start())
  waiting.push(...running)
})
afterAll(() =>
  Promise.all(
    running.map(async ({ base, network, vendors, server }) => {
      await server.end('SIGKILL')
      await vendors.close()
      await network.close()
      await base.drop()
    }),
  ),
)

async function start(): Promise<Running> {
  const base = await testDatabase()
  const network = await networkTo(base.url)
  const vendors = await startVendors({ limits: false })
  const { pool, prisma } = base.database
  const { id: shopId } = await installShop(prisma, SHOP, [])
  const settings = { ...SETTINGS.ecomail, clearBasket: false }
  const sealer = createSealer(parseKeys(SEALING_KEY))
  await saveConnection(pool, sealer, shopId, vendorById('ecomail'), settings)
  const server = await startProcess(environment(network.url, vendors))
  const store = createStore({ appUrl: server.url, secret: SECRET, shop: SHOP })
  const at = minute(0)
  const order = {
    lines: [{ product: 'lamp', quantity: 1 } as const],
    customer: SIGNED_IN,
    email: SIGNED_IN.email,
    createdAt: at,
    updatedAt: at,
  }
  return {
    base,
    network,
    vendors,
    server,
    async send(id) {
      const payload = orderPayload({ ...order, id, name: `#${id}` })
      return (await store.webhook({ topic: 'orders/create', payload })).status
    },
  }
}

/** @returns one that no other test has */
function mine(): Running {
  const mine = waiting.pop()
  if (!mine) throw new Error('too few were started')
  return mine
}

async function expectStop(server: ServerProcess): Promise<void> {
  const asked = performance.now()
  expect(await server.end('SIGTERM')).toBe(0)
  expect(performance.now() - asked).toBeLessThan(STOP_MS)
}

describe.concurrent('a process', () => {
  it('ends in time though no connection answers, with an answer of a vendor that is not recorded and a webhook that waits', async ({
    expect,
  }) => {
    const { network, server, send } = mine()
    const answered = network.swallowAt('insert into exchanges', 'question')
    expect(await send(9001)).toBe(200)
    await answered
    const accepting = network.swallowAt('insert-receipts', 'question')
    const waiting = send(9002)
    await accepting
    network.cut()
    await expectStop(server)
    expect(await waiting).toBe(503)
  })

  it('ends in time though its idle connections were forgotten', async ({ expect }) => {
    const { base, network, server, send } = mine()
    expect(await send(9003)).toBe(200)
    const open = async () =>
      (await base.database.pool.query(`select from deliveries where state in ('pending', 'retry')`)).rowCount
    await expect.poll(open, { timeout: 20_000 }).toBe(0)
    network.forget()
    await expectStop(server)
  })
})
