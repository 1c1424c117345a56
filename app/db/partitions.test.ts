import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  dropPartition,
  ensurePartitions,
  firstIdOf,
  PARTITIONED,
  partitionName,
  partitionsOf,
  WEEK_MS,
  weekOf,
} from './partitions.ts'
import { type TestDatabase, testDatabase } from './testing.ts'

let test: TestDatabase
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())

const addKey = (at: Date) => {
  const id = uuidv7({ msecs: at.getTime() })
  return pool()
    .query(
      `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
       values (1, $1::uuid, 'page_viewed', 'storefront', $1::text, $2, $2, '{}', '{}')`,
      [id, at],
    )
    .then(() => id)
}
const partitionOf = async (id: string): Promise<unknown> =>
  (await pool().query('select tableoid::regclass::text as name from events where id = $1::uuid', [id]))
    .rows[0]?.name

describe('weeks', () => {
  it('begin on Monday at midnight, UTC', () => {
    expect(weekOf(new Date('2026-11-20T12:00:00Z'))).toEqual(new Date('2026-11-16T00:00:00Z'))
    expect(weekOf(new Date('2026-11-16T00:00:00Z'))).toEqual(new Date('2026-11-16T00:00:00Z'))
    expect(weekOf(new Date('2026-11-15T23:59:59.999Z'))).toEqual(new Date('2026-11-09T00:00:00Z'))
  })

  it('hold every id that is made in them, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2100, 0, 1) }), msecs => {
        const week = weekOf(new Date(msecs))
        const id = uuidv7({ msecs })
        expect(id >= firstIdOf(week)).toBe(true)
        expect(id < firstIdOf(new Date(week.getTime() + WEEK_MS))).toBe(true)
      }),
    )
  })
})

describe('partitions', () => {
  it('are made for this week and the four after it, for every table, once', async () => {
    const now = new Date('2031-01-08T10:00:00Z')
    const made = await ensurePartitions(pool(), now)
    expect(made).toHaveLength(5 * Object.keys(PARTITIONED).length)
    expect(made).toContain('events_20310106')
    expect(made).toContain('deliveries_20310203')
    expect(await ensurePartitions(pool(), now)).toEqual([])
  })

  it('are made once by processes that start together', async () => {
    const now = new Date('2032-01-07T10:00:00Z')
    const made = await Promise.all([1, 2, 3].map(() => ensurePartitions(pool(), now)))
    expect(made.flat()).toHaveLength(5 * Object.keys(PARTITIONED).length)
  })

  it('take the rows that came before their week was made', async () => {
    const at = new Date('2033-03-10T10:00:00Z')
    const [early, outside] = [await addKey(at), await addKey(new Date('2035-01-01T00:00:00Z'))]
    expect(await partitionOf(early)).toBe('events_default')
    await ensurePartitions(pool(), at)
    expect(await partitionOf(early)).toBe(partitionName('events', weekOf(at)))
    expect(await partitionOf(outside)).toBe('events_default')
    expect(await partitionOf(await addKey(at))).toBe(partitionName('events', weekOf(at)))
  })

  it('are dropped with their rows', async () => {
    const at = new Date('2034-03-08T10:00:00Z')
    await ensurePartitions(pool(), at)
    const id = await addKey(at)
    await dropPartition(pool(), partitionName('events', weekOf(at)))
    expect(await partitionOf(id)).toBeUndefined()
    expect((await partitionsOf(pool(), 'events')).map(({ name }) => name)).not.toContain('events_20340306')
  })

  it('have the indexes of their table, so that a drain finds what waits without reading a week', async () => {
    const at = new Date('2036-03-05T10:00:00Z')
    await ensurePartitions(pool(), at)
    const indexes = await pool().query(
      "select indexdef from pg_indexes where tablename = 'deliveries_20360303'",
    )
    const waiting = indexes.rows.filter(({ indexdef }) => /priority, event_id\) WHERE/.test(indexdef))
    expect(waiting).toHaveLength(1)
  })
})
