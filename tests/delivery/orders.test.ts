import { beforeEach, describe, expect, it } from 'vitest'
import { switchLane } from '../../app/delivery/lane-state.ts'
import { shopById } from '../../app/shopify/shops.ts'
import { checkoutPayload, productPayload, refundPayload } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'
import { minute } from '../support/orders.ts'

const { app, order } = freshApp()

describe('an order at Ecomail', () => {
  beforeEach(() => app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false }))

  it('is posted first and put afterwards', async () => {
    await order.send('orders/create')
    await app.idle()
    await order.send('orders/paid', { financial: 'paid', updatedAt: minute(5) })
    await app.idle()
    expect(app.sentTo('ecomail')).toEqual([
      'POST /tracker/transaction',
      `PUT /tracker/transaction/${order.id}`,
    ])
  })

  it('is not sent again when nothing that Ecomail gets has changed', async () => {
    await order.send('orders/create')
    await app.idle()
    await order.send('orders/updated', { updatedAt: minute(5) })
    await app.idle()
    expect(await app.states()).toEqual([
      ['order_created', 'delivered', null],
      ['order_updated', 'skipped', 'unchanged'],
    ])
    expect(app.sentTo('ecomail')).toHaveLength(1)
  })

  it('is not overwritten by an older state that Shopify delivers late', async () => {
    await order.send('orders/paid', { financial: 'paid', updatedAt: minute(5) })
    await app.idle()
    await order.send('orders/create')
    await app.idle()
    expect(await app.states()).toEqual([
      ['order_paid', 'delivered', null],
      ['order_created', 'skipped', 'superseded'],
    ])
    expect(app.vendors.inbox('ecomail').at(-1)?.body).toMatchObject({ transaction: { status: 'processing' } })
  })

  it('goes out once, in its newest state, when several states wait', async () => {
    await switchLane(app.server.services.pool, app.lane('ecomail'), false)
    await order.send('orders/create')
    await order.send('orders/fulfilled', {
      financial: 'paid',
      fulfillment: 'fulfilled',
      updatedAt: minute(9),
    })
    await order.send('orders/paid', { financial: 'paid', updatedAt: minute(5) })
    await switchLane(app.server.services.pool, app.lane('ecomail'), true)
    await app.signal('ecomail')
    await app.idle()
    expect(await app.states()).toEqual([
      ['order_created', 'skipped', 'superseded'],
      ['order_fulfilled', 'delivered', null],
      ['order_paid', 'skipped', 'superseded'],
    ])
    expect(app.sentTo('ecomail')).toEqual(['POST /tracker/transaction'])
  })

  it('that was left to a newer state names the one that was sent, and is not offered to be sent again', async () => {
    await switchLane(app.server.services.pool, app.lane('ecomail'), false)
    await order.send('orders/create')
    await order.send('orders/paid', { financial: 'paid', updatedAt: minute(5) })
    await switchLane(app.server.services.pool, app.lane('ecomail'), true)
    await app.signal('ecomail')
    await app.idle()
    const { pool, merchant } = app.server.services
    const { rows } = await pool.query<{ type: string; id: string }>('select type, id from events')
    const idOf = (type: string) => rows.find(row => row.type === type)?.id ?? ''
    const shop = await shopById(pool, app.shopId)
    const told = async (type: string) => {
      const story = await merchant.activity.story(shop, idOf(type))
      return story?.deliveries.map(({ sentInstead, canReplay }) => ({ sentInstead, canReplay }))
    }
    expect(await told('order_created')).toEqual([{ sentInstead: idOf('order_paid'), canReplay: false }])
    expect(await told('order_paid')).toEqual([{ sentInstead: null, canReplay: true }])
    await pool.query("update deliveries set state = 'dead' where event_id = $1", [idOf('order_paid')])
    expect(await told('order_created')).toEqual([{ sentInstead: null, canReplay: true }])
  })

  it('waits for the order update when a refund notice comes, and shows what is left then', async () => {
    await order.send('orders/create', { lines: [{ product: 'candle', quantity: 2 }] })
    await app.store.webhook({
      topic: 'refunds/create',
      payload: refundPayload({ id: order.id + 1, orderId: order.id, product: 'candle', at: minute(8) }),
    })
    await order.send('orders/updated', {
      lines: [{ product: 'candle', quantity: 2, current: 1 }],
      financial: 'partially_refunded',
      updatedAt: minute(8),
    })
    await app.idle()
    expect((await app.states()).filter(([type]) => type === 'order_refunded')).toEqual([
      ['order_refunded', 'skipped', 'carried_by_order_update'],
    ])
    expect(app.vendors.inbox('ecomail').at(-1)?.body).toMatchObject({
      transaction: { amount: 23 },
      transaction_items: [{ code: 'SC-SALT', amount: 1, price: 18 }],
    })
  })

  it('has category, image and tags from the product cache', async () => {
    await app.store.webhook({ topic: 'products/create', payload: productPayload('lamp', minute(0)) })
    await order.send('orders/create')
    await app.idle()
    expect(app.vendors.inbox('ecomail')[0]?.body).toMatchObject({
      transaction_items: [{ category: 'Lamps', categories: ['Lamps'], tags: ['brass', 'indoor'] }],
    })
  })

  it('is skipped when it is a test', async () => {
    await order.send('orders/create', { test: true })
    await app.idle()
    expect(await app.states()).toEqual([['order_created', 'skipped', 'test_order']])
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
    app.store.webhook({ topic: 'checkouts/create', payload: checkoutPayload(order.options(early)) })
  const baskets = () =>
    app.vendors
      .inbox('ecomail')
      .filter(entry => entry.path === '/tracker/events')
      .map(entry => JSON.stringify(entry.body).includes('productId'))

  beforeEach(() => app.connect('ecomail'))

  it('is filled by the checkout and emptied by the order', async () => {
    await checkout()
    await app.idle()
    await order.send('orders/create', cart)
    await app.idle()
    expect(baskets()).toEqual([true, false])
  })

  it('stays empty when the checkout arrives after the order', async () => {
    await order.send('orders/create', cart)
    await app.idle()
    await checkout()
    await app.idle()
    expect(baskets()).toEqual([false])
  })

  it('stays empty when order and checkout have waited together', async () => {
    await switchLane(app.server.services.pool, app.lane('ecomail'), false)
    await order.send('orders/create', cart)
    await checkout()
    await switchLane(app.server.services.pool, app.lane('ecomail'), true)
    await app.signal('ecomail')
    await app.idle()
    expect(baskets()).toEqual([false])
    expect((await app.states()).find(([type]) => type === 'checkout_started')).toEqual([
      'checkout_started',
      'skipped',
      'superseded',
    ])
  })
})
