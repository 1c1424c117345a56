import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import type { Product } from '../events/data.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { EVENT_TYPES } from '../events/types.ts'
import { line, order, product, storeEvent } from '../vendors/testing.ts'
import type { EffectOf } from './effects.ts'
import { deleteProduct, fillProducts, saveProduct } from './product-cache.ts'
import { installShop } from './shops.ts'

const at = (hour: number) => `2026-11-20T${String(hour).padStart(2, '0')}:00:00.000Z`
let test: TestDatabase
let shopId: number
let otherId: number
const pool = () => test.database.pool

const saved = (over: Partial<EffectOf<'product_saved'>> = {}): EffectOf<'product_saved'> => ({
  kind: 'product_saved',
  productId: '1',
  handle: 'lantern',
  title: 'Lantern',
  brand: 'Glow',
  productType: 'Lamps',
  category: 'Home > Lamps',
  tags: ['brass'],
  imageUrl: 'https://cdn.example.com/lantern.jpg',
  variants: [
    { id: '10', sku: 'L-10', title: 'Large', imageUrl: 'https://cdn.example.com/large.jpg' },
    { id: '11', sku: null, title: 'Default Title', imageUrl: null },
  ],
  metafields: { 'alana.id': 'uuid-1' },
  updatedAt: at(10),
  noticedAt: at(10),
  ...over,
})
const save = (over: Partial<EffectOf<'product_saved'>> = {}, shop = shopId) =>
  withTransaction(pool(), client => saveProduct(client, shop, saved(over)))
const remove = (hour: number, shop = shopId, id = '1') =>
  withTransaction(pool(), client => deleteProduct(client, shop, id, at(hour)))
const stored = async () =>
  (
    await pool().query(
      'select title, tags, deleted_at is not null as deleted from products where shop_id = $1',
      [shopId],
    )
  ).rows[0]

/** A product of which the source told no more than its ids. */
const bare = (over: Partial<Product> = {}): Product => ({
  ...product(),
  id: '1',
  variantId: '10',
  handle: null,
  title: null,
  variantTitle: null,
  sku: null,
  brand: null,
  category: null,
  tags: [],
  url: null,
  imageUrl: null,
  ...over,
})
const fill = (events: readonly StoreEvent[], shop = shopId) =>
  fillProducts(pool(), shop, 'https://shop.example.com', events)
const filled = async (given: Product): Promise<Product> => {
  const [event] = await fill([storeEvent('product_viewed', { url: null, product: given })])
  if (event?.type !== 'product_viewed') throw new Error('the event became another')
  return event.data.product
}

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = (await installShop(test.database.prisma, 'one.myshopify.com', [])).id
  otherId = (await installShop(test.database.prisma, 'two.myshopify.com', [])).id
})

describe('a product', () => {
  it('is kept as the newest notice has it, whatever the order of arrival', async () => {
    await save({ title: 'new', updatedAt: at(11) })
    await save({ title: 'old', updatedAt: at(10) })
    expect(await stored()).toMatchObject({ title: 'new' })
    await save({ title: 'newest', tags: [], updatedAt: at(12) })
    expect(await stored()).toMatchObject({ title: 'newest', tags: [] })
  })

  it('keeps the metafields that a notice does not name', async () => {
    await save({ metafields: { 'a.b': '1', 'c.d': '2' } })
    await save({ metafields: { 'a.b': '3' }, updatedAt: at(11) })
    expect((await filled(bare())).metafields).toEqual({ 'a.b': '3', 'c.d': '2' })
  })

  it('is one of its shop', async () => {
    await save()
    await save({ title: 'other' }, otherId)
    await remove(12, otherId)
    expect(await stored()).toEqual({ title: 'Lantern', tags: ['brass'], deleted: false })
  })

  it('is kept whatever stands in its texts', async () => {
    await save({ title: 'a\u0000b', tags: ['c\u0000d'], metafields: { 'x.y': 'e\u0000f' } })
    expect(await stored()).toMatchObject({ title: 'ab', tags: ['cd'] })
  })
})

describe('a deleted product', () => {
  it('keeps its facts', async () => {
    await save()
    await remove(11)
    expect(await stored()).toMatchObject({ title: 'Lantern', deleted: true })
    expect(await filled(bare())).toMatchObject({ title: 'Lantern' })
  })

  it('stays deleted when an older update comes late, also one of which nothing was known', async () => {
    await save({ updatedAt: at(9) })
    await remove(11)
    await save({ title: 'late', updatedAt: at(10) })
    expect(await stored()).toMatchObject({ title: 'late', deleted: true })
    await pool().query('delete from products')
    await remove(11)
    await save({ updatedAt: at(10) })
    expect(await stored()).toMatchObject({ title: 'Lantern', deleted: true })
  })

  it('is back with a newer update, and an older notice of its deletion changes nothing', async () => {
    await remove(9)
    await save({ updatedAt: at(10) })
    expect(await stored()).toMatchObject({ deleted: false })
    await remove(8)
    expect(await stored()).toMatchObject({ deleted: false })
  })

  it('of which nothing is known adds nothing', async () => {
    await remove(11)
    expect(await filled(bare())).toEqual(bare())
  })
})

describe('the facts added', () => {
  it('are those that the source lacks, of the product and its variant', async () => {
    await save()
    expect(await filled(bare())).toMatchObject({
      handle: 'lantern',
      title: 'Lantern',
      variantTitle: 'Large',
      sku: 'L-10',
      brand: 'Glow',
      category: 'Lamps',
      tags: ['brass'],
      url: 'https://shop.example.com/products/lantern',
      imageUrl: 'https://cdn.example.com/large.jpg',
      metafields: { 'alana.id': 'uuid-1' },
    })
  })

  it('do not replace what the source said', async () => {
    await save()
    const said = product({ id: '1', variantId: '10', metafields: { 'alana.id': 'said' } })
    expect(await filled(said)).toEqual(said)
  })

  it('are the product’s where the variant has none or is not known', async () => {
    await save()
    for (const variantId of ['11', '99', null]) {
      expect(await filled(bare({ variantId }))).toMatchObject({
        sku: null,
        variantTitle: null,
        imageUrl: 'https://cdn.example.com/lantern.jpg',
      })
    }
  })

  it('name the category of the taxonomy where the product has no type', async () => {
    await save({ productType: '' })
    expect(await filled(bare())).toMatchObject({ category: 'Home > Lamps' })
  })

  it('are of the shop asked for', async () => {
    await save({}, otherId)
    expect(await filled(bare())).toEqual(bare())
  })

  it('are none for a product without an id', async () => {
    await save()
    expect(await filled(bare({ id: null }))).toEqual(bare({ id: null }))
  })
})

describe('events', () => {
  const lines = [line({ product: bare() }), line({ product: bare({ id: '2' }) })]
  const cart = { token: 'c', currency: 'EUR', total: '1.00', lines }
  const checkout = {
    ...{
      token: 'k',
      cartToken: 'c',
      currency: 'EUR',
      total: '1.00',
      tax: null,
      shipping: null,
      discount: null,
    },
    ...{ discountCodes: [], lines },
  }
  const refund = {
    ...{ id: '1', amount: '1.00', currency: 'EUR' },
    lines: [{ product: bare(), quantity: 1, total: '1.00' }],
  }
  const ofOrder = { orderId: '5', order: order({ lines }), refund }
  const DATA: { [T in (typeof EVENT_TYPES)[number]]: Extract<StoreEvent, { type: T }>['data'] } = {
    page_viewed: { url: null, page: { type: null, title: null, referrer: null } },
    collection_viewed: { url: null, collection: { id: null, handle: null, title: null, path: null } },
    product_viewed: { url: null, product: bare() },
    search_submitted: { url: null, query: 'x' },
    product_added_to_cart: { url: null, product: bare(), quantity: 1 },
    product_removed_from_cart: { url: null, product: bare(), quantity: 1 },
    cart_viewed: { url: null, cart },
    cart_updated: { cart },
    checkout_started: { checkout },
    checkout_updated: { checkout },
    checkout_abandoned: { checkout },
    checkout_completed: { checkout },
    order_created: ofOrder,
    order_updated: ofOrder,
    order_paid: ofOrder,
    order_fulfilled: ofOrder,
    order_cancelled: ofOrder,
    order_refunded: ofOrder,
    customer_created: { state: null },
    marketing_consent_updated: { channel: 'email', state: 'subscribed', optInLevel: null },
  }
  /** Every product in a value, by its shape. */
  const productsIn = (value: unknown): Product[] => {
    if (value === null || typeof value !== 'object') return []
    if ('metafields' in value) return [value as Product]
    return Object.values(value).flatMap(productsIn)
  }

  it.each(EVENT_TYPES)('have every product in them filled in: %s', async type => {
    await save()
    const event = storeEvent(type, DATA[type] as never)
    const [after] = await fill([event])
    const before = productsIn(event.data)
    const products = productsIn(after?.data)
    expect(products.map(({ id, title }) => [id, title])).toEqual(
      before.map(({ id }) => [id, id === '1' ? 'Lantern' : null]),
    )
    expect({ ...after, data: null }).toEqual({ ...event, data: null })
  })

  it('without an order or a refund stay as they are, and in order', async () => {
    await save()
    const none = storeEvent('order_refunded', { orderId: '5', order: null, refund: null })
    const view = storeEvent('product_viewed', { url: null, product: bare() })
    const [first, second] = await fill([none, view])
    expect(first).toEqual(none)
    expect(second?.type).toBe('product_viewed')
    expect(await fill([])).toEqual([])
  })
})
