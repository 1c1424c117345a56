/** Batches to the web pixel's address that are nobody's: after too many the address is not listened to, and nobody else notices. */
import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { BROWSER, proxySignature } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { runningApp } from '../support/fresh-app.ts'

const BORNE = 5
const { app } = runningApp({
  env: { STOREFRONT_REFUSALS_PER_ADDRESS: String(BORNE), TRUSTED_PROXIES: '1' },
})
let key: string
/** What is counted stays counted for a minute: each test comes from a network of its own. */
let network = 0
beforeEach(async () => {
  await app.server.services.pool.query('update shops set hosts = array[domain]')
  key = (await readPixelKeys(app.server.services.pool, [SHOP])).get(SHOP)?.key ?? ''
  network++
})

const from = (host: number) => ({ 'x-forwarded-for': `198.51.${network}.${host}` })
const batch = (over: object = {}) =>
  JSON.stringify({
    shop: SHOP,
    key,
    visitorId: `v-${randomUUID()}`,
    sentAt: new Date().toISOString(),
    consent: { analytics: true, marketing: true },
    events: [
      { id: randomUUID(), type: 'search_submitted', at: new Date().toISOString(), data: { query: 'lamp' } },
    ],
    ...over,
  })
const send = (path: string, body: string, headers: Record<string, string>): Promise<Response> =>
  fetch(`${app.url}${path}`, { method: 'POST', headers: { 'user-agent': BROWSER, ...headers }, body })
const pixel = (body: string, headers: Record<string, string>): Promise<Response> =>
  send('/pixel/events', body, headers)
async function times(count: number, ask: () => Promise<Response>): Promise<number[]> {
  const statuses: number[] = []
  for (let n = 0; n < count; n++) statuses.push((await ask()).status)
  return statuses
}

describe('an address', () => {
  it.each<[string, () => string, Record<string, string>, number]>([
    ['a wrong key', () => batch({ key: 'f'.repeat(32) }), {}, 401],
    ['no shop', () => batch({ shop: 'nobody' }), {}, 401],
    ['shops made up', () => batch({ shop: `made-up-${randomUUID()}.myshopify.com` }), {}, 401],
    ['another’s origin', () => batch(), { origin: 'https://evil.example' }, 401],
    ['no JSON', () => '{"shop":', {}, 400],
    ['an endless nest', () => '['.repeat(60_000), {}, 400],
  ])('that sends %s is refused a few times, then not listened to', async (_, body, headers, status) => {
    const nuisance = { ...from(1), ...headers }
    expect(await times(BORNE + 3, () => pixel(body(), nuisance))).toEqual([
      ...Array(BORNE).fill(status),
      429,
      429,
      429,
    ])
    const answer = await pixel(body(), nuisance)
    const wait = Number(answer.headers.get('retry-after'))
    expect([wait > 30, wait <= 60]).toEqual([true, true])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after')
    expect(await answer.json()).toEqual({
      error: 'too many batches that were refused; send them again later',
    })
    expect((await pixel(batch(), from(2))).status).toBe(202)
  })

  it('is told of to the operator once, and not named', async () => {
    app.logs.length = 0
    await times(BORNE + 5, () => pixel('{', from(1)))
    const told = app.logs.filter(line => line.includes('too_many_refused'))
    expect(told).toHaveLength(1)
    expect(told[0]).not.toContain(`198.51.${network}`)
  })

  it('of many people who send what they may is never shut out by that', async () => {
    expect(await times(BORNE * 6, () => pixel(batch(), from(1)))).toEqual(Array(BORNE * 6).fill(202))
    // Refused for their content: these are the shop's own pages.
    expect(await times(BORNE * 2, () => pixel(batch({ visitorId: 'a:b' }), from(1)))).toEqual(
      Array(BORNE * 2).fill(400),
    )
    expect((await pixel(batch(), from(1))).status).toBe(202)
    expect((await pixel(batch({ key: 'old' }), from(1))).status).toBe(401)
  })

  it('cannot speak for another by what it writes into a header', async () => {
    let n = 0
    const forged = () => pixel('{', { 'x-forwarded-for': `203.0.113.${n++}, 198.51.${network}.1` })
    expect((await times(BORNE + 1, forged)).at(-1)).toBe(429)
    expect((await pixel('{', { 'x-forwarded-for': '203.0.113.0' })).status).toBe(400)
  })

  it('that is shut out there still reaches the shop through Shopify, and wrong signatures shut nobody out', async () => {
    await times(BORNE + 1, () => pixel('{', from(1)))
    const parameters = {
      logged_in_customer_id: '',
      path_prefix: '/apps/sluice',
      shop: SHOP,
      timestamp: String(Math.floor(Date.now() / 1000)),
    }
    const signed = (signature: string) =>
      send(`/proxy/events?${new URLSearchParams({ ...parameters, signature })}`, batch(), from(1))
    expect(await times(BORNE * 3, () => signed('0'.repeat(64)))).toEqual(Array(BORNE * 3).fill(401))
    expect((await signed(proxySignature(SECRET, parameters))).status).toBe(202)
    const hook = () => send('/webhooks', '{}', { ...from(1), 'x-shopify-hmac-sha256': 'AAAA' })
    expect(await times(BORNE * 3, hook)).toEqual(Array(BORNE * 3).fill(401))
    expect((await app.store.webhook({ topic: 'orders/create', payload: { id: 1 } })).status).toBe(200)
  })
})
