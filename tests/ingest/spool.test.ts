/** Requests that are kept as they came, because many come at once or one cannot be accepted, through the whole app. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hurrySpool } from '../../app/delivery/spool.ts'
import { orderPayload, SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { minute, orders } from '../support/orders.ts'

let app: TestApp
const order = orders(() => app)
const pool = () => app.server.services.pool
const transactions = () => app.sentTo('ecomail').filter(path => path === 'POST /tracker/transaction').length
const rows = async (table: string) => (await pool().query(`select * from ${table}`)).rows
const batch = (count: number) => ({
  visitorId: randomUUID(),
  sentAt: new Date().toISOString(),
  consent: { analytics: true, marketing: true },
  events: Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'product_viewed',
    at: new Date().toISOString(),
    url: 'https://shop.example.com/',
    data: { product: wireProduct('lamp') },
  })),
})

describe('a shop that sends more than can be accepted', () => {
  beforeAll(async () => {
    app = await startApp({ env: { SPOOL_FROM: '1' } })
  })
  afterAll(() => app.close())
  beforeEach(async () => {
    await app.reset()
    await pool().query('update shops set uninstalled_at = null')
    order.next()
  })

  it('is told 200 for its webhooks, and each reaches the vendors, once', async () => {
    await app.connect('ecomail')
    const payload = orderPayload(order.options())
    const webhookId = randomUUID()
    for (let i = 0; i < 3; i++) {
      const answer = await app.store.webhook({ topic: 'orders/create', payload, webhookId })
      expect([answer.status, await answer.json()]).toEqual([
        200,
        { status: 'accepted', note: expect.any(String) },
      ])
    }
    await app.idle()
    expect(transactions()).toBe(1)
    expect(await rows('receipts')).toMatchObject([{ webhook_id: webhookId, topic: 'orders/create' }])
    expect(await rows('spool')).toEqual([])
  })

  it('is told which events of a batch were rejected, and the others are kept', async () => {
    const given = batch(3)
    const [one, , three] = given.events
    const answer = await app.store.proxy(
      { ...given, events: [one, { type: 'nonsense' }, three] },
      String(SIGNED_IN.id),
    )
    expect([answer.status, await answer.json()]).toEqual([
      202,
      { accepted: 2, rejected: [{ index: 1, reason: expect.any(String) }] },
    ])
    await app.idle()
    expect(await rows('events')).toMatchObject([
      { type: 'product_viewed', customer_id: String(SIGNED_IN.id), source: 'storefront' },
      { type: 'product_viewed', customer_id: String(SIGNED_IN.id) },
    ])
  })

  it('is told that nothing is kept where the app is not installed', async () => {
    const shop = 'nobody.myshopify.com'
    const answer = await app.store.webhook({
      topic: 'orders/create',
      payload: orderPayload(order.options()),
      shop,
    })
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'ignored', reason: expect.any(String) },
    ])
    expect(await rows('spool')).toEqual([])
  })

  it('has what depends on its order, and what is very large, accepted at once', async () => {
    const uninstalled = await app.store.webhook({ topic: 'app/uninstalled', payload: { id: 1 } })
    expect(await uninstalled.json()).toEqual({ status: 'accepted', events: [] })
    await pool().query('update shops set uninstalled_at = null')
    const note = 'x'.repeat(300_000)
    const large = await app.store.webhook({
      topic: 'orders/create',
      payload: { ...orderPayload(order.options()), note },
    })
    expect(await large.json()).toMatchObject({ status: 'accepted', events: [{ type: 'order_created' }] })
  })

  it('which has uninstalled before they were accepted has its events held', async () => {
    await app.connect('ecomail')
    const locked = await pool().connect()
    try {
      // Whoever looks into the spool finds the row taken, as if another worker had it in hand.
      await app.store.webhook({ topic: 'orders/create', payload: orderPayload(order.options()) })
      await locked.query('begin')
      await locked.query('select from spool for update')
      await app.store.webhook({ topic: 'app/uninstalled', payload: { id: 1 } })
    } finally {
      await locked.query('rollback')
      locked.release()
    }
    await expect
      .poll(() => app.states(), { timeout: 10_000 })
      .toEqual([['order_created', 'held', 'uninstalled']])
    expect(app.sentTo('ecomail')).toEqual([])
  })

  it('and an order that fails to be accepted alone does not hold up the others', async () => {
    await app.connect('ecomail')
    await refuseOrder(order.id)
    const sent = [order.options()]
    for (let i = 0; i < 5; i++) {
      order.next()
      sent.push(order.options())
    }
    await Promise.all(
      sent.map(options => app.store.webhook({ topic: 'orders/create', payload: orderPayload(options) })),
    )
    await expect.poll(async () => (await rows('events')).length, { timeout: 10_000 }).toBe(5)
    await expect
      .poll(() => rows('spool'))
      .toMatchObject([{ items: 1, tries: 1, failure: expect.any(String) }])
    await refuseNothing()
    await hurrySpool(pool())
    await app.idle()
    expect(await rows('events')).toHaveLength(6)
    expect(await rows('spool')).toEqual([])
  })
})

describe('a webhook that cannot be accepted for a fault of ours', () => {
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  it('is kept as it came, and accepted once the fault is mended', async () => {
    await app.connect('ecomail')
    await refuseOrder(order.id)
    const answer = await order.send('orders/create')
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'accepted', note: expect.any(String) },
    ])
    expect(await rows('events')).toEqual([])
    expect(await rows('spool')).toMatchObject([
      { items: 1, tries: 1, failure: expect.stringContaining('P0001') },
    ])
    expect(app.logs.join('')).not.toContain('Ada Buyer')
    await refuseNothing()
    await hurrySpool(pool())
    await app.idle()
    expect(transactions()).toBe(1)
  })
})

describe('a notice whose order rests in the spool', () => {
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  it('waits for it for longer than for one that Shopify has not sent', async () => {
    await app.connect('voucherify')
    order.next()
    await refuseOrder(order.id)
    await order.send('orders/create')
    await refuseNothing()
    const refund = {
      id: 1,
      order_id: order.id,
      created_at: minute(1),
      transactions: [],
      refund_line_items: [],
    }
    await app.store.webhook({ topic: 'refunds/create', payload: refund })
    await expect.poll(() => app.states()).toEqual([['order_refunded', 'retry', 'order_unknown']])
    await pool().query(`update deliveries set created_at = now() - interval '6 minutes', due_at = now()`)
    const tried = async () => (await rows('deliveries')).map(({ due_at }) => due_at > new Date())
    await app.signal('voucherify')
    await expect.poll(tried).toEqual([true])
    expect(await app.states()).toEqual([['order_refunded', 'retry', 'order_unknown']])
    await hurrySpool(pool())
    await expect.poll(() => rows('spool')).toEqual([])
    await pool().query('update deliveries set due_at = now()')
    await app.signal('voucherify')
    await app.idle()
    expect((await app.states()).map(([type, state]) => [type, state]).toSorted()).toEqual([
      ['order_created', 'delivered'],
      ['order_refunded', 'delivered'],
    ])
  })
})

describe('a rush', () => {
  it('is kept in part as it came, all of it is acknowledged, and each of it is accepted once, by workers', async () => {
    app = await startApp({ env: { SLUICE_ROLE: 'web', SPOOL_FROM: '8' } })
    try {
      const webhooks = Array.from({ length: 400 }, () => {
        order.next()
        return app.store.webhook({ topic: 'orders/create', payload: orderPayload(order.options()) })
      })
      const batches = Array.from({ length: 40 }, () => app.store.proxy(batch(10)))
      for (const { status } of await Promise.all(webhooks)) expect(status).toBe(200)
      for (const { status } of await Promise.all(batches)) expect(status).toBe(202)
      const spooled = (await rows('spool')).reduce((sum, { items }) => sum + items, 0)
      expect(spooled).toBeGreaterThan(0)
      expect((await rows('receipts')).length).toBeLessThan(400)
      const worker = await startApp({ databaseUrl: app.test.url, env: { SLUICE_ROLE: 'worker' } })
      await worker.idle().finally(worker.close)
      expect((await rows('receipts')).length).toBe(400)
      expect((await rows('events')).length).toBe(800)
      expect(await rows('spool')).toEqual([])
    } finally {
      await app.close()
    }
  })
})

/** The database refuses to keep this order's events from now on. */
async function refuseOrder(id: number): Promise<void> {
  await pool().query(`
    create or replace function refuse_order() returns trigger language plpgsql as
      $$ begin if new.subject like '%${id}' then raise 'refused: % of %', new.data, 'Ada Buyer'; end if; return new; end $$;
    create or replace trigger refuse_order before insert on events for each row execute function refuse_order()`)
}
async function refuseNothing(): Promise<void> {
  await pool().query('drop trigger refuse_order on events')
}
