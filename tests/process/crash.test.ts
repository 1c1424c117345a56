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
import { type ServerProcess, startProcess } from '../support/process.ts'

let test: TestDatabase
let vendors: Sandbox
let running: ServerProcess | null = null
const start = async (over: Record<string, string> = {}) => {
  running = await startProcess({ ...environment(test.url, vendors), ...over })
  return running
}
const sendOrder = (server: ServerProcess, id: number) => {
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
  return createStore({ appUrl: server.url, secret: SECRET, shop: SHOP }).webhook({
    topic: 'orders/create',
    payload,
  })
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
afterAll(async () => {
  await running?.end('SIGKILL')
  await vendors.close()
  await test.drop()
})

const arrived = (id: number, timeoutMs: number) =>
  vendors.waitFor('ecomail', entry => entry.accepted && JSON.stringify(entry.body).includes(`"${id}"`), {
    timeoutMs,
  })

describe('kill -9 loses nothing that was acknowledged', () => {
  it('when it strikes after the 200 and before any delivery', async () => {
    const web = await start({ SLUICE_ROLE: 'web' })
    expect((await sendOrder(web, 6001)).status).toBe(200)
    await web.end('SIGKILL')
    expect(vendors.counts('ecomail').received).toBe(0)
    const again = await start()
    await arrived(6001, 20_000)
    expect(await again.end('SIGTERM')).toBe(0)
  })

  it('when it strikes while the vendor has the request and has not answered', async () => {
    const first = await start()
    vendors.fail('ecomail', { hang: true, times: 1, record: 'after' })
    expect((await sendOrder(first, 6002)).status).toBe(200)
    await vendors.waitFor('ecomail', entry => JSON.stringify(entry.body).includes('"6002"'), {
      timeoutMs: 10_000,
    })
    await first.end('SIGKILL')
    const second = await start()
    await arrived(6002, 40_000)
    expect(await second.end('SIGTERM')).toBe(0)
  }, 60_000)
})

describe('the server process', () => {
  it('stops cleanly on SIGINT', async () => {
    const server = await start()
    expect(await server.end('SIGINT')).toBe(0)
  })

  it.each([
    ['SHOPIFY_API_SECRET', '', 'SHOPIFY_API_SECRET is not set'],
    ['PORT', 'eighty', 'PORT must be a whole number'],
    ['SLUICE_SECRETS_KEYS', 'k1:short', 'SLUICE_SECRETS_KEYS'],
    ['DATABASE_URL', 'mysql://localhost', 'DATABASE_URL must begin with postgresql://'],
  ])('with a wrong %s stops with one sentence', async (name, value, sentence) => {
    const output = await start({ [name]: value }).then(
      () => '',
      (error: Error) => error.message,
    )
    const lines = output
      .split('\n')
      .filter(line => line !== '')
      .slice(1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(sentence)
  })

  it('says so when its port is taken', async () => {
    const port = new URL(vendors.urls.ecomail).port
    await expect(start({ PORT: port })).rejects.toThrow(`port ${port} is in use; set PORT to another one`)
  })
})
