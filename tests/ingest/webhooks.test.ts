import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { acceptCredentials, switchLane } from '../../app/delivery/lane-state.ts'
import { customerPayload, orderPayload, productPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { webhookSignature } from '../../sandbox/store/shopify.ts'
import { PREVIOUS_SECRET, SECRET, SHOP, startApp, type TestApp } from '../support/app.ts'

const AT = '2026-11-20T10:00:00Z'
const order = (over: object = {}) =>
  orderPayload({
    id: 5000000000001,
    name: '#1',
    lines: [{ product: 'lamp', quantity: 1 }],
    customer: SIGNED_IN,
    email: SIGNED_IN.email,
    createdAt: AT,
    updatedAt: AT,
    ...over,
  })

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())
beforeEach(() => app.reset())

const rows = async (table: string) => (await app.server.services.pool.query(`select * from ${table}`)).rows
const status = async (answer: Promise<Response>) => (await answer).status

describe('a webhook is refused, and nothing is kept', () => {
  const nothingKept = async () => {
    expect(await rows('receipts')).toEqual([])
    expect(await rows('events')).toEqual([])
  }

  it('401 when the signature is wrong', async () => {
    expect(
      await status(
        app.store.webhook({
          topic: 'orders/create',
          payload: order(),
          signature: webhookSignature('other', '{}'),
        }),
      ),
    ).toBe(401)
    await nothingKept()
  })

  it('401 when the signature is missing', async () => {
    expect(
      await status(app.store.webhook({ topic: 'orders/create', payload: order(), signature: null })),
    ).toBe(401)
    await nothingKept()
  })

  it('401 before 400: a malformed body without a signature', async () => {
    expect(await status(app.store.webhook({ topic: 'orders/create', payload: '{', signature: null }))).toBe(
      401,
    )
  })

  it('400 when the body is not JSON', async () => {
    expect(await status(app.store.webhook({ topic: 'orders/create', payload: '{"id": 1,' }))).toBe(400)
    await nothingKept()
  })

  it('400 when the shop is no Shopify domain', async () => {
    expect(
      await status(app.store.webhook({ topic: 'orders/create', payload: order(), shop: 'evil.example.com' })),
    ).toBe(400)
    await nothingKept()
  })

  it('413 when the body is larger than 10 MiB', async () => {
    const payload = JSON.stringify({ ...order(), note: 'x'.repeat(10 * 1024 * 1024) })
    expect(await status(app.store.webhook({ topic: 'orders/create', payload }))).toBe(413)
    await nothingKept()
  })

  it('405 when it is no POST', async () => {
    expect(await status(fetch(`${app.url}/webhooks`))).toBe(405)
  })
})

describe('a webhook is accepted', () => {
  it('and gives an event', async () => {
    const answer = await app.store.webhook({ topic: 'orders/create', payload: order() })
    expect(await answer.json()).toMatchObject({ status: 'accepted', events: [{ type: 'order_created' }] })
    expect(await rows('events')).toMatchObject([
      { type: 'order_created', subject: 'order:5000000000001', customer_id: '7012345678901' },
    ])
  })

  it('signed with the previous secret, while it is being rotated', async () => {
    const payload = JSON.stringify(order())
    expect(
      await status(
        app.store.webhook({
          topic: 'orders/create',
          payload,
          signature: webhookSignature(PREVIOUS_SECRET, payload),
        }),
      ),
    ).toBe(200)
    expect(await rows('events')).toHaveLength(1)
  })

  it('with personal fields sealed in the row', async () => {
    await app.store.webhook({ topic: 'orders/create', payload: order() })
    const text = JSON.stringify([await rows('events'), await rows('customers')])
    expect(text).not.toContain(SIGNED_IN.email)
    expect(text).not.toContain(SIGNED_IN.last)
  })

  it('of 1 MB, whole', async () => {
    const lines = Array.from({ length: 600 }, () => ({ product: 'lamp' as const, quantity: 1 }))
    const payload = { ...order({ lines }), note: 'x'.repeat(900_000) }
    expect(JSON.stringify(payload).length).toBeGreaterThan(1_000_000)
    expect(await status(app.store.webhook({ topic: 'orders/create', payload }))).toBe(200)
    expect((await rows('events'))[0].data.order.lines).toHaveLength(600)
  })

  it('with an id above 2^53, exactly', async () => {
    const payload = JSON.stringify({ ...order(), admin_graphql_api_id: undefined }).replace(
      '5000000000001',
      '820982911946154508',
    )
    await app.store.webhook({ topic: 'orders/create', payload })
    expect((await rows('events'))[0].data.orderId).toBe('820982911946154508')
  })

  it('with NUL and a lone surrogate in a text, which PostgreSQL refuses', async () => {
    const title = 'Lamp\u0000\ud800!'
    const payload = { ...order(), line_items: order().line_items.map(line => ({ ...line, title })) }
    expect(await status(app.store.webhook({ topic: 'orders/create', payload }))).toBe(200)
    expect((await rows('events'))[0].data.order.lines[0].product.title).toMatch(/^Lamp.?!$/)
  })

  it('that changes only what is known, without an event', async () => {
    const answer = await app.store.webhook({ topic: 'products/update', payload: productPayload('lamp', AT) })
    expect(await answer.json()).toEqual({ status: 'accepted', events: [] })
    expect(await rows('products')).toMatchObject([
      { product_id: '8012345678901', product_type: 'Lamps', tags: ['brass', 'indoor'] },
    ])
  })

  it('and ignored with a reason when nothing comes of it', async () => {
    const answer = await app.store.webhook({ topic: 'draft_orders/create', payload: { id: 1 } })
    expect(await answer.json()).toMatchObject({ status: 'ignored', reason: expect.any(String) })
    expect(await rows('receipts')).toMatchObject([
      { topic: 'draft_orders/create', ignored: expect.any(String) },
    ])
  })

  it('and nothing is kept for a shop that is not installed', async () => {
    const answer = await app.store.webhook({
      topic: 'orders/create',
      payload: order(),
      shop: 'stranger.myshopify.com',
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ status: 'ignored' })
    expect(await rows('receipts')).toEqual([])
  })
})

describe('the same webhook twice is one event', () => {
  const twice = async (first: object, second: object) => {
    await app.store.webhook({ topic: 'orders/create', payload: order(), ...first })
    const answer = await app.store.webhook({ topic: 'orders/create', payload: order(), ...second })
    expect(answer.status).toBe(200)
    expect(await rows('events')).toHaveLength(1)
    return answer.json()
  }

  it('by its webhook id', async () => {
    expect(await twice({ webhookId: 'w1' }, { webhookId: 'w1' })).toEqual({ status: 'duplicate' })
  })

  it('by event id, topic and subscription name, under another webhook id', async () => {
    expect(await twice({ webhookId: 'w1', eventId: 'e1' }, { webhookId: 'w2', eventId: 'e1' })).toEqual({
      status: 'duplicate',
    })
  })

  it('by what happened, under other ids altogether', async () => {
    expect(await twice({ webhookId: 'w1', eventId: 'e1' }, { webhookId: 'w2', eventId: 'e2' })).toMatchObject(
      { status: 'accepted', events: [] },
    )
  })

  it('sent at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        app.store.webhook({ topic: 'orders/create', payload: order(), webhookId: 'w1' }),
      ),
    )
    expect(answers.map(answer => answer.status)).toEqual(Array(8).fill(200))
    expect(await rows('events')).toHaveLength(1)
  })
})

it('two orders changed by one action of the merchant, which share an event id, are two events', async () => {
  for (const id of [5000000000001, 5000000000002]) {
    await app.store.webhook({ topic: 'orders/updated', eventId: 'e-bulk', payload: order({ id }) })
  }
  expect(await rows('events')).toHaveLength(2)
})

describe('a malformed Host', () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; text: string }>((done, failed) => {
      const options = { method: 'POST', headers: { ...headers, host: 'a b' } }
      const request = httpRequest(`${app.url}${path}`, options, response => {
        let text = ''
        response.on('data', part => (text += part))
        response.on('end', () => done({ status: response.statusCode, text }))
      })
      request.on('error', failed)
      request.end(body)
    })

  it('is answered without a word about our insides', async () => {
    const answer = await post('/healthz', '{}')
    expect(answer.status).toBe(400)
    expect(answer.text).not.toMatch(/node_modules|at .*\(/)
  })

  it('is nothing to a webhook, which is judged by its signature', async () => {
    expect(await post('/webhooks', '{}')).toMatchObject({ status: 401 })
    const body = JSON.stringify(order())
    const headers = {
      'content-type': 'application/json',
      'x-shopify-hmac-sha256': webhookSignature(SECRET, body),
      'x-shopify-topic': 'orders/create',
      'x-shopify-shop-domain': SHOP,
      'x-shopify-webhook-id': 'w-host',
    }
    expect(await post('/webhooks', body, headers)).toMatchObject({ status: 200 })
    expect(await rows('events')).toHaveLength(1)
  })
})

describe('a shop', () => {
  const domain = 'leaving.myshopify.com'
  const install = (at: string) =>
    app.server.services.pool.query(
      'insert into shops (domain, scopes, installed_at) values ($1, $2, $3) on conflict (domain) do update set uninstalled_at = null, installed_at = excluded.installed_at',
      [domain, [], at],
    )
  const shop = async () =>
    (await app.server.services.pool.query('select * from shops where domain = $1', [domain])).rows[0]

  it('that uninstalled is no longer installed, though its payload names no domain', async () => {
    await install('2026-01-01T00:00:00Z')
    await app.store.webhook({
      topic: 'app/uninstalled',
      shop: domain,
      payload: { id: 1, myshopify_domain: null, domain: null },
    })
    expect((await shop()).uninstalled_at).not.toBeNull()
    const later = await app.store.webhook({ topic: 'orders/create', shop: domain, payload: order() })
    expect(await later.json()).toMatchObject({ status: 'ignored' })
  })

  it('that uninstalled gets nothing more sent, until its connection is tested again', async () => {
    const { pool } = app.server.services
    await app.connect('ecomail')
    await switchLane(pool, app.lane('ecomail'), false)
    await app.store.webhook({ topic: 'orders/create', payload: order() })
    await app.store.webhook({ topic: 'app/uninstalled', payload: { id: 1 } })
    await switchLane(pool, app.lane('ecomail'), true)
    expect(await app.states()).toEqual([['order_created', 'held', 'uninstalled']])
    await pool.query('update shops set uninstalled_at = null')
    await acceptCredentials(pool, app.lane('ecomail'))
    await app.signal('ecomail')
    await app.idle()
    expect(await app.states()).toEqual([['order_created', 'delivered', null]])
  })

  it('that was installed again is not uninstalled by an old notice', async () => {
    await install(new Date().toISOString())
    await app.store.webhook({
      topic: 'app/uninstalled',
      shop: domain,
      payload: { id: 1 },
      triggeredAt: '2026-01-02T00:00:00Z',
    })
    expect((await shop()).uninstalled_at).toBeNull()
  })

  it('has its new scopes and name recorded', async () => {
    await install('2026-01-01T00:00:00Z')
    await app.store.webhook({
      topic: 'app/scopes_update',
      shop: domain,
      payload: { id: 1, previous: ['read_orders'], current: ['read_orders', 'read_products'] },
    })
    await app.store.webhook({
      topic: 'shop/update',
      shop: domain,
      payload: { id: 1, name: 'New Name', currency: 'CZK', domain: 'new.example.com' },
    })
    expect(await shop()).toMatchObject({
      scopes: ['read_orders', 'read_products'],
      name: 'New Name',
      currency: 'CZK',
      primary_domain: 'new.example.com',
    })
  })

  it('has its privacy requests recorded after it has uninstalled, with the person sealed', async () => {
    await install('2026-01-01T00:00:00Z')
    await app.store.webhook({ topic: 'app/uninstalled', shop: domain, payload: { id: 1 } })
    for (const topic of ['customers/data_request', 'customers/redact', 'shop/redact']) {
      const answer = await app.store.webhook({
        topic,
        shop: domain,
        payload: {
          shop_id: 1,
          shop_domain: domain,
          customer: { id: 9, email: 'gone@example.com', phone: null },
          orders_to_redact: [1],
        },
      })
      expect(answer.status).toBe(200)
    }
    const requests = await rows('privacy_requests')
    expect(requests.map(request => request.topic).sort()).toEqual([
      'customers/data_request',
      'customers/redact',
      'shop/redact',
    ])
    expect(JSON.stringify(requests)).not.toContain('gone@example.com')
  })
})

it('a customer notice that is older than what is known takes nothing back', async () => {
  await app.store.webhook({
    topic: 'customers/update',
    payload: { ...customerPayload(SIGNED_IN, '2026-11-20T10:00:00Z'), email: 'new@example.com' },
  })
  await app.store.webhook({
    topic: 'customers/update',
    payload: { ...customerPayload(SIGNED_IN, '2026-11-19T10:00:00Z'), email: 'old@example.com' },
  })
  const row = (await rows('customers'))[0]
  const { sealer } = app.server.services
  expect(
    JSON.parse(sealer.unseal(row.personal, [String(app.shopId), 'customer', row.customer_id])),
  ).toMatchObject({ email: 'new@example.com' })
})
