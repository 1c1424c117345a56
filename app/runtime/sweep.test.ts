/** Deliveries that are held say why, also when whoever was to see to it has ended, or its signal was lost. */
import type { Pool } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { ALL_SHOPS } from '../delivery/fleet-filter.ts'
import { endHolds } from '../delivery/hold-ends.ts'
import { holdBySupport, releaseBySupport } from '../delivery/holds.ts'
import { type Lane, laneKey } from '../delivery/lane.ts'
import {
  acceptCredentials,
  holdShop,
  lanesUnnamed,
  markRefused,
  setSwitch,
  settleFor,
  settleLane,
  switchLane,
  welcomeVendors,
} from '../delivery/lane-state.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import { keepMany } from '../delivery/testing.ts'
import { drainedLane } from '../delivery/testing-drain.ts'
import { BY, fleetTools, HOLD, OUTAGE, RELEASE } from '../delivery/testing-fleet.ts'
import { createLog } from '../log.ts'
import { choresOf } from './chores.ts'

const SHOP = 'one.myshopify.com'
const FIRST = { reason: 'Their servers are down.', until: null }
const OTHER = { reason: 'They answer, but lose what is sent.', until: null }
const tools = drainedLane()
const { pool, lane, drain } = tools

/** The sentences of what the lane holds, with how many have it. */
async function said(): Promise<Record<string, number>> {
  const { rows } = await pool().query<{ message: string; count: number }>(
    "select message, count(*)::int from deliveries where shop_id = $1 and state = 'held' group by 1",
    [lane().shopId],
  )
  return Object.fromEntries(rows.map(({ message, count }) => [message, count]))
}
const later = () => pool().query("update connections set unnamed_since = unnamed_since - interval '1 minute'")
const found = () => lanesUnnamed(pool(), 10)
/** Breaks off after the first chunk and tells nobody. */
const AND_DIES = { withinMs: 0 }

/** What a worker's sweep wakes. */
async function swept(): Promise<string[]> {
  const woken: Lane[] = []
  const context = { pool: pool(), log: createLog('silent'), signal: (lanes: Lane[]) => woken.push(...lanes) }
  const config = { alerts: { email: null, webhook: null }, shopify: {} }
  const chores = choresOf(...([context, [], config] as unknown as Parameters<typeof choresOf>))
  await chores.find(({ name }) => name === 'sweep')?.run(new AbortController().signal)
  return woken.map(laneKey)
}

describe('a hold in other words, whose renaming was broken off,', () => {
  beforeEach(async () => {
    await keepMany(pool(), lane().shopId, 2_500, 'pending')
    await holdBySupport(pool(), lane(), FIRST, BY, SHOP)
    const replaced = await holdBySupport(pool(), lane(), OTHER, BY, SHOP, { replace: true, ...AND_DIES })
    expect(replaced).toMatchObject({ left: true })
    expect(await said()).toEqual({ [FIRST.reason]: 500, [OTHER.reason]: 2_000 })
  })

  it('is left for a while to whoever is at it', async () => {
    expect(await found()).toEqual([])
    expect(await swept()).toEqual([])
  })

  it('is found by the sweep, and done by the drain, after which nothing is found', async () => {
    await later()
    expect(await swept()).toEqual([laneKey(lane())])
    await drain()
    expect(await said()).toEqual({ [OTHER.reason]: 2_500 })
    expect(await swept()).toEqual([])
  })

  it('is found again when it is worded anew while it is done', async () => {
    await later()
    const again = holdBySupport(pool(), lane(), FIRST, BY, SHOP, { replace: true, ...AND_DIES })
    await Promise.all([again, drain()])
    await later()
    await drain()
    expect(await found()).toEqual([])
    expect(await said()).toEqual({ [FIRST.reason]: 2_500 })
  })

  it('is of no more concern once the lane is released', async () => {
    await releaseBySupport(pool(), lane(), 'They are back.', BY, SHOP, AND_DIES)
    await later()
    expect(await found()).toEqual([])
  })
})

describe('what was held because the vendor is off', () => {
  beforeEach(async () => {
    await keepMany(pool(), lane().shopId, 2_500, 'pending')
    await switchLane(pool(), lane(), false)
  })

  it('says that support holds it, though the hold was broken off', async () => {
    await holdBySupport(pool(), lane(), FIRST, BY, SHOP, AND_DIES)
    await later()
    expect(await swept()).toEqual([laneKey(lane())])
    await drain()
    expect(await said()).toEqual({ [FIRST.reason]: 2_500 })
  })

  it.each([
    ['with a release', () => releaseBySupport(pool(), lane(), 'Over.', BY, SHOP, AND_DIES)],
    [
      'by itself',
      async () => {
        await pool().query('update connections set hold_until = now()')
        await endHolds(pool())
      },
    ],
  ])('says so again when the hold has ended %s', async (_, end) => {
    await holdBySupport(pool(), lane(), FIRST, BY, SHOP)
    await end()
    await later()
    expect(await swept()).toEqual([laneKey(lane())])
    await drain()
    expect(await said()).toEqual({ [HELD_REASONS.off]: 2_500 })
    expect(await swept()).toEqual([])
  })
})

describe('what was held before, and whose release was broken off,', () => {
  it.each([
    [
      'by support',
      async () => {
        await holdBySupport(pool(), lane(), FIRST, BY, SHOP)
        await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP, AND_DIES)
        return FIRST.reason
      },
    ],
    [
      'because the vendor was off',
      async () => {
        await switchLane(pool(), lane(), false)
        await setSwitch(pool(), lane(), true)
        await settleFor(pool(), lane(), 0)
        return HELD_REASONS.off
      },
    ],
  ])('%s, says that support holds it, though that was broken off too', async (_, heldAndReleased) => {
    await keepMany(pool(), lane().shopId, 4_500, 'pending')
    const before = await heldAndReleased()
    await holdBySupport(pool(), lane(), OTHER, BY, SHOP, AND_DIES)
    expect(await said()).toEqual({ [before]: 2_500, [OTHER.reason]: 2_000 })
    await later()
    expect(await swept()).toEqual([laneKey(lane())])
    await drain()
    expect(await said()).toEqual({ [OTHER.reason]: 4_500 })
    expect(await swept()).toEqual([])
  })
})

describe('what support held, and whose release was broken off,', () => {
  beforeEach(async () => {
    await keepMany(pool(), lane().shopId, 4_500, 'pending')
    await holdBySupport(pool(), lane(), FIRST, BY, SHOP)
    await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP, AND_DIES)
  })

  it.each<[string, () => Promise<unknown>, string]>([
    ['is off', () => setSwitch(pool(), lane(), false), HELD_REASONS.off],
    ['refused the credentials', () => markRefused(pool(), lane(), 'Wrong key.', 'x'), 'Wrong key.'],
    [
      'was removed from the shop',
      () => withTransaction(pool(), client => holdShop(client, lane().shopId)),
      HELD_REASONS.uninstalled,
    ],
  ])('says that the vendor %s, though that was broken off too', async (_, stop, reason) => {
    await pool().query("update connections set secrets = 'x'")
    await stop()
    await settleFor(pool(), lane(), 0)
    expect(await said()).toEqual({ [FIRST.reason]: 2_500, [reason]: 2_000 })
    await later()
    expect(await swept()).toEqual([laneKey(lane())])
    await drain()
    expect(await said()).toEqual({ [reason]: 4_500 })
    expect(await swept()).toEqual([])
  })
})

describe('what was held for want of a person, of a shop that has removed the app since,', () => {
  it.each<[string, string, () => Promise<unknown>]>([
    ['the credentials are accepted', 'Wrong key.', () => acceptCredentials(diesAfterOne(), lane())],
    ['this version has the vendor', HELD_REASONS.vendor_missing, () => welcomeVendors(pool(), ['tiny'])],
  ])('says so once %s, though that was broken off', async (_, attention, begins) => {
    await keepMany(pool(), lane().shopId, 10, 'pending')
    await pool().query('update connections set attention = $1', [attention])
    await settleLane(pool(), lane())
    await pool().query('update shops set uninstalled_at = now()')
    await begins().catch(() => {})
    expect(await said()).toEqual({ [attention]: 10 })
    await later()
    expect(await swept()).toEqual([laneKey(lane())])
    await drain()
    expect(await said()).toEqual({ [HELD_REASONS.uninstalled]: 10 })
    expect(await swept()).toEqual([])
  })

  /** A process that ends after its first statement. */
  const diesAfterOne = () =>
    ({
      query: (sql: string, values: unknown[]) => pool().query(sql, values),
      connect: () => Promise.reject(new Error('The process has ended.')),
    }) as unknown as Pool
})

it('nothing is found of a lane that is off and whose switch held nothing before', async () => {
  await keepMany(pool(), lane().shopId, 10, 'pending')
  await switchLane(pool(), lane(), false)
  await later()
  expect(await found()).toEqual([])
})

it('nothing is found of a hold that was done to its end, nor of a lane that held nothing', async () => {
  await holdBySupport(pool(), lane(), FIRST, BY, SHOP)
  await holdBySupport(pool(), lane(), OTHER, BY, SHOP, { replace: true })
  expect((await pool().query('select unnamed_since from connections')).rows).toEqual([
    { unnamed_since: null },
  ])
})

describe('a fleet’s hold in other words', () => {
  const { carryOut, rows, shops, step, begin } = fleetTools()
  const unnamed = () =>
    rows('select shop_id from connections where unnamed_since is not null order by shop_id')
  const reword = { ...HOLD, reason: OTHER.reason, filter: { ...ALL_SHOPS, heldFor: OUTAGE } }
  beforeEach(async () => {
    await rows('delete from deliveries')
    await keepMany(shops.pool(), shops.one, 3, 'pending')
    await carryOut()
  })

  it('is found where it was broken off, also in a shop that holds nothing, and else nowhere', async () => {
    const id = await begin(reword)
    await step(id)
    expect(await unnamed()).toEqual([{ shop_id: shops.one }, { shop_id: shops.two }])
    while (await step(id));
    expect(await unnamed()).toEqual([])
  })

  it('is found where it begins while something is held yet for the one before, and in no other shop', async () => {
    await carryOut(RELEASE)
    const id = await begin({ reason: OTHER.reason })
    await step(id)
    expect(await unnamed()).toEqual([{ shop_id: shops.one }])
    while (await step(id));
    expect(await unnamed()).toEqual([])
  })
})
