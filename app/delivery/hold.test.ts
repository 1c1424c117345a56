import { beforeEach, describe, expect, it } from 'vitest'
import { connectionRow } from './connections.ts'
import { endHolds } from './hold-ends.ts'
import { holdBySupport, releaseBySupport } from './holds.ts'
import { acceptCredentials, switchLane } from './lane-state.ts'
import { deliveryOf, eventId, keepDelivery } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const BY = { actor: 'agent@example.com', role: 'agent', address: null } as const
const SHOP = 'one.myshopify.com'
const shops = twoShops()
const { connect, lane, pool } = shops
const HOLD = { reason: 'The vendor asked us to wait.', until: null }

beforeEach(async () => {
  for (const id of [shops.one, shops.two]) {
    await connect(id)
    await keepDelivery(pool(), id, { state: 'pending' }, { id: eventId(0) })
  }
})
const stateOf = async (id = shops.one) => {
  const { state, reason } = (await deliveryOf(pool(), id, eventId(0))) ?? {}
  return [state, reason]
}
const stored = async () => {
  const { rows } = await pool().query(
    'select hold_reason, hold_since, hold_until from connections where shop_id = $1',
    [shops.one],
  )
  return rows[0]
}

describe("support's hold", () => {
  it('holds what is open in its own lane, and says why', async () => {
    expect(await holdBySupport(pool(), lane(), HOLD, BY, SHOP)).toMatchObject({ held: 1 })
    expect(await stateOf()).toEqual(['held', 'on_hold'])
    expect(await deliveryOf(pool(), shops.one, eventId(0))).toMatchObject({ message: HOLD.reason })
    expect(await stateOf(shops.two)).toEqual(['pending', null])
    expect(await stored()).toMatchObject({ hold_since: expect.any(Date), hold_until: null })
  })

  it('kept a test that was open when it began, and sent it once it ended', async () => {
    await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(1), source: 'test' })
    expect(await holdBySupport(pool(), lane(), HOLD, BY, SHOP)).toMatchObject({ held: 1 })
    const test = { state: 'skipped', reason: 'test_stopped' }
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject(test)
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toMatchObject({ released: 1 })
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject(test)
  })

  it("is not ended by the merchant's switch or new credentials", async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await switchLane(pool(), lane(), false)
    await switchLane(pool(), lane(), true)
    expect(await acceptCredentials(pool(), lane())).toMatchObject({ released: 0 })
    expect(await stateOf()).toEqual(['held', 'on_hold'])
  })

  it('that is replaced keeps its beginning and takes the new reason and end', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const before = await stored()
    const until = new Date(Date.now() + 3600_000)
    await holdBySupport(pool(), lane(), { reason: 'Longer.', until }, BY, SHOP, { replace: true })
    expect(await stored()).toEqual({ ...before, hold_reason: 'Longer.', hold_until: until })
  })

  it('that is replaced tells what it holds already the new reason', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await holdBySupport(pool(), lane(), { ...HOLD, reason: 'Their servers are down.' }, BY, SHOP, {
      replace: true,
    })
    expect(await deliveryOf(pool(), shops.one, eventId(0))).toMatchObject({
      state: 'held',
      reason: 'on_hold',
      message: 'Their servers are down.',
    })
  })

  it('released lets what waits go out, once', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toEqual({
      released: 1,
      expired: 0,
      left: false,
    })
    expect(await stateOf()).toEqual(['pending', null])
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toBeNull()
  })

  it('released in a lane that is switched off leaves it held for that', async () => {
    await switchLane(pool(), lane(), false)
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    expect(await stateOf()).toEqual(['held', 'on_hold'])
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toMatchObject({ released: 0 })
    expect(await stateOf()).toEqual(['held', 'off'])
  })

  it('ends by itself when its time has come, and not before', async () => {
    await holdBySupport(pool(), lane(), { ...HOLD, until: new Date(Date.now() + 3600_000) }, BY, SHOP)
    await endHolds(pool())
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({ hold_reason: HOLD.reason })
    await pool().query("update connections set hold_until = now() - interval '1 second'")
    await endHolds(pool())
    expect(await stored()).toEqual({ hold_reason: null, hold_since: null, hold_until: null })
    const { rows } = await pool().query(
      "select actor, reason, before ->> 'reason' as was from audit_entries where action = 'release'",
    )
    expect(rows).toEqual([
      { actor: 'sluice', reason: 'The end that it was given had come.', was: HOLD.reason },
    ])
  })

  it('of a vendor that is not connected is none', async () => {
    expect(await holdBySupport(pool(), { ...lane(), vendor: 'nobody' }, HOLD, BY, SHOP)).toBeNull()
  })
})
