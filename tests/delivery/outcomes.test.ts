import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { acceptCredentials, switchLane } from '../../app/delivery/lane-state.ts'
import { replay } from '../../app/delivery/replay.ts'
import {
  checkoutPayload,
  type OrderOptions,
  orderPayload,
  productPayload,
  refundPayload,
  SIGNED_IN,
  wireProduct,
} from '../../sandbox/store/payloads.ts'
import { SETTINGS, startApp, type TestApp } from '../support/app.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString()
let app: TestApp
let nextOrder = 5_000_000_000_000
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())
beforeEach(async () => {
  app.vendors.reset()
  await app.server.services.pool.query(
    'truncate receipts, events, memories, connections, customers, products cascade',
  )
  nextOrder += 1
})

const order = (over: Partial<OrderOptions> = {}): OrderOptions => ({
  id: nextOrder,
  name: '#1',
  lines: [{ product: 'lamp', quantity: 1 }],
  customer: SIGNED_IN,
  email: SIGNED_IN.email,
  createdAt: at(0),
  updatedAt: at(0),
  ...over,
})
const send = (topic: string, options: Partial<OrderOptions> = {}) =>
  app.store.webhook({ topic, payload: orderPayload(order(options)) })
const lane = (vendor: string) => ({ shopId: app.shopId, vendor })
const pool = () => app.server.services.pool
const signal = (vendor: string) => app.server.services.engine.signal(lane(vendor))
const states = async () =>
  (await app.deliveries()).map(delivery => [delivery.type, delivery.state, delivery.reason])
const sentTo = (vendor: 'ecomail' | 'topmail' | 'alana' | 'voucherify') =>
  app.vendors.inbox(vendor).map(entry => `${entry.method} ${entry.path.split('?')[0]}`)

describe('an order at Ecomail', () => {
  beforeEach(() => app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false }))

  it('is posted first and put afterwards', async () => {
    await send('orders/create')
    await app.idle()
    await send('orders/paid', { financial: 'paid', updatedAt: at(5) })
    await app.idle()
    expect(sentTo('ecomail')).toEqual(['POST /tracker/transaction', `PUT /tracker/transaction/${nextOrder}`])
  })

  it('is not sent again when nothing that Ecomail gets has changed', async () => {
    await send('orders/create')
    await app.idle()
    await send('orders/updated', { updatedAt: at(5) })
    await app.idle()
    expect(await states()).toEqual([
      ['order_created', 'delivered', null],
      ['order_updated', 'skipped', 'unchanged'],
    ])
    expect(sentTo('ecomail')).toHaveLength(1)
  })

  it('is not overwritten by an older state that Shopify delivers late', async () => {
    await send('orders/paid', { financial: 'paid', updatedAt: at(5) })
    await app.idle()
    await send('orders/create')
    await app.idle()
    expect(await states()).toEqual([
      ['order_paid', 'delivered', null],
      ['order_created', 'skipped', 'superseded'],
    ])
    expect(app.vendors.inbox('ecomail').at(-1)?.body).toMatchObject({ transaction: { status: 'processing' } })
  })

  it('goes out once, in its newest state, when several states wait', async () => {
    await switchLane(pool(), lane('ecomail'), false)
    await send('orders/create')
    await send('orders/fulfilled', { financial: 'paid', fulfillment: 'fulfilled', updatedAt: at(9) })
    await send('orders/paid', { financial: 'paid', updatedAt: at(5) })
    await switchLane(pool(), lane('ecomail'), true)
    await signal('ecomail')
    await app.idle()
    expect(await states()).toEqual([
      ['order_created', 'skipped', 'superseded'],
      ['order_fulfilled', 'delivered', null],
      ['order_paid', 'skipped', 'superseded'],
    ])
    expect(sentTo('ecomail')).toEqual(['POST /tracker/transaction'])
  })

  it('waits for the order update when a refund notice comes, and shows what is left then', async () => {
    await send('orders/create', { lines: [{ product: 'candle', quantity: 2 }] })
    await app.store.webhook({
      topic: 'refunds/create',
      payload: refundPayload({ id: nextOrder + 1, orderId: nextOrder, product: 'candle', at: at(8) }),
    })
    await send('orders/updated', {
      lines: [{ product: 'candle', quantity: 2, current: 1 }],
      financial: 'partially_refunded',
      updatedAt: at(8),
    })
    await app.idle()
    expect((await states()).filter(([type]) => type === 'order_refunded')).toEqual([
      ['order_refunded', 'skipped', 'carried_by_order_update'],
    ])
    expect(app.vendors.inbox('ecomail').at(-1)?.body).toMatchObject({
      transaction: { amount: 23 },
      transaction_items: [{ code: 'SC-SALT', amount: 1, price: 18 }],
    })
  })

  it('has category, image and tags from the product cache', async () => {
    await app.store.webhook({ topic: 'products/create', payload: productPayload('lamp', at(0)) })
    await send('orders/create')
    await app.idle()
    expect(app.vendors.inbox('ecomail')[0]?.body).toMatchObject({
      transaction_items: [{ category: 'Lamps', categories: ['Lamps'], tags: ['brass', 'indoor'] }],
    })
  })

  it('is skipped when it is a test', async () => {
    await send('orders/create', { test: true })
    await app.idle()
    expect(await states()).toEqual([['order_created', 'skipped', 'test_order']])
  })
})

describe('the basket at Ecomail', () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  const cart = {
    cartToken: 'c1-00000000000000000000000000000001',
    createdAt: minutesAgo(10),
    updatedAt: minutesAgo(10),
  }
  const early = { ...cart, createdAt: minutesAgo(20), updatedAt: minutesAgo(20) }
  const checkout = () =>
    app.store.webhook({ topic: 'checkouts/create', payload: checkoutPayload(order(early)) })
  const baskets = () =>
    app.vendors
      .inbox('ecomail')
      .filter(entry => entry.path === '/tracker/events')
      .map(entry => JSON.stringify(entry.body).includes('productId'))

  beforeEach(() => app.connect('ecomail'))

  it('is filled by the checkout and emptied by the order', async () => {
    await checkout()
    await app.idle()
    await send('orders/create', cart)
    await app.idle()
    expect(baskets()).toEqual([true, false])
  })

  it('stays empty when the checkout arrives after the order', async () => {
    await send('orders/create', cart)
    await app.idle()
    await checkout()
    await app.idle()
    expect(baskets()).toEqual([false])
  })

  it('stays empty when order and checkout have waited together', async () => {
    await switchLane(pool(), lane('ecomail'), false)
    await send('orders/create', cart)
    await checkout()
    await switchLane(pool(), lane('ecomail'), true)
    await signal('ecomail')
    await app.idle()
    expect(baskets()).toEqual([false])
    expect((await states()).find(([type]) => type === 'checkout_started')).toEqual([
      'checkout_started',
      'skipped',
      'superseded',
    ])
  })
})

describe('a vendor that fails', () => {
  beforeEach(() => app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false }))

  it.each([
    ['with a 500', { status: 500 }],
    ['by resetting the connection', { reset: true }],
    ['with 408', { status: 408 }],
  ] as const)('%s gets the delivery again until it takes it', async (_, fault) => {
    app.vendors.fail('ecomail', { ...fault, times: 2 })
    await send('orders/create')
    await app.idle()
    const [delivery] = await app.deliveries()
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 3 })
    expect(app.vendors.counts('ecomail')).toMatchObject({ accepted: 1 })
  })

  it('with an answer that is no JSON gets it again where the answer decides, as at Alana', async () => {
    await app.connect('alana')
    app.vendors.fail('alana', { badJson: true, times: 1 })
    await send('orders/create')
    await app.idle()
    expect((await app.deliveries()).find(d => d.vendor === 'alana')).toMatchObject({
      state: 'delivered',
      attempts: 2,
    })
  })

  it('with 429 is left alone until the time it announced', async () => {
    app.vendors.fail('ecomail', { status: 429, times: 1, headers: { 'Retry-After': '2' } })
    await send('orders/create')
    await app.idle()
    const [first, second] = app.vendors.inbox('ecomail')
    expect(Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')).toBeGreaterThanOrEqual(1990)
    expect((await app.deliveries())[0]).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  it('with 400 kills that delivery and no other', async () => {
    app.vendors.fail('ecomail', { status: 400, times: 1, body: { message: 'no' } })
    await send('orders/create')
    await app.idle()
    nextOrder += 1
    await send('orders/create')
    await app.idle()
    expect(await states()).toEqual([
      ['order_created', 'dead', 'rejected'],
      ['order_created', 'delivered', null],
    ])
  })
})

describe('refused credentials', () => {
  it('hold the whole lane, and release it when they are accepted again', async () => {
    await app.connect('ecomail', { apiKey: 'wrong-key-0000', clearBasket: false })
    await send('orders/create')
    await app.idle()
    nextOrder += 1
    await send('orders/create')
    expect(await states()).toEqual([
      ['order_created', 'held', 'refused'],
      ['order_created', 'held', 'refused'],
    ])
    expect(app.vendors.counts('ecomail')).toMatchObject({ received: 1 })

    await app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false })
    await acceptCredentials(pool(), lane('ecomail'))
    await signal('ecomail')
    await app.idle()
    expect(app.vendors.counts('ecomail')).toMatchObject({ accepted: 2 })
  })

  it('of a 200 that says "Wrong api key" are refused too', async () => {
    app.vendors.fail('ecomail', { status: 200, body: { message: 'Wrong api key' }, times: 1 })
    await app.connect('ecomail')
    await send('orders/create')
    await app.idle()
    expect(await states()).toEqual([['order_created', 'held', 'refused']])
  })
})

describe('a vendor switched off', () => {
  it('gets nothing, and everything when it is switched on', async () => {
    await app.connect('alana')
    await switchLane(pool(), lane('alana'), false)
    await send('orders/create')
    expect(await states()).toEqual([['order_created', 'held', 'off']])
    expect(app.vendors.counts('alana')).toMatchObject({ received: 0 })
    await switchLane(pool(), lane('alana'), true)
    await signal('alana')
    await app.idle()
    expect(app.vendors.counts('alana')).toMatchObject({ accepted: 1 })
  })
})

describe('a replay', () => {
  it('sends again what the vendor already has, to the vendor named and no other', async () => {
    await app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false })
    await app.connect('alana')
    await send('orders/create')
    await app.idle()
    const { count, lanes } = await replay(pool(), {
      shopId: app.shopId,
      vendor: 'ecomail',
      states: ['delivered'],
    })
    for (const one of lanes) await app.server.services.engine.signal(one)
    await app.idle()
    expect(count).toBe(1)
    expect(app.vendors.counts('ecomail')).toMatchObject({ accepted: 2 })
    expect(app.vendors.counts('alana')).toMatchObject({ accepted: 1 })
    expect((await app.deliveries()).find(d => d.vendor === 'ecomail')).toMatchObject({
      state: 'delivered',
      attempts: 2,
    })
  })
})

describe('a storefront view', () => {
  const view = (consent: object, customerId?: string) =>
    app.store.proxy(
      {
        visitorId: 'v-1',
        sentAt: new Date().toISOString(),
        consent,
        events: [
          {
            id: crypto.randomUUID(),
            type: 'product_viewed',
            at: new Date().toISOString(),
            url: 'https://shop.example.com/',
            data: { product: wireProduct('lamp') },
          },
        ],
      },
      customerId,
    )
  const learn = () => send('orders/create')

  beforeEach(async () => {
    await learn()
    for (const vendor of ['ecomail', 'topmail', 'alana', 'voucherify'] as const)
      await app.connect(vendor, {
        ...SETTINGS[vendor],
        ...(vendor === 'topmail' && { createContacts: true }),
      })
  })
  const outcome = async () =>
    Object.fromEntries((await app.deliveries()).map(d => [d.vendor, d.reason ?? d.state]))

  it('of a known customer reaches all four vendors', async () => {
    expect((await view({ analytics: true, marketing: true }, String(SIGNED_IN.id))).status).toBe(202)
    await app.idle()
    expect(await outcome()).toEqual({
      ecomail: 'delivered',
      topmail: 'delivered',
      alana: 'delivered',
      voucherify: 'delivered',
    })
    expect(sentTo('topmail')).toEqual([
      'POST /api/v1/track/product-view',
      'POST /api/v1/contacts',
      'POST /api/v1/track/product-view',
    ])
  })

  it('of nobody known reaches only the vendor that needs no person', async () => {
    await view({ analytics: true, marketing: true })
    await app.idle()
    expect(await outcome()).toEqual({
      ecomail: 'no_email',
      topmail: 'no_email',
      alana: 'delivered',
      voucherify: 'no_person',
    })
  })

  it('without consent reaches nobody', async () => {
    await view({ analytics: false, marketing: false }, String(SIGNED_IN.id))
    await app.idle()
    expect(await outcome()).toEqual({
      ecomail: 'no_consent',
      topmail: 'no_consent',
      alana: 'no_consent',
      voucherify: 'no_consent',
    })
    for (const vendor of ['ecomail', 'topmail', 'alana', 'voucherify'] as const)
      expect(app.vendors.counts(vendor)).toMatchObject({ received: 0 })
  })
})
