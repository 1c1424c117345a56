/** Lanes that are stopped, given other credentials, or lose their vendor, while requests are on their way. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../app/config.ts'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { switchLane } from '../../app/delivery/lane-state.ts'
import { createLog } from '../../app/log.ts'
import { type RunningServer, startServer } from '../../app/runtime/server.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { orderPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { createStore } from '../../sandbox/store/shopify.ts'
import { environment, SECRET, SETTINGS, SHOP, startApp, type TestApp } from '../support/app.ts'
import { logLines } from '../support/logs.ts'
import { orders } from '../support/orders.ts'

const ORDERS = 12
const ECOMAIL = { ...SETTINGS.ecomail, clearBasket: false }
/** How long a look at the switch holds good, and a little. */
const LAST_REQUEST_MS = 600

let app: TestApp
const order = orders(() => app)
beforeEach(() => order.next())

const pool = () => app.server.services.pool
/** Orders on their way, each taking a while at the vendor. */
async function manyOrders(delayMs: number): Promise<void> {
  app.vendors.fail('ecomail', { delayMs, times: ORDERS, record: 'before' })
  await switchLane(pool(), app.lane('ecomail'), false)
  for (let n = 0; n < ORDERS; n++) {
    // Of a person each: orders of one go one after another.
    const customer = { ...SIGNED_IN, id: SIGNED_IN.id + n, email: `buyer-${n}@example.com` }
    await order.send('orders/create', { customer, email: customer.email })
    order.next()
  }
  await switchLane(pool(), app.lane('ecomail'), true)
  await app.signal('ecomail')
  await app.vendors.waitFor('ecomail', (_, all) => all.length >= 4)
}
/** The orders that arrived, each as often as it did. */
const arrived = () =>
  app.vendors
    .inbox('ecomail')
    .filter(({ accepted }) => accepted)
    .map(({ body }) => (body as { transaction: { order_id: string } }).transaction.order_id)
const byState = async () => {
  const counts: Record<string, number> = {}
  for (const { state } of await app.deliveries()) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

describe('with four requests on their way', () => {
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())
  beforeEach(async () => {
    await app.reset()
    await app.connect('ecomail', ECOMAIL)
  })

  it('a lane that is switched off ends them, sends no more, and all the rest once it is on again', async () => {
    await manyOrders(400)
    await switchLane(pool(), app.lane('ecomail'), false)
    const off = Date.now()
    await expect.poll(byState, { timeout: 10_000 }).toSatisfy(({ pending = 0 }) => pending === 0)
    await expect
      .poll(async () => (await byState()).delivered, { timeout: 10_000 })
      .toBe(app.vendors.counts('ecomail').received)
    const last = Math.max(...app.vendors.inbox('ecomail').map(({ at }) => Date.parse(at)))
    expect(last - off).toBeLessThan(LAST_REQUEST_MS)
    const { held = 0, delivered = 0 } = await byState()
    expect(delivered).toBeGreaterThanOrEqual(4)
    expect(held).toBe(ORDERS - delivered)
    expect(held).toBeGreaterThan(0)

    app.vendors.heal()
    await switchLane(pool(), app.lane('ecomail'), true)
    await app.signal('ecomail')
    await app.idle()
    expect(arrived()).toHaveLength(ORDERS)
    expect(new Set(arrived()).size).toBe(ORDERS)
    expect(await byState()).toEqual({ delivered: ORDERS })
  })

  it('states of one order arrive in their order, whatever is switched between', async () => {
    const at = (minute: number) => `2026-11-20T10:0${minute}:00Z`
    app.vendors.fail('ecomail', { delayMs: 300, times: 1, record: 'before' })
    await order.send('orders/create', { updatedAt: at(0) })
    await app.vendors.waitFor('ecomail', () => true)
    await order.send('orders/updated', { updatedAt: at(1), lines: [{ product: 'lamp', quantity: 2 }] })
    await switchLane(pool(), app.lane('ecomail'), false)
    await order.send('orders/updated', { updatedAt: at(2), lines: [{ product: 'lamp', quantity: 3 }] })
    await expect.poll(byState, { timeout: 10_000 }).toEqual({ delivered: 1, held: 2 })
    await switchLane(pool(), app.lane('ecomail'), true)
    await app.signal('ecomail')
    await app.idle()
    const quantities = app.vendors
      .inbox('ecomail')
      .map(({ body }) => (body as { transaction_items: { amount: number }[] }).transaction_items[0]?.amount)
    expect(quantities).toEqual([1, 3])
  })

  it('new credentials are not held up by the late refusal of the old ones', async () => {
    const { database, sealer } = app.server.services
    const old = 'sandbox-ecomail-key-revoked'
    await app.connect('ecomail', { ...ECOMAIL, apiKey: old })
    await manyOrders(500)
    await saveConnection(database.pool, sealer, app.shopId, vendorById('ecomail'), ECOMAIL)
    await app.signal('ecomail')
    await app.idle()
    expect(await byState()).toEqual({ delivered: ORDERS })
    expect(arrived()).toHaveLength(ORDERS)
    expect(new Set(arrived()).size).toBe(ORDERS)
    const { rows } = await pool().query('select attention from connections')
    expect(rows).toEqual([{ attention: null }])
    // The refusal was of those that were on their way, and of no more.
    expect(app.vendors.inbox('ecomail').filter(({ status }) => status === 401).length).toBeLessThanOrEqual(8)
  })
})

describe('a vendor that the program does not have any more', () => {
  let other: RunningServer | null = null
  const config = () => readConfig({ ...environment(app.test.url, app.vendors) })
  const start = async (vendors: typeof VENDORS) => {
    other = await startServer(config(), createLog('trace', logLines()), { vendors })
    return other
  }
  const url = () => `http://127.0.0.1:${other?.port}`
  beforeAll(async () => {
    app = await startApp()
    await app.connect('ecomail', ECOMAIL)
    await app.connect('alana')
  })
  afterAll(async () => {
    await other?.close()
    await app.vendors.close()
    await app.test.drop()
  })

  it('gets nothing, keeps what waits in sight, and gets it when it is back', async () => {
    app.vendors.fail('ecomail', { delayMs: 500, times: 1, record: 'before' })
    await order.send('orders/create')
    await app.vendors.waitFor('ecomail', () => true)
    await app.server.close()
    expect(arrived()).toHaveLength(1)

    const without = await start(VENDORS.filter(({ id }) => id !== 'ecomail'))
    const { pool: database } = without.services
    const states = async () =>
      (
        await database.query(
          'select vendor, state, reason, message from deliveries order by event_id, vendor',
        )
      ).rows
    order.next()
    const payload = orderPayload(order.options())
    const store = () => createStore({ appUrl: url(), secret: SECRET, shop: SHOP })
    await store().webhook({ topic: 'orders/create', payload })
    const waiting = { vendor: 'ecomail', state: 'held', reason: 'vendor_missing' }
    await expect.poll(states, { timeout: 10_000 }).toMatchObject([
      { vendor: 'alana', state: 'delivered' },
      { vendor: 'ecomail', state: 'delivered' },
      { vendor: 'alana', state: 'delivered' },
      { ...waiting, message: expect.stringContaining('does not have this tool') },
    ])
    // What the vendor would not want is kept too: nobody knows here what it wants.
    await store().webhook({ topic: 'customers/create', payload: { id: 77, email: 'jane@example.com' } })
    await expect.poll(async () => (await states()).filter(row => row.state === 'held').length).toBe(2)
    expect(arrived()).toHaveLength(1)
    await without.close()

    const back = await start(VENDORS)
    await expect
      .poll(
        async () =>
          (await back.services.pool.query(`select 1 from deliveries where state in ('held', 'pending')`))
            .rowCount,
        {
          timeout: 15_000,
        },
      )
      .toBe(0)
    expect(arrived()).toHaveLength(2)
    const rows = (
      await back.services.pool.query('select vendor, state, reason from deliveries order by event_id, vendor')
    ).rows
    expect(rows.at(-1)).toMatchObject({ vendor: 'ecomail', state: 'skipped' })
  })
})
