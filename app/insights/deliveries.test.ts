import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { firstIdOf } from '../db/partitions.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { saveConnection } from '../delivery/connections.ts'
import { keepDelivery, newShop, sealer, TINY_SETTINGS, tinyVendor } from '../delivery/testing.ts'
import { listDeliveries } from './deliveries.ts'

let test: TestDatabase
let shopId: number
let otherId: number
const pool = () => test.database.pool
const STATES = ['pending', 'retry', 'delivered', 'skipped', 'dead', 'held'] as const
const hour = (n: number) => `2026-11-20T${String(n).padStart(2, '0')}:00:00.000Z`
/** An id as it is given on receipt. */
const eventId = (n: number) => firstIdOf(new Date(hour(n)))

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  otherId = await newShop(pool(), 'two')
  for (const shop of [shopId, otherId]) {
    await saveConnection(test.database.pool, sealer, shop, tinyVendor(), TINY_SETTINGS)
    for (const [n, state] of STATES.entries())
      await keepDelivery(pool(), shop, { state }, { id: eventId(n), receivedAt: hour(n) })
  }
  await keepDelivery(pool(), shopId, { vendor: 'other', state: 'dead' }, { id: eventId(0) })
})

describe('listDeliveries', () => {
  const list = async (over = {}) =>
    (await listDeliveries(test.database.prisma, { shopId, limit: 100, ...over })).map(
      ({ eventId: id, vendor, state }) => [STATES.findIndex((_, n) => eventId(n) === id), vendor, state],
    )

  it('names those of one shop, newest first', async () => {
    expect(await list()).toEqual([
      [5, 'tiny', 'held'],
      [4, 'tiny', 'dead'],
      [3, 'tiny', 'skipped'],
      [2, 'tiny', 'delivered'],
      [1, 'tiny', 'retry'],
      [0, 'other', 'dead'],
      [0, 'tiny', 'pending'],
    ])
  })

  it('by vendor, state and time, and no more than asked for', async () => {
    expect(await list({ vendor: 'other' })).toEqual([[0, 'other', 'dead']])
    expect(await list({ state: 'dead' })).toHaveLength(2)
    expect(await list({ since: new Date(hour(4)) })).toHaveLength(2)
    expect(await list({ limit: 3 })).toHaveLength(3)
    expect(await list({ shopId: 0 })).toEqual([])
  })

  it('tell when an open one is tried next, and of no other', async () => {
    const lines = await listDeliveries(test.database.prisma, { shopId, vendor: 'tiny', limit: 100 })
    for (const { state, nextAttemptAt } of lines)
      expect(nextAttemptAt !== null).toBe(state === 'pending' || state === 'retry')
  })
})
