import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startVendors } from './server.ts'
import { call, KEYS } from './testing.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startVendors()
})
beforeEach(() => sandbox.reset())
afterAll(() => sandbox.close())

const post = (body: unknown, headers: Record<string, string> = KEYS.alana) =>
  call('POST', `${sandbox.urls.alana}/api/v1/events`, headers, body)
const last = () => sandbox.inbox('alana').at(-1)

const UUID = '550e8400-e29b-41d4-a716-446655440000'

describe('events', () => {
  it('answers the documented batch as documented', async () => {
    const { status, body } = await post({
      events: [
        { eventType: 'search', visitorId: 'visitor-abc', userId: 'user-123', query: 'camiseta azul' },
        { eventType: 'detail-page-view', visitorId: 'visitor-abc', productId: UUID },
      ],
    })
    expect(status).toBe(200)
    expect(body).toEqual({ status: 'ok', stored: 2, errors: 0 })
    expect(last()).toMatchObject({ accepted: true, taken: 2, warnings: [] })
  })

  it.each([
    { eventType: 'home-page-view' },
    { eventType: 'category-view', categoryPath: 'Apparel/T-Shirts' },
    { eventType: 'category-view', categoryPath: ['Apparel', 'T-Shirts'] },
    { eventType: 'add-to-cart', productId: UUID, metadata: { quantity: 2, tags: ['a'] } },
    { eventType: 'shopping-cart-page-view' },
    { eventType: 'purchase-complete', productIds: [UUID], revenue: 99.9, currency: 'BRL' },
  ])('takes $eventType', async event => {
    expect((await post({ events: [{ visitorId: 'v', ...event }] })).body).toEqual({
      status: 'ok',
      stored: 1,
      errors: 0,
    })
    expect(last()?.warnings).toEqual([])
  })

  it.each([
    ['no type', { visitorId: 'v' }],
    ['an unknown type', { eventType: 'category-page-view', visitorId: 'v' }],
    ['no visitor', { eventType: 'home-page-view' }],
    ['an empty visitor', { eventType: 'home-page-view', visitorId: '' }],
    ['a search without a query', { eventType: 'search', visitorId: 'v' }],
    ['a category without a path', { eventType: 'category-view', visitorId: 'v' }],
    ['a view without a product', { eventType: 'detail-page-view', visitorId: 'v' }],
    ['a product id that is a number', { eventType: 'add-to-cart', visitorId: 'v', productId: 1 }],
    ['a user id that is a number', { eventType: 'home-page-view', visitorId: 'v', userId: 7 }],
    ['metadata that is no object', { eventType: 'home-page-view', visitorId: 'v', metadata: 'x' }],
    [
      'a purchase without products',
      { eventType: 'purchase-complete', visitorId: 'v', revenue: 1, currency: 'BRL' },
    ],
    [
      'a purchase without revenue',
      { eventType: 'purchase-complete', visitorId: 'v', productIds: [UUID], currency: 'BRL' },
    ],
    [
      'a purchase without currency',
      { eventType: 'purchase-complete', visitorId: 'v', productIds: [UUID], revenue: 1 },
    ],
    ['an event that is no object', 'home-page-view'],
  ])('counts %s as an error in a 200', async (_, event) => {
    const { status, body } = await post({ events: [event] })
    expect([status, body]).toEqual([200, { status: 'ok', stored: 0, errors: 1 }])
    expect(last()).toMatchObject({
      accepted: false,
      taken: 0,
      warnings: [expect.stringContaining('events[0] failed')],
    })
  })

  it('stores the good events of a batch with a bad one', async () => {
    const good = { eventType: 'home-page-view', visitorId: 'v' }
    expect((await post({ events: [good, { eventType: 'search', visitorId: 'v' }, good] })).body).toEqual({
      status: 'ok',
      stored: 2,
      errors: 1,
    })
    expect(last()).toMatchObject({
      accepted: true,
      taken: 2,
      warnings: ['events[1] failed: query is required'],
    })
  })

  it('warns of undocumented fields', async () => {
    await post({ events: [{ eventType: 'home-page-view', visitorId: 'v', timestamp: 1 }] })
    expect(last()?.warnings).toEqual(['events[0] timestamp is not a documented field'])
  })

  it('takes 100 events at once, and not 101', async () => {
    const many = (count: number) => ({
      events: Array(count).fill({ eventType: 'home-page-view', visitorId: 'v' }),
    })
    expect((await post(many(100))).body).toEqual({ status: 'ok', stored: 100, errors: 0 })
    const { status, body } = await post(many(101))
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: 'VALIDATION_ERROR', details: [{ field: 'events' }] } })
    expect(sandbox.counts('alana')).toMatchObject({ taken: 100 })
  })

  it.each([{}, { events: {} }, []])('refuses %j', async body => {
    expect((await post(body)).status).toBe(400)
  })
})

describe('the door', () => {
  it.each([
    [{}, 'AUTH_001'],
    [{ 'x-api-key': 'wrong' }, 'AUTH_002'],
  ])('refuses the key %j with %s', async (headers, code) => {
    const { status, body } = await post({ events: [] }, headers)
    expect(status).toBe(401)
    expect(body).toEqual({ error: { code, message: expect.any(String), request_id: expect.any(String) } })
  })

  it('takes the key as a parameter, and masks it', async () => {
    const key = KEYS.alana['x-api-key']
    const { status } = await call('GET', `${sandbox.urls.alana}/api/v1/autocomplete?query=te&key=${key}`)
    expect(status).toBe(200)
    expect(last()?.path).toBe('/api/v1/autocomplete?query=te&key=****5d84')
  })

  it('completes nothing shorter than two characters', async () => {
    expect((await call('GET', `${sandbox.urls.alana}/api/v1/autocomplete?query=t`, KEYS.alana)).status).toBe(
      400,
    )
  })
})
