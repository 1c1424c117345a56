/** How long is kept what a vendor was last given of a subject. */
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensurePartitions } from '../db/partitions.ts'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { forgetMemories, forgetOld } from './retention.ts'

const DAYS = 90
const NOW = new Date()
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000)
let test: TestDatabase
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await pool().query('truncate memories, events, deliveries, event_keys')
  await ensurePartitions(pool(), NOW, daysAgo(120))
})

type Seeded = { subject?: string; about?: string; age: number; shop?: number }
const remember = ({ subject = 'order:1', about, age, shop = 1 }: Seeded) =>
  pool().query(
    `insert into memories (shop_id, vendor, subject, event_subject, fingerprint, event_id, updated_at)
     values ($1, 'tiny', $2, $3, 'f', gen_random_uuid(), $4)`,
    [shop, subject, about, daysAgo(age)],
  )
const event = (subject: string, age: number, shop = 1) =>
  pool().query(
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, subject, consent, data)
     values ($1, $2::uuid, 'order_updated', 'webhook', $2::text, now(), now(), $3, '{}', '{}')`,
    [shop, uuidv7({ msecs: daysAgo(age).getTime() }), subject],
  )
const forget = () => forgetMemories(pool(), NOW, DAYS)
const left = async () =>
  (await pool().query('select subject from memories order by 1')).rows.map(({ subject }) => subject)

describe('what a vendor was last given', () => {
  it('is forgotten a year after the time of retention, instead of never', async () => {
    await remember({ subject: 'order:old', age: DAYS + 366 })
    await remember({ subject: 'order:young', age: DAYS + 364 })
    expect(await forget()).toBe(1)
    expect(await left()).toEqual(['order:young'])
    expect(await forget()).toBe(0)
  })

  it.each<[string, Seeded, string]>([
    ['its subject', { age: 1000 }, 'order:1'],
    [
      'that from which a subject of the vendor’s own came',
      { subject: 'subscription:7', about: 'customer:7', age: 1000 },
      'customer:7',
    ],
    ['the cart that an order emptied', { subject: 'cart:a', about: 'order:1', age: 1000 }, 'cart:a'],
  ])('stays while an event is kept of %s, until that is dropped', async (_, seeded, subject) => {
    await remember(seeded)
    await event(subject, DAYS + 10)
    expect(await forget()).toBe(0)
    await forgetOld(pool(), NOW, DAYS)
    expect(await forget()).toBe(1)
  })

  it('is not kept by another shop’s event, nor by one of another subject', async () => {
    await remember({ age: 1000 })
    await event('order:1', 1, 2)
    await event('order:2', 1)
    expect(await forget()).toBe(1)
  })

  it('is forgotten in one pass, however much there is and whatever of it stays', async () => {
    await pool().query(
      `insert into memories (shop_id, vendor, subject, fingerprint, event_id, updated_at)
       select 1, 'tiny', 'order:' || n, 'f', gen_random_uuid(), $1::timestamptz from generate_series(1, 12000) n`,
      [daysAgo(1000)],
    )
    for (const n of [1, 5_000, 5_001, 12_000]) await event(`order:${n}`, 1)
    await remember({ subject: 'order:young', age: 1 })
    expect(await forget()).toBe(11_996)
    expect(await left()).toEqual(['order:1', 'order:12000', 'order:5000', 'order:5001', 'order:young'])
  })
})
