/** A worker whose clock is an hour wrong: it neither hurries nor delays, and loses nothing. */
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { environment, SETTINGS, startApp, type TestApp } from '../support/app.ts'
import { orders } from '../support/orders.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'

const PRELOAD = resolve(import.meta.dirname, '../support/shift-clock.ts')

/** Side by side, as each waits most of the time; what is in one goes on where the last has ended. */
describe.concurrent.each([
  ['ahead', 3_600_000],
  ['behind', -3_600_000],
])('a worker that is an hour %s', (_, shift) => {
  let app: TestApp
  let worker: ServerProcess
  const order = orders(() => app)
  beforeAll(async () => {
    app = await startApp({ env: { SLUICE_ROLE: 'web' } })
    await app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false })
    worker = await startProcess({
      ...environment(app.test.url, app.vendors),
      SLUICE_ROLE: 'worker',
      NODE_OPTIONS: `--import ${PRELOAD}`,
      SHIFT_CLOCK_MS: String(shift),
    })
  })
  afterAll(async () => {
    await worker?.end('SIGTERM')
    await app?.close()
  })

  it('tries again neither at once nor an hour later, and waits as announced', { concurrent: false }, async ({
    expect,
  }) => {
    const announced = Math.ceil(Date.now() / 1000) * 1000 + 3_000
    const date = new Date(announced).toUTCString()
    app.vendors.fail('ecomail', { status: 503, times: 1 })
    app.vendors.fail('ecomail', { status: 429, times: 1, headers: { 'Retry-After': date } })
    await order.send('orders/create')
    await app.idle()
    const [first = 0, second = 0, third = 0] = app.vendors.inbox('ecomail').map(({ at }) => Date.parse(at))
    expect(second - first).toBeGreaterThan(450)
    expect(third).toBeGreaterThanOrEqual(announced - 1_100)
    expect(await app.deliveries()).toMatchObject([{ state: 'delivered', attempts: 3 }])
  })

  it('does not leave a refund that comes before its order', { concurrent: false }, async ({ expect }) => {
    order.next()
    const { id } = order
    const refund = {
      id: 1,
      order_id: id,
      created_at: new Date().toISOString(),
      refund_line_items: [],
      transactions: [],
    }
    await app.store.webhook({ topic: 'refunds/create', payload: refund })
    await expect
      .poll(async () => (await app.deliveries()).at(-1), { timeout: 10_000 })
      .toMatchObject({ type: 'order_refunded', state: 'retry', reason: 'order_unknown' })
    await order.send('orders/create')
    await app.server.services.pool.query(`update deliveries set due_at = now() where state = 'retry'`)
    await app.signal('ecomail')
    await app.idle()
    expect((await app.deliveries()).slice(-2)).toMatchObject([
      { type: 'order_refunded', reason: expect.not.stringContaining('order_unknown') },
      { type: 'order_created', state: 'delivered' },
    ])
  })

  it('finds by its sweep what nobody told it of', { concurrent: false }, async ({ expect }) => {
    const { pool, engine } = app.server.services
    await expect.poll(() => engine.lanesWithJobs(), { timeout: 10_000 }).toEqual([])
    await pool.query(
      `update deliveries set state = 'pending', replay = true, done = '{}', due_at = now()
       where event_id = (select id from events where type = 'order_created' limit 1)`,
    )
    const before = app.vendors.counts('ecomail').accepted
    await app.idle()
    expect(app.vendors.counts('ecomail').accepted).toBe(before + 1)
  })
})
