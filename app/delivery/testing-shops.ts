/** For tests of this room: two shops, and connections to a tiny vendor. */
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { PrismaClient } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { type AnyVendor, saveConnection } from './connections.ts'
import type { Lane } from './lane.ts'
import { newShop, sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'

export type Shops = {
  /** The ids of one.myshopify.com and two.myshopify.com. */
  one: number
  two: number
  /** The connection string of their database. */
  url(): string
  pool(): Pool
  prisma(): PrismaClient
  /** The lane of the tiny vendor, in the first shop unless told. */
  lane(shopId?: number): Lane
  /** Saves the settings of the tiny vendor in the first shop; of others as told. @returns how many are held there */
  connect(shopId?: number, vendor?: AnyVendor, settings?: Record<string, unknown>): Promise<number>
}

/**
 * Declares the set-up of a test file: call at its top level, and use what it returns inside tests only. Before each test its
 * database is empty but for the two shops.
 */
export function twoShops(): Shops {
  let test: TestDatabase
  const pool = () => test.database.pool
  const shops: Shops = {
    one: 0,
    two: 0,
    url: () => test.url,
    pool,
    prisma: () => test.database.prisma,
    lane: (shopId = shops.one) => ({ shopId, vendor: 'tiny' }),
    connect: (shopId = shops.one, vendor = tinyVendor(), settings = TINY_SETTINGS) =>
      saveConnection(pool(), sealer, shopId, vendor, settings),
  }
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    await emptyTables(pool())
    shops.one = await newShop(pool(), 'one')
    shops.two = await newShop(pool(), 'two')
  })
  return shops
}
