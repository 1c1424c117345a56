import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { firstIdOf } from '../db/partitions.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { saveConnection } from '../delivery/connections.ts'
import {
  keepDelivery,
  newShop,
  pauseLane,
  refuse,
  sealer,
  TINY_SETTINGS,
  tinyVendor,
} from '../delivery/testing.ts'
import { listDeliveries, listLanes } from './deliveries.ts'

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
    await saveConnection(test.database.prisma, sealer, shop, tinyVendor(), TINY_SETTINGS)
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

describe('listLanes', () => {
  it('counts what waits, by shop and vendor', async () => {
    expect(await listLanes(pool(), null)).toMatchObject(
      ['one', 'two'].map(name => ({
        shop: `${name}.myshopify.com`,
        vendor: 'tiny',
        ...{ enabled: true, attention: null, pausedUntil: null },
        ...{ pending: 1, retry: 1, held: 1, dead: 1, oldestOpen: expect.any(Date) },
      })),
    )
    expect(await listLanes(pool(), shopId)).toMatchObject([{ shopId }])
  })

  it('counts apart what waits for its visitor to become known, which keeps nobody waiting', async () => {
    await pool().query(
      `update deliveries set state = 'waiting', reason = 'no_email' where state in ('pending', 'retry')`,
    )
    expect(await listLanes(pool(), shopId)).toMatchObject([
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

  it('shows what rests, and for whom', async () => {
    const open = (key: string, seconds: number) =>
      pool().query(
        `insert into circuits (key, open_until, rest_ms, opened_at, reason)
         values ($1, now() + make_interval(secs => $2), 10000, now(), 'it failed')`,
        [key, seconds],
      )
    await open(`lane:${shopId}:tiny`, 60)
    await open('vendor:other', 60)
    const rests = async () => (await listLanes(pool(), null)).map(lane => lane.rests)
    const resting = { until: expect.any(Date), why: 'it failed', everyShop: false }
    expect(await rests()).toEqual([resting, null])
    await open('vendor:tiny', 120)
    expect(await rests()).toEqual(Array(2).fill({ ...resting, everyShop: true }))
    await pool().query('delete from circuits')
  })

  it('shows a lane in which nothing waits, and why one is stopped', async () => {
    await saveConnection(test.database.prisma, sealer, shopId, tinyVendor({ id: 'zero' }), TINY_SETTINGS)
    const until = new Date('2099-01-01T00:00:00.000Z')
    await pauseLane(pool(), { shopId, vendor: 'zero' }, until)
    await refuse(pool(), { shopId, vendor: 'tiny' }, 'Wrong key.')
    expect(await listLanes(pool(), shopId)).toMatchObject([
      { vendor: 'tiny', attention: 'Wrong key.', pending: 0, retry: 0, held: 3, dead: 1, oldestOpen: null },
      { vendor: 'zero', pausedUntil: until, pending: 0, retry: 0, held: 0, dead: 0, oldestOpen: null },
    ])
  })
})
