import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase, waitingForLocks } from '../db/testing.ts'
import { newShop, sealer, settledOrBlocked } from '../delivery/testing.ts'
import type { Effect, EffectOf } from '../shopify/effects.ts'
import { translateWebhook } from '../shopify/translate.ts'
import { applyEffects } from './apply-effects.ts'

let test: TestDatabase
let shopId: number
let otherId: number
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  otherId = await newShop(pool(), 'two')
})

type Change = { shopId: number; effects: readonly Effect[] }
/** Applies what webhooks say, one after another, in one transaction. */
const apply = (...changes: readonly Change[]) =>
  withTransaction(pool(), client =>
    applyEffects(
      client,
      sealer,
      changes.map(({ shopId, effects }) => {
        const receivedAt = new Date()
        const acceptance = { shopDomain: '', receivedAt, receipt: null, events: [], changes: effects }
        return { shopId, acceptance, changes: effects }
      }),
    ),
  )
async function known(id: number) {
  const shop = await pool().query(
    'select name, currency, primary_domain, stated, scopes, scopes_stated_at, scopes_noticed_at from shops where id = $1',
    [id],
  )
  const products = await pool().query(
    `select to_jsonb(p) - 'shop_id' as product from products p where shop_id = $1 order by product_id`,
    [id],
  )
  return { shop: shop.rows, products: products.rows }
}

const SECOND = Date.parse('2026-11-20T12:00:00.000Z')
const time = (step: number) =>
  fc.integer({ min: 0, max: 1 }).map(n => new Date(SECOND + n * step).toISOString())
/** Few different times, as Shopify has them: states of one second, of which it noticed some at one moment. */
const stated = { updatedAt: time(1_000), noticedAt: time(400) }
const text = fc.option(fc.constantFrom('a', 'b', 'B'))
const effect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record<EffectOf<'product_saved'>>({
    kind: fc.constant('product_saved'),
    productId: fc.constantFrom('1', '2'),
    ...{ handle: text, title: text, brand: text, productType: text, category: text, imageUrl: text },
    tags: fc.subarray(['x', 'y']),
    variants: fc.array(
      fc.record({ id: fc.constantFrom('10', '11'), sku: text, title: text, imageUrl: text }),
      {
        maxLength: 2,
      },
    ),
    metafields: fc.dictionary(fc.constantFrom('m.a', 'm.b'), fc.constantFrom('1', '2')),
    ...stated,
  }),
  fc.record<EffectOf<'product_deleted'>>({
    kind: fc.constant('product_deleted'),
    productId: fc.constantFrom('1', '2'),
    at: time(1_000),
  }),
  fc.record<EffectOf<'shop_changed'>>({
    kind: fc.constant('shop_changed'),
    ...{ name: text, currency: text, primaryDomain: text },
    timeZone: fc.constantFrom(null, 'Europe/Prague', 'Asia/Tokyo', 'Mars/Olympus_Mons'),
    ...stated,
  }),
  fc.record<EffectOf<'scopes_changed'>>({
    kind: fc.constant('scopes_changed'),
    scopes: fc.subarray(['read_orders', 'read_products'], { minLength: 1 }),
    ...stated,
  }),
)

describe('what is known of products and the shop', () => {
  it('is the same in whatever order, grouping and number notices come', async () => {
    const arrivals = fc.array(effect, { minLength: 1, maxLength: 10 }).chain(effects =>
      fc.record({
        effects: fc.constant(effects),
        again: fc.shuffledSubarray([...effects, ...effects], { minLength: 0 }),
        order: fc.shuffledSubarray(effects, { minLength: effects.length }),
        together: fc.boolean(),
      }),
    )
    await fc.assert(
      fc.asyncProperty(arrivals, async ({ effects, again, order, together }) => {
        await pool().query('delete from products')
        await pool().query(
          `update shops set name = null, currency = null, primary_domain = null, stated = '{}', scopes = '{}',
             scopes_stated_at = null, scopes_noticed_at = null`,
        )
        for (const each of effects) await apply({ shopId, effects: [each] })
        const late = [...order, ...again]
        if (together) await apply(...late.map(each => ({ shopId: otherId, effects: [each] })))
        else for (const each of late) await apply({ shopId: otherId, effects: [each] })
        expect(await known(otherId)).toEqual(await known(shopId))
      }),
      { numRuns: 150 },
    )
  }, 120_000)

  it.each([
    ['products/update', { id: '1', title: 'new' }, { id: '1', title: 'old' }, 'title', 'products'],
    ['shop/update', { name: 'new' }, { name: 'old' }, 'name', 'shops where id = $1'],
  ])('is not overwritten by an older %s that comes late', async (topic, newer, older, column, table) => {
    const said = (payload: object, updated: string | null, triggeredAt: string) =>
      translateWebhook({
        topic,
        payload: { ...payload, updated_at: updated },
        triggeredAt,
        receivedAt: new Date(),
      }).effects
    const found = async () => {
      const scoped = table.includes('$1') ? table : `${table} where shop_id = $1`
      return (await pool().query(`select ${column} as value from ${scoped}`, [shopId])).rows
    }
    type Times = [updated: string | null, triggeredAt: string]
    // By the payload's own time, within its second and where it has none by when Shopify noticed.
    const times: [later: Times, earlier: Times][] = [
      [
        ['2026-11-20T12:00:01Z', '2026-11-20T12:00:09.000Z'],
        ['2026-11-20T12:00:00Z', '2026-11-20T12:00:10.000Z'],
      ],
      [
        ['2026-11-20T13:00:00Z', '2026-11-20T13:00:00.700Z'],
        ['2026-11-20T13:00:00Z', '2026-11-20T13:00:00.300Z'],
      ],
      [
        [null, '2026-11-20T14:00:00.700Z'],
        [null, '2026-11-20T14:00:00.300Z'],
      ],
    ]
    for (const [later, earlier] of times) {
      await apply({ shopId, effects: said(newer, ...later) })
      await apply({ shopId, effects: said(older, ...earlier) })
      expect(await found()).toEqual([{ value: 'new' }])
    }
  })
})

describe('two groups that change the same rows', () => {
  const product = (productId: string): Effect => ({
    kind: 'product_deleted',
    productId,
    at: '2026-11-20T12:00:00.000Z',
  })
  const renamed: Effect = {
    kind: 'shop_changed',
    ...{ name: 'Lantern', currency: null, primaryDomain: null, timeZone: null },
    ...{ updatedAt: '2026-11-20T12:00:00.000Z', noticedAt: '2026-11-20T12:00:00.000Z' },
  }

  it.each<[string, () => Change[], () => string]>([
    [
      'products',
      () => ['1', '2'].map(id => ({ shopId, effects: [product(id)] })),
      () => `select from products where product_id = '2' for update`,
    ],
    [
      'shops',
      () => [shopId, otherId].map(id => ({ shopId: id, effects: [renamed] })),
      () => `select from shops where id = ${otherId} for update`,
    ],
    [
      'products and their shop',
      () => [
        { shopId, effects: [product('1')] },
        { shopId, effects: [renamed] },
      ],
      () => `select from shops where id = ${shopId} for no key update`,
    ],
  ])('in opposite orders wait for each other, and not in a ring: %s', async (_, changesOf, lock) => {
    const changes = changesOf()
    await apply(...changes)
    const other = await pool().connect()
    try {
      await other.query('begin')
      await other.query(lock())
      const first = apply(...changes.toReversed())
      await settledOrBlocked(pool(), first)
      const second = apply(...changes)
      await blocked(2)
      await other.query('commit')
      await expect(Promise.all([first, second])).resolves.toBeDefined()
    } finally {
      other.release()
    }
  })

  /** Waits until so many sessions of this database wait for a lock. */
  async function blocked(count: number): Promise<void> {
    await expect.poll(() => waitingForLocks(pool()), { interval: 10 }).toBe(count)
  }
})
