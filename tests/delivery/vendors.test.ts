/** What only shows between the runtime and a vendor: partial failures, unknown contacts, client keys and their limit. */
import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { DEMO_CREDENTIALS, type Sandbox } from '../../sandbox/vendors/server.ts'
import { SETTINGS, startApp } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'

const { app, order } = freshApp({ sandbox: { unknownContacts: 'refuse' } })

const sendOrder = (over: object = {}) =>
  app.store.webhook({ topic: 'orders/create', payload: { ...order.payload(), ...over } })
const sendViews = (count: number) => {
  const events = Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'product_viewed',
    at: new Date().toISOString(),
    url: null,
    data: { product: wireProduct('lamp') },
  }))
  return app.store.proxy(
    {
      visitorId: 'v-1',
      sentAt: new Date().toISOString(),
      consent: { analytics: true, marketing: true },
      events,
    },
    String(SIGNED_IN.id),
  )
}
const reasons = async () =>
  (await app.deliveries()).map(({ vendor, state, reason }) => [vendor, state, reason])
const paths = (vendor: Parameters<Sandbox['inbox']>[0]) =>
  app.vendors.inbox(vendor).map(({ method, path, status }) => `${method} ${path} ${status}`)

describe('Alana', () => {
  beforeEach(() => app.connect('alana'))

  it('takes the views of a visit in one request', async () => {
    await sendViews(20)
    await app.idle()
    expect(app.vendors.counts('alana')).toMatchObject({ received: 1, taken: 20 })
  })

  it('rejecting some of a request is a failure of all of it, said as it is', async () => {
    app.vendors.fail('alana', { status: 200, body: { status: 'ok', stored: 2, errors: 1 }, times: 1 })
    await sendViews(3)
    await app.idle()
    expect(await reasons()).toEqual(Array(3).fill(['alana', 'dead', 'partly_rejected']))
    expect((await app.deliveries())[0]?.message).toMatch(/1 of (the )?3/)
  })

  it('gets a purchase in a request of its own, so that its outcome is certain', async () => {
    app.vendors.fail('alana', { status: 503, times: 1 })
    await Promise.all([sendViews(2), sendOrder()])
    await app.idle()
    const purchase = app.vendors
      .inbox('alana')
      .filter(entry => entry.accepted && JSON.stringify(entry.body).includes('purchase-complete'))
    expect(purchase.map(entry => (entry.body as { events: unknown[] }).events.length)).toEqual([1])
  })
})

describe('Ecomail and a person it does not know', () => {
  it('skips the event when contacts are not to be created', async () => {
    await sendOrder()
    await app.connect('ecomail')
    await sendViews(1)
    await app.idle()
    expect(await reasons()).toEqual([['ecomail', 'skipped', 'contact_missing']])
  })

  it('creates the contact first when they are', async () => {
    await sendOrder()
    await app.connect('ecomail', { ...SETTINGS.ecomail, createContacts: true, listId: '1' })
    await sendViews(1)
    await app.idle()
    expect(await reasons()).toEqual([['ecomail', 'delivered', null]])
    expect(paths('ecomail')).toEqual([
      'POST /tracker/events 404',
      'POST /lists/1/subscribe 200',
      'POST /tracker/events 200',
    ])
  })
})

describe('Topmail and a person it does not know', () => {
  it('creates the contact of somebody who accepts marketing, subscribed', async () => {
    await sendOrder()
    await app.connect('topmail', { ...SETTINGS.topmail, createContacts: true })
    await sendViews(1)
    await app.idle()
    expect(await reasons()).toEqual([['topmail', 'delivered', null]])
    expect(app.vendors.inbox('topmail')[1]?.body).toMatchObject({ email: SIGNED_IN.email, subscribed: true })
    expect((await app.deliveries())[0]?.attempts).toBe(1)
  })

  it('creates none of somebody whose box, not ticked in an order, says nothing', async () => {
    await sendOrder({ buyer_accepts_marketing: false })
    await app.connect('topmail', { ...SETTINGS.topmail, createContacts: true })
    await sendViews(1)
    await app.idle()
    expect(await reasons()).toEqual([['topmail', 'skipped', 'marketing_unknown']])
    expect(paths('topmail')).toEqual(['POST /api/v1/track/product-view 404'])
    expect((await app.deliveries())[0]?.attempts).toBe(1)
  })
})

describe('Voucherify with client keys', () => {
  const { applicationId, clientToken, origin } = DEMO_CREDENTIALS.voucherify

  it('is called as a browser of the shop would, and its limit is kept: no request is too many', async () => {
    const limited = await startApp({ sandbox: { limits: {} } })
    try {
      await limited.connect('voucherify', { mode: 'client', applicationId, clientToken, origin })
      for (let id = 1; id <= 7; id += 1) {
        await limited.store.webhook({
          topic: 'orders/create',
          payload: order.payload({ id }),
        })
      }
      await limited.idle()
      const entries = limited.vendors.inbox('voucherify')
      expect(entries).toHaveLength(7)
      expect(entries.every(entry => entry.accepted)).toBe(true)
      expect(entries[0]).toMatchObject({ path: '/client/v1/events', headers: { origin } })
    } finally {
      await limited.close()
    }
  })

  it('holds the lane when the origin is not allowed', async () => {
    await app.connect('voucherify', {
      mode: 'client',
      applicationId,
      clientToken,
      origin: 'https://elsewhere.example.net',
    })
    await sendOrder()
    await app.idle()
    expect(await reasons()).toEqual([['voucherify', 'held', 'refused']])
  })
})
