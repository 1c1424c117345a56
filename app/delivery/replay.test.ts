import type { Pool } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { switchLane } from './lane-state.ts'
import {
  beginReplay,
  countReplay,
  newestReplayable,
  type ReplayFilter,
  type ReplayPlace,
  replay,
  replayStep,
} from './replay.ts'
import { replaysOf } from './replays.ts'
import { deliveryOf, eventId, keepDelivery, refuse, settledOrBlocked, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops

/** Of any replay. */
const ID = expect.stringMatching(/^[0-9a-f-]{36}$/)
const STATES = ['pending', 'retry', 'delivered', 'skipped', 'dead', 'held'] as const
const hour = (n: number) => `2026-11-20T${String(n).padStart(2, '0')}:00:00.000Z`

/** Event `n` was received at hour `n`; its delivery at tiny is in the nth state, and dead at the other vendor. */
beforeEach(async () => {
  for (const shop of [shops.one, shops.two]) {
    for (const id of ['tiny', 'other']) {
      await connect(shop, tinyVendor({ id }))
    }
    for (const [n, state] of STATES.entries()) {
      await keepDelivery(pool(), shop, { state, dueIn: 60 }, { id: eventId(n), receivedAt: hour(n) })
      await keepDelivery(pool(), shop, { state: 'dead', vendor: 'other' }, { id: eventId(n) })
    }
  }
  await pool().query(`update deliveries set done = '{a}', attempts = 2, message = 'x', reason = 'y'`)
})

const again = (filter: Partial<ReplayFilter> = {}) =>
  replay(pool(), { shopId: shops.one, vendor: 'tiny', states: ['delivered', 'skipped', 'dead'], ...filter })
const countNow = async (filter: ReplayFilter) => countReplay(pool(), filter, await beginReplay(pool()))
const counted = async (filter: Partial<ReplayFilter>) => {
  const chosen = { shopId: shops.one, vendor: 'tiny', states: ['delivered', 'skipped', 'dead'] as const }
  const found = await countNow({ ...chosen, ...filter })
  return found.reduce((sum, { count }) => sum + count, 0)
}
/** The events that are asked for again at a vendor. */
const replayed = async (vendor = 'tiny', shop = shops.one) => {
  const result = await pool().query<{ event_id: string }>(
    'select event_id from deliveries where shop_id = $1 and vendor = $2 and replay order by 1',
    [shop, vendor],
  )
  return result.rows.map(row => STATES.findIndex((_, n) => eventId(n) === row.event_id))
}

describe('replay', () => {
  it('starts what was chosen anew, at its own vendor and in its own shop only', async () => {
    expect(await again()).toEqual({ count: 3, held: 0, lanes: [lane()], id: ID })
    expect(await replayed()).toEqual([2, 3, 4])
    expect(await replayed('other')).toEqual([])
    expect(await replayed('tiny', shops.two)).toEqual([])
    const delivery = await deliveryOf(pool(), shops.one, eventId(4))
    expect(delivery).toMatchObject({ state: 'pending', reason: null, message: null, done: [], attempts: 2 })
    expect(Math.abs(delivery.due_at.getTime() - Date.now())).toBeLessThan(60_000)
    expect(delivery.trying_since).toBeNull()
  })

  it('leaves out what a vendor took in part, unless that is asked for, or the event', async () => {
    await pool().query(
      `update deliveries set state = 'dead', reason = 'partly_rejected' where shop_id = $1`,
      [shops.one],
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
          [shops.one],
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
    expect(await again({ eventId: eventId(0) })).toEqual({ count: 0, held: 0, lanes: [], id: ID })
    expect(await replayed()).toEqual([2])
  })

  it('takes the events that are named, below what is live', async () => {
    const eventIds = [eventId(4), eventId(2), eventId(0)]
    expect(await counted({ eventIds })).toBe(2)
    expect(await again({ eventIds })).toMatchObject({ count: 2 })
    expect(await replayed()).toEqual([2, 4])
    expect(await again({ eventIds: [] })).toMatchObject({ count: 0 })
  })

  it('takes what has a reason', async () => {
    await pool().query(`update deliveries set reason = 'no_email' where event_id = $1`, [eventId(3)])
    expect(await counted({ reason: 'no_email' })).toBe(1)
    expect(await again({ reason: 'no_email' })).toMatchObject({ count: 1 })
    expect(await replayed()).toEqual([3])
  })

  it('is the same step by step, lane after lane', async () => {
    const filter: ReplayFilter = { shopId: shops.one, states: ['delivered', 'skipped', 'dead'] }
    const counts: [string | undefined, number][] = []
    let place: ReplayPlace | null = await beginReplay(pool())
    do {
      const done = await replayStep(pool(), filter, place, 2)
      counts.push([done.lane?.vendor, done.count])
      place = done.next
    } while (place)
    expect(counts).toEqual([
      ...[2, 2, 2].map(count => ['other', count]),
      ...[0, 2, 1].map(count => ['tiny', count]),
    ])
  })

  it('is not done where it cannot be written down', async () => {
    const noted: unknown[] = []
    const filter = { shopId: shops.one, vendor: 'tiny', states: ['dead', 'skipped'] as const }
    const refuses = replay(pool(), filter, undefined, async () => {
      throw new Error('no room')
    })
    await expect(refuses).rejects.toThrow('no room')
    expect(await replayed()).toEqual([])
    const nothing = { ...filter, reason: 'nobody has this' }
    await replay(pool(), nothing, undefined, async (_client, done) => void noted.push(done))
    expect(noted).toEqual([])
    await replay(pool(), filter, undefined, async (_client, done) => void noted.push(done))
    expect(noted).toEqual([{ id: ID, vendor: 'tiny', count: 2, held: 0 }])
  })

  it('without a vendor takes every vendor, and names each lane once', async () => {
    const { vendor: _vendor, ...all } = { vendor: '', shopId: shops.one, states: ['dead'] as const }
    const { count, lanes } = await replay(pool(), all)
    expect(count).toBe(1 + STATES.length)
    expect(lanes.map(({ vendor }) => vendor).sort()).toEqual(['other', 'tiny'])
  })

  it('in a lane that is off is held until it is on', async () => {
    await switchLane(pool(), lane(), false)
    expect(await again({ states: ['dead'] })).toEqual({ count: 1, held: 1, lanes: [], id: ID })
    expect(await deliveryOf(pool(), shops.one, eventId(4))).toMatchObject({
      state: 'held',
      reason: 'off',
      message: expect.stringContaining('Switch it on'),
      replay: true,
    })
  })

  it('in a lane whose credentials are refused is held for those', async () => {
    await refuse(pool(), lane(), 'Wrong key.')
    await again({ states: ['dead'] })
    expect(await deliveryOf(pool(), shops.one, eventId(4))).toMatchObject({
      state: 'held',
      reason: 'refused',
      message: 'Wrong key.',
    })
  })

  it.each(['skipped', 'dead', 'delivered'] as const)(
    'of a test into a stopped lane was held, and dropped or sent weeks later: %s',
    async state => {
      await pool().query(`update events set source = 'test' where id = $1`, [eventId(STATES.indexOf(state))])
      const before = await deliveryOf(pool(), shops.one, eventId(STATES.indexOf(state)))
      await switchLane(pool(), lane(), false)
      expect(await counted({ states: [state] })).toBe(0)
      const chosen = { shopId: shops.one, states: [state] }
      const tiny = { vendor: 'tiny', held: true }
      expect(await newestReplayable(pool(), chosen, await beginReplay(pool()), tiny, 9)).toEqual([])
      expect(await again({ states: [state] })).toMatchObject({ count: 0, held: 0 })
      expect(await deliveryOf(pool(), shops.one, eventId(STATES.indexOf(state)))).toEqual(before)
      await switchLane(pool(), lane(), true)
      expect(await again({ states: [state] })).toMatchObject({ count: 1, held: 0 })
    },
  )

  it('leaves what belongs to a vendor that is not connected', async () => {
    await pool().query(`delete from connections where shop_id = $1 and vendor = 'tiny'`, [shops.one])
    expect(await again()).toEqual({ count: 0, held: 0, lanes: [], id: ID })
  })
})

describe('the id of a replay', () => {
  const ofReplay = async (id: string) => {
    const { rows } = await pool().query<{ event_id: string; vendor: string }>(
      'select event_id, vendor from deliveries where shop_id = $1 and replay_id = $2 order by 1, 2',
      [shops.one, id],
    )
    return rows.map(row => `${STATES.findIndex((_, n) => eventId(n) === row.event_id)} ${row.vendor}`)
  }

  it('finds what it took, in as many steps as it had, and nothing else', async () => {
    const first = await replay(pool(), { shopId: shops.one, vendor: 'tiny', states: ['dead'] })
    const all = { shopId: shops.one, states: ['dead', 'skipped'] } as const
    const second = await replay(pool(), all, 1)
    expect(await ofReplay(first.id)).toEqual(['4 tiny'])
    expect(await ofReplay(second.id)).toEqual([
      ...['0 other', '1 other', '2 other', '3 other', '3 tiny', '4 other', '5 other'],
    ])
  })

  it('stays when one of its deliveries is sent again alone', async () => {
    const { id } = await again({ states: ['dead'] })
    await pool().query(`update deliveries set state = 'dead'`)
    expect(await again({ eventId: eventId(4) })).toMatchObject({ count: 1 })
    expect(await ofReplay(id)).toEqual(['4 tiny'])
  })

  it('is kept of each sending again, with when that was and whether it was alone: only the last selection was', async () => {
    const many = await again({ states: ['dead'] })
    await pool().query(`update deliveries set state = 'dead'`)
    const alone = await again({ eventId: eventId(4) })
    const kept = async () => {
      const { rows } = await pool().query<{ replays: unknown; replayId: string | null }>(
        `select replays, replay_id as "replayId" from deliveries where shop_id = $1 and event_id = $2 and vendor = 'tiny'`,
        [shops.one, eventId(4)],
      )
      return rows.flatMap(replaysOf)
    }
    expect(await kept()).toEqual([
      { id: many.id, at: expect.any(Date), alone: false },
      { id: alone.id, at: expect.any(Date), alone: true },
    ])
    for (let n = 0; n < 20; n += 1) {
      await pool().query(`update deliveries set state = 'dead'`)
      await again({ eventId: eventId(4) })
    }
    expect(await kept()).toHaveLength(20)
    expect((await kept()).every(({ alone }) => alone)).toBe(true)
    await pool().query('update deliveries set replays = null')
    expect(await kept()).toEqual([{ id: many.id, at: expect.any(Date), alone: false }])
  })

  it('asks for what is left of it', async () => {
    const { id } = await again()
    await pool().query(`update deliveries set state = 'dead'`)
    expect(await counted({ replayId: id, states: ['dead'] })).toBe(3)
    expect(await again({ replayId: id, states: ['dead'] })).toMatchObject({ count: 3 })
  })
})

describe('countReplay', () => {
  const everything = async () => (await pool().query('select * from deliveries order by 1, 2, 3')).rows
  const filters: Partial<ReplayFilter>[] = [
    {},
    { states: ['dead'] },
    { vendor: 'tiny', states: ['delivered', 'skipped'] },
    { since: new Date(hour(3)), until: new Date(hour(4)) },
    { eventId: eventId(4) },
    { type: 'order_created' },
    { states: ['dead'], partlyRejected: true },
  ]

  it.each(filters)('counts what a replay by %j takes, and changes nothing', async given => {
    await pool().query(`update deliveries set reason = 'partly_rejected' where event_id = $1`, [eventId(3)])
    const filter = { shopId: shops.one, states: ['delivered', 'skipped', 'dead'] as const, ...given }
    const before = await everything()
    const counted = await countNow(filter)
    expect(await everything()).toEqual(before)
    const { count } = await replay(pool(), filter)
    expect(counted.reduce((sum, each) => sum + each.count, 0)).toBe(count)
  })

  it('tells them apart by vendor and state, and what would wait', async () => {
    await switchLane(pool(), lane(), false)
    expect(await countNow({ shopId: shops.one, states: ['delivered', 'skipped', 'dead'] })).toEqual([
      { vendor: 'other', state: 'dead', held: false, count: 6, superseded: 0, arrived: 0 },
      ...['dead', 'delivered', 'skipped'].map(state => ({
        ...{ vendor: 'tiny', state, held: true },
        ...{ count: 1, superseded: 0, arrived: 0 },
      })),
    ])
  })

  it('says how many would be left to a newer state again', async () => {
    await pool().query(`update deliveries set reason = 'superseded' where state = 'skipped'`)
    const filter = { shopId: shops.one, vendor: 'tiny', states: ['dead', 'skipped'] as const }
    const counted = await countNow(filter)
    expect(counted.map(({ state, superseded }) => [state, superseded])).toEqual([
      ['dead', 0],
      ['skipped', 1],
    ])
  })

  it('says how many had arrived before and are no longer delivered', async () => {
    await pool().query('update deliveries set delivered_before = true')
    const filter = { shopId: shops.one, vendor: 'tiny', states: ['dead', 'delivered', 'skipped'] as const }
    const counted = await countNow(filter)
    expect(counted.map(({ state, arrived }) => [state, arrived])).toEqual([
      ['dead', 1],
      ['delivered', 0],
      ['skipped', 1],
    ])
  })
})

describe('replay step by step', () => {
  const MANY = 20
  /** Of 20 events the even ones are dead, at both vendors. */
  const dead = Array.from({ length: MANY / 2 }, (_, n) => eventId(2 * n))
  beforeEach(async () => {
    await pool().query('delete from deliveries')
    for (const [n, vendor] of pairs())
      await keepDelivery(
        pool(),
        shops.one,
        { vendor, state: n % 2 === 0 ? 'dead' : 'delivered' },
        { id: eventId(n) },
      )
  })
  const pairs = () =>
    Array.from({ length: MANY }, (_, n) => ['tiny', 'other'].map(vendor => [n, vendor] as const)).flat()
  const open = async (vendor = 'tiny') => {
    const found = await pool().query<{ event_id: string }>(
      `select event_id from deliveries where vendor = $1 and state = 'pending' order by 1`,
      [vendor],
    )
    return found.rows.map(row => row.event_id)
  }
  const filter = () => ({ shopId: shops.one, vendor: 'tiny', states: ['dead'] }) as const

  /** The pool, where something happens before each step. */
  function pausing(happens: (step: number) => Promise<void>): Pool {
    let step = 0
    const connect = async () => {
      step++
      await happens(step)
      return pool().connect()
    }
    const instead: Record<PropertyKey, unknown> = { connect, query: pool().query.bind(pool()) }
    return new Proxy(pool(), { get: (target, name) => instead[name] ?? Reflect.get(target, name) })
  }
  const breaksAt = (last: number) =>
    pausing(async step => {
      if (step === last) throw new Error('interrupted')
    })

  it.each([1, 2, 3, 7, 10, 11, 1_000])('takes the same, %i at a time', async step => {
    const all = { shopId: shops.one, states: ['dead', 'skipped'] } as const
    const { count, lanes } = await replay(pool(), all, step)
    expect([count, lanes.length]).toEqual([MANY, 2])
    expect([await open('tiny'), await open('other')]).toEqual([dead, dead])
    expect(await replay(pool(), all, step)).toEqual({ count: 0, held: 0, lanes: [], id: ID })
  })

  it('begins with the oldest, and goes on with the others when it was broken off and is said again', async () => {
    await expect(replay(breaksAt(3), filter(), 3)).rejects.toThrow('interrupted')
    expect(await open()).toEqual(dead.slice(0, 6))
    expect(await replay(pool(), filter(), 3)).toMatchObject({ count: dead.length - 6 })
    expect(await open()).toEqual(dead)
  })

  it('keeps what it has done while it waits for a lock', async () => {
    const other = await pool().connect()
    try {
      await other.query('begin')
      await other.query('select from deliveries where event_id = $1 for update', [dead[5]])
      const replaying = replay(pool(), filter(), 2)
      await settledOrBlocked(pool(), replaying)
      expect(await open()).toEqual(dead.slice(0, 4))
      await other.query('commit')
      expect(await replaying).toMatchObject({ count: dead.length })
    } finally {
      other.release(true)
    }
  })

  it('takes nothing that came into such a state after it began', async () => {
    const late = eventId(MANY - 1)
    const dies = pausing(async step => {
      if (step !== 2) return
      const died = `update deliveries set state = 'dead', updated_at = now() + interval '1 second' where event_id = $1`
      await pool().query(died, [late])
    })
    expect(await replay(dies, filter(), 2)).toMatchObject({ count: dead.length })
    expect(await deliveryOf(pool(), shops.one, late)).toMatchObject({ state: 'dead' })
  })

  it('holds what is left when its lane is switched off meanwhile, and counts both', async () => {
    const switchedOff = pausing(async step => {
      if (step === 3) await pool().query(`update connections set enabled = false where vendor = 'tiny'`)
    })
    expect(await replay(switchedOff, filter(), 2)).toEqual({ count: 10, held: 6, lanes: [lane()], id: ID })
    expect(await open()).toEqual(dead.slice(0, 4))
  })
})
