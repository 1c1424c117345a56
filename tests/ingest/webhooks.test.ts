import { request as httpRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import { productPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { webhookSignature } from '../../sandbox/store/shopify.ts'
import { PREVIOUS_SECRET, SECRET, SHOP } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'
import { minute } from '../support/orders.ts'

const { app, order } = freshApp()

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
          payload: order.payload(),
          signature: webhookSignature('other', '{}'),
        }),
      ),
    ).toBe(401)
    await nothingKept()
  })

  it('401 when the signature is missing', async () => {
    expect(
      await status(app.store.webhook({ topic: 'orders/create', payload: order.payload(), signature: null })),
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
      await status(
        app.store.webhook({ topic: 'orders/create', payload: order.payload(), shop: 'evil.example.com' }),
      ),
    ).toBe(400)
    await nothingKept()
  })

  it('413 when the body is larger than 10 MiB', async () => {
    const payload = JSON.stringify({ ...order.payload(), note: 'x'.repeat(10 * 1024 * 1024) })
    expect(await status(app.store.webhook({ topic: 'orders/create', payload }))).toBe(413)
    await nothingKept()
  })

  it('405 when it is no POST', async () => {
    expect(await status(fetch(`${app.url}/webhooks`))).toBe(405)
  })
})

describe('a webhook is accepted', () => {
  it('and gives an event', async () => {
    const answer = await app.store.webhook({ topic: 'orders/create', payload: order.payload() })
    expect(await answer.json()).toMatchObject({ status: 'accepted', events: [{ type: 'order_created' }] })
    expect(await rows('events')).toMatchObject([
      { type: 'order_created', subject: `order:${order.id}`, customer_id: '7012345678901' },
    ])
  })

  it('signed with the previous secret, while it is being rotated', async () => {
    const payload = JSON.stringify(order.payload())
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
    await app.store.webhook({ topic: 'orders/create', payload: order.payload() })
    const text = JSON.stringify([await rows('events'), await rows('customers')])
    expect(text).not.toContain(SIGNED_IN.email)
    expect(text).not.toContain(SIGNED_IN.last)
  })

  it('of 1 MB, whole', async () => {
    const lines = Array.from({ length: 600 }, () => ({ product: 'lamp' as const, quantity: 1 }))
    const payload = { ...order.payload({ lines }), note: 'x'.repeat(900_000) }
    expect(JSON.stringify(payload).length).toBeGreaterThan(1_000_000)
    expect(await status(app.store.webhook({ topic: 'orders/create', payload }))).toBe(200)
    expect((await rows('events'))[0].data.order.lines).toHaveLength(600)
  })

  it('with an id above 2^53, exactly', async () => {
    const payload = JSON.stringify({ ...order.payload(), admin_graphql_api_id: undefined }).replace(
      String(order.id),
      '820982911946154508',
    )
    await app.store.webhook({ topic: 'orders/create', payload })
    expect((await rows('events'))[0].data.orderId).toBe('820982911946154508')
  })

  it('with NUL and a lone surrogate in a text, which PostgreSQL refuses', async () => {
    const title = 'Lamp\u0000\ud800!'
    const payload = {
      ...order.payload(),
      line_items: order.payload().line_items.map(line => ({ ...line, title })),
    }
    expect(await status(app.store.webhook({ topic: 'orders/create', payload }))).toBe(200)
    expect((await rows('events'))[0].data.order.lines[0].product.title).toMatch(/^Lamp.?!$/)
  })

  it('that changes only what is known, without an event', async () => {
    const answer = await app.store.webhook({
      topic: 'products/update',
      payload: productPayload('lamp', minute(0)),
    })
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
      payload: order.payload(),
      shop: 'stranger.myshopify.com',
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ status: 'ignored' })
    expect(await rows('receipts')).toEqual([])
  })
})

describe('the same webhook twice is one event', () => {
  const twice = async (first: object, second: object) => {
    await app.store.webhook({ topic: 'orders/create', payload: order.payload(), ...first })
    const answer = await app.store.webhook({ topic: 'orders/create', payload: order.payload(), ...second })
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
        app.store.webhook({ topic: 'orders/create', payload: order.payload(), webhookId: 'w1' }),
      ),
    )
    expect(answers.map(answer => answer.status)).toEqual(Array(8).fill(200))
    expect(await rows('events')).toHaveLength(1)
  })
})

it('two orders changed by one action of the merchant, which share an event id, are two events', async () => {
  for (const id of [5000000000001, 5000000000002]) {
    await app.store.webhook({ topic: 'orders/updated', eventId: 'e-bulk', payload: order.payload({ id }) })
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
    const body = JSON.stringify(order.payload())
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
