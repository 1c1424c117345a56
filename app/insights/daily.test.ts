import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { saveConnection } from '../delivery/connections.ts'
import { disconnect } from '../delivery/disconnect.ts'
import { DELIVERY_STATES } from '../delivery/outcome.ts'
import { replay } from '../delivery/replay.ts'
import { keepDelivery, sealer, TINY_SETTINGS, tinyVendor } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { forgetOldOfShops } from '../privacy/shop-retention.ts'
import { storeEvent } from '../vendors/testing.ts'
import { countedUntil, DAYS_SEEN, type DailyCount, dailyCounts } from './daily.ts'
import { lastDays } from './days.ts'
import { forgetDays, rollUpDays } from './roll-up-days.ts'

const shops = twoShops()
const { pool } = shops
let shopId: number
let otherId: number
const EVER = { from: '2000-01-01', to: '2100-01-01' }

beforeEach(async () => {
  shopId = shops.one
  otherId = shops.two
  for (const id of ['tiny', 'idle'])
    await saveConnection(pool(), sealer, shopId, tinyVendor({ id }), TINY_SETTINGS)
})

/** What the rows themselves say, by the time of receipt that the event bears. */
async function counted(shop: number): Promise<DailyCount[]> {
  const { rows } = await pool().query<DailyCount>(
    `select (e.received_at at time zone 'UTC')::date::text as day, d.vendor, e.type, d.state, coalesce(d.reason, '') as reason,
            '' as newer, count(*)::int as count, count(*) filter (where d.delivered_before)::int as "deliveredBefore"
     from deliveries d join events e on e.shop_id = d.shop_id and e.id = d.event_id where d.shop_id = $1
     group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`,
    [shop],
  )
  return rows
}
const daily = (shop = shopId, days = EVER) => dailyCounts(pool(), shop, days)

/** A search of a day, at any hour, and its delivery. */
async function keepOn(
  day: string,
  delivery: Parameters<typeof keepDelivery>[2] = {},
  shop = shopId,
  hour = 0,
) {
  const receivedAt = new Date(Date.parse(`${day}T00:00:00.000Z`) + hour * 3600_000)
  const event = storeEvent('search_submitted', { url: null, query: 'lantern' })
  return keepDelivery(pool(), shop, delivery, {
    ...event,
    id: uuidv7({ msecs: receivedAt.getTime() }),
    dedupeKey: uuidv7(),
    receivedAt: receivedAt.toISOString(),
  })
}

describe('counts by day', () => {
  it('are those of the rows, whatever happens to them', async () => {
    const delivery = fc.record({
      state: fc.constantFrom(...DELIVERY_STATES),
      vendor: fc.constantFrom('tiny', 'idle'),
      reason: fc.constantFrom(null, 'no_email', 'rejected'),
      ago: fc.nat({ max: 40 }),
      hour: fc.constantFrom(0, 12, 23.999),
      shop: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(delivery, { maxLength: 12 }), async made => {
        for (const { ago, hour, shop, ...one } of made) {
          const { from } = lastDays(new Date('2026-11-21T00:00:00.000Z'), ago + 1, null)
          await keepOn(from, one, shop ? shopId : otherId, hour)
        }
        await rollUpDays(pool())
        expect([await daily(), await daily(otherId)]).toEqual([await counted(shopId), await counted(otherId)])
        await replay(pool(), { shopId, states: ['skipped', 'dead', 'delivered'] })
        await rollUpDays(pool())
        expect(await daily()).toEqual(await counted(shopId))
      }),
      { numRuns: 8 },
    )
    await disconnect(pool(), { shopId, vendor: 'idle' })
    await rollUpDays(pool())
    expect(await daily()).toEqual(await counted(shopId))
    expect((await daily()).some(({ reason }) => reason === 'disconnected')).toBe(true)
  })

  it('follow a replay of an old event, and lose what it was before', async () => {
    await keepOn('2026-09-01', { state: 'dead', reason: 'rejected' })
    await rollUpDays(pool())
    const line = {
      day: '2026-09-01',
      newer: '',
      vendor: 'tiny',
      type: 'search_submitted',
      count: 1,
      deliveredBefore: 0,
    }
    expect(await daily()).toEqual([{ ...line, state: 'dead', reason: 'rejected' }])
    await replay(pool(), { shopId, states: ['dead'] })
    await rollUpDays(pool())
    expect(await daily()).toEqual([{ ...line, state: 'pending', reason: '' }])
  })

  it('are given for the days asked for, both ends meant', async () => {
    for (const day of ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04']) await keepOn(day)
    await rollUpDays(pool())
    const found = await daily(shopId, { from: '2026-11-02', to: '2026-11-03' })
    expect(found.map(({ day }) => day)).toEqual(['2026-11-02', '2026-11-03'])
  })

  it('of a shop are none of another', async () => {
    await keepOn('2026-11-01')
    await rollUpDays(pool())
    expect(await daily(otherId)).toEqual([])
  })

  it('look only at what changed, and leave a day alone that did not', async () => {
    await keepOn('2026-11-01')
    await rollUpDays(pool())
    await pool().query(`update deliveries set updated_at = now() - interval '1 day'`)
    expect(await rollUpDays(pool())).toBe(0)
    await keepOn('2026-11-02')
    expect(await rollUpDays(pool())).toBe(1)
  })

  it('are made up when a worker comes back after days', async () => {
    await rollUpDays(pool())
    await keepOn('2026-11-01')
    await pool().query(`update deliveries set updated_at = now() - interval '30 hours'`)
    await pool().query(`update rollups set seen_until = now() - interval '3 days'`)
    expect(await rollUpDays(pool())).toBe(1)
    expect(await daily()).toEqual(await counted(shopId))
  })

  it('of what was there before are made up a slice at a time', async () => {
    const days = [40, 20, 2].map(ago => lastDays(new Date(), ago + 1, null).from)
    for (const day of days) {
      const id = await keepOn(day, { state: 'delivered' })
      await pool().query(`update deliveries set updated_at = $2::date where event_id = $1`, [id, day])
    }
    await pool().query(`insert into rollups (name, seen_until) values ($1, '-infinity')`, [DAYS_SEEN])
    const stop = new AbortController()
    const acquired = vi.fn(() => acquired.mock.calls.length === 2 && stop.abort())
    pool().on('acquire', acquired)
    await rollUpDays(pool(), { lost: stop.signal })
    pool().off('acquire', acquired)
    const { rows } = await pool().query(
      `select now() - seen_until between '38 days' and '41 days' as bounded from rollups`,
    )
    expect(rows).toEqual([{ bounded: true }])
    expect(await rollUpDays(pool())).toBe(days.length)
    expect(await daily()).toEqual(await counted(shopId))
  })

  it('find what a transaction commits long after it began', async () => {
    const id = await keepOn('2026-11-01')
    const client = await pool().connect()
    try {
      await client.query('begin')
      await client.query(
        `update deliveries set state = 'delivered', updated_at = now() where event_id = $1`,
        [id],
      )
      for (let round = 0; round < 3; round++) await rollUpDays(pool(), { justBegunSeconds: 0 })
      expect(await daily()).toMatchObject([{ state: 'pending' }])
      await client.query('commit')
    } finally {
      client.release()
    }
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    expect(await daily()).toMatchObject([{ state: 'delivered' }])
  })

  it('come to the same when several workers count while deliveries change', async () => {
    for (let day = 1; day <= 9; day++) await keepOn(`2026-11-0${day}`, { state: 'dead' })
    const workers = async () => {
      for (let round = 0; round < 3; round++) await rollUpDays(pool())
    }
    await Promise.all([workers(), workers(), workers(), replay(pool(), { shopId, states: ['dead'] })])
    await rollUpDays(pool())
    expect(await daily()).toEqual(await counted(shopId))
    expect(await daily()).toHaveLength(9)
  })

  it('stop when they are told to, and go on with the rest', async () => {
    for (let day = 1; day <= 3; day++) await keepOn(`2026-11-0${day}`)
    await rollUpDays(pool(), { mostMs: 0 })
    const lost = AbortSignal.abort()
    expect(await rollUpDays(pool(), { lost })).toBe(0)
    expect(await rollUpDays(pool())).toBe(3)
  })
})

describe('how far it is counted', () => {
  it('is not known before anything was', async () => {
    expect(await countedUntil(pool(), shopId)).toBeNull()
  })

  it('is moments ago, and for a shop with something to count the time of its change', async () => {
    await rollUpDays(pool())
    const before = await countedUntil(pool(), shopId)
    expect(Date.now() - (before?.getTime() ?? 0)).toBeLessThan(60_000)
    await pool().query(`insert into delivery_days_due values ($1, '2026-11-01', '2026-11-01T10:00:00Z')`, [
      shopId,
    ])
    expect(await countedUntil(pool(), shopId)).toEqual(new Date('2026-11-01T10:00:00Z'))
    expect(await countedUntil(pool(), otherId)).toEqual(before)
  })
})

it('counting goes on beside a dump that does not end and has a role of its own', async () => {
  const role = `dump_${randomUUID().replaceAll('-', '')}`
  const url = new URL(shops.url())
  url.username = role
  url.password = 'dump'
  await pool().query(`create role ${role} login password 'dump'`)
  const dump = new pg.Client({ connectionString: url.href })
  try {
    await dump.connect()
    await dump.query('begin isolation level repeatable read, read only')
    await dump.query('select now()')
    await keepOn('2026-11-01')
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    const { rows } = await pool().query(
      'select seen_until >= updated_at as seen from rollups, deliveries where shop_id = $1',
      [shopId],
    )
    expect(rows).toEqual([{ seen: true }])
  } finally {
    await dump.end()
    await pool().query(`drop role ${role}`)
  }
})

describe('counts of what is deleted', () => {
  it('are kept for 400 days, without what they count', async () => {
    await keepOn('2025-10-01')
    await keepOn('2026-11-01')
    await rollUpDays(pool())
    await pool().query('delete from deliveries')
    expect(await forgetDays(pool(), new Date('2026-11-05T00:00:00Z'))).toBe(0)
    expect(await forgetDays(pool(), new Date('2026-11-06T00:00:00Z'))).toBe(1)
    expect((await daily()).map(({ day }) => day)).toEqual(['2026-11-01'])
  })

  it.each([
    ['the shop’s retention', 31, 90],
    ['the platform’s', null, 31],
  ])('are kept when what %s has left of their day changes', async (_, chosen, platformDays) => {
    await pool().query('update shops set retention_days = $1', [chosen])
    const { from: thinned } = lastDays(new Date(), 32, null)
    const { from: whole } = lastDays(new Date(), 31, null)
    for (const day of [thinned, whole]) {
      await keepOn(day, { state: 'delivered' })
      await keepOn(day, { state: 'retry' })
    }
    await rollUpDays(pool())
    const before = await daily()
    await pool().query(`delete from deliveries where state = 'delivered'`)
    await pool().query(`update deliveries set state = 'dead', updated_at = now()`)
    await rollUpDays(pool(), { platformDays })
    const after = await daily()
    expect(after.filter(({ day }) => day === thinned)).toEqual(before.filter(({ day }) => day === thinned))
    expect(after.filter(({ day }) => day === whole)).toMatchObject([{ state: 'dead', count: 1 }])
    expect((await pool().query('select from delivery_days_due')).rowCount).toBe(0)
  })
})

it('counts of a day that was thinned are kept when the shop keeps events for longer by then', async () => {
  const { from: day } = lastDays(new Date(), 40, null)
  await keepOn(day, { state: 'delivered' })
  const late = await keepOn(day, { state: 'retry' })
  await rollUpDays(pool())
  const before = await daily()
  await pool().query('update shops set retention_days = 31')
  await forgetOldOfShops(pool(), new Date(), 90)
  await pool().query('update shops set retention_days = null')
  await pool().query(`update deliveries set state = 'dead', updated_at = now() where event_id = $1`, [late])
  await rollUpDays(pool(), { platformDays: 90 })
  expect(await daily()).toEqual(before)
  expect(before).toHaveLength(2)
})

it('days are counted back from today', () => {
  expect(lastDays(new Date('2026-11-21T23:59:59Z'), 1, null)).toEqual({
    from: '2026-11-21',
    to: '2026-11-21',
  })
  expect(lastDays(new Date('2026-11-21T00:00:00Z'), 7, null)).toEqual({
    from: '2026-11-15',
    to: '2026-11-21',
  })
})
