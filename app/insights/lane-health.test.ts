import { beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { disconnect } from '../delivery/disconnect.ts'
import { holdBySupport, releaseBySupport } from '../delivery/holds.ts'
import type { LaneState } from '../delivery/lane.ts'
import { switchLane } from '../delivery/lane-state.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import { keepDelivery, keepMany, refuse, sealer, tinyVendor } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { DAYS_SEEN } from './daily.ts'
import { healthUntil, statesListed, takeLaneHealth } from './lane-health.ts'
import { opensWith } from './lane-stands.ts'
import { listLanes } from './lanes.ts'
import { rollUpDays } from './roll-up-days.ts'
import { fleetOf } from './vendor-fleet.ts'

const BY = { actor: 'agent@example.com', role: 'agent', address: null } as const
const SHOP = 'one.myshopify.com'
const shops = twoShops()
const { pool, lane } = shops
const opens = opensWith(sealer)
/** As a merchant does who has tested it. */
const connect: typeof shops.connect = async (...given) => {
  const connected = await shops.connect(...given)
  await pool().query('update connections set test_ok = true where test_ok is null')
  await pool().query(
    'delete from lane_health_due d using lane_health_due b where d.id > b.id and (d.shop_id, d.vendor) = (b.shop_id, b.vendor)',
  )
  return connected
}

/** What the chores do, each after the other. @returns how many lanes were looked at */
async function take(againSeconds = 3600): Promise<number> {
  await rollUpDays(pool(), { justBegunSeconds: 0 })
  return takeLaneHealth(pool(), { opens, lateAfterMinutes: 90, againSeconds })
}

type Row = { state: LaneState; waiting: number; held: number; delivered: number; failed: number }
async function rows(): Promise<
  (Row & { shop_id: number; vendor: string; oldest_waiting: Date | null; oldest_held: Date | null })[]
> {
  return (await pool().query('select * from lane_health order by shop_id, vendor')).rows
}
const states = async () => (await rows()).map(({ state }) => state)

/** Whatever it says by then is no longer so. */
const forget = () => pool().query("update lane_health set state = 'ok', waiting = -1, held = -1")

const open = (key: string) =>
  pool().query(
    `insert into circuits (key, open_until, rest_ms, opened_at, reason) values ($1, now() + interval '1 minute', 10000, now(), 'it failed')`,
    [key],
  )

describe('what is counted', () => {
  it('is what waits, what is held, since when, and what came to an end of late', async () => {
    await connect()
    for (const state of [
      'pending',
      'retry',
      'waiting',
      'held',
      'delivered',
      'delivered',
      'skipped',
      'dead',
    ] as const)
      await keepDelivery(pool(), shops.one, { state })
    await pool().query("update deliveries set created_at = now() - interval '1 hour'")
    await take()
    expect(await rows()).toMatchObject([
      { shop_id: shops.one, vendor: 'tiny', waiting: 2, held: 1, delivered: 2, failed: 1, state: 'ok' },
    ])
    const [row] = await rows()
    expect(Date.now() - (row?.oldest_waiting?.getTime() ?? 0)).toBeGreaterThan(3_599_000)
  })

  it('tells how old what is held is: a hold that was forgotten was found by no list', async () => {
    await connect()
    await keepDelivery(pool(), shops.one, { state: 'held' })
    await pool().query("update deliveries set created_at = now() - interval '3 days'")
    await pool().query("update connections set hold_reason = 'Forgotten.', hold_since = now()")
    await take()
    const [row] = await rows()
    expect(row).toMatchObject({ waiting: 0, held: 1, oldest_waiting: null, state: 'held' })
    expect(Date.now() - (row?.oldest_held?.getTime() ?? 0)).toBeGreaterThan(2.9 * 86_400_000)
  })

  it('tells of what was released when it was received, and does not call it late: it could not go before', async () => {
    await connect()
    await keepDelivery(pool(), shops.one, { state: 'pending' })
    await pool().query(
      "update deliveries set created_at = now() - interval '3 days', trying_since = null, updated_at = now()",
    )
    await take()
    const [row] = await rows()
    expect(row?.state).toBe('ok')
    const [lane] = await listLanes(pool(), sealer, shops.one)
    expect(row?.oldest_waiting).toEqual(lane?.oldestAccepted)
    expect(Date.now() - (row?.oldest_waiting?.getTime() ?? 0)).toBeGreaterThan(2.9 * 86_400_000)
  })

  it('is not what came before yesterday', async () => {
    await connect()
    await keepDelivery(pool(), shops.one, { state: 'delivered' })
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    await pool().query('update delivery_days set day = day - 2')
    await takeLaneHealth(pool(), { opens, lateAfterMinutes: 90 })
    expect(await rows()).toMatchObject([{ delivered: 0, failed: 0 }])
  })

  it('goes no further than what says that there are more than ten thousand', async () => {
    await connect()
    await keepMany(pool(), shops.one, 10_003, 'pending')
    await keepMany(pool(), shops.two, 3, 'pending')
    await take()
    expect(await rows()).toMatchObject([{ waiting: 10_001 }])
  })
})

describe('a lane stands', () => {
  it('as not known to work until a test is accepted or something arrives, and not as well', async () => {
    await shops.connect()
    await keepDelivery(pool(), shops.one, { state: 'dead' })
    await take()
    expect(await states()).toEqual(['untested'])
    await pool().query('update connections set test_ok = false, tested_at = now()')
    expect([await take(), await states()]).toEqual([1, ['untested']])
    await pool().query('update connections set test_ok = true')
    expect([await take(), await states()]).toEqual([1, ['ok']])
    await pool().query('update connections set test_ok = null')
    expect([await take(), await states()]).toEqual([1, ['untested']])
    await keepDelivery(pool(), shops.one, { state: 'delivered' })
    await pool().query(`update deliveries set updated_at = now() + interval '1 second'`)
    await take()
    expect(await states()).toEqual(['ok'])
    // Neither a test that had failed before nor none is another word of it: what else is written then is.
    await pool().query(`update connections set tested_at = now() + interval '2 seconds'`)
    await take()
    expect(await states()).toEqual(['untested'])
    await pool().query('update connections set tested_at = null')
    await take()
    expect(await states()).toEqual(['ok'])
    // Saved anew, without another word of a test.
    await pool().query('truncate lane_health_due')
    await shops.connect()
    expect((await pool().query('select from lane_health_due')).rowCount).toBeGreaterThan(0)
  })

  it('well when nothing is wrong, and so it does when little failed', async () => {
    await connect()
    for (let n = 0; n < 4; n++) await keepDelivery(pool(), shops.one, { state: 'dead' })
    await take()
    expect(await states()).toEqual(['ok'])
  })

  it('badly when every tenth and no less than five failed', async () => {
    await connect()
    for (let n = 0; n < 5; n++) await keepDelivery(pool(), shops.one, { state: 'dead' })
    for (let n = 0; n < 45; n++) await keepDelivery(pool(), shops.one, { state: 'delivered' })
    await take()
    expect(await states()).toEqual(['failing'])
    await keepDelivery(pool(), shops.one, { state: 'delivered' })
    await take()
    expect(await states()).toEqual(['ok'])
  })

  it('badly while its circuit is open, and with the vendor where something waits', async () => {
    await connect(shops.one)
    await connect(shops.two)
    await keepDelivery(pool(), shops.one)
    await take()
    expect(await states()).toEqual(['ok', 'ok'])
    await open('vendor:tiny')
    await take(0)
    expect(await states()).toEqual(['failing', 'ok'])
    await pool().query('delete from circuits')
    await take(0)
    expect(await states()).toEqual(['ok', 'ok'])
    await open(`lane:${shops.one}:tiny`)
    await take(0)
    expect(await states()).toEqual(['failing', 'ok'])
  })

  it('late when the oldest waits for longer than may be', async () => {
    await connect()
    const event = await keepDelivery(pool(), shops.one)
    await take()
    expect(await states()).toEqual(['ok'])
    await pool().query(
      "update deliveries set trying_since = now() - interval '91 minutes' where event_id = $1",
      [event],
    )
    await take(0)
    expect(await states()).toEqual(['late'])
  })

  it('waiting for a person, off, or held, the last before the others', async () => {
    await connect()
    await take()
    await refuse(pool(), lane(), 'Wrong key.')
    expect(await take()).toBe(1)
    expect(await states()).toEqual(['attention'])
    await switchLane(pool(), lane(), false)
    expect(await take()).toBe(1)
    expect(await states()).toEqual(['off'])
    await holdBySupport(pool(), lane(), { reason: 'It floods them.', until: null }, BY, SHOP)
    expect(await take()).toBe(1)
    expect(await states()).toEqual(['held'])
    await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)
    await take()
    expect(await states()).toEqual(['off'])
  })

  it('paused while the vendor lets it wait and something does, and late once that takes too long', async () => {
    await connect()
    await pool().query("update connections set paused_until = now() + interval '10 minutes'")
    await take()
    expect(await states()).toEqual(['ok'])
    const event = await keepDelivery(pool(), shops.one)
    await take()
    expect(await states()).toEqual(['paused'])
    await pool().query(
      "update deliveries set trying_since = now() - interval '91 minutes' where event_id = $1",
      [event],
    )
    await take(0)
    expect(await states()).toEqual(['late'])
  })

  it('waiting for a person where its credentials do not open', async () => {
    await connect()
    await pool().query("update connections set secrets = 'v1.gone.x'")
    await take()
    expect(await states()).toEqual(['attention'])
  })

  it('off while it is being disconnected, which needs nobody', async () => {
    await connect()
    await refuse(pool(), lane(), HELD_REASONS.disconnecting)
    await take()
    expect(await states()).toEqual(['off'])
  })

  it('off in a shop that has removed the app, until it is back', async () => {
    await connect()
    await refuse(pool(), lane(), 'Wrong key.')
    await take()
    await pool().query('update shops set uninstalled_at = now() where id = $1', [shops.one])
    expect(await take()).toBe(1)
    expect(await states()).toEqual(['off'])
    await pool().query('update shops set uninstalled_at = null where id = $1', [shops.one])
    await take()
    expect(await states()).toEqual(['attention'])
  })
})

describe('a lane is looked at again', () => {
  it('only when something has changed', async () => {
    await connect(shops.one)
    await connect(shops.two)
    await take()
    await keepDelivery(pool(), shops.two, { state: 'held' })
    await take()
    // What changed in the very moment of the last look is looked at once more.
    await expect.poll(() => take()).toBe(0)
    await forget()
    await keepDelivery(pool(), shops.one, { state: 'held' })
    await take()
    expect(await rows()).toMatchObject([{ held: 1 }, { held: -1 }])
  })

  it('when a week-old delivery changes', async () => {
    await connect()
    const event = await keepDelivery(pool(), shops.one, { state: 'delivered' })
    await take()
    await pool().query("update deliveries set state = 'held', updated_at = now() where event_id = $1", [
      event,
    ])
    await take()
    expect(await rows()).toMatchObject([{ held: 1 }])
  })

  it('when a turn has nothing to do with it, not', async () => {
    await connect()
    await take()
    await pool().query('update connections set turn = turn + 1, paused_until = now(), updated_at = now()')
    expect(await take()).toBe(0)
  })

  it('after a while, where something waits', async () => {
    await connect(shops.one)
    await connect(shops.two)
    await keepDelivery(pool(), shops.one)
    await take()
    await take()
    expect(await take(3600)).toBe(0)
    expect(await take(0)).toBe(1)
  })

  it('on another day', async () => {
    await connect()
    await take()
    await pool().query("update lane_health set taken_at = now() - interval '25 hours', delivered = 3")
    await pool().query(
      "update rollups set seen_until = now() - interval '25 hours' where name = 'lane_health_days'",
    )
    expect(await take()).toBe(1)
    expect(await rows()).toMatchObject([{ delivered: 0 }])
  })

  it('by the next round, where a transaction commits late', async () => {
    await connect()
    await take()
    const other = await pool().connect()
    await other.query('begin')
    await other.query("update connections set attention = 'Wrong key.'")
    expect(await take()).toBe(0)
    await other.query('commit')
    other.release()
    expect(await take()).toBe(1)
    expect(await states()).toEqual(['attention'])
  })
})

describe('a round', () => {
  it('ends early and leaves the rest noted', async () => {
    await connect()
    expect(await takeLaneHealth(pool(), { opens, lateAfterMinutes: 60, mostMs: 0 })).toBe(0)
    expect(await healthUntil(pool())).toBeNull()
    expect(await takeLaneHealth(pool(), { opens, lateAfterMinutes: 60, lost: AbortSignal.abort() })).toBe(0)
    expect(await take()).toBe(1)
  })

  it('says up to when changes are in it', async () => {
    await connect()
    expect(await healthUntil(pool())).toBeNull()
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    const { rows: noted } = await pool().query('select seen_until as at from rollups where name = $1', [
      DAYS_SEEN,
    ])
    await takeLaneHealth(pool(), { opens, lateAfterMinutes: 60 })
    expect(await healthUntil(pool())).toEqual(noted[0].at)
  })

  it('that nobody took since left lists of all lanes with how they had stood, or with nothing', async () => {
    await connect()
    const listed = async (most: number) => {
      const lanes = [lane(), lane(shops.two)]
      const { states, asOf } = await statesListed({ pool: pool(), sealer }, lanes, 90, most)
      return [[...states.values()], asOf]
    }
    expect(await listed(1)).toEqual([['ok'], null])
    await take()
    await pool().query("update lane_health set state = 'late'")
    const { rows } = await pool().query("select seen_until as at from rollups where name = 'lane_health'")
    expect(await listed(1)).toEqual([['late'], rows[0].at])
    expect(await listed(2)).toEqual([['ok'], null])
    await connect(shops.two)
    expect(await listed(1)).toEqual([['late', 'ok'], rows[0].at])
    await pool().query(
      "update rollups set seen_until = now() - interval '4 minutes' where name = 'lane_health'",
    )
    expect(await listed(1)).toEqual([['ok', 'ok'], null])
  })

  it('takes many lanes, each once', async () => {
    await pool().query(
      `with made as (insert into shops (domain) select 'many-' || n || '.myshopify.com' from generate_series(1, 2500) n returning id)
       insert into connections (shop_id, vendor, settings, secrets, updated_at) select id, 'tiny', '{}', 'x', now() from made`,
    )
    expect(await take()).toBe(2_500)
    expect(await rows()).toHaveLength(2_500)
    expect(await take()).toBe(0)
  })
})

describe('the lanes of a vendor are added up', () => {
  const added = async () => (await fleetOf(pool())).map(({ vendor, shops }) => [vendor, shops])
  const tamper = () => pool().query('update vendor_health set shops = 77')
  beforeEach(async () => {
    await connect(shops.one)
    await connect(shops.two)
    await take()
    expect(await added()).toEqual([['tiny', 2]])
    await tamper()
  })

  it('not by a round that has taken none', async () => {
    expect(await take()).toBe(0)
    expect(await added()).toEqual([['tiny', 77]])
  })

  it('by one that has taken some', async () => {
    await switchLane(pool(), lane(), false)
    expect(await take()).toBe(1)
    expect(await added()).toEqual([['tiny', 2]])
  })

  it('by the next where one was broken off before it came to it', async () => {
    await pool().query("update lane_health set taken_at = now() + interval '1 second' where shop_id = $1", [
      shops.one,
    ])
    expect(await take()).toBe(0)
    expect(await added()).toEqual([['tiny', 2]])
    await tamper()
    expect(await take()).toBe(0)
    expect(await added()).toEqual([['tiny', 77]])
  })

  it('without one that is gone', async () => {
    await disconnect(pool(), lane())
    expect(await take()).toBeGreaterThan(0)
    expect(await added()).toEqual([['tiny', 1]])
  })
})

describe('a vendor that is disconnected', () => {
  it('is gone from it at once', async () => {
    await connect()
    await connect(shops.one, tinyVendor({ id: 'other' }))
    await take()
    await disconnect(pool(), lane())
    expect(await rows()).toMatchObject([{ vendor: 'other' }])
  })

  it('does not come back with what was noted before', async () => {
    await connect()
    await withTransaction(pool(), client => client.query('delete from connections'))
    expect(await take()).toBe(2)
    expect(await rows()).toEqual([])
  })
})
