import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { firstIdOf } from '../db/partitions.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { saveConnection } from '../delivery/connections.ts'
import { keepDelivery, newShop, sealer, TINY_SETTINGS, tinyVendor } from '../delivery/testing.ts'
import { listDeliveries } from './deliveries.ts'
import { listLanes } from './lanes.ts'

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

describe('what waits for its visitor', () => {
  it('is counted apart, keeps nobody waiting, and says until when', async () => {
    await pool().query(
      `update deliveries set state = 'waiting', reason = 'no_email' where state in ('pending', 'retry')`,
    )
    expect(await listLanes(pool(), sealer, shopId)).toMatchObject([
      { waiting: 2, pending: 0, retry: 0, held: 1, dead: 1, oldestOpen: null },
    ])
    await pool().query('update shops set person_wait_hours = 3')
    const [line] = await listDeliveries(test.database.prisma, { shopId, limit: 1, state: 'waiting' })
    const { rows } = await pool().query<{ until: Date }>(
      `select created_at + interval '3 hours' as until from deliveries where state = 'waiting' and shop_id = $1 limit 1`,
      [shopId],
    )
    expect(line).toMatchObject({ nextAttemptAt: null, waitsUntil: expect.any(Date) })
    expect(Math.abs((line?.waitsUntil?.getTime() ?? 0) - (rows[0]?.until.getTime() ?? 0))).toBeLessThan(
      60_000,
    )
  })
})
