/** A vendor that does not answer: one silent request holds nothing up, and a silent vendor is let rest. */
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import { switchLane } from '../../app/delivery/lane-state.ts'
import { createSender } from '../../app/delivery/send.ts'
import { listLanes } from '../../app/insights/lanes.ts'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { runningApp } from '../support/fresh-app.ts'

const TIMEOUT_MS = 3_000
/** The requests of a lane that may be on their way when its circuit opens: Ecomail's concurrency. */
const AT_ONCE = 4
const FAILURES = 5

const { app, order } = runningApp({ sender: createSender(TIMEOUT_MS) })
beforeAll(async () => {
  await app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false })
})

async function send(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    order.next()
    // Of a person each: orders of one go one after another.
    const customer = { ...SIGNED_IN, id: order.id, email: `buyer-${order.id}@example.com` }
    await order.send('orders/create', { customer, email: customer.email })
  }
}
const received = () => app.vendors.counts('ecomail').received
const lane = async () => {
  const { pool, sealer } = app.server.services
  return (await listLanes(pool, sealer, app.shopId)).find(l => l.vendor === 'ecomail')
}

it('goes on with other requests while one gets no answer', async () => {
  app.vendors.fail('ecomail', { hang: true, times: 1 })
  const { pool } = app.server.services
  await switchLane(pool, app.lane('ecomail'), false)
  await send(10)
  await switchLane(pool, app.lane('ecomail'), true)
  await app.signal('ecomail')
  await expect.poll(() => app.vendors.counts('ecomail').accepted, { timeout: 5_000, interval: 10 }).toBe(9)
  const [silent = 0, ...others] = app.vendors.inbox('ecomail').map(({ at }) => Date.parse(at))
  expect(Math.max(...others) - silent).toBeLessThan(TIMEOUT_MS)
  await app.idle()
  expect(app.vendors.counts('ecomail').accepted).toBe(10)
})

it('rests after repeated failures, tells so, tries with one request, and goes on when that is answered', async () => {
  await app.reset()
  await app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false })
  const { pool } = app.server.services
  app.vendors.fail('ecomail', { hang: true, times: 1_000 })
  await send(24)
  await expect
    .poll(async () => (await lane())?.rests, { timeout: 15_000 })
    .toMatchObject({
      why: expect.stringContaining('failed'),
      everyShop: false,
    })
  const until = (await lane())?.rests?.until.getTime() ?? 0
  expect(until - Date.now()).toBeGreaterThan(5_000)
  expect(until - Date.now()).toBeLessThanOrEqual(10_000)
  // What was on its way when it opened ends; nothing more is begun.
  await delay(TIMEOUT_MS)
  const before = received()
  expect(before).toBeGreaterThanOrEqual(FAILURES)
  // The window still holds the successes of the test before: as many failures weigh them up.
  expect(before).toBeLessThanOrEqual(10 + 2 * AT_ONCE)
  await app.signal('ecomail')
  await delay(1_500)
  expect(received()).toBe(before)

  // The rest is over, but the vendor still silent: one request finds that out, and the next rest is longer.
  const wake = async () => {
    await pool.query('update circuits set open_until = now()')
    await pool.query('update connections set paused_until = null')
    await pool.query(`update deliveries set due_at = now() where state = 'retry'`)
    await app.signal('ecomail')
  }
  await wake()
  await expect.poll(received, { timeout: 5_000 }).toBe(before + 1)
  const restMs = async () => (await pool.query('select rest_ms from circuits')).rows.map(row => row.rest_ms)
  await expect.poll(restMs, { timeout: 5_000 }).toEqual([20_000])
  await delay(500)
  expect(received()).toBe(before + 1)

  app.vendors.heal()
  await wake()
  await app.idle()
  expect(app.vendors.counts('ecomail').accepted).toBe(24)
  expect(received()).toBe(before + 1 + 24)
  expect((await lane())?.rests).toBeNull()
})
