import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { installShop } from '../shopify/shops.ts'
import { orderEvent, storeEvent } from '../vendors/testing.ts'
import { learnRefusals, type Refusal, refusalsIn, refusedSince } from './refusals.ts'
import { forgetRefusals } from './retention.ts'

const REFUSED = { analytics: false, marketing: false }
const by = (event: StoreEvent, visitorId: string | null, consent: StoreEvent['actor']['consent']) =>
  refusalsIn([{ shopId: 1, event: { ...event, actor: { ...NOBODY, visitorId, consent } } }])
const search = (over: Partial<StoreEvent> = {}) =>
  storeEvent('search_submitted', { url: null, query: 'x' }, over)
const cart = (token: string | null) =>
  storeEvent(
    'cart_updated',
    { cart: { token, currency: null, total: null, lines: [] } },
    { source: 'webhook', version: '2026-11-20T11:00:00.000Z' },
  )

describe('a refusal', () => {
  it('is a batch’s, of marketing alone', () => {
    const at = '2026-11-20T11:00:00.123Z'
    const event = search({ source: 'pixel', occurredAt: at })
    expect(by(event, 'v1', { analytics: true, marketing: false })).toEqual([
      { shopId: 1, visitorId: 'v1', subjects: [], analytics: null, marketing: at },
    ])
  })

  it('is a cart’s, until the end of the second that Shopify names', () => {
    const until = '2026-11-20T11:00:00.999Z'
    const all = { shopId: 1, analytics: until, marketing: until }
    expect(by(cart('c1'), null, REFUSED)).toEqual([{ ...all, visitorId: null, subjects: ['cart:c1'] }])
    expect(by(cart('c1'), 'v1', REFUSED)).toEqual([{ ...all, visitorId: 'v1', subjects: [] }])
  })

  it('is an order’s of when it was made, however late it is changed, with its cart and checkout', () => {
    const order = orderEvent('order_updated', { createdAt: '2026-11-01T10:00:00.000Z', cartToken: 'c1' })
    expect(by(order, null, REFUSED)).toMatchObject([
      {
        visitorId: null,
        subjects: ['cart:c1', 'checkout:checkout-token-1'],
        analytics: '2026-11-01T10:00:00.999Z',
      },
    ])
  })

  it.each<[string, StoreEvent, string | null, StoreEvent['actor']['consent']]>([
    ['where all is allowed', search(), 'v1', { analytics: true, marketing: true }],
    ['where nothing is said', cart('c1'), 'v1', NOBODY.consent],
    ['where nobody is named', cart(null), null, REFUSED],
    ['of a visitor that no storefront would make', search({ source: 'pixel' }), 'a b', REFUSED],
    [
      'in a notice without the order',
      { ...orderEvent('order_updated'), data: { orderId: '1', order: null, refund: null } } as StoreEvent,
      'v1',
      REFUSED,
    ],
  ])('is none %s', (_, event, visitorId, consent) => {
    expect(by(event, visitorId, consent)).toEqual([])
  })
})

describe('refusals that are kept', () => {
  let test: TestDatabase
  let shopId: number
  const pool = () => test.database.pool
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    await emptyTables(pool())
    shopId = (await installShop(test.database.prisma, 'one.myshopify.com', [])).id
  })

  const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 11, minute)).toISOString()
  const refusal = (analytics: number | null, marketing: number, visitorId = 'v1'): Refusal => ({
    visitorId,
    subjects: [],
    analytics: analytics === null ? null : at(analytics),
    marketing: at(marketing),
  })
  const learn = (...list: Refusal[]) =>
    withTransaction(pool(), client => learnRefusals(client, list.map(one => ({ shopId, ...one })))) // biome-ignore format: one line
  const rows = async () =>
    (await pool().query('select visitor_id, analytics_until, marketing_until from visitor_refusals')).rows
  const refusedAt = async (minute: number, visitorId = 'v1') => {
    const event = search({ occurredAt: at(minute), actor: { ...NOBODY, visitorId } })
    const refused = (await refusedSince(pool(), shopId, [event])).get(event.id)
    return (
      refused && Object.fromEntries([...refused].map(([purpose, until]) => [purpose, until.toISOString()]))
    )
  }

  it('are about what was done before, by purpose: who refuses analytics refuses all', async () => {
    await learn(refusal(10, 10), refusal(null, 20))
    expect(await refusedAt(10)).toEqual({ analytics: at(10), marketing: at(20) })
    expect(await refusedAt(20)).toEqual({ marketing: at(20) })
    expect(await refusedAt(21)).toBeUndefined()
    expect(await refusedAt(10, 'v2')).toBeUndefined()
  })

  it('come to the same in any order, and together', async () => {
    const words = [refusal(null, 30), refusal(10, 10), refusal(null, 20)]
    await learn(...words)
    const together = await rows()
    await emptyTables(pool())
    shopId = (await installShop(test.database.prisma, 'one.myshopify.com', [])).id
    for (const word of words.toReversed()) await learn(word)
    expect(await rows()).toEqual(together)
  })

  it('are not written again by what is older', async () => {
    const version = async () => (await pool().query('select xmin from visitor_refusals')).rows
    await learn(refusal(10, 30))
    const before = await version()
    await learn(refusal(10, 30), refusal(null, 20))
    expect(await version()).toEqual(before)
  })

  it('are forgotten when no event is left that they could be about', async () => {
    await learn(refusal(10, 10))
    const days = (n: number) => new Date(Date.now() + n * 24 * 3600_000)
    expect(await forgetRefusals(pool(), days(90), 90)).toBe(0)
    expect(await forgetRefusals(pool(), days(130), 90)).toBe(1)
  })
})
