import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { keepDelivery, newShop } from '../delivery/testing.ts'
import { failedSince } from './failed.ts'

let test: TestDatabase
const pool = () => test.database.pool
const now = Date.now()
const HOUR_MS = 3600_000

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(() => emptyTables(pool()))

it('counts what failed for good of one shop and period, by vendor, and no more than it is asked to', async () => {
  const shopId = await newShop(pool(), 'one')
  const otherId = await newShop(pool(), 'two')
  for (const state of ['dead', 'dead', 'dead', 'delivered', 'skipped', 'held', 'retry'] as const)
    await keepDelivery(pool(), shopId, { state })
  await keepDelivery(pool(), otherId, { state: 'dead' })
  const counted = (since: number, most: number, id = shopId) =>
    failedSince(pool(), id, ['tiny', 'none'], new Date(since), most)
  expect(await counted(now - HOUR_MS, 100)).toEqual(new Map([['tiny', { count: 3, arrived: 0 }]]))
  expect(await counted(now - HOUR_MS, 2)).toEqual(new Map([['tiny', { count: 2, arrived: 0 }]]))
  expect(await counted(now - HOUR_MS, 100, otherId)).toEqual(new Map([['tiny', { count: 1, arrived: 0 }]]))
  expect(await counted(now + HOUR_MS, 100)).toEqual(new Map())
})

it('tells of what failed how much had arrived before it was sent again', async () => {
  const shopId = await newShop(pool(), 'one')
  for (const deliveredBefore of [true, true, false])
    await keepDelivery(pool(), shopId, { state: 'dead', deliveredBefore })
  await keepDelivery(pool(), shopId, { state: 'retry', deliveredBefore: true })
  const failed = await failedSince(pool(), shopId, ['tiny'], new Date(now - HOUR_MS), 100)
  expect(failed).toEqual(new Map([['tiny', { count: 3, arrived: 2 }]]))
})
