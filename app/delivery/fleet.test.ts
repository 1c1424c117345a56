import { describe, expect, it, vi } from 'vitest'
import { fleetAction, runningFleet } from './fleet.ts'
import { ALL_SHOPS, heldReasons, previewFleet } from './fleet-filter.ts'
import { endHolds } from './hold-ends.ts'
import { holdBySupport, releaseBySupport } from './holds.ts'
import { switchLane } from './lane-state.ts'
import { deliveryOf, eventId, keepMany, newShop } from './testing.ts'
import { BY, fleetTools, HOLD, OUTAGE, RELEASE } from './testing-fleet.ts'

const tools = fleetTools()
const { audit, begin, carryOut, holds, rows, shops, step } = tools
const { connect, lane, pool } = shops
const stateOf = async (shopId = shops.one) => {
  const { state, reason, message } = await deliveryOf(pool(), shopId, eventId(0))
  return [state, reason, message]
}

describe('a hold of a vendor for all shops', () => {
  it('holds each connection, then its deliveries, and is done', async () => {
    const id = await begin()
    expect(await fleetAction(pool(), id)).toMatchObject({ state: 'running', total: 2, done: 0, changed: 0 })
    expect(await step(id)).toBe(true)
    expect(await holds()).toEqual([OUTAGE, OUTAGE])
    expect(await stateOf()).toEqual(['pending', null, null])
    expect(await fleetAction(pool(), id)).toMatchObject({
      state: 'running',
      done: 2,
      changed: 2,
      followed: 0,
    })
    expect(await step(id)).toBe(true)
    expect(await stateOf()).toEqual(['held', 'on_hold', OUTAGE])
    expect(await stateOf(shops.two)).toEqual(['held', 'on_hold', OUTAGE])
    expect(await step(id)).toBe(false)
    expect(await fleetAction(pool(), id)).toMatchObject({
      ...{
        kind: 'hold',
        vendor: 'tiny',
        filter: ALL_SHOPS,
        reason: OUTAGE,
        until: null,
        actor: BY.actor,
        role: 'agent',
      },
      ...{ state: 'done', total: 2, done: 2, changed: 2, followed: 2, finishedAt: expect.any(Date) },
    })
    expect(await rows('select * from fleet_shops')).toEqual([])
    expect(await step(id)).toBe(false)
  })

  it('is in the audit once, and once for each shop with what was and what is', async () => {
    const until = new Date(Date.now() + 3_600_000)
    const id = await carryOut({ until })
    const each = { ...BY, vendor: 'tiny', subject: id, reason: OUTAGE }
    const after = {
      ...{ reason: OUTAGE, since: expect.any(String) },
      until: expect.stringContaining(until.toISOString().slice(0, 19)),
    }
    expect(await audit()).toMatchObject([
      { ...each, action: 'fleet_hold', shop: null, after: { shops: 2, filter: ALL_SHOPS } },
      { ...each, action: 'hold', shop: 'one.myshopify.com', before: null, after },
      { ...each, action: 'hold', shop: 'two.myshopify.com', before: null, after },
    ])
  })

  it('leaves what support holds already, also what it holds by the time', async () => {
    const third = await newShop(pool(), 'three')
    await connect(third)
    await holdBySupport(
      pool(),
      lane(),
      { reason: 'The merchant asked for it.', until: null },
      BY,
      'one.myshopify.com',
    )
    const id = await begin()
    await holdBySupport(
      pool(),
      lane(third),
      { reason: 'Wrong products.', until: null },
      BY,
      'three.myshopify.com',
    )
    while (await step(id));
    expect(await holds()).toEqual(['The merchant asked for it.', OUTAGE, 'Wrong products.'])
    expect(await fleetAction(pool(), id)).toMatchObject({ state: 'done', total: 2, done: 2, changed: 1 })
    expect((await audit()).filter(({ subject }) => subject === id).slice(1)).toMatchObject([
      { shop: 'two.myshopify.com' },
    ])
  })

  it.each([
    ['has not ended yet', async () => {}],
    ['ends before its step', () => endHolds(pool())],
  ])('holds also what is held by a hold whose time has come and that %s', async (_, before) => {
    const until = new Date(Date.now() + 3_600_000)
    await holdBySupport(pool(), lane(), { reason: 'Old.', until }, BY, 'one.myshopify.com')
    await pool().query("update connections set hold_until = now() where hold_reason = 'Old.'")
    expect(await previewFleet(pool(), { ...HOLD, filter: { ...ALL_SHOPS, heldFor: 'Old.' } })).toMatchObject({
      shops: 0,
    })
    const id = await begin()
    await before()
    while (await step(id));
    expect(await holds()).toEqual([OUTAGE, OUTAGE])
    expect(await fleetAction(pool(), id)).toMatchObject({ total: 2, changed: 2 })
  })

  it('has a lane in which much waits followed by its workers', async () => {
    await pool().query('delete from deliveries where shop_id = $1', [shops.two])
    await keepMany(pool(), shops.two, 4_500, 'pending')
    let now = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 600))
    const id = await begin()
    while (await step(id));
    clock.mockRestore()
    expect(tools.signalled()).toEqual([lane(shops.two)])
    expect(await rows("select count(*)::int from deliveries where state = 'pending'")).toEqual([
      { count: 500 },
    ])
  })

  it('passes by a shop that disconnects meanwhile', async () => {
    const id = await begin()
    await pool().query('delete from connections where shop_id = $1', [shops.one])
    while (await step(id));
    expect(await fleetAction(pool(), id)).toMatchObject({ state: 'done', done: 2, changed: 1 })
  })

  it('ends by itself where it has an end, which the audit has too', async () => {
    await carryOut({ until: new Date(Date.now() + 3_600_000) })
    await endHolds(pool())
    expect(await holds()).toEqual([OUTAGE, OUTAGE])
    await pool().query("update connections set hold_until = now() - interval '1 second'")
    await endHolds(pool())
    expect(await holds()).toEqual([null, null])
    const ended = { actor: 'sluice', action: 'release', before: { reason: OUTAGE }, after: null }
    expect((await audit()).slice(-2)).toMatchObject([
      { ...ended, shop: 'one.myshopify.com' },
      { ...ended, shop: 'two.myshopify.com' },
    ])
  })
})

describe('a release', () => {
  it('is of all that support holds, and wakes the lanes in which something waits', async () => {
    await carryOut()
    await pool().query('delete from deliveries where shop_id = $1', [shops.two])
    const id = await carryOut({ ...RELEASE, merchantReads: true })
    expect(await holds()).toEqual([null, null])
    expect(tools.signalled()).toEqual([lane()])
    const after = { merchantReads: true }
    expect((await audit()).slice(-2)).toMatchObject([
      { action: 'release', shop: 'one.myshopify.com', subject: id, before: { reason: OUTAGE }, after },
      { action: 'release', shop: 'two.myshopify.com', subject: id, before: { reason: OUTAGE }, after },
    ])
  })

  it('begun by a version whose reasons merchants did not read goes on as one that they do not', async () => {
    await carryOut()
    const id = await begin({ ...RELEASE, merchantReads: true })
    await pool().query('alter table audit_entries disable trigger user')
    await pool().query("update audit_entries set after = after - 'merchantReads' where subject = $1", [id])
    await pool().query('alter table audit_entries enable trigger user')
    while (await step(id));
    expect((await audit()).slice(-2).map(({ action, after }) => [action, after])).toEqual([
      ['release', null],
      ['release', null],
    ])
  })

  it('of those held for one reason leaves the others', async () => {
    await holdBySupport(
      pool(),
      lane(),
      { reason: 'The merchant asked for it.', until: null },
      BY,
      'one.myshopify.com',
    )
    await carryOut()
    const id = await begin({ ...RELEASE, filter: { ...ALL_SHOPS, heldFor: OUTAGE } })
    expect(await fleetAction(pool(), id)).toMatchObject({ total: 1 })
    while (await step(id));
    expect(await holds()).toEqual(['The merchant asked for it.', null])
  })

  it.each([
    ['for another reason', 'Wrong products.'],
    ['for the same reason', OUTAGE],
  ])('leaves a hold that was placed after it began, %s', async (_, reason) => {
    await carryOut()
    const id = await begin(RELEASE)
    await releaseBySupport(pool(), lane(), 'Over.', BY, 'one.myshopify.com')
    await holdBySupport(pool(), lane(), { reason, until: null }, BY, 'one.myshopify.com')
    while (await step(id));
    expect(await holds()).toEqual([reason, null])
    expect(await fleetAction(pool(), id)).toMatchObject({ state: 'done', done: 2, changed: 1 })
  })

  it('leaves what the merchant has switched off', async () => {
    await carryOut()
    await switchLane(pool(), lane(), false)
    await carryOut(RELEASE)
    expect(await rows('select enabled from connections order by shop_id')).toEqual([
      { enabled: false },
      { enabled: true },
    ])
  })
})

describe('a hold of those that are held for one reason', () => {
  it('gives them another reason and end, and keeps since when', async () => {
    await carryOut()
    const [before] = await rows('select hold_since from connections')
    await carryOut({ filter: { ...ALL_SHOPS, heldFor: OUTAGE }, reason: 'Down until noon.' })
    expect(await holds()).toEqual(['Down until noon.', 'Down until noon.'])
    expect(await rows('select distinct hold_since from connections')).toEqual([before])
    expect(await stateOf()).toEqual(['held', 'on_hold', 'Down until noon.'])
    const replaced = { action: 'hold', before: { reason: OUTAGE }, after: { reason: 'Down until noon.' } }
    expect((await audit()).slice(-2)).toMatchObject([replaced, replaced])
  })
})

describe('a filter', () => {
  it('by domain is of those that contain it', async () => {
    await carryOut({ filter: { ...ALL_SHOPS, shops: 'two.my' } })
    expect(await holds()).toEqual([null, OUTAGE])
  })

  it('by state is as the lanes were counted last', async () => {
    await pool().query(
      `insert into lane_health (shop_id, vendor, state, waiting, held, held_to_go, delivered, failed, taken_at)
       values ($1, 'tiny', 'failing', 7, 4, 1, 0, 9, now()), ($2, 'tiny', 'ok', 3, 2, 2, 5, 0, now())`,
      [shops.one, shops.two],
    )
    await pool().query("insert into rollups (name, seen_until) values ('lane_health', now())")
    const filter = { ...ALL_SHOPS, states: ['failing' as const, 'late' as const] }
    expect(await previewFleet(pool(), { ...HOLD, filter })).toEqual({
      ...{ shops: 1, toChange: 1, deliveries: 7, running: null },
      countedAt: expect.any(Date),
    })
    await carryOut({ filter })
    expect(await holds()).toEqual([OUTAGE, null])
    const held = { ...ALL_SHOPS, heldFor: OUTAGE }
    expect(await previewFleet(pool(), { ...RELEASE, filter: held })).toMatchObject({
      ...{ shops: 1, toChange: 1, deliveries: 1 },
    })
  })
})

it('keeps nothing of a person in its filter, and finds holds by it as their reasons are kept', async () => {
  const heldFor = 'Asked by jane@example.com'
  await holdBySupport(pool(), lane(), { reason: heldFor, until: null }, BY, 'one.myshopify.com')
  const asked = { ...RELEASE, filter: { ...ALL_SHOPS, heldFor } }
  expect(await previewFleet(pool(), asked)).toMatchObject({ shops: 1, toChange: 1 })
  const id = await carryOut(asked)
  expect(await holds()).toEqual([null, null])
  expect(JSON.stringify([await fleetAction(pool(), id), await audit()])).not.toContain('jane@')
  await expect(begin({ filter: { ...ALL_SHOPS, shops: 'jane@example.com\u0000' } })).rejects.toMatchObject({
    why: 'nobody',
  })
})

describe('a preview', () => {
  it('says how many shops there are, how many it would change, and that nothing was counted yet', async () => {
    await holdBySupport(pool(), lane(), { reason: OUTAGE, until: null }, BY, 'one.myshopify.com')
    const nothingCounted = { deliveries: null, countedAt: null, running: null }
    expect(await previewFleet(pool(), HOLD)).toEqual({ shops: 2, toChange: 1, ...nothingCounted })
    expect(await previewFleet(pool(), RELEASE)).toEqual({ shops: 2, toChange: 1, ...nothingCounted })
    expect(await previewFleet(pool(), { ...HOLD, vendor: 'other' })).toMatchObject({ shops: 0, toChange: 0 })
  })

  it('names what is running', async () => {
    const running = await begin()
    expect(await previewFleet(pool(), RELEASE)).toMatchObject({ running })
    expect(await runningFleet(pool())).toEqual([running])
  })

  it('of reasons counts the shops', async () => {
    await carryOut()
    expect(await heldReasons(pool(), 'tiny')).toEqual([{ reason: OUTAGE, shops: 2, since: expect.any(Date) }])
  })
})

describe('two workers at the same action', () => {
  it('see to each shop once', async () => {
    const id = await begin()
    await Promise.all(Array.from({ length: 6 }, () => step(id)))
    while (await step(id));
    expect(await fleetAction(pool(), id)).toMatchObject({ state: 'done', done: 2, changed: 2, followed: 2 })
    expect(await audit()).toHaveLength(3)
  })
})
