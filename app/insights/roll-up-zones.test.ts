/** Counts by the days of a shop's time zone, and when that becomes another one. */
import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { keepDelivery } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { forgetOld } from '../privacy/retention.ts'
import { forgetOldOfShops, retentionOfShop } from '../privacy/shop-retention.ts'
import { order, storeEvent } from '../vendors/testing.ts'
import { ordersOf, periodOf } from './accuracy.ts'
import { countedUntil, dailyCounts, otherZoneUntil } from './daily.ts'
import { rollUpDays } from './roll-up-days.ts'

const HOUR_MS = 3600_000
const EVER = { from: '2000-01-01', to: '2100-01-01' }
const NEVER = { counted: null, installed: new Date(0) }
const AUCKLAND = 'Pacific/Auckland'
const LOS_ANGELES = 'America/Los_Angeles'
const shops = twoShops()
const { pool } = shops
let shopId: number
let otherId: number

beforeEach(() => {
  shopId = shops.one
  otherId = shops.two
})

const setZone = (zone: string | null, shop = shopId) =>
  pool().query('update shops set time_zone = $2 where id = $1', [shop, zone])

/** An order that was received at a time, and delivered. */
async function receive(at: string | number, shop = shopId): Promise<string> {
  const id = uuidv7({ msecs: new Date(at).getTime() })
  const event = storeEvent('order_created', { orderId: id, order: order(), refund: null })
  const times = { receivedAt: new Date(at).toISOString(), occurredAt: new Date(at).toISOString() }
  const over = { ...event, id, dedupeKey: id, ...times } as StoreEvent
  return keepDelivery(pool(), shop, { state: 'delivered', reason: null }, over)
}
/** One in each hour. */
async function receiveHourly(from: string, hours: number, shop = shopId): Promise<void> {
  for (let hour = 0; hour < hours; hour++) await receive(Date.parse(from) + hour * HOUR_MS, shop)
}
async function daily(shop = shopId): Promise<Record<string, number>> {
  const counts = await dailyCounts(pool(), shop, EVER)
  return Object.fromEntries(counts.map(({ day, count }) => [day, count]))
}
/** Counts, and is told to stop when it has begun so many transactions: one follows zones, one looks, each other counts a day. */
async function rollUpSome(transactions: number): Promise<void> {
  const stop = new AbortController()
  const acquired = vi.fn(() => acquired.mock.calls.length === transactions && stop.abort())
  pool().on('acquire', acquired)
  await rollUpDays(pool(), { lost: stop.signal, justBegunSeconds: 0 })
  pool().off('acquire', acquired)
}
const dayOf = (ago: number) => new Date(Date.now() - ago * 24 * HOUR_MS).toISOString().slice(0, 10)
/** An hour of a day, in UTC. */
const daysAgo = (ago: number, hour: number) => new Date(Date.parse(dayOf(ago)) + hour * HOUR_MS).toISOString()
const due = async () => (await pool().query('select from delivery_days_due')).rowCount

describe('days of a shop', () => {
  it('are those of its own zone, each shop’s', async () => {
    await setZone(AUCKLAND)
    await setZone(LOS_ANGELES, otherId)
    for (const shop of [shopId, otherId]) await receiveHourly('2026-11-20T00:00:00Z', 24, shop)
    await rollUpDays(pool())
    expect(await daily()).toEqual({ '2026-11-20': 11, '2026-11-21': 13 })
    expect(await daily(otherId)).toEqual({ '2026-11-19': 8, '2026-11-20': 16 })
  })

  it.each([
    [AUCKLAND, '2026-09-26T12:00:00Z', '2026-09-27', 23],
    [AUCKLAND, '2026-04-04T11:00:00Z', '2026-04-05', 25],
    [LOS_ANGELES, '2026-03-08T08:00:00Z', '2026-03-08', 23],
    [LOS_ANGELES, '2026-11-01T07:00:00Z', '2026-11-01', 25],
    ['Atlantic/Azores', '2026-10-25T00:00:00Z', '2026-10-25', 25],
  ])('have, in %s from %s on, an event in every hour of %s: %s', async (zone, begins, day, hours) => {
    await setZone(zone)
    await receiveHourly(new Date(Date.parse(begins) - HOUR_MS).toISOString(), hours + 2)
    await rollUpDays(pool())
    const [before, after] = [-1, 1].map(by =>
      new Date(Date.parse(day) + by * 24 * HOUR_MS).toISOString().slice(0, 10),
    )
    expect(await daily()).toEqual({ [String(before)]: 1, [day]: hours, [String(after)]: 1 })
  })

  it('are in UTC where the zone is one that the database does not know any more', async () => {
    await setZone('Mars/Olympus_Mons')
    await receiveHourly('2026-11-20T22:00:00Z', 4)
    await rollUpDays(pool())
    expect(await daily()).toEqual({ '2026-11-20': 2, '2026-11-21': 2 })
  })
})

describe('a zone that becomes another one', () => {
  it('has all days counted again, to the same in all, and leaves other shops alone', async () => {
    await receiveHourly('2026-11-19T20:00:00Z', 30)
    await receiveHourly('2026-11-19T20:00:00Z', 30, otherId)
    await rollUpDays(pool())
    const other = await daily(otherId)
    expect(await daily()).toEqual({ '2026-11-19': 4, '2026-11-20': 24, '2026-11-21': 2 })
    for (const [zone, days] of [
      [AUCKLAND, { '2026-11-20': 15, '2026-11-21': 15 }],
      [LOS_ANGELES, { '2026-11-19': 12, '2026-11-20': 18 }],
      ['Pacific/Kiritimati', { '2026-11-20': 14, '2026-11-21': 16 }],
      [null, { '2026-11-19': 4, '2026-11-20': 24, '2026-11-21': 2 }],
    ] as const) {
      await setZone(zone)
      await rollUpDays(pool())
      expect([zone, await daily()]).toEqual([zone, days])
      expect(await due()).toBe(0)
    }
    expect(await daily(otherId)).toEqual(other)
  })

  it('counts what has come but was not counted yet by its days', async () => {
    await rollUpDays(pool())
    await receive('2026-11-20T23:00:00Z')
    await rollUpDays(pool(), { mostMs: 0 })
    await setZone(AUCKLAND)
    await rollUpDays(pool())
    expect(await daily()).toEqual({ '2026-11-21': 1 })
  })

  it('is told as not counted until it is', async () => {
    await receive('2026-11-20T23:00:00Z')
    await rollUpDays(pool())
    const before = await countedUntil(pool(), shopId)
    await setZone(AUCKLAND)
    await rollUpSome(1)
    expect(await due()).toBeGreaterThan(0)
    const until = await countedUntil(pool(), shopId)
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    const after = await countedUntil(pool(), shopId)
    expect(after?.getTime()).toBeGreaterThan(until?.getTime() ?? Number.POSITIVE_INFINITY)
    expect(until?.getTime()).toBeGreaterThanOrEqual(before?.getTime() ?? Number.POSITIVE_INFINITY)
  })

  it('leaves a day alone of which something is deleted already', async () => {
    await receive(daysAgo(40, 1))
    await receive(daysAgo(40, 23))
    await receive(daysAgo(0, 0))
    await rollUpDays(pool())
    await pool().query('update shops set retention_days = 31')
    expect(await forgetOldOfShops(pool(), new Date(), 90)).toBe(2)
    await setZone(AUCKLAND)
    await rollUpDays(pool())
    const counts = await daily()
    expect(counts[dayOf(40)]).toBe(2)
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(3)
  })

  it('leaves a day alone of which something was deleted by the clock of before, when events are kept for longer by then', async () => {
    for (const hour of [11, 23.5]) await receive(daysAgo(32, hour))
    await rollUpDays(pool())
    expect(await daily()).toEqual({ [dayOf(32)]: 2 })
    await pool().query('update shops set retention_days = 31')
    expect(await forgetOldOfShops(pool(), new Date(daysAgo(1, 23)), 90)).toBe(1)
    await pool().query('update shops set retention_days = 60')
    await setZone('Pacific/Kiritimati')
    await rollUpDays(pool(), { platformDays: 90 })
    expect(await daily()).toEqual({ [dayOf(32)]: 2 })
    expect(await due()).toBe(0)
  })

  it('leaves such days said to be of another zone, once all others are counted by the new one, and only in periods that have some', async () => {
    for (const ago of [33, 20, 1]) await receive(daysAgo(ago, 12))
    await rollUpDays(pool())
    expect(await otherZoneUntil(pool(), shopId, EVER)).toBeNull()
    await pool().query('update shops set retention_days = 31')
    await forgetOldOfShops(pool(), new Date(), 90)
    await setZone('Etc/GMT-1')
    await rollUpSome(2)
    expect(await otherZoneUntil(pool(), shopId, EVER)).toBeNull()
    await rollUpDays(pool(), { platformDays: 90 })
    expect(await otherZoneUntil(pool(), shopId, EVER)).toBe(dayOf(33))
    expect(await otherZoneUntil(pool(), shopId, { from: dayOf(20), to: dayOf(0) })).toBeNull()
    expect(await otherZoneUntil(pool(), otherId, EVER)).toBeNull()
    for (const sameAsBefore of [null, 'Etc/UTC']) {
      await setZone(sameAsBefore)
      await rollUpDays(pool(), { platformDays: 90 })
      expect(await otherZoneUntil(pool(), shopId, EVER)).toBeNull()
    }
  })

  it('does not empty days that the platform deleted before it was told to keep events for longer', async () => {
    for (const [ago, hour] of [
      [60, 12],
      [40, 23],
      [1, 0],
    ] as const)
      await receive(daysAgo(ago, hour))
    await rollUpDays(pool())
    const before = await daily()
    await forgetOld(pool(), new Date(), 31)
    expect(await retentionOfShop(pool(), shopId, 90)).toBe(31)
    await setZone('Etc/GMT-1')
    await rollUpDays(pool(), { platformDays: 90 })
    expect(await daily()).toEqual(before)
    expect(await due()).toBe(0)
  })

  it('does not keep today’s numbers of other shops waiting for its history', async () => {
    for (let ago = 5; ago < 30; ago++) await receive(daysAgo(ago, 12))
    await rollUpDays(pool())
    await setZone(AUCKLAND)
    await rollUpSome(1)
    expect(await due()).toBe(29)
    await receive(Date.now(), otherId)
    await rollUpSome(3)
    expect(await daily(otherId)).toEqual({ [dayOf(0)]: 1 })
    expect(await due()).toBe(29)
  })

  it('is followed while somebody writes what refers to the shop', async () => {
    await setZone(AUCKLAND)
    const client = await pool().connect()
    try {
      await client.query('begin')
      await client.query(
        `insert into connections (shop_id, vendor, settings, secrets, updated_at) values ($1, 'tiny', '{}', 'x', now())`,
        [shopId],
      )
      await rollUpDays(pool())
      const { rows } = await pool().query('select days_zone as zone from shops where id = $1', [shopId])
      expect(rows).toEqual([{ zone: AUCKLAND }])
    } finally {
      await client.query('rollback')
      client.release()
    }
  })

  it('is followed for more shops than one transaction takes', async () => {
    await pool().query(
      `insert into shops (domain, time_zone) select 'many-' || n || '.myshopify.com', $1 from generate_series(1, 450) n`,
      [AUCKLAND],
    )
    await rollUpDays(pool())
    const { rowCount } = await pool().query('select from shops where days_zone is distinct from time_zone')
    expect(rowCount).toBe(0)
  })

  it('is not counted by UTC’s days by a worker of the version before that still runs', async () => {
    const looksAsBefore = pool().query(
      `insert into rollups (name, seen_until) values ('shop_days', '-infinity')
       on conflict (name) do update set name = excluded.name`,
    )
    await expect(looksAsBefore).rejects.toThrow('rollups_name_check')
  })

  it('is seen by two workers at once, and counted once', async () => {
    await receiveHourly('2026-11-19T20:00:00Z', 30)
    await rollUpDays(pool())
    await setZone(AUCKLAND)
    await Promise.all([1, 2, 3].map(() => rollUpDays(pool())))
    await rollUpDays(pool())
    expect(await daily()).toEqual({ '2026-11-20': 15, '2026-11-21': 15 })
  })
})

describe('orders of a period', () => {
  const NOW = new Date('2026-11-21T12:00:00Z')
  const sum = async (days: number, zone: string | null) => {
    const period = await periodOf(pool(), zone, NOW, days)
    const { received, parts, behind } = await ordersOf(pool(), shopId, period, NEVER)
    return { received, delivered: parts.reduce((total, { count }) => total + count, 0), behind }
  }

  it.each([
    [AUCKLAND, 1, 2],
    [AUCKLAND, 2, 26],
    [LOS_ANGELES, 1, 5],
    [LOS_ANGELES, 2, 29],
  ])(
    'in %s of %s days are %s, from rows and from counts, also before the zone is followed',
    async (zone, days, count) => {
      await receiveHourly('2026-11-19T00:00:00Z', 61)
      await rollUpDays(pool())
      await setZone(zone)
      const expected = { received: count, delivered: count, behind: false }
      expect(await sum(days, zone)).toEqual(expected)
      await rollUpDays(pool())
      expect(await sum(days, zone)).toEqual(expected)
    },
  )
})
