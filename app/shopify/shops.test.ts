import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import type { EffectOf } from './effects.ts'
import { changeScopes, changeShop, installShop, shopByDomain } from './shops.ts'

const DOMAIN = 'one.myshopify.com'
let test: TestDatabase
let shopId: number

const change = (name: string | null, updatedAt: string, noticedAt: string): EffectOf<'shop_changed'> => ({
  kind: 'shop_changed',
  name,
  currency: null,
  primaryDomain: null,
  timeZone: null,
  updatedAt,
  noticedAt,
})
const changed = (name: string | null, at: string, noticedAt = at) =>
  withTransaction(test.database.pool, client => changeShop(client, shopId, change(name, at, noticedAt)))
const granted = (scopes: string[], updatedAt: string, noticedAt = updatedAt) =>
  withTransaction(test.database.pool, client =>
    changeScopes(client, shopId, { kind: 'scopes_changed', scopes, updatedAt, noticedAt }),
  )
const name = async () => (await shopByDomain(test.database.prisma, DOMAIN))?.name
const scopes = async () => (await test.database.prisma.shop.findUnique({ where: { domain: DOMAIN } }))?.scopes

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(test.database.pool)
  shopId = (await installShop(test.database.prisma, DOMAIN, ['read_orders'])).id
})

describe('what a shop says of itself', () => {
  it('is not overwritten by a notice that was delivered late', async () => {
    await changed('New Name', '2026-11-20T12:00:05.000Z')
    await changed('Old Name', '2026-11-20T12:00:00.000Z')
    expect(await name()).toBe('New Name')
  })

  it('is, of two notices of one second, the one that Shopify noticed last, whichever comes last', async () => {
    const second = '2026-11-20T12:00:05.000Z'
    await changed('Second', second, '2026-11-20T12:00:05.900Z')
    await changed('First', second, '2026-11-20T12:00:05.100Z')
    expect(await name()).toBe('Second')
    await changed('Third', second, '2026-11-20T12:00:05.950Z')
    expect(await name()).toBe('Third')
  })

  it('stays where a newer notice does not say', async () => {
    await changed('Name', '2026-11-20T12:00:05.000Z')
    await changed(null, '2026-11-20T12:00:06.000Z')
    expect(await name()).toBe('Name')
    await changed('Newer', '2026-11-20T12:00:05.500Z')
    expect(await name()).toBe('Newer')
  })
})

describe('the time zone of a shop', () => {
  const told = (timeZone: string | null, at: string) =>
    withTransaction(test.database.pool, client =>
      changeShop(client, shopId, { ...change(null, at, at), timeZone }),
    )
  const zone = async () => (await shopByDomain(test.database.prisma, DOMAIN))?.timeZone

  it('is none until it is told, and then what the newest notice says', async () => {
    expect(await zone()).toBeNull()
    await told('America/Los_Angeles', '2026-11-20T12:00:05.000Z')
    await told('Europe/Prague', '2026-11-20T12:00:00.000Z')
    expect(await zone()).toBe('America/Los_Angeles')
    await told('Pacific/Auckland', '2026-11-20T12:00:06.000Z')
    await told(null, '2026-11-20T12:00:07.000Z')
    expect(await zone()).toBe('Pacific/Auckland')
  })

  it('that PostgreSQL does not know counts as not told', async () => {
    await told('Mars/Olympus_Mons', '2026-11-20T12:00:05.000Z')
    expect(await zone()).toBeNull()
    await told('Europe/Prague', '2026-11-20T12:00:00.000Z')
    expect(await zone()).toBe('Europe/Prague')
  })
})

describe('the scopes of a shop', () => {
  it('are not overwritten by a notice that was delivered late, nor by one from before the installation', async () => {
    await granted(['old'], '2020-01-01T00:00:00.000Z')
    expect(await scopes()).toEqual(['read_orders'])
    await granted(['newer'], '2099-01-02T00:00:00.000Z')
    await granted(['older'], '2099-01-01T00:00:00.000Z')
    expect(await scopes()).toEqual(['newer'])
  })

  it('are newer or older than each other only: a newer name does not hold them back', async () => {
    await changed('Name', '2099-06-01T00:00:00.000Z')
    await granted(['newer'], '2099-01-02T00:00:00.000Z')
    expect(await scopes()).toEqual(['newer'])
  })

  it('are those of the last installation', async () => {
    await granted(['newer'], '2026-01-01T00:00:00.000Z')
    await installShop(test.database.prisma, DOMAIN, ['read_orders', 'read_products'])
    expect(await scopes()).toEqual(['read_orders', 'read_products'])
  })
})

describe('the address of a shop', () => {
  it.each([
    [null, `https://${DOMAIN}`],
    ['shop.example.com', 'https://shop.example.com'],
    ['127.0.0.1.example.com', 'https://127.0.0.1.example.com'],
    ['localhost.example.com:3006', 'https://localhost.example.com:3006'],
    ['127.0.0.1:3006', 'http://127.0.0.1:3006'],
  ])('of %s is %s: only a store on this machine is not https', async (primaryDomain, url) => {
    const at = '2026-11-20T12:00:00.000Z'
    const told = { ...change(null, at, at), primaryDomain }
    await withTransaction(test.database.pool, client => changeShop(client, shopId, told))
    expect((await shopByDomain(test.database.prisma, DOMAIN))?.storefrontUrl).toBe(url)
  })
})
