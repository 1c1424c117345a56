import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { readPixelKeys, rotatePixelKey } from '../shopify/pixel-key.ts'
import { installShop } from '../shopify/shops.ts'
import { createPixelKeys, isKeyOf, isPageOf } from './pixel-keys.ts'

const SHOP = 'one.myshopify.com'
let test: TestDatabase
let shopId: number
let key: string
let queries: number
let time: number
let keys: ReturnType<typeof createPixelKeys>

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  const { pool, prisma } = test.database
  await pool.query('truncate shops cascade')
  shopId = (await installShop(prisma, SHOP, [])).id
  key = (await readPixelKeys(pool, [SHOP])).get(SHOP)?.key ?? ''
  queries = 0
  time = 0
  const counted = {
    query: (query: { text: string; values: unknown[] }) => {
      queries++
      return pool.query(query)
    },
  } as unknown as Pool
  keys = createPixelKeys(counted, () => time)
})

describe('a shop’s pixel key', () => {
  it('is made with the shop, and each shop has its own', async () => {
    await installShop(test.database.prisma, 'two.myshopify.com', [])
    const both = await readPixelKeys(test.database.pool, [SHOP, 'two.myshopify.com', 'three.myshopify.com'])
    const found = [...both.values()].map(each => each.key)
    expect(found).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(new Set(found).size).toBe(2)
  })

  it('stays when the shop is installed again', async () => {
    await test.database.pool.query('update shops set uninstalled_at = now()')
    await installShop(test.database.prisma, SHOP, ['read_orders'])
    expect((await readPixelKeys(test.database.pool, [SHOP])).get(SHOP)?.key).toBe(key)
  })

  it('is another one when it is rotated', async () => {
    const rotated = await rotatePixelKey(test.database.pool, shopId)
    expect(rotated).not.toBe(key)
    expect((await readPixelKeys(test.database.pool, [SHOP])).get(SHOP)?.key).toBe(rotated)
    await expect(rotatePixelKey(test.database.pool, 0)).rejects.toThrow('no shop')
  })
})

describe('pixel keys in memory', () => {
  it('are asked for once in a minute', async () => {
    for (let n = 0; n < 100; n++) expect(await keys.of(SHOP, key)).toEqual({ key, before: null, hosts: null })
    expect(queries).toBe(1)
    time = 60_000
    await keys.of(SHOP, key)
    expect(queries).toBe(2)
  })

  it('are asked for no more often than every five seconds when wrong ones come', async () => {
    await keys.of(SHOP, key)
    for (let n = 0; n < 100; n++) expect((await keys.of(SHOP, `wrong-${n}`))?.key).toBe(key)
    expect(queries).toBe(1)
    time = 5_000
    const rotated = await rotatePixelKey(test.database.pool, shopId)
    expect((await keys.of(SHOP, rotated))?.key).toBe(rotated)
    expect(await keys.of(SHOP, key)).toMatchObject({ key: rotated, before: key })
    time = 30_000
    await keys.of(SHOP, key)
    expect(queries).toBe(2)
    expect(isKeyOf({ key: rotated, before: key, hosts: null }, key)).toBe(true)
    expect(isKeyOf({ key: rotated, before: null, hosts: null }, key)).toBe(false)
  })

  it('of many unknown shops at once are asked for together, and no shop is forgotten for them', async () => {
    await keys.of(SHOP, key)
    const strangers = Array.from({ length: 21_000 }, (_, n) => keys.of(`stranger-${n}.myshopify.com`, 'x'))
    expect(new Set(await Promise.all(strangers))).toEqual(new Set([null]))
    expect(queries).toBeLessThan(60)
    const before = queries
    await keys.of(SHOP, key)
    await keys.of('stranger-20999.myshopify.com', 'x')
    expect(queries).toBe(before)
  })

  it('of a shop that is installed a moment later are known a moment later', async () => {
    expect(await keys.of('two.myshopify.com', 'x')).toBeNull()
    await installShop(test.database.prisma, 'two.myshopify.com', [])
    time = 5_000
    expect(await keys.of('two.myshopify.com', 'x')).toMatchObject({ hosts: null })
  })

  it('name no page before Shopify has told the shop’s, though it told the primary one', async () => {
    await test.database.pool.query(`update shops set primary_domain = 'shop.example.com'`)
    const known = await keys.of(SHOP, key)
    expect(known?.hosts).toBeNull()
    expect(known && isPageOf(known, 'shop.example.cz')).toBe(true)
  })

  it('name Shopify’s address, the primary one that it told last, and those of its markets', async () => {
    await test.database.pool.query(
      `update shops set primary_domain = 'Shop.example.com', hosts = '{old.example.com,shop.example.cz}'`,
    )
    const hosts = [SHOP, 'shop.example.com', 'old.example.com', 'shop.example.cz']
    expect((await keys.of(SHOP, key))?.hosts).toEqual(hosts)
  })

  it('do not lock out for a minute the pages of a shop whose address has just changed', async () => {
    await test.database.pool.query('update shops set hosts = array[domain]')
    await keys.of(SHOP, key, SHOP)
    await test.database.pool.query(`update shops set primary_domain = 'new.example.com'`)
    expect((await keys.of(SHOP, key, 'new.example.com'))?.hosts).toEqual([SHOP])
    time = 5_000
    expect((await keys.of(SHOP, key, SHOP))?.hosts).toEqual([SHOP])
    expect((await keys.of(SHOP, key, 'new.example.com'))?.hosts).toEqual([SHOP, 'new.example.com'])
    expect(queries).toBe(2)
  })

  it('that cannot be read are no answer', async () => {
    const broken = { query: () => Promise.reject(new Error('away')) } as unknown as Pool
    await expect(createPixelKeys(broken).of(SHOP, key)).rejects.toThrow('away')
  })
})
