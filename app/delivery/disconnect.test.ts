import { describe, expect, it } from 'vitest'
import { connectionRow } from './connections.ts'
import { disconnect, resumeDisconnections } from './disconnect.ts'
import { holdBySupport, releaseBySupport } from './holds.ts'
import { markRefused } from './lane-state.ts'
import { DELIVERY_STATES, HELD_REASONS } from './outcome.ts'
import { deliveryOf, eventId, keepDelivery, keepMany, settledOrBlocked, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
const HOLD = { reason: 'The vendor asked us to wait.', until: null }
const BY = { actor: 'agent@example.com', role: 'agent', address: null } as const
const SHOP = 'one.myshopify.com'
const held = (ended: number) => ({ held: true, ended })
const gone = (ended: number) => ({ held: false, ended })

const outcomes = async (id: number) => {
  const { rows } = await pool().query<{ state: string; reason: string | null }>(
    `select state, reason from deliveries where shop_id = $1 and vendor = 'tiny' order by event_id`,
    [id],
  )
  return rows.map(({ state, reason }) => (reason === 'disconnected' ? `${state}: ${reason}` : state))
}

/** A disconnection that ends where a process is killed: once the lane is stopped, before anything is given up. */
async function brokenOff(options: Parameters<typeof disconnect>[2] = {}) {
  const killed = Object.assign(Object.create(pool()), {
    query: pool().query.bind(pool()),
    connect: async () => {
      const client = await pool().connect()
      const query = client.query.bind(client)
      return Object.assign(Object.create(client), {
        query: (text: unknown, ...rest: unknown[]) => {
          if (String(text).includes("reason = 'disconnected'")) throw new Error('killed')
          return Reflect.apply(query, client, [text, ...rest])
        },
      })
    },
  })
  await expect(disconnect(killed, lane(), options)).rejects.toThrow('killed')
}
const aMinuteLater = () => pool().query("update connections set updated_at = now() - interval '61 seconds'")

describe('disconnecting', () => {
  it('gives up what waits, keeps what is over, and forgets the connection; others stay', async () => {
    for (const id of [shops.one, shops.two]) {
      await connect(id)
      for (const [n, state] of DELIVERY_STATES.entries())
        await keepDelivery(pool(), id, { state }, { id: eventId(n) })
    }
    await connect(shops.one, tinyVendor({ id: 'other' }))
    await keepDelivery(pool(), shops.one, { vendor: 'other' }, { id: eventId(0) })
    expect(await disconnect(pool(), lane())).toEqual(gone(4))
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
    expect(await disconnect(pool(), lane())).toEqual(gone(4_500))
    expect(new Set(await outcomes(shops.one))).toEqual(new Set(['skipped: disconnected']))
  })

  it("does not end support's hold by forgetting it: it changes nothing, until the hold is released", async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const before = await connectionRow(pool(), shops.one, 'tiny')
    expect(await disconnect(pool(), lane())).toEqual(held(0))
    expect(await connectionRow(pool(), shops.one, 'tiny')).toEqual(before)
    expect(before).toMatchObject({ enabled: true, hold_reason: HOLD.reason })
    expect(await outcomes(shops.one)).toEqual(['held'])
    await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)
    expect(await disconnect(pool(), lane())).toEqual(gone(1))
  })

  it("does not end support's hold that comes just before the vendor is switched off", async () => {
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
    expect(await going).toEqual(held(0))
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({
      enabled: true,
      hold_reason: HOLD.reason,
    })
    // Nothing was switched off and on again: the hold came first.
    const { rows } = await pool().query("select what from connection_changes where what in ('on', 'off')")
    expect(rows).toEqual([])
    expect(await outcomes(shops.one)).toEqual(['pending'])
  })

  it("does not end support's hold that comes once all is given up, and says what that was", async () => {
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
    expect(await going).toEqual(held(1))
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({
      enabled: true,
      hold_reason: HOLD.reason,
    })
  })

  it('does so where an operator says that it is meant', async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    expect(await disconnect(pool(), lane(), { evenHeld: true })).toEqual(gone(1))
    expect(await connectionRow(pool(), shops.one, 'tiny')).toBeNull()
    expect(await outcomes(shops.one)).toEqual(['skipped: disconnected'])
  })

  it('of which the process is killed half way is gone on with, and leaves no tool that is off', async () => {
    await connect(shops.one)
    await keepMany(pool(), shops.one, 10, 'pending')
    await brokenOff()
    // Nothing is sent meanwhile, and the merchant's switch is not what stops it.
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({ enabled: true })
    expect(new Set(await outcomes(shops.one))).toEqual(new Set(['held']))
    // Who began it may still be at it.
    expect(await resumeDisconnections(pool())).toEqual([])
    await aMinuteLater()
    expect(await resumeDisconnections(pool())).toEqual([lane()])
    expect(await connectionRow(pool(), shops.one, 'tiny')).toBeNull()
    expect(new Set(await outcomes(shops.one))).toEqual(new Set(['skipped: disconnected']))
    expect(await resumeDisconnections(pool())).toEqual([])
  })

  it('of which the process is killed half way is called off where support holds it meanwhile', async () => {
    await connect(shops.one)
    await keepMany(pool(), shops.one, 10, 'pending')
    await brokenOff()
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await aMinuteLater()
    expect(await resumeDisconnections(pool())).toEqual([])
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({ enabled: true, attention: null })
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toMatchObject({ released: 10 })
  })

  it('is not called off by credentials that are refused to what was on its way', async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
    await brokenOff()
    const row = await connectionRow(pool(), shops.one, 'tiny')
    expect(await markRefused(pool(), lane(), 'No such key.', row?.secrets ?? '')).toBe(true)
    await aMinuteLater()
    expect(await resumeDisconnections(pool())).toEqual([lane()])
  })

  it("leaves a shop's removal as it was, where a hold calls it off", async () => {
    await connect(shops.one)
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
    await brokenOff()
    await pool().query('update shops set uninstalled_at = now() where id = $1', [shops.one])
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    expect(await disconnect(pool(), lane())).toEqual(held(0))
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({
      attention: HELD_REASONS.uninstalled,
    })
  })

  it('of what is not connected does nothing', async () => {
    expect(await disconnect(pool(), lane())).toBeNull()
  })
})
