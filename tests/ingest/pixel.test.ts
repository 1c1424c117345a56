/** Batches of the web pixel, through the whole app: who may send, what comes of them, and what a browser is told. */
import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { wireProduct } from '../../sandbox/store/payloads.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SHOP } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'

const { app } = freshApp()
let key: string
beforeEach(async () => {
  const { pool } = app.server.services
  await pool.query(
    `update shops set primary_domain = 'shop.example.com', hosts = '{shop.example.com,shop.example.cz}'`,
  )
  key = (await readPixelKeys(pool, [SHOP])).get(SHOP)?.key ?? ''
})

const view = (over: object = {}) => ({
  id: randomUUID(),
  type: 'product_viewed',
  at: new Date().toISOString(),
  url: 'https://shop.example.com/products/lamp',
  data: { product: wireProduct('lamp') },
  ...over,
})
const checkout = (type: string, over: object = {}) => ({
  ...view({ type }),
  data: {
    checkout: {
      token: '5f2c0a9be1d24c7a8b3e4f5061728394',
      orderId: null,
      currency: 'EUR',
      total: '99.80',
      items: [{ ...wireProduct('lamp'), quantity: 2 }],
      ...over,
    },
  },
})
const batch = (events: unknown[], over: object = {}) => ({
  shop: SHOP,
  key,
  visitorId: 'v-1',
  sentAt: new Date().toISOString(),
  consent: { analytics: true, marketing: true },
  events,
  ...over,
})
const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/pixel/events`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'user-agent': BROWSER, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const rows = async (text: string) => (await app.server.services.pool.query(text)).rows
const events = () => rows('select * from events order by id')

describe('a batch of the pixel', () => {
  it.each(['text/plain', 'text/plain;charset=UTF-8', 'application/json'])('as %s is accepted', async type => {
    const answer = await post(batch([view(), { type: 'nonsense' }]), { 'content-type': type })
    expect([answer.status, await answer.json()]).toEqual([
      202,
      { accepted: 1, rejected: [{ index: 1, reason: 'type: is not an event type of a pixel' }] },
    ])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(await events()).toMatchObject([
      { type: 'product_viewed', source: 'pixel', visitor_id: 'v-1', customer_id: null },
    ])
  })

  it('names nobody, whatever it says', async () => {
    await post(batch([view({ customerId: '666' })], { customerId: '666', logged_in_customer_id: '666' }))
    const [event] = await events()
    expect(event).toMatchObject({ customer_id: null, personal: null })
    expect(JSON.stringify(event)).not.toContain('666')
  })

  it('sent again is the same events', async () => {
    const same = batch([view(), checkout('checkout_started')])
    await post(same)
    expect(await (await post(same)).json()).toEqual({ accepted: 2, rejected: [] })
    expect(await events()).toHaveLength(2)
  })

  it.each([
    ['of another key', { key: 'f'.repeat(32) }],
    ['of no key', { key: undefined }],
    ['of a key that is no text', { key: { a: 1 } }],
    ['of a shop that there is not', { shop: 'stranger.myshopify.com' }],
    ['of what is no shop', { shop: 'shop.example.com' }],
    ['of no shop', { shop: null }],
  ])('%s is refused, and nothing is kept', async (_, over) => {
    const answer = await post(batch([view()], over))
    expect([answer.status, await answer.json()]).toEqual([401, { error: 'shop or key is wrong' }])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(await events()).toEqual([])
  })

  it.each(['{', '', '[]', '"x"', 'null', '\u0000', '{"shop":"'])('%j is refused', async body => {
    expect([400, 401]).toContain((await post(body)).status)
  })

  it('is refused for its envelope, and for its size', async () => {
    expect((await post(batch([view()], { visitorId: 'a:b' }))).status).toBe(400)
    expect((await post(batch(Array.from({ length: 51 }, () => view())))).status).toBe(400)
    expect((await post(batch([view({ url: 'x'.repeat(64 * 1024) })]))).status).toBe(413)
  })

  it('of a shop that has uninstalled is rejected, and nothing is kept', async () => {
    await rows('update shops set uninstalled_at = now()')
    const answer = await post(batch([view()]))
    await rows('update shops set uninstalled_at = null')
    expect(await answer.json()).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] })
    expect(await events()).toEqual([])
  })
})

describe('a page of', () => {
  it.each([
    ['no origin', undefined, 202],
    ['an opaque origin', 'null', 202],
    ['the shop', `https://${SHOP}`, 202],
    ['the shop’s own address', 'https://shop.example.com', 202],
    ['one of the shop’s markets', 'https://shop.example.cz', 202],
    ['another shop', 'https://other.myshopify.com', 401],
    ['an address that only begins alike', `https://${SHOP}.evil.example`, 401],
    ['what is no address', 'shop.example.com', 401],
  ])('%s may send: %s %i', async (_, origin, status) => {
    const answer = await post(batch([view()]), origin === undefined ? {} : { origin })
    expect(answer.status).toBe(status)
    expect(await events()).toHaveLength(status === 202 ? 1 : 0)
  })
})

describe('a browser that asks first', () => {
  it('is told that it may send to the pixel’s address, and to no other', async () => {
    const ask = (path: string) =>
      fetch(`${app.url}${path}`, { method: 'OPTIONS', headers: { origin: 'https://shop.example.com' } })
    const answer = await ask('/pixel/events')
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-methods')).toBe('POST')
    expect(answer.headers.get('access-control-allow-headers')).toBe('content-type')
    expect((await ask('/proxy/events')).status).toBe(405)
    expect((await fetch(`${app.url}/pixel/events`)).status).toBe(405)
  })
})

describe('what the pixel tells of a checkout', () => {
  const types = ['checkout_started', 'checkout_updated', 'checkout_completed']

  it('is kept, names its checkout and ends at once, without a word to a vendor', async () => {
    await app.connect('ecomail')
    await app.connect('voucherify')
    const given = types.map(type => checkout(type, type === 'checkout_completed' ? { orderId: '123' } : {}))
    expect(await (await post(batch(given))).json()).toEqual({ accepted: 3, rejected: [] })
    expect(await events()).toMatchObject(
      types.map(type => ({ type, source: 'pixel', subject: 'checkout:5f2c0a9be1d24c7a8b3e4f5061728394' })),
    )
    await app.idle()
    const ended = await app.deliveries()
    expect(ended.length).toBeGreaterThan(1)
    for (const { state, reason, message } of ended)
      expect([state, reason, message]).toEqual([
        'skipped',
        'told_by_webhook',
        "Shopify's own notice of this checkout tells the same, and names the person if Shopify knows one: it decides what is sent.",
      ])
    expect([...app.sentTo('ecomail'), ...app.sentTo('voucherify')]).toEqual([])
  })

  it('starts no timer', async () => {
    await app.connect('voucherify')
    await post(batch(types.map(type => checkout(type))))
    expect(await rows('select * from checkouts')).toEqual([])
  })

  it.each(types)('is %s of a pixel only', async type => {
    const { accepted, rejected } = await (await app.store.proxy(batch([checkout(type)]))).json()
    expect([accepted, rejected]).toEqual([
      0,
      [{ index: 0, reason: 'type: is not an event type of a storefront' }],
    ])
  })

  it.each([
    [{ token: undefined }, 'data.checkout.token: must be text'],
    [{ token: 'a b' }, 'data.checkout.token: must be 1 to 200 letters, digits, "_" or "-"'],
    [{ orderId: 'gid://shopify/Order/1' }, 'data.checkout.orderId: must be digits'],
    [{ items: undefined }, 'data.checkout.items: must be a list'],
    [{ total: '-1' }, 'data.checkout.total: must be a decimal of zero or more, such as "139.99"'],
  ])('is rejected with %j', async (over, reason) => {
    const answer = await post(batch([checkout('checkout_started', over)]))
    expect(await answer.json()).toEqual({ accepted: 0, rejected: [{ index: 0, reason }] })
  })
})
