import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { createSealer } from '../secrets/seal.ts'
import { installShop } from '../shopify/shops.ts'
import { orderEvent, storeEvent } from '../vendors/testing.ts'
import { learnLinks } from './learn-links.ts'
import { fillOrderVisitors } from './order-visitors.ts'
import { learnRefusals } from './refusals.ts'

const sealer = createSealer([{ id: 'test', bytes: Buffer.alloc(32, 7) }])
const AT = '2026-11-02T08:00:00.000Z'
/** As in the order of `orderEvent`. */
const TOKEN = 'checkout:checkout-token-1'
let test: TestDatabase
let shopId: number

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(test.database.pool)
  shopId = (await installShop(test.database.prisma, 'one.myshopify.com', [])).id
})

/** A pixel was in the checkout, in this browser. */
const seen = (visitorId: string, token = TOKEN) =>
  withTransaction(test.database.pool, client =>
    learnLinks(client, sealer, {
      ...{ sessions: [], attested: [] },
      checkouts: [{ shopId, token, visitorId, person: null, at: AT }],
    }),
  )
const refuse = (purpose: 'analytics' | 'marketing') =>
  withTransaction(test.database.pool, client =>
    learnRefusals(client, [
      { shopId, visitorId: 'v1', subjects: [], analytics: null, marketing: null, [purpose]: AT },
    ]),
  )
const ordered = (actor: Partial<StoreEvent['actor']> = {}): StoreEvent => ({
  ...orderEvent('order_created'),
  actor: { ...NOBODY, customerId: '7', ...actor },
})
const visitorOf = async (event = ordered(), shop = shopId) =>
  (await fillOrderVisitors(test.database.pool, shop, [event]))[0]?.actor.visitorId

it('an order stands under the browser whose pixel was in its checkout, and under no person because of it', async () => {
  await seen('v1')
  expect(await fillOrderVisitors(test.database.pool, shopId, [ordered()])).toEqual([
    ordered({ visitorId: 'v1' }),
  ])
  expect(await visitorOf(ordered({ visitorId: 'cart' }))).toBe('cart')
})

it.each<[string, () => Promise<unknown>, StoreEvent?]>([
  ['no pixel was in its checkout', () => seen('v1', 'checkout:another')],
  ['whoever had the address of the checkout told of it too', () => Promise.all([seen('v1'), seen('v2')])],
  ['that browser has refused analytics', () => seen('v1').then(() => refuse('analytics'))],
  [
    'that browser has refused marketing, which a shop may ask for orders',
    () => seen('v1').then(() => refuse('marketing')),
  ],
  [
    'the order refuses analytics',
    () => seen('v1'),
    ordered({ consent: { ...NOBODY.consent, analytics: false } }),
  ],
  [
    'it is no order',
    () => seen('v1'),
    { ...storeEvent('search_submitted', { url: null, query: 'x' }), actor: NOBODY },
  ],
])('nobody is named where %s', async (_, before, event) => {
  await before()
  expect(await visitorOf(event)).toBeNull()
})

it('nobody of another shop is named', async () => {
  await seen('v1')
  expect(await visitorOf(ordered(), shopId + 1)).toBeNull()
})
