import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { saveConnection } from './connections.ts'
import { switchLane } from './lane-state.ts'
import { type ReplayFilter, replay } from './replay.ts'
import {
  deliveryOf,
  eventId,
  keepDelivery,
  newShop,
  refuse,
  sealer,
  TINY_SETTINGS,
  tinyVendor,
} from './testing.ts'

let test: TestDatabase
let shopId: number
let otherId: number
const pool = () => test.database.pool
const lane = () => ({ shopId, vendor: 'tiny' })
const STATES = ['pending', 'retry', 'delivered', 'skipped', 'dead', 'held'] as const
const hour = (n: number) => `2026-11-20T${String(n).padStart(2, '0')}:00:00.000Z`

/** Event `n` was received at hour `n`; its delivery at tiny is in the nth state, and dead at the other vendor. */
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  otherId = await newShop(pool(), 'two')
  for (const shop of [shopId, otherId]) {
    for (const id of ['tiny', 'other']) {
      await saveConnection(pool(), sealer, shop, tinyVendor({ id }), TINY_SETTINGS)
    }
    for (const [n, state] of STATES.entries()) {
      await keepDelivery(pool(), shop, { state, dueIn: 60 }, { id: eventId(n), receivedAt: hour(n) })
      await keepDelivery(pool(), shop, { state: 'dead', vendor: 'other' }, { id: eventId(n) })
    }
  }
  await pool().query(`update deliveries set done = '{a}', attempts = 2, message = 'x', reason = 'y'`)
})
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())

const again = (filter: Partial<ReplayFilter> = {}) =>
  replay(pool(), { shopId, vendor: 'tiny', states: ['delivered', 'skipped', 'dead'], ...filter })
/** The events that are asked for again at a vendor. */
const replayed = async (vendor = 'tiny', shop = shopId) => {
  const result = await pool().query<{ event_id: string }>(
    'select event_id from deliveries where shop_id = $1 and vendor = $2 and replay order by 1',
    [shop, vendor],
  )
  return result.rows.map(row => STATES.findIndex((_, n) => eventId(n) === row.event_id))
}

describe('replay', () => {
  it('starts what was chosen anew, at its own vendor and in its own shop only', async () => {
    expect(await again()).toEqual({ count: 3, held: 0, lanes: [lane()] })
    expect(await replayed()).toEqual([2, 3, 4])
    expect(await replayed('other')).toEqual([])
    expect(await replayed('tiny', otherId)).toEqual([])
    const delivery = await deliveryOf(pool(), shopId, eventId(4))
    expect(delivery).toMatchObject({ state: 'pending', reason: null, message: null, done: [], attempts: 2 })
    expect(Math.abs(delivery.due_at.getTime() - Date.now())).toBeLessThan(60_000)
    expect(delivery.trying_since).toBeNull()
  })

  it('leaves out what a vendor took in part, unless that is asked for, or the event', async () => {
    await pool().query(
      `update deliveries set state = 'dead', reason = 'partly_rejected' where shop_id = $1`,
      [shopId],
    )
    expect(await again({ states: ['dead'] })).toMatchObject({ count: 0 })
    expect(await again({ states: ['dead'], eventId: eventId(2) })).toMatchObject({ count: 1 })
    expect((await again({ states: ['dead'], partlyRejected: true })).count).toBeGreaterThan(0)
  })

  it('goes below what is live when it is chosen by a filter, and at once when it is one event', async () => {
    const priorities = async () =>
      (
        await pool().query<{ event_id: string; priority: number }>(
          `select event_id, priority from deliveries where shop_id = $1 and vendor = 'tiny' and replay order by 1`,
          [shopId],
        )
      ).rows.map(row => row.priority)
    await again({ eventId: eventId(2) })
    expect(await priorities()).toEqual([0])
    await again({ states: ['skipped', 'dead'] })
    expect(await priorities()).toEqual([0, 1, 1])
  })

  it.each(['delivered', 'skipped', 'dead'] as const)('takes the state asked for: %s', async state => {
    expect(await again({ states: [state] })).toMatchObject({ count: 1 })
    expect(await replayed()).toEqual([STATES.indexOf(state)])
  })

  it('takes what was received since, and before', async () => {
    await again({ since: new Date(hour(3)), until: new Date(hour(4)) })
    expect(await replayed()).toEqual([3])
  })

  it('takes one event', async () => {
    expect(await again({ eventId: eventId(2) })).toMatchObject({ count: 1 })
    expect(await again({ eventId: eventId(0) })).toEqual({ count: 0, held: 0, lanes: [] })
    expect(await replayed()).toEqual([2])
  })

  it('without a vendor takes every vendor, and names each lane once', async () => {
    const { vendor: _vendor, ...all } = { vendor: '', shopId, states: ['dead'] as const }
    const { count, lanes } = await replay(pool(), all)
    expect(count).toBe(1 + STATES.length)
    expect(lanes.map(({ vendor }) => vendor).sort()).toEqual(['other', 'tiny'])
  })

  it('in a lane that is off is held until it is on', async () => {
    await switchLane(pool(), lane(), false)
    expect(await again({ states: ['dead'] })).toEqual({ count: 1, held: 1, lanes: [] })
    expect(await deliveryOf(pool(), shopId, eventId(4))).toMatchObject({
      state: 'held',
      reason: 'off',
      message: expect.stringContaining('Switch it on'),
      replay: true,
    })
  })

  it('in a lane whose credentials are refused is held for those', async () => {
    await refuse(pool(), lane(), 'Wrong key.')
    await again({ states: ['dead'] })
    expect(await deliveryOf(pool(), shopId, eventId(4))).toMatchObject({
      state: 'held',
      reason: 'refused',
      message: 'Wrong key.',
    })
  })

  it('leaves what belongs to a vendor that is not connected', async () => {
    await pool().query(`delete from connections where shop_id = $1 and vendor = 'tiny'`, [shopId])
    expect(await again()).toEqual({ count: 0, held: 0, lanes: [] })
  })
})
