import { beforeEach, describe, expect, it } from 'vitest'
import { acceptCredentials, switchLane } from '../../app/delivery/lane-state.ts'
import { replay } from '../../app/delivery/replay.ts'
import { SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'

const { app, order } = freshApp()

describe('a vendor that fails', () => {
  beforeEach(() => app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false }))

  it.each([
    ['with a 500', { status: 500 }],
    ['by resetting the connection', { reset: true }],
    ['with 408', { status: 408 }],
  ] as const)('%s gets the delivery again until it takes it', async (_, fault) => {
    app.vendors.fail('ecomail', { ...fault, times: 2 })
    await order.send('orders/create')
    await app.idle()
    const [delivery] = await app.deliveries()
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 3 })
    expect(app.vendors.counts('ecomail')).toMatchObject({ accepted: 1 })
  })

  it('with an answer that is no JSON gets it again where the answer decides, as at Alana', async () => {
    await app.connect('alana')
    app.vendors.fail('alana', { badJson: true, times: 1 })
    await order.send('orders/create')
    await app.idle()
    expect((await app.deliveries()).find(d => d.vendor === 'alana')).toMatchObject({
      state: 'delivered',
      attempts: 2,
    })
  })

  it('with 429 is left alone until the time it announced', async () => {
    app.vendors.fail('ecomail', { status: 429, times: 1, headers: { 'Retry-After': '2' } })
    await order.send('orders/create')
    await app.idle()
    const [first, second] = app.vendors.inbox('ecomail')
    expect(Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')).toBeGreaterThanOrEqual(1990)
    expect((await app.deliveries())[0]).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  it('with 400 kills that delivery and no other', async () => {
    app.vendors.fail('ecomail', { status: 400, times: 1, body: { message: 'no' } })
    await order.send('orders/create')
    await app.idle()
    order.next()
    await order.send('orders/create')
    await app.idle()
    expect(await app.states()).toEqual([
      ['order_created', 'dead', 'rejected'],
      ['order_created', 'delivered', null],
    ])
  })
})

describe('refused credentials', () => {
  it('hold the whole lane, and release it when they are accepted again', async () => {
    await app.connect('ecomail', { apiKey: 'wrong-key-0000', clearBasket: false })
    await order.send('orders/create')
    await app.idle()
    order.next()
    await order.send('orders/create')
    expect(await app.states()).toEqual([
      ['order_created', 'held', 'refused'],
      ['order_created', 'held', 'refused'],
    ])
    expect(app.vendors.counts('ecomail')).toMatchObject({ received: 1 })

    await app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false })
    await acceptCredentials(app.server.services.pool, app.lane('ecomail'))
    await app.signal('ecomail')
    await app.idle()
    expect(app.vendors.counts('ecomail')).toMatchObject({ accepted: 2 })
  })

  it('of a 200 that says "Wrong api key" are refused too', async () => {
    app.vendors.fail('ecomail', { status: 200, body: { message: 'Wrong api key' }, times: 1 })
    await app.connect('ecomail')
    await order.send('orders/create')
    await app.idle()
    expect([await app.states(), app.vendors.counts('ecomail').received]).toEqual([
      [['order_created', 'held', 'refused']],
      1,
    ])
  })
})

describe('a vendor switched off', () => {
  it('gets nothing, and everything when it is switched on', async () => {
    await app.connect('alana')
    await switchLane(app.server.services.pool, app.lane('alana'), false)
    await order.send('orders/create')
    expect(await app.states()).toEqual([['order_created', 'held', 'off']])
    expect(app.vendors.counts('alana')).toMatchObject({ received: 0 })
    await switchLane(app.server.services.pool, app.lane('alana'), true)
    await app.signal('alana')
    await app.idle()
    expect(app.vendors.counts('alana')).toMatchObject({ accepted: 1 })
  })
})

describe('a replay', () => {
  it('sends again what the vendor already has, to the vendor named and no other', async () => {
    await app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false })
    await app.connect('alana')
    await order.send('orders/create')
    await app.idle()
    const { count, lanes } = await replay(app.server.services.pool, {
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
  const learn = () => order.send('orders/create')

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
    expect(app.sentTo('topmail')).toEqual([
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

  it('with consent to analytics alone reaches only who needs no other', async () => {
    await view({ analytics: true, marketing: false }, String(SIGNED_IN.id))
    await app.idle()
    expect(await outcome()).toEqual({
      ecomail: 'no_consent',
      topmail: 'no_consent',
      alana: 'delivered',
      voucherify: 'no_consent',
    })
  })

  it('without consent is not kept, and reaches nobody', async () => {
    await view({ analytics: false, marketing: false }, String(SIGNED_IN.id))
    await app.idle()
    expect(await outcome()).toEqual({})
    for (const vendor of ['ecomail', 'topmail', 'alana', 'voucherify'] as const)
      expect(app.vendors.counts(vendor)).toMatchObject({ received: 0 })
  })
})
