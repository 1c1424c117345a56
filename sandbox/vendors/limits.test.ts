/** Rate limits as the vendors announce them, with a clock that the test moves. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startVendors } from './server.ts'
import { call, type Heard, KEYS } from './testing.ts'

const START = Date.parse('2026-11-20T12:00:00.000Z')
let now = START
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startVendors({
    now: () => now,
    limits: { topmail: { requests: 2, windowMs: 10_000 } },
  })
})
beforeEach(() => {
  now = START
  sandbox.reset()
})
afterAll(() => sandbox.close())

/** Sends `count` requests and returns the answers. */
async function many(count: number, send: () => Promise<Heard>): Promise<Heard[]> {
  const heard: Heard[] = []
  for (let sent = 0; sent < count; sent += 1) heard.push(await send())
  return heard
}
const statuses = (heard: Heard[]) => heard.map(({ status }) => status)

describe('Ecomail', () => {
  const send = () => call('GET', `${sandbox.urls.ecomail}/lists`, KEYS.ecomail)

  it('allows 1000 requests a minute, then says how long to wait', async () => {
    const heard = await Promise.all(Array.from({ length: 20 }, () => many(50, send)))
    expect(new Set(statuses(heard.flat()))).toEqual(new Set([200]))
    now += 10_500
    const refused = await send()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('50')
    expect(refused.body).toEqual({ message: expect.any(String) })
    expect(sandbox.counts('ecomail')).toMatchObject({ received: 1001, refused: 1 })
    now += 50_000
    expect((await send()).status).toBe(200)
  })
})

describe('Topmail', () => {
  const send = () => call('GET', `${sandbox.urls.topmail}/api/v1/contacts`, KEYS.topmail)

  it('announces what remains and an ISO reset; Retry-After only on 429', async () => {
    const [first, second, third] = await many(3, send)
    expect(statuses([first, second, third] as Heard[])).toEqual([200, 200, 429])
    expect([first, second, third].map(one => one?.headers.get('x-ratelimit-remaining'))).toEqual([
      '1',
      '0',
      '0',
    ])
    expect(third?.headers.get('x-ratelimit-reset')).toBe('2026-11-20T12:00:10.000Z')
    expect([first, third].map(one => one?.headers.get('retry-after'))).toEqual([null, '10'])
    expect(third?.body).toEqual({ error: { code: 'rate_limited', message: expect.any(String) } })
  })
})

describe('Alana', () => {
  const send = () => call('GET', `${sandbox.urls.alana}/api/v1/autocomplete?query=te`, KEYS.alana)

  it('allows 100 requests a minute from one address, with headers on every answer', async () => {
    const heard = await many(101, send)
    expect(statuses(heard.slice(0, 100))).toEqual(Array(100).fill(200))
    expect(heard[0]?.headers.get('x-ratelimit-limit')).toBe('100')
    expect(heard[0]?.headers.get('x-ratelimit-remaining')).toBe('99')
    expect(heard[0]?.headers.get('x-ratelimit-reset')).toBe(String((START + 60_000) / 1000))
    expect(heard[100]?.status).toBe(429)
    expect(heard[100]?.headers.get('retry-after')).toBe('60')
    expect(heard[100]?.body).toMatchObject({ error: { code: 'RATE_002', request_id: expect.any(String) } })
  })

  it('allows a key its own number however many addresses it comes from', async () => {
    const small = { requests: 1, windowMs: 60_000 }
    const few = await startVendors({
      limits: { alana: { key: small, keyAndAddress: { ...small, requests: 5 } } },
    })
    const [, second] = await many(2, () =>
      call('GET', `${few.urls.alana}/api/v1/autocomplete?query=te`, KEYS.alana),
    )
    expect(second?.body).toMatchObject({ error: { code: 'RATE_001' } })
    await few.close()
  })
})

describe('Voucherify', () => {
  const client = () => call('GET', `${sandbox.urls.voucherify}/client/v1/promotions/tiers`, KEYS.client)
  const server = () => call('GET', `${sandbox.urls.voucherify}/v1/customers`, KEYS.server)

  it('allows 5 client requests in 5 seconds from one address', async () => {
    const heard = await many(6, client)
    expect(statuses(heard)).toEqual([200, 200, 200, 200, 200, 429])
    const refused = heard[5]
    expect(refused?.body).toEqual({ code: 429, message: 'Too many requests hit the API too quickly.' })
    expect(refused?.headers.get('x-rate-limit-limit')).toBe('5')
    expect(refused?.headers.get('x-rate-limit-remaining')).toBe('0')
    expect(refused?.headers.get('x-rate-limit-retry')).toBe(String((START + 5000) / 1000))
    expect(refused?.headers.get('retry-after')).toBe('5')
    now += 5000
    expect((await client()).status).toBe(200)
  })

  it('counts server requests apart, by the plan', async () => {
    await many(5, client)
    const heard = await many(101, server)
    expect(statuses(heard.slice(0, 100))).toEqual(Array(100).fill(200))
    expect(heard[100]?.status).toBe(429)
    expect(heard[100]?.headers.get('x-rate-limit-type')).toBe('api_calls')
  })
})

it('has no limits when they are lifted', async () => {
  const free = await startVendors({ limits: false })
  const heard = await many(12, () =>
    call('GET', `${free.urls.voucherify}/client/v1/promotions/tiers`, KEYS.client),
  )
  expect(new Set(statuses(heard))).toEqual(new Set([200]))
  expect(heard[0]?.headers.get('x-rate-limit-limit')).toBeNull()
  await free.close()
})
