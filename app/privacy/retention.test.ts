import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensurePartitions, firstIdOf, PARTITIONED, weekOf } from '../db/partitions.ts'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { forgetOld } from './retention.ts'

const NOW = new Date('2040-06-15T10:00:00Z')
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000)

let test: TestDatabase
const pool = () => test.database.pool
const count = async (table: string) =>
  (await pool().query(`select count(*)::int as n from ${table}`)).rows[0]?.n

beforeAll(async () => {
  test = await testDatabase()
})
beforeEach(async () => {
  await pool().query('truncate events, deliveries, attempts, exchanges, event_keys, receipts')
  await ensurePartitions(pool(), NOW, daysAgo(120))
})
afterAll(() => test.drop())

/** One event received then, with its key, a delivery, an attempt and its exchange. */
async function history(at: Date): Promise<string> {
  const id = uuidv7({ msecs: at.getTime() })
  const queries = [
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
     values (1, $1::uuid, 'page_viewed', 'storefront', $1::text, now(), now(), '{}', '{}')`,
    'insert into event_keys values (1, $1::text, $1::uuid)',
    `insert into deliveries (shop_id, event_id, vendor, state, due_at, created_at, updated_at)
     values (1, $1::uuid, 'tiny', 'delivered', now(), now(), now())`,
    `insert into attempts (shop_id, event_id, vendor, number, part, step, exchange_id, outcome)
     values (1, $1::uuid, 'tiny', 1, 0, 'a', $1::uuid, 'delivered')`,
    `insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request)
     values (1, $1::uuid, 'tiny', now(), 1, '{}')`,
  ]
  for (const query of queries) await pool().query(query, [id])
  return id
}

describe('retention', () => {
  it('drops the weeks that are older altogether, with their keys, and nothing else', async () => {
    await history(daysAgo(110))
    const kept = [await history(daysAgo(91)), await history(daysAgo(1))].sort()
    const { partitions, rows } = await forgetOld(pool(), NOW, 90)
    expect(rows).toBe(1)
    expect(partitions.filter(name => name.startsWith('events_')).length).toBeGreaterThanOrEqual(3)
    for (const [table, column] of Object.entries(PARTITIONED)) {
      const left = await pool().query(`select ${column}::text as id from ${table} order by 1`)
      expect(left.rows.map(({ id }) => id)).toEqual(kept)
    }
    const keys = await pool().query('select event_id::text as id from event_keys order by 1')
    expect(keys.rows.map(({ id }) => id)).toEqual(kept)
  })

  it('waits for what is still being delivered, such as a replay of an old event', async () => {
    const id = await history(daysAgo(110))
    await pool().query(`update deliveries set state = 'retry' where event_id = $1`, [id])
    await forgetOld(pool(), NOW, 90)
    expect(await Promise.all(['events', 'deliveries', 'event_keys'].map(count))).toEqual([1, 1, 1])
    await pool().query(`update deliveries set state = 'delivered'`)
    await forgetOld(pool(), NOW, 90)
    expect(await Promise.all(['events', 'deliveries', 'event_keys'].map(count))).toEqual([0, 0, 0])
  })

  it('can be run again, and then does nothing', async () => {
    await history(daysAgo(110))
    await forgetOld(pool(), NOW, 90)
    expect(await forgetOld(pool(), NOW, 90)).toEqual({ partitions: [], rows: 0, unaccepted: 0 })
  })

  it('deletes more keys and receipts than fit one chunk', async () => {
    await pool().query(
      `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
       select 1 + n % 3, ($1::text || lpad(to_hex(n), 12, '0'))::uuid, 'page_viewed', 'storefront', n, now(), now(), '{}', '{}'
       from generate_series(1, 10500) n`,
      [`${uuidv7({ msecs: daysAgo(110).getTime() }).slice(0, 24)}`],
    )
    await pool().query('insert into event_keys select shop_id, dedupe_key, id from events')
    await pool().query(
      `insert into receipts (shop_id, webhook_id, topic, received_at)
       select 1, n, 'orders/create', $1::timestamptz from generate_series(1, 5001) n`,
      [daysAgo(8)],
    )
    await pool().query(
      `insert into receipts (shop_id, webhook_id, topic, received_at) values (1, 'young', 'orders/create', $1)`,
      [daysAgo(6)],
    )
    expect((await forgetOld(pool(), NOW, 90)).rows).toBe(15_501)
    expect([await count('event_keys'), await count('events'), await count('receipts')]).toEqual([0, 0, 1])
  })

  it('deletes what could not be accepted for a week, and nothing that only waits', async () => {
    await pool().query(
      `insert into spool (id, shop_id, items, received_at, due_at, failure, body)
       select gen_random_uuid(), 1, 1, at, now(), failure, ''
       from unnest($1::timestamptz[]) at, unnest(array['It failed.', null]) failure`,
      [[daysAgo(8), daysAgo(6)]],
    )
    expect(await forgetOld(pool(), NOW, 90)).toMatchObject({ unaccepted: 1 })
    expect(await count('spool')).toBe(3)
    await pool().query('truncate spool')
  })

  it('deletes what lies outside every week', async () => {
    await history(daysAgo(400))
    await forgetOld(pool(), NOW, 90)
    const left = await Promise.all([...Object.keys(PARTITIONED), 'event_keys'].map(count))
    expect(left).toEqual([0, 0, 0, 0, 0])
  })

  it('waits for what is still being delivered outside every week too', async () => {
    await history(daysAgo(400))
    await pool().query(`update deliveries set state = 'pending'`)
    await forgetOld(pool(), NOW, 90)
    expect(await Promise.all(['events', 'deliveries', 'event_keys'].map(count))).toEqual([1, 1, 1])
  })

  it('leaves alone the key of an event that took the place of an old one', async () => {
    const old = await history(daysAgo(110))
    const young = await history(daysAgo(1))
    await pool().query('update event_keys set event_id = $2 where event_id = $1', [old, uuidv7()])
    await forgetOld(pool(), NOW, 90)
    expect(await count('event_keys')).toBe(2)
    expect(young).not.toBe(old)
  })
})

describe('what is older than the weeks, in partitions of its own', () => {
  const monday = weekOf(daysAgo(120))
  const partitions = () =>
    Object.keys(PARTITIONED).map(
      table => `${table}_until_${monday.toISOString().slice(0, 10).replaceAll('-', '')}`,
    )
  beforeEach(async () => {
    for (const [n, table] of Object.keys(PARTITIONED).entries()) {
      await pool().query(
        `create table if not exists ${partitions()[n]} partition of ${table} for values from (minvalue) to ('${firstIdOf(monday)}')`,
      )
    }
  })

  it('goes by its age, and altogether when all of it is old', async () => {
    await history(daysAgo(300))
    const kept = await history(daysAgo(190))
    expect(await forgetOld(pool(), NOW, 200)).toMatchObject({ rows: 4 })
    const left = await pool().query('select id::text, tableoid::regclass::text as partition from events')
    expect(left.rows).toEqual([{ id: kept, partition: partitions().at(-1) }])
    expect((await forgetOld(pool(), NOW, 90)).partitions).toEqual(expect.arrayContaining(partitions()))
    expect(await Promise.all(['events', 'deliveries', 'event_keys'].map(count))).toEqual([0, 0, 0])
  })

  it('stays while something old in it is still being delivered', async () => {
    await history(daysAgo(300))
    await pool().query(`update deliveries set state = 'retry'`)
    for (const days of [200, 90]) await forgetOld(pool(), NOW, days)
    expect(await Promise.all(['events', 'deliveries', 'event_keys'].map(count))).toEqual([1, 1, 1])
  })
})
