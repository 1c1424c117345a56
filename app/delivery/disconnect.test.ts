import { describe, expect, it } from 'vitest'
import { connectionRow } from './connections.ts'
import { disconnect } from './disconnect.ts'
import { holdLane, releaseLane } from './lane-state.ts'
import { DELIVERY_STATES } from './outcome.ts'
import { deliveryOf, eventId, keepDelivery, keepMany, settledOrBlocked, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
const HOLD = { reason: 'The vendor asked us to wait.', until: null }

const outcomes = async (id: number) => {
  const { rows } = await pool().query<{ state: string; reason: string | null }>(
    `select state, reason from deliveries where shop_id = $1 and vendor = 'tiny' order by event_id`,
    [id],
  )
  return rows.map(({ state, reason }) => (reason === 'disconnected' ? `${state}: ${reason}` : state))
}

describe('disconnecting', () => {
  it('gives up what waits, keeps what is over, and forgets the connection; others stay', async () => {
    for (const id of [shops.one, shops.two]) {
      await connect(id)
      for (const [n, state] of DELIVERY_STATES.entries())
        await keepDelivery(pool(), id, { state }, { id: eventId(n) })
    }
    await connect(shops.one, tinyVendor({ id: 'other' }))
    await keepDelivery(pool(), shops.one, { vendor: 'other' }, { id: eventId(0) })
    expect(await disconnect(pool(), lane())).toBe(4)
    const ended = 'skipped: disconnected'
    expect(await outcomes(shops.one)).toEqual([ended, ended, ended, 'delivered', 'skipped', 'dead', ended])
    expect(await connectionRow(pool(), shops.one, 'tiny')).toBeNull()
    expect(await outcomes(shops.two)).toEqual([...DELIVERY_STATES])
    expect(await connectionRow(pool(), shops.two, 'tiny')).toMatchObject({ enabled: true })
    expect(await deliveryOf(pool(), shops.one, eventId(0), 'other')).toMatchObject({ state: 'pending' })
  })

  it('leaves no visitor in what it has ended', async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'waiting' }, { id: eventId(0) })
    await pool().query(`update deliveries set visitor_id = 'v1'`)
    await disconnect(pool(), lane())
    const { rows } = await pool().query('select state, visitor_id from deliveries')
    expect(rows).toEqual([{ state: 'skipped', visitor_id: null }])
  })

  it('ends more than one statement does', async () => {
    await connect(shops.one)
    await keepMany(pool(), shops.one, 4_500, 'retry')
    expect(await disconnect(pool(), lane())).toBe(4_500)
    expect(new Set(await outcomes(shops.one))).toEqual(new Set(['skipped: disconnected']))
  })

  it("does not end support's hold by forgetting it: it changes nothing, until the hold is released", async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
    await holdLane(pool(), lane(), HOLD)
    const before = await connectionRow(pool(), shops.one, 'tiny')
    expect(await disconnect(pool(), lane())).toBe('held')
    expect(await connectionRow(pool(), shops.one, 'tiny')).toEqual(before)
    expect(before).toMatchObject({ enabled: true, hold_reason: HOLD.reason })
    expect(await outcomes(shops.one)).toEqual(['held'])
    await releaseLane(pool(), lane())
    expect(await disconnect(pool(), lane())).toBe(1)
  })

  it("does not end support's hold that comes while it is at it", async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
    const support = await pool().connect()
    await support.query('begin')
    await support.query('select from connections for share')
    const going = disconnect(pool(), lane())
    await settledOrBlocked(pool(), going)
    await support.query('update connections set hold_reason = $1, hold_since = now()', [HOLD.reason])
    await support.query('commit')
    support.release()
    expect(await going).toBe('held')
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({ hold_reason: HOLD.reason })
    expect(await outcomes(shops.one)).toEqual(['held'])
  })

  it("does not end support's hold that comes once all is given up", async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
    const support = await pool().connect()
    await support.query('begin')
    await support.query('savepoint busy')
    await support.query('select from deliveries for update')
    const going = disconnect(pool(), lane())
    await settledOrBlocked(pool(), going)
    await support.query('rollback to busy')
    await support.query('select from connections for share')
    await expect.poll(() => outcomes(shops.one)).toEqual(['skipped: disconnected'])
    await settledOrBlocked(pool(), going)
    await support.query('update connections set hold_reason = $1, hold_since = now()', [HOLD.reason])
    await support.query('commit')
    support.release()
    expect(await going).toBe('held')
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({ hold_reason: HOLD.reason })
  })

  it('does so where an operator says that it is meant', async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
    await holdLane(pool(), lane(), HOLD)
    expect(await disconnect(pool(), lane(), { evenHeld: true })).toBe(1)
    expect(await connectionRow(pool(), shops.one, 'tiny')).toBeNull()
    expect(await outcomes(shops.one)).toEqual(['skipped: disconnected'])
  })

  it('of what is not connected does nothing', async () => {
    expect(await disconnect(pool(), lane())).toBeNull()
  })
})
