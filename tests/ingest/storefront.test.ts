import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { BROWSER, proxySignature } from '../../sandbox/store/shopify.ts'
import { PREVIOUS_SECRET, SECRET, SHOP } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'

const { app } = freshApp()

const view = (over: object = {}) => ({
  id: randomUUID(),
  type: 'product_viewed',
  at: new Date().toISOString(),
  url: 'https://shop.example.com/',
  data: { product: wireProduct('lamp') },
  ...over,
})
const batch = (events: unknown[], over: object = {}) => ({
  visitorId: 'v-1',
  sentAt: new Date().toISOString(),
  consent: { analytics: true, marketing: true },
  events,
  ...over,
})
const events = async () => (await app.server.services.pool.query('select * from events order by id')).rows

/** A request as Shopify's proxy sends it, with what a test changes about its query. */
function post(body: string, { secret = SECRET, ...over }: Record<string, string> = {}) {
  const parameters = {
    logged_in_customer_id: '',
    path_prefix: '/apps/sluice',
    shop: SHOP,
    timestamp: String(Math.floor(Date.now() / 1000)),
    ...over,
  }
  const query = new URLSearchParams({ ...parameters, signature: proxySignature(secret, parameters) })
  return fetch(`${app.url}/proxy/events?${query}`, {
    method: 'POST',
    headers: { 'user-agent': BROWSER },
    body,
  })
}

describe('a storefront batch', () => {
  it('is accepted, event by event', async () => {
    const answer = await app.store.proxy(batch([view(), { type: 'nonsense' }, view({ data: {} })]))
    expect(answer.status).toBe(202)
    expect(await answer.json()).toEqual({
      accepted: 1,
      rejected: [
        { index: 1, reason: expect.any(String) },
        { index: 2, reason: expect.any(String) },
      ],
    })
    expect(await events()).toMatchObject([
      { type: 'product_viewed', source: 'storefront', visitor_id: 'v-1', customer_id: null },
    ])
  })

  it('sent again is the same events', async () => {
    const same = batch([view(), view()])
    await app.store.proxy(same)
    expect(await (await app.store.proxy(same)).json()).toEqual({ accepted: 2, rejected: [] })
    expect(await events()).toHaveLength(2)
  })

  it('has the customer that Shopify signed, and never one from the body', async () => {
    await app.store.proxy(
      batch([view()], { customerId: '666', logged_in_customer_id: '666' }),
      String(SIGNED_IN.id),
    )
    await app.store.proxy(batch([view({ customerId: '666' })]))
    expect((await events()).map(event => event.customer_id)).toEqual([String(SIGNED_IN.id), null])
  })

  it('signed with the previous secret is accepted while it is being rotated', async () => {
    expect((await post(JSON.stringify(batch([view()])), { secret: PREVIOUS_SECRET })).status).toBe(202)
  })

  it('of a shop that is not installed is rejected, and nothing is kept', async () => {
    const answer = await post(JSON.stringify(batch([view()])), { shop: 'stranger.myshopify.com' })
    expect(await answer.json()).toEqual({
      accepted: 0,
      rejected: [{ index: 0, reason: expect.stringContaining('not installed') }],
    })
    expect(await events()).toEqual([])
  })
})

describe('a storefront batch is refused', () => {
  it.each([
    ['401 with a wrong signature', 401, { secret: 'other' }],
    ['401 when its time is long past', 401, { timestamp: '1700000000' }],
    ['401 for what is no Shopify shop', 401, { shop: 'evil.example.com' }],
  ])('%s', async (_, status, over) => {
    expect((await post(JSON.stringify(batch([view()])), over)).status).toBe(status)
    expect(await events()).toEqual([])
  })

  it.each([
    ['that is not JSON', '{'],
    ['without a visitor', JSON.stringify(batch([view()], { visitorId: null }))],
    ['of 51 events', JSON.stringify(batch(Array.from({ length: 51 }, () => ({ type: 'page_viewed' }))))],
  ])('400 %s', async (_, body) => {
    expect((await post(body)).status).toBe(400)
  })

  it('413 when it is larger than 64 KiB', async () => {
    expect((await post(JSON.stringify(batch([view({ url: 'x'.repeat(64 * 1024) })])))).status).toBe(413)
  })
})
