/** How much is taken from one sender, and what is not taken from robots, through the whole app. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { BROWSER, proxySignature } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp({
  env: {
    STOREFRONT_EVENTS_PER_SHOP: '300',
    STOREFRONT_EVENTS_PER_ADDRESS: '60',
    STOREFRONT_EVENTS_PER_VISITOR: '20',
    TRUSTED_PROXIES: '1',
  },
})

const search = () => ({
  id: randomUUID(),
  type: 'search_submitted',
  at: new Date().toISOString(),
  data: { query: 'lamp' },
})
const batch = (visitorId: string, count: number, over = {}) => ({
  visitorId,
  sentAt: new Date().toISOString(),
  consent: { analytics: true, marketing: true },
  events: Array.from({ length: count }, search),
  ...over,
})
function viaProxy(body: unknown, headers: Record<string, string>) {
  const parameters = {
    logged_in_customer_id: '',
    path_prefix: '/apps/sluice',
    shop: SHOP,
    timestamp: String(Math.floor(Date.now() / 1000)),
  }
  const query = new URLSearchParams({ ...parameters, signature: proxySignature(SECRET, parameters) })
  return send(`/proxy/events?${query}`, body, headers)
}
async function viaPixel(body: object, headers: Record<string, string>) {
  const key = (await readPixelKeys(app.server.services.pool, [SHOP])).get(SHOP)?.key
  return send('/pixel/events', { ...body, shop: SHOP, key }, headers)
}
const send = (path: string, body: unknown, headers: Record<string, string>) =>
  fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'user-agent': BROWSER, ...headers },
    body: JSON.stringify(body),
  })
const from = (address: string) => ({ 'x-forwarded-for': address })
const ROBOT = { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }
const kept = async () =>
  (await app.server.services.pool.query('select count(*)::int as n from events')).rows[0].n

// One after another: what is counted stays counted for a minute.
describe.each([
  ['the proxy', viaProxy, '203.0.113'],
  ['the pixel', viaPixel, '198.51.100'],
] as const)('through %s', (name, via, network) => {
  it('a robot is told that its events are not kept, and takes nothing from the shop’s visitors', async () => {
    const before = await kept()
    for (let n = 0; n < 30; n++) {
      const answer = await via(batch('robot', 10), { ...ROBOT, ...from(`${network}.${100 + n}`) })
      expect([answer.status, await answer.json()]).toEqual([
        202,
        { accepted: 0, rejected: Array.from({ length: 10 }, (_, index) => ({ index, reason: 'automated' })) },
      ])
    }
    const source = name === 'the proxy' ? 'storefront' : 'pixel'
    const told = app.logs.filter(line => line.includes('"automated"') && line.includes(`"${source}"`))
    expect(told).toHaveLength(1)
    expect((await via(batch('a:b', 1), ROBOT)).status).toBe(400)
    expect(await kept()).toBe(before)
  })

  it('a robot that never stops is told to wait, by its address', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 8; n++)
      statuses.push(
        (
          await via(batch('robot', 10), {
            ...ROBOT,
            ...from(name === 'the proxy' ? `${network}.9, 10.0.0.1` : `${network}.9`),
          })
        ).status,
      )
    expect(statuses).toEqual([202, 202, 202, 202, 202, 202, 429, 429])
  })

  it('who says nothing of their browser is taken for a person', async () => {
    const answer = await via(batch(`${name}-silent`.replace(' ', '-'), 1), {
      'user-agent': '',
      ...from(`${network}.8`),
    })
    expect(await answer.json()).toEqual({ accepted: 1, rejected: [] })
  })

  it('a visitor who sends too much is told when to come again, and others are not', async () => {
    const mine = `${network}-one`
    expect((await via(batch(mine, 20), from(`${network}.1`))).status).toBe(202)
    const before = await kept()
    const answer = await via(batch(mine, 1), from(`${network}.2`))
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(30)
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect(await kept()).toBe(before)
    expect((await via(batch(`${network}-two`, 1), from(`${network}.1`))).status).toBe(202)
  })

  it('an address that sends too much is, whatever its visitors are called', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 5; n++) {
      const header = name === 'the proxy' ? `${network}.3, 10.0.0.${n}` : `10.0.0.${n}, ${network}.3`
      statuses.push((await via(batch(`${network}-made-up-${n}`, 15), from(header))).status)
    }
    expect(statuses).toEqual([202, 202, 202, 202, 429])
  })
})

describe('through the proxy', () => {
  it('a client who writes a header of their own does not choose whom they are counted as', async () => {
    const chosen = '203.0.113.77'
    for (let n = 0; n < 3; n++)
      await viaProxy(batch(`forger-${n}`, 15), from(`${chosen}, 203.0.113.9${n}, 10.0.0.1`))
    expect((await viaProxy(batch('neighbour', 16), from(`${chosen}, 10.0.0.1`))).status).toBe(202)
  })
})

describe('a shop', () => {
  it('of which too much comes is limited, on both ways together', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 12; n++)
      statuses.push((await viaProxy(batch(`many-${n}`, 10), from(`192.0.2.${n}`))).status)
    expect(statuses[0]).toBe(202)
    expect(statuses.at(-1)).toBe(429)
    const answer = await viaPixel(batch('another', 10), from('192.0.2.99'))
    expect(answer.status).toBe(429)
    expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after')
  })
})
