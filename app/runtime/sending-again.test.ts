/** What is sent again by a filter is what was counted: neither more, nor less, nor told otherwise. */
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { type AnyVendor, saveConnection } from '../delivery/connections.ts'
import type { ReplayPlace } from '../delivery/replay.ts'
import { deliveryOf, keepDelivery, newShop, type SeededDelivery, sealer } from '../delivery/testing.ts'
import type { StoreEvent } from '../events/store-event.ts'
import type { OrderEventType } from '../events/types.ts'
import { createLog } from '../log.ts'
import { shopById } from '../shopify/shops.ts'
import { VENDORS } from '../vendors/registry.ts'
import { order, storeEvent } from '../vendors/testing.ts'
import { type Chosen, createMerchantActivity } from './merchant-activity.ts'

const GIVEN = {
  ecomail: { apiKey: 'k'.repeat(32), shopName: 'one' },
  topmail: { apiKey: 'k'.repeat(32) },
}
const FAILED = { outcome: 'failed', partlyRejected: false } as const
const AT = '2026-11-20T10:00:00Z'
let test: TestDatabase
let shopId: number
const pool = () => test.database.pool
const activity = () =>
  createMerchantActivity({
    database: test.database,
    sealer,
    log: createLog('silent'),
    signal: async () => {},
  })
const shop = async () => {
  const found = await shopById(pool(), shopId)
  if (!found) throw new Error('there is no such shop')
  return found
}

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
afterEach(() => {
  vi.useRealTimers()
})
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  for (const [id, given] of Object.entries(GIVEN)) {
    const vendor = VENDORS.find(each => each.id === id)
    await saveConnection(pool(), sealer, shopId, vendor as AnyVendor, given)
  }
})

/** A state of an order, received at a time, and its delivery. */
async function state(orderId: string, type: OrderEventType, at: string, delivery: SeededDelivery) {
  const id = uuidv7({ msecs: Date.parse(at) })
  const event = storeEvent(type, { orderId, order: order(), refund: null })
  const times = { receivedAt: at, occurredAt: at, version: at }
  const over = { ...event, id, dedupeKey: id, subject: `order:${orderId}`, ...times } as StoreEvent
  return keepDelivery(pool(), shopId, { vendor: 'ecomail', ...delivery }, over)
}
const counted = async (chosen: Chosen) => {
  const { counts, start } = await activity().count(await shop(), chosen)
  return { count: counts.reduce((sum, { count }) => sum + count, 0), start, counts }
}
/** All steps from a place on. @returns how many these sent, and what the last one tells of all */
async function sendAll(chosen: Chosen, start: ReplayPlace) {
  let count = 0
  for (let place = start; ; ) {
    const done = await activity().step(await shop(), chosen, place)
    count += done.count
    if (!done.next) return { count, total: done.total }
    place = done.next
  }
}

const LEFT = { state: 'skipped', reason: 'superseded' } as const
const NEWER_FAILED: Chosen = {
  ...{ outcome: 'skipped', partlyRejected: false, vendor: 'ecomail' },
  ...{ type: 'order_created', reason: 'superseded', newer: 'failed' },
}
/** So many more of an event and its delivery, of orders of their own, some milliseconds at most after it. */
async function more(id: string, many: number) {
  const { rows } = await pool().query<{ name: string }>(
    `select quote_ident(column_name) as name from information_schema.columns
     where table_name = 'events' and is_generated = 'NEVER'`,
  )
  const idOf = `(substr($1::uuid::text, 1, 24) || lpad(to_hex(n), 12, '0'))::uuid`
  const made: Record<string, string> = {
    ...{ id: idOf, dedupe_key: `'more' || n || e.id`, subject: `'order:more' || n` },
  }
  const names = rows.map(({ name }) => name)
  await pool().query(
    `insert into events (${names}) select ${names.map(name => made[name] ?? `e.${name}`)}
     from events e, generate_series(1, ${many}) n where e.id = $1::uuid`,
    [id],
  )
  await pool().query(
    `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
     select shop_id, ${idOf}, vendor, state, reason, done, due_at, created_at, updated_at
     from deliveries d, generate_series(1, ${many}) n where d.event_id = $1::uuid`,
    [id],
  )
  await pool().query('analyze events')
  await pool().query('analyze deliveries')
}

describe('what is sent again by a filter', () => {
  it('is told whole where the answer to the first step was lost, and is not sent twice', async () => {
    const id = await state('1', 'order_created', AT, { state: 'dead', reason: 'rejected' })
    const { start } = await counted(FAILED)
    await activity().step(await shop(), FAILED, start)
    // It has failed again by the time that the step is said again.
    await pool().query(
      `update deliveries set state = 'dead', updated_at = now() + interval '1 second' where event_id = $1`,
      [id],
    )
    expect(await sendAll(FAILED, start)).toEqual({ count: 0, total: { count: 1, held: 0 } })
    expect(await deliveryOf(pool(), shopId, id, 'ecomail')).toMatchObject({ state: 'dead' })
  })

  it('was placed when it is asked for to have been, whenever it was received', async () => {
    for (const [order, at] of [
      ['1', '2026-11-20T09:59:59Z'],
      ['2', AT],
    ] as const)
      await state(order, 'order_created', at, { state: 'dead', reason: 'rejected' })
    const chosen = { ...FAILED, type: 'order_created', placed: new Date(AT) } as const
    const { count, start } = await counted(chosen)
    expect(count).toBe(1)
    expect(await sendAll(chosen, start)).toEqual({ count: 1, total: { count: 1, held: 0 } })
  })

  it('was received lately when it was counted, however late it is sent', async () => {
    const hourAgo = Date.now() - 3600_000
    await state('1', 'order_created', new Date(hourAgo + 30_000).toISOString(), { state: 'dead' })
    const chosen = { ...FAILED, lately: '1h' } as const
    const { count, start } = await counted(chosen)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
    expect([count, (await sendAll(chosen, start)).count]).toEqual([1, 1])
  })

  it('is an order whose newer state failed, however many others were left to newer states before it', async () => {
    await more(await state('2', 'order_created', '2026-11-19T10:00:00Z', LEFT), 6_000)
    const id = await state('1', 'order_created', AT, LEFT)
    await state('1', 'order_updated', '2026-11-20T10:00:01Z', { state: 'dead', reason: 'rejected' })
    const { count, start } = await counted(NEWER_FAILED)
    const sent = await sendAll(NEWER_FAILED, start)
    expect([count, sent]).toEqual([1, { count: 1, total: { count: 1, held: 0 } }])
    expect(await deliveryOf(pool(), shopId, id, 'ecomail')).toMatchObject({ state: 'pending', replay: true })
  }, 60_000)
})

it('an order whose newer state failed is on the first page, however many states of others were left to newer ones', async () => {
  await state('1', 'order_created', AT, LEFT)
  await state('1', 'order_updated', '2026-11-20T10:00:01Z', { state: 'dead', reason: 'rejected' })
  await more(await state('2', 'order_updated', '2026-11-20T11:00:00Z', LEFT), 6_000)
  const page = await activity().page(await shop(), NEWER_FAILED, null, null)
  expect([page.lines.length, page.lookedBackTo]).toEqual([1, null])
}, 60_000)

it('nothing is sent again of what newer states came to at no tool in particular', async () => {
  await state('1', 'order_created', AT, LEFT)
  await state('1', 'order_updated', '2026-11-20T10:00:01Z', { state: 'dead', reason: 'rejected' })
  const { vendor: _, ...chosen } = NEWER_FAILED
  const { count, start } = await counted(chosen)
  expect([count, (await sendAll(chosen, start)).count]).toEqual([0, 0])
})

describe('of what is looked for first', () => {
  it('no more is counted than a person waits for, and all of it is sent', async () => {
    const id = await state('1', 'order_created', AT, { state: 'dead', reason: 'rejected' })
    await more(id, 11_000)
    await pool().query(`update events set subject = 'order:1'`)
    const chosen = { ...FAILED, order: '1' }
    const { counts, more: andMore, start } = await activity().count(await shop(), chosen)
    expect([counts.map(({ count }) => count), andMore]).toEqual([[10_000], true])
    expect((await sendAll(chosen, start)).total).toEqual({ count: 11_001, held: 0 })
  }, 120_000)

  it('it is told that there may be more where too many had to be looked at, and it is sent', async () => {
    await state('1', 'order_created', '2026-11-18T10:00:00Z', LEFT)
    await state('1', 'order_updated', '2026-11-18T10:00:01Z', { state: 'dead', reason: 'rejected' })
    await more(await state('2', 'order_created', AT, LEFT), 11_000)
    const { counts, more: andMore, start } = await activity().count(await shop(), NEWER_FAILED)
    expect([counts, andMore]).toEqual([[], true])
    expect((await sendAll(NEWER_FAILED, start)).total).toEqual({ count: 1, held: 0 })
  }, 120_000)

  it('all of it is counted where it is not too much', async () => {
    await state('1', 'order_created', AT, { state: 'dead', reason: 'rejected' })
    const { counts, more: andMore } = await activity().count(await shop(), { ...FAILED, order: '1' })
    expect([counts.map(({ count }) => count), andMore]).toEqual([[1], false])
  })
})

it.each([
  ['orders that arrived', []],
  ['orders that arrived, and states of others that were left to newer ones,', [LEFT]],
])(
  'an order whose newer state failed is on the first page, however many %s came after it',
  async (_, others) => {
    await state('1', 'order_created', AT, LEFT)
    await state('1', 'order_updated', '2026-11-20T10:00:01Z', { state: 'dead', reason: 'rejected' })
    await more(await state('2', 'order_created', '2026-11-20T11:00:00Z', { state: 'delivered' }), 6_000)
    for (const left of others)
      await more(await state('3', 'order_updated', '2026-11-20T11:00:00Z', left), 6_000)
    const page = await activity().page(await shop(), NEWER_FAILED, null, null)
    expect([page.lines.length, page.lookedBackTo]).toEqual([1, null])
  },
  60_000,
)

it('what cannot be foreseen, as credentials cannot be unsealed, keeps no story and no count from being told', async () => {
  const id = await state('1', 'order_created', AT, { state: 'dead', reason: 'rejected' })
  await pool().query(`update connections set secrets = 'gone:AAAA' where vendor = 'ecomail'`)
  const story = await activity().story(await shop(), id)
  expect(story?.deliveries).toMatchObject([{ vendor: 'ecomail', skipsAgain: null }])
  expect((await counted(FAILED)).counts).toMatchObject([{ count: 1, foreseen: { reasons: [] } }])
})

it('a test was offered to be sent again while its tool was stopped, which keeps none', async () => {
  const id = await state('1', 'order_created', AT, { state: 'skipped', reason: 'test_stopped' })
  await pool().query(`update events set source = 'test'`)
  const offered = async () => (await activity().story(await shop(), id))?.deliveries[0]?.canReplay
  expect(await offered()).toBe(true)
  await pool().query(`update connections set enabled = false where vendor = 'ecomail'`)
  expect(await offered()).toBe(false)
  expect(await activity().replayOne(await shop(), id, 'ecomail')).toEqual({ count: 0, held: 0 })
})
