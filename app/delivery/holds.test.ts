import { beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '../support/audit.ts'
import { connectionRow } from './connections.ts'
import { HoldStands, holdBySupport, releaseBySupport, standingHold } from './holds.ts'
import { switchLane } from './lane-state.ts'
import { deliveryOf, eventId, keepDelivery, keepMany, settledOrBlocked } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
const BY: Actor = { actor: 'agent@example.com', role: 'agent', address: '192.0.2.7' }
const SHOP = 'one.myshopify.com'
const HOLD = { reason: 'The vendor asked us to wait.', until: null }

beforeEach(async () => {
  await connect()
  await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
})

const entries = async () =>
  (
    await pool().query(
      'select actor, role, address, action, shop, vendor, reason, before, after from audit_entries order by id',
    )
  ).rows
const stateOf = async () => (await deliveryOf(pool(), shops.one, eventId(0))).state

describe("support's hold", () => {
  it('is written down with who did it and what was before', async () => {
    expect(await holdBySupport(pool(), lane(), HOLD, BY, SHOP)).toMatchObject({ held: 1 })
    const until = new Date(Date.now() + 3600_000)
    await holdBySupport(pool(), lane(), { reason: 'Longer.', until }, BY, SHOP, { replace: true })
    const about = { ...BY, action: 'hold', shop: SHOP, vendor: 'tiny' }
    const [first, second] = await entries()
    expect(first).toMatchObject({ ...about, reason: HOLD.reason, before: null, after: { ...HOLD } })
    expect(second).toMatchObject({ ...about, reason: 'Longer.', before: { reason: HOLD.reason } })
    expect(new Date(second.after.until)).toEqual(until)
    expect(second.after.since).toBe(first.after.since)
    expect(await stateOf()).toBe('held')
  })

  it('and its end answer in time, however much is to follow, and say that there is more', async () => {
    await pool().query('delete from deliveries')
    await keepMany(pool(), shops.one, 4_500, 'pending')
    expect(await holdBySupport(pool(), lane(), HOLD, BY, SHOP, { withinMs: 0 })).toEqual({
      ...{ held: 2_000, left: true, changed: false },
    })
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP, { withinMs: 60_000 })).toMatchObject({
      ...{ released: 2_000, left: false },
    })
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP, { withinMs: 0 })).toMatchObject({
      ...{ released: 2_000, left: true },
    })
  })

  it('that stands is not replaced unless that is asked for', async () => {
    expect(await standingHold(pool(), lane())).toBeNull()
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const other = { ...BY, actor: 'other@example.com' }
    const again = holdBySupport(pool(), lane(), { reason: 'Mine.', until: null }, other, SHOP)
    await expect(again).rejects.toBeInstanceOf(HoldStands)
    await expect(again).rejects.toMatchObject({ hold: { ...HOLD, by: BY.actor } })
    expect(await standingHold(pool(), lane())).toMatchObject({ ...HOLD, by: BY.actor })
    expect(await entries()).toHaveLength(1)
    const replace = { replace: true }
    const done = await holdBySupport(pool(), lane(), { reason: 'Mine.', until: null }, other, SHOP, replace)
    expect(done).toEqual({ held: 1, left: false, changed: true })
    expect(await standingHold(pool(), lane())).toMatchObject({ reason: 'Mine.', by: other.actor })
    expect((await entries())[1]).toMatchObject({ before: HOLD, after: { reason: 'Mine.' } })
  })

  it('whose time has come does not stand in the way', async () => {
    await holdBySupport(pool(), lane(), { ...HOLD, until: new Date(Date.now() + 3600_000) }, BY, SHOP)
    await pool().query("update connections set hold_until = now() - interval '1 second'")
    expect(await standingHold(pool(), lane())).toBeNull()
    expect(await holdBySupport(pool(), lane(), HOLD, BY, SHOP)).toMatchObject({ held: 1 })
    expect(await standingHold(pool(), lane())).toMatchObject(HOLD)
  })

  it('that is replaced tells what it holds, and not only what is new', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const again = { reason: 'Longer.', until: null }
    expect(await holdBySupport(pool(), lane(), again, BY, SHOP, { replace: true })).toEqual({
      ...{ held: 1, left: false, changed: true },
    })
  })

  it('in place of one whose time has come begins anew', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await pool().query("update connections set hold_since = now() - interval '1 hour', hold_until = now()")
    expect(await holdBySupport(pool(), lane(), { reason: 'Again.', until: null }, BY, SHOP)).toMatchObject({
      changed: false,
    })
    const age = "select now() - hold_since < interval '1 minute' as fresh from connections"
    expect((await pool().query(age)).rows).toEqual([{ fresh: true }])
  })

  it('that was seen is replaced or released, and not another that has taken its place', async () => {
    const seen = async () => {
      const standing = await standingHold(pool(), lane())
      if (!standing) throw new Error('there is none')
      return standing
    }
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const first = await seen()
    await holdBySupport(pool(), lane(), { reason: 'Theirs.', until: null }, BY, SHOP, { replace: first })
    const mine = { reason: 'Mine.', until: null }
    const theirs = { hold: { reason: 'Theirs.' } }
    await expect(holdBySupport(pool(), lane(), mine, BY, SHOP, { replace: first })).rejects.toMatchObject(
      theirs,
    )
    await expect(releaseBySupport(pool(), lane(), 'Over.', BY, SHOP, { seen: first })).rejects.toMatchObject(
      theirs,
    )
    expect(await entries()).toHaveLength(2)
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP, { seen: await seen() })).not.toBeNull()
  })

  it('of what is not connected is neither done nor written', async () => {
    expect(await holdBySupport(pool(), { ...lane(), vendor: 'nobody' }, HOLD, BY, SHOP)).toBeNull()
    expect(await entries()).toEqual([])
  })

  it('is not done where it cannot be written', async () => {
    const nobody = { ...BY, actor: null as unknown as string }
    await expect(holdBySupport(pool(), lane(), HOLD, nobody, SHOP)).rejects.toThrow()
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({ hold_reason: null })
    expect(await stateOf()).toBe('pending')
  })

  it('sees the hold that another has just made', async () => {
    const other = await pool().connect()
    await other.query('begin')
    await other.query("update connections set hold_reason = 'Theirs.', hold_since = now()")
    const going = holdBySupport(pool(), lane(), HOLD, BY, SHOP, { replace: true })
    await settledOrBlocked(pool(), going)
    await other.query('commit')
    other.release()
    await going
    expect(await entries()).toMatchObject([{ before: { reason: 'Theirs.' }, after: HOLD }])
  })

  it('keeps no address of a person in what it writes', async () => {
    await holdBySupport(pool(), lane(), { ...HOLD, reason: 'Asked by jane@example.com' }, BY, SHOP)
    await releaseBySupport(pool(), lane(), 'For jane@example.com \u0000', BY, SHOP)
    expect(JSON.stringify(await entries())).not.toContain('jane@')
  })
})

describe("the end of support's hold", () => {
  it('is written down, with why where it is said', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const said = { merchantReads: true }
    expect(await releaseBySupport(pool(), lane(), 'They are back.', BY, SHOP, said)).toMatchObject({
      released: 1,
    })
    expect((await entries()).slice(1)).toMatchObject([
      {
        ...{ ...BY, action: 'release', shop: SHOP, vendor: 'tiny', reason: 'They are back.' },
        ...{ before: HOLD, after: { merchantReads: true } },
      },
    ])
    expect(await stateOf()).toBe('pending')
  })

  it('happens once', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const both = await Promise.all([1, 2].map(() => releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)))
    expect(both.filter(done => done !== null)).toHaveLength(1)
    expect((await entries()).map(({ action }) => action)).toEqual(['hold', 'release'])
  })

  it('leaves what the merchant switched off', async () => {
    await switchLane(pool(), lane(), false)
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toMatchObject({ released: 0 })
    expect(await stateOf()).toBe('held')
  })
})
