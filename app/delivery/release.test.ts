import { beforeEach, describe, expect, it } from 'vitest'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { drainLane } from './drain.ts'
import { lanesDue } from './due.ts'
import { settleLane, settleSome, switchLane } from './lane-state.ts'
import { HELD_REASONS } from './outcome.ts'
import { deliveryOf, drainContext, eventId, keepDelivery, keepMany, refuse, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops

const MANY = 4_500
const NOTHING = { held: 0, released: 0, expired: 0 }
const delivery = (n: number) => deliveryOf(pool(), shops.one, eventId(n))
const byState = async () => {
  const result = await pool().query<{ state: string; count: number }>(
    'select state, count(*)::int as count from deliveries group by 1',
  )
  return Object.fromEntries(result.rows.map(({ state, count }) => [state, count]))
}
/** Changes the connection as a process does that dies before the deliveries follow. */
const switchAndDie = (on: boolean) =>
  pool().query('update connections set enabled = $1, released_at = now(), updated_at = now()', [on])
const drain = async (signals: unknown[] = []) => {
  const engine = { signal: async (...given: unknown[]) => void signals.push(given) }
  await drainLane(drainContext(pool(), [tinyVendor()], { engine }), lane(), new AbortController().signal)
}

beforeEach(async () => {
  await connect()
})

describe('thousands of deliveries', () => {
  it('are held in chunks, all of them, and released so', async () => {
    await keepMany(pool(), shops.one, MANY, 'pending')
    expect(await switchLane(pool(), lane(), false)).toEqual({ ...NOTHING, held: MANY })
    expect(await byState()).toEqual({ held: MANY })
    expect(await switchLane(pool(), lane(), true)).toEqual({ ...NOTHING, released: MANY })
    expect(await byState()).toEqual({ pending: MANY })
  })

  it('that are held for another reason, and while that is going on for a third, are all held for that', async () => {
    await keepMany(pool(), shops.one, MANY, 'held')
    const stopFor = (attention: string) => pool().query('update connections set attention = $1', [attention])
    const reasons = async () =>
      (await pool().query<{ reason: string | null }>('select distinct reason from deliveries order by 1'))
        .rows
    await stopFor('Wrong key.')
    let settled = await settleSome(pool(), lane())
    expect(await reasons()).toEqual([{ reason: 'refused' }, { reason: null }])
    await stopFor(HELD_REASONS.uninstalled)
    while (settled.left) settled = await settleSome(pool(), lane(), settled.named)
    expect(await reasons()).toEqual([{ reason: 'uninstalled' }])
  })

  it('are released the oldest first, so many at a time', async () => {
    await keepMany(pool(), shops.one, MANY, 'held')
    for (const [released, left] of [
      [2_000, true],
      [4_000, true],
      [4_500, false],
    ] as const) {
      expect(await settleSome(pool(), lane())).toMatchObject({ left })
      const pending = await pool().query<{ event_id: string }>(
        `select event_id from deliveries where state = 'pending' order by 1`,
      )
      expect(pending.rows.map(row => row.event_id)).toEqual(
        Array.from({ length: released }, (_, n) => eventId(n)),
      )
    }
  })

  it('that are held for another reason now say so, all of them', async () => {
    await keepMany(pool(), shops.one, MANY, 'pending')
    await refuse(pool(), lane(), 'Wrong key.')
    await switchLane(pool(), lane(), false)
    const reasons = await pool().query('select distinct reason, message from deliveries')
    expect(reasons.rows).toMatchObject([{ reason: 'off' }])
  })

  it('are released by two at the same moment once each', async () => {
    await keepMany(pool(), shops.one, MANY, 'held')
    const [one, other] = await Promise.all([settleLane(pool(), lane()), settleLane(pool(), lane())])
    await settleLane(pool(), lane())
    expect(one.released + other.released).toBeLessThanOrEqual(MANY)
    expect(await byState()).toEqual({ pending: MANY })
  })
})

describe('what waited for long', () => {
  const received = (n: number, days: number) =>
    pool().query(`update deliveries set created_at = now() - make_interval(secs => $2) where event_id = $1`, [
      eventId(n),
      days * 86_400,
    ])
  const keepHeld = async (n: number, days: number, replay = false) => {
    await keepDelivery(pool(), shops.one, { replay }, { id: eventId(n) })
    await received(n, days)
  }

  it('expires on release when it is older than seven days, and says why', async () => {
    await keepHeld(1, 7.1)
    await keepHeld(2, 6.9)
    await switchLane(pool(), lane(), false)
    expect(await switchLane(pool(), lane(), true)).toEqual({ held: 0, released: 1, expired: 1 })
    expect(await delivery(1)).toMatchObject({
      state: 'skipped',
      reason: 'expired',
      message: SKIP_REASONS.expired,
    })
    expect(await delivery(2)).toMatchObject({ state: 'pending', reason: null, message: null })
  })

  it('goes out however old when a person asked for it again', async () => {
    await keepHeld(1, 100, true)
    await switchLane(pool(), lane(), false)
    expect(await switchLane(pool(), lane(), true)).toEqual({ held: 0, released: 1, expired: 0 })
    expect(await delivery(1)).toMatchObject({ state: 'pending', replay: true })
  })

  it('is as old as it was when the lane was started again, whenever that is carried out', async () => {
    await keepHeld(1, 9)
    await pool().query(`update deliveries set state = 'held'`)
    await pool().query(`update connections set released_at = now() - interval '3 days'`)
    await settleLane(pool(), lane())
    expect(await delivery(1)).toMatchObject({ state: 'pending' })
  })

  it('expires after as many days as the shop allows', async () => {
    await pool().query('update shops set release_within_days = 1')
    await keepHeld(1, 1.1)
    await keepHeld(2, 0.9)
    await switchLane(pool(), lane(), false)
    expect(await switchLane(pool(), lane(), true)).toMatchObject({ released: 1, expired: 1 })
  })

  it('in thousands expires and is released in chunks alike', async () => {
    await keepMany(pool(), shops.one, MANY, 'held')
    await pool().query(`update deliveries set created_at = now() - interval '8 days' where event_id < $1`, [
      eventId(3_000),
    ])
    await pool().query('update connections set released_at = now()')
    expect(await settleLane(pool(), lane())).toEqual({ held: 0, released: 1_500, expired: 3_000 })
  })
})

describe('a process that dies', () => {
  it('between switching off and holding leaves that to the next drain, which the sweep starts', async () => {
    await keepDelivery(pool(), shops.one, {}, { id: eventId(1), source: 'webhook' })
    await switchAndDie(false)
    expect(await lanesDue(pool(), 10)).toEqual([lane()])
    await drain()
    expect(await delivery(1)).toMatchObject({ state: 'held', reason: 'off' })
    expect(await lanesDue(pool(), 10)).toEqual([])
  })

  it('between switching on and releasing leaves that to the next drain, which sends it', async () => {
    await keepDelivery(pool(), shops.one, { state: 'held' }, { id: eventId(1), source: 'webhook' })
    await switchAndDie(true)
    expect(await lanesDue(pool(), 10)).toEqual([lane()])
    await drain()
    expect(await delivery(1)).toMatchObject({ state: 'delivered' })
  })

  it('and thousands to release are released over several drains, each of which wakes the next', async () => {
    await keepMany(pool(), shops.one, MANY, 'held')
    await switchAndDie(true)
    const signals: unknown[] = []
    for (const held of [2_500, 500]) {
      await drain(signals)
      expect(await byState()).toMatchObject({ held })
      expect(signals.at(-1)).toEqual([lane()])
    }
    await drain(signals)
    expect((await byState()).held).toBeUndefined()
  })
})
