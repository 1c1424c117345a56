/** A lane that is very far behind is held and released piece by piece, and nobody waits for it. */
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPool } from '../../app/db/database.ts'
import { ensurePartitions } from '../../app/db/partitions.ts'
import { acceptCredentials, settleLane, switchLane } from '../../app/delivery/lane-state.ts'
import { settledOrBlocked } from '../../app/delivery/testing.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { orders } from '../support/orders.ts'

const DAY_MS = 86_400_000
const COUNT = 100_000
/** Older than the seven days within which a shop releases. */
const LATE = 30_000
const CHUNK = 2_000
/**
 * Rows that may be read for each that is changed. A few are, and up to about twelve while another transaction still sees
 * what is done; it would be fifty if the lane were read anew for each chunk.
 */
const READS = 20
/** The chunk in the middle of which a webhook comes. */
const THIRD = 3
const NOTHING = { held: 0, released: 0, expired: 0 }

let app: TestApp
/** One connection, so that what it has read can be counted. */
let pool: Pool
const order = orders(() => app)
const lane = () => app.lane('ecomail')
const rowsOf = async <T extends object>(sql: string, values: unknown[] = []) =>
  (await app.test.database.pool.query<T>(sql, values)).rows

/** A web process alone: what is released stays as it is. */
beforeAll(async () => {
  app = await startApp({ env: { SLUICE_ROLE: 'web' } })
  await app.connect('ecomail')
  pool = openPool(app.test.url, { max: 1 })
  const now = new Date()
  await ensurePartitions(app.test.database.pool, now, new Date(now.getTime() - 10 * DAY_MS))
  await rowsOf(
    `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
     select $1, id, 'ecomail', 'pending', '{}', now(), uuid_extract_timestamp(id), now()
     from generate_series(1, $2::int) as n,
          lateral (select case when n <= $3 then 10 - 2 * n / $3::float8
                          else 6 * (1 - (n - $3) / ($2 - $3)::float8) end as age) as aged,
          lateral (select uuidv7(-make_interval(secs => age * 86400)) as id) as identified`,
    [app.shopId, COUNT, LATE],
  )
  await rowsOf('analyze deliveries')
  // Its look at the table, at some moment, would keep what is done readable for as long, and count.
  await rowsOf(`
    do $$ declare week regclass; begin
      for week in select inhrelid::regclass from pg_inherits where inhparent = 'deliveries'::regclass loop
        execute format('alter table %s set (autovacuum_enabled = off)', week);
      end loop;
    end $$`)
  await rowsOf(`
    create table touched (number serial, xact xid8, rows int, first text, last text);
    create function note_touched() returns trigger language plpgsql as $$ begin
      insert into touched (xact, rows, first, last)
        select pg_current_xact_id(), count(*), min(event_id::text), max(event_id::text) from changed;
      if (select count(*) from touched) = ${THIRD} then perform pg_advisory_xact_lock(1); end if;
      return null;
    end $$;
    create trigger note_touched after update on deliveries
      referencing new table as changed for each statement execute function note_touched();
  `)
})
afterAll(async () => {
  await pool.end()
  await app.close()
})
beforeEach(() => rowsOf('truncate touched'))

const touched = () =>
  rowsOf<{ xact: string; rows: number; first: string; last: string }>('select * from touched order by number')

/**
 * Does `work` on the lane, and sends a webhook in the middle of the third chunk. It may read a few rows of the indexes for each
 * delivery that it changes.
 * @returns what the work came to
 */
async function slowly<T>(work: () => Promise<T>): Promise<T> {
  const person = await app.test.database.pool.connect()
  try {
    await person.query('select pg_advisory_lock(1)')
    const before = await read()
    const working = work()
    await settledOrBlocked(app.test.database.pool, working)
    expect(await touched()).toHaveLength(THIRD - 1)
    order.next()
    expect((await order.send('orders/create')).status).toBe(200)
    expect(await touched()).toHaveLength(THIRD - 1)
    await person.query('select pg_advisory_unlock(1)')
    const result = await working
    expect((await read()) - before).toBeLessThan(READS * COUNT)
    return result
  } finally {
    person.release()
  }
}

/** @returns how many rows of the deliveries' tables and indexes were read so far */
async function read(): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()')
  const [found] = await rowsOf<{ rows: number }>(
    `select ((select sum(idx_tup_read) from pg_stat_user_indexes where relname like 'deliveries%')
           + (select sum(seq_tup_read) from pg_stat_user_tables where relname like 'deliveries%'))::int as rows`,
  )
  return found?.rows ?? 0
}

const states = () =>
  rowsOf<{ state: string; reason: string | null; count: number; young: boolean }>(
    `select state, reason, count(*)::int as count, max(created_at) > now() - interval '7 days' as young
     from deliveries group by 1, 2 order by 1`,
  )

/** Each in a transaction of its own, each older than the next. */
async function expectChunks(total: number): Promise<void> {
  const chunks = await touched()
  expect(Math.max(...chunks.map(({ rows }) => rows))).toBe(CHUNK)
  expect(chunks.reduce((sum, { rows }) => sum + rows, 0)).toBe(total)
  expect(new Set(chunks.map(({ xact }) => xact)).size).toBe(chunks.length)
  for (const [n, { first }] of chunks.entries()) expect(first > (chunks[n - 1]?.last ?? '')).toBe(true)
}

/** Each goes on where the last has ended. PostgreSQL knows the states as they were at first. */
describe('a lane with a hundred thousand deliveries, in chunks, while webhooks are kept,', () => {
  it('is held when it is switched off', async () => {
    expect(await slowly(() => switchLane(pool, lane(), false))).toEqual({ ...NOTHING, held: COUNT })
    await expectChunks(COUNT)
    expect(await states()).toEqual([{ state: 'held', reason: 'off', count: COUNT + 1, young: true }])
  })

  it('is held for another reason when there is one', async () => {
    await rowsOf(`update connections set enabled = true, attention = 'Wrong key.'`)
    expect(await slowly(() => settleLane(pool, lane()))).toEqual(NOTHING)
    await expectChunks(COUNT + 1)
    expect(await states()).toEqual([{ state: 'held', reason: 'refused', count: COUNT + 2, young: true }])
  })

  it('is released when it may go on, and what is too old expires', async () => {
    const released = await slowly(() => acceptCredentials(pool, lane()))
    expect(released).toEqual({ held: 0, released: COUNT - LATE + 2, expired: LATE })
    await expectChunks(COUNT + 2)
    expect(await states()).toEqual([
      { state: 'pending', reason: null, count: COUNT - LATE + 3, young: true },
      { state: 'skipped', reason: 'expired', count: LATE, young: false },
    ])
  })
})
