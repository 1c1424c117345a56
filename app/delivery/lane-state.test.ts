import { beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { connectionRow } from './connections.ts'
import { acceptCredentials, holdShop, settleFor, settleLane, switchLane } from './lane-state.ts'
import {
  deliveryOf,
  eventId,
  keepDelivery,
  keepMany,
  pauseLane,
  refuse,
  settledOrBlocked,
  tinyVendor,
} from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
const row = () => connectionRow(pool(), shops.one, 'tiny')
const STATES = ['pending', 'retry', 'delivered', 'skipped', 'dead'] as const

/** A delivery in each state, in both shops and at another vendor of the first, under the same ids. */
beforeEach(async () => {
  for (const id of [shops.one, shops.two]) {
    await connect(id)
    for (const [n, state] of STATES.entries()) await keepDelivery(pool(), id, { state }, { id: eventId(n) })
  }
  await connect(shops.one, tinyVendor({ id: 'other' }))
  await keepDelivery(pool(), shops.one, { vendor: 'other' }, { id: eventId(0) })
})

const states = async (id = shops.one) => {
  const result = await pool().query<{ state: string }>(
    `select state from deliveries where shop_id = $1 and vendor = 'tiny' order by event_id`,
    [id],
  )
  return result.rows.map(({ state }) => state)
}
const NOTHING = { held: 0, released: 0, expired: 0 }
const HELD = ['held', 'held', 'delivered', 'skipped', 'dead']
const RELEASED = ['pending', 'pending', 'delivered', 'skipped', 'dead']

const expectOthersUntouched = async () => {
  expect(await states(shops.two)).toEqual(STATES)
  expect(await deliveryOf(pool(), shops.one, eventId(0), 'other')).toMatchObject({ state: 'pending' })
  expect(await connectionRow(pool(), shops.two, 'tiny')).toMatchObject({ enabled: true, attention: null })
}

describe('switching off and on', () => {
  it('holds what is open and says how much', async () => {
    expect(await switchLane(pool(), lane(), false)).toEqual({ ...NOTHING, held: 2 })
    expect(await states()).toEqual(HELD)
    expect(await deliveryOf(pool(), shops.one, eventId(0))).toMatchObject({
      reason: 'off',
      message: expect.stringContaining('Switch it on'),
    })
    expect(await row()).toMatchObject({ enabled: false })
    await expectOthersUntouched()
  })

  it('releases what was held, and the horizon counts from then', async () => {
    await switchLane(pool(), lane(), false)
    expect(await switchLane(pool(), lane(), true)).toEqual({ ...NOTHING, released: 2 })
    expect(await states()).toEqual(RELEASED)
    const released = await deliveryOf(pool(), shops.one, eventId(1))
    expect(released).toMatchObject({ reason: null, message: null })
    expect(released.trying_since).toBeNull()
    await expectOthersUntouched()
  })

  it('by new credentials says how much the old ones held, which is released as the lane settles', async () => {
    await refuse(pool(), lane(), 'No.')
    expect(await connect()).toBe(2)
    expect(await settleLane(pool(), lane())).toEqual({ ...NOTHING, released: 2 })
    expect(await states()).toEqual(RELEASED)
    await expectOthersUntouched()
  })

  it('of a shop that uninstalled stays stopped, whatever credentials are given', async () => {
    await withTransaction(pool(), client => holdShop(client, shops.one))
    await pool().query('update shops set uninstalled_at = now() where id = $1', [shops.one])
    expect(await acceptCredentials(pool(), lane())).toMatchObject({ released: 0 })
    expect(await connect()).toBe(0)
    expect(await row()).toMatchObject({ attention: expect.stringContaining('removed from this shop') })
    await pool().query('update shops set uninstalled_at = null where id = $1', [shops.one])
    expect(await acceptCredentials(pool(), lane())).toMatchObject({ released: 2 })
  })

  it('by words that PostgreSQL refuses still stops the lane', async () => {
    await refuse(pool(), lane(), 'bad\u0000 key')
    expect(await row()).toMatchObject({ attention: 'bad key' })
  })

  it('twice changes nothing more', async () => {
    await switchLane(pool(), lane(), false)
    expect(await switchLane(pool(), lane(), false)).toEqual(NOTHING)
    await switchLane(pool(), lane(), true)
    expect(await switchLane(pool(), lane(), true)).toEqual(NOTHING)
  })

  it('on does not release what waits for credentials, and says what it waits for', async () => {
    await refuse(pool(), lane(), 'Wrong key.')
    await switchLane(pool(), lane(), false)
    expect(await switchLane(pool(), lane(), true)).toEqual(NOTHING)
    expect(await states()).toEqual(HELD)
    expect(await deliveryOf(pool(), shops.one, eventId(0))).toMatchObject({
      reason: 'refused',
      message: 'Wrong key.',
    })
  })

  it('is not possible where the vendor is not connected', async () => {
    expect(await switchLane(pool(), { shopId: shops.one, vendor: 'ecomail' }, true)).toBeNull()
  })
})

describe('refused credentials', () => {
  it('hold everything open, with the reason', async () => {
    await refuse(pool(), lane(), 'Wrong key of shopper@example.com.')
    expect(await states()).toEqual(HELD)
    expect(await row()).toMatchObject({ attention: 'Wrong key of s…@example.com.' })
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject({
      reason: 'refused',
      message: 'Wrong key of s…@example.com.',
    })
    await expectOthersUntouched()
  })

  it('that work again release what was held, and end a pause', async () => {
    await refuse(pool(), lane(), 'Wrong key.')
    await pauseLane(pool(), lane(), new Date(Date.now() + 60_000))
    expect(await acceptCredentials(pool(), lane())).toMatchObject({ released: 2 })
    expect(await states()).toEqual(RELEASED)
    expect(await row()).toMatchObject({ attention: null, paused_until: null })
    await expectOthersUntouched()
  })

  it('that work again release nothing in a lane that is off', async () => {
    await refuse(pool(), lane(), 'Wrong key.')
    await switchLane(pool(), lane(), false)
    expect(await acceptCredentials(pool(), lane())).toMatchObject({ released: 0 })
    expect(await states()).toEqual(HELD)
    expect(await deliveryOf(pool(), shops.one, eventId(0))).toMatchObject({ reason: 'off' })
    expect(await switchLane(pool(), lane(), true)).toEqual({ ...NOTHING, released: 2 })
  })
})

describe('settling a lane', () => {
  const stop = () => pool().query('update connections set enabled = false where shop_id = $1', [shops.one])

  it('holds what is open in one that is stopped', async () => {
    await stop()
    expect(await settleLane(pool(), lane())).toEqual({ ...NOTHING, held: 2 })
    expect(await states()).toEqual(HELD)
    await expectOthersUntouched()
  })

  it('changes nothing in one that is open and holds nothing', async () => {
    expect(await settleLane(pool(), lane())).toEqual(NOTHING)
    expect(await states()).toEqual(STATES)
  })

  it('waits for the person who is just starting it again', async () => {
    await stop()
    const person = await pool().connect()
    try {
      await person.query('begin')
      await person.query('update connections set enabled = true where shop_id = $1', [shops.one])
      const settling = settleLane(pool(), lane())
      await settledOrBlocked(pool(), settling)
      await person.query('commit')
      await settling
    } finally {
      person.release()
    }
    expect(await states()).toEqual(STATES)
  })

  it('goes on where it ended, when it may only take so long', async () => {
    await pool().query("delete from deliveries where shop_id = $1 and vendor = 'tiny'", [shops.one])
    await keepMany(pool(), shops.one, 4_500, 'pending')
    await stop()
    expect(await settleFor(pool(), lane(), 0)).toEqual({ ...NOTHING, held: 2_000, left: true })
    expect(await settleFor(pool(), lane(), 60_000)).toMatchObject({ left: false })
    const { rows } = await pool().query(
      `select state, count(*)::int from deliveries where shop_id = $1 and vendor = 'tiny' and state in ('pending', 'retry', 'held') group by 1`,
      [shops.one],
    )
    expect(rows).toEqual([{ state: 'held', count: 4_500 }])
  })

  it('of nobody is nothing', async () => {
    expect(await settleLane(pool(), { shopId: shops.one, vendor: 'ecomail' })).toEqual(NOTHING)
  })
})

describe('a pause', () => {
  it('is kept with the lane', async () => {
    const until = new Date('2026-11-20T12:00:00.000Z')
    await pauseLane(pool(), lane(), until)
    expect(await row()).toMatchObject({ paused_until: until })
    expect(await connectionRow(pool(), shops.two, 'tiny')).toMatchObject({ paused_until: null })
    expect(await states()).toEqual(STATES)
  })
})
