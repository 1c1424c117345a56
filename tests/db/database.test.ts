import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Database, isUnavailable, openDatabase, withTransaction } from '../../app/db/database.ts'
import { type Embedded, startEmbedded } from '../../app/db/embedded/index.ts'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { makeScratch, type Scratch } from './scratch.ts'

const WAIT = { timeout: 20_000, interval: 20 }

/** What a call fails with. */
async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('expected a failure')
    },
    error => error,
  )
}

describe('a database', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.drop())

  it('reads timestamptz as Date and int8 and numeric as string', async () => {
    const { rows } = await test.database.pool.query(
      "SELECT '2026-11-20T12:00:00+02'::timestamptz AS at, 9007199254740993::int8 AS big, 1.10::numeric AS money",
    )
    expect(rows).toEqual([{ at: new Date('2026-11-20T10:00:00Z'), big: '9007199254740993', money: '1.10' }])
  })

  it('serves Prisma and pg from one pool', async () => {
    const shop = await test.database.prisma.shop.create({
      data: { domain: 'a.example.com', scopes: ['read_orders'] },
    })
    const { rows } = await test.database.pool.query('SELECT id, scopes FROM shops WHERE domain = $1', [
      'a.example.com',
    ])
    expect(rows).toEqual([{ id: shop.id, scopes: ['read_orders'] }])
  })

  it('ends a statement that takes too long, as unavailable', async () => {
    const { rows } = await test.database.pool.query('SHOW statement_timeout')
    expect(rows).toEqual([{ statement_timeout: '30s' }])
    const error = await failure(
      withTransaction(test.database.pool, async client => {
        await client.query("SET LOCAL statement_timeout = '10ms'")
        await client.query('SELECT pg_sleep(30)')
      }),
    )
    expect(isUnavailable(error)).toBe(true)
  })

  it('does not call a wrong statement unavailable, by pg or Prisma', async () => {
    const { pool, prisma } = test.database
    await prisma.shop.create({ data: { domain: 'twice.example.com' } })
    const twice = prisma.shop.create({ data: { domain: 'twice.example.com' } })
    expect(isUnavailable(await failure(twice))).toBe(false)
    expect(
      isUnavailable(await failure(pool.query("INSERT INTO shops (domain) VALUES ('twice.example.com')"))),
    ).toBe(false)
    expect(isUnavailable(await failure(pool.query('SELECT nonsense')))).toBe(false)
  })

  it('closes once, however often it is told', async () => {
    const other = openDatabase(test.url)
    await other.pool.query('SELECT 1')
    await Promise.all([other.close(), other.close()])
    await other.close()
    expect(isUnavailable(await failure(other.pool.query('SELECT 1')))).toBe(true)
  })
})

describe('withTransaction', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.drop())

  const insert = (domain: string) => ({ text: 'INSERT INTO shops (domain) VALUES ($1)', values: [domain] })
  const count = async (domain: string) =>
    (await test.database.pool.query('SELECT FROM shops WHERE domain = $1', [domain])).rowCount

  it('commits and gives what the work gave', async () => {
    const result = await withTransaction(test.database.pool, async client => {
      await client.query(insert('kept.example.com'))
      return 42
    })
    expect(result).toBe(42)
    expect(await count('kept.example.com')).toBe(1)
  })

  it('rolls back and throws what the work threw', async () => {
    const thrown = new Error('told')
    const work = withTransaction(test.database.pool, async client => {
      await client.query(insert('undone.example.com'))
      throw thrown
    })
    expect(await failure(work)).toBe(thrown)
    expect(await count('undone.example.com')).toBe(0)
  })

  it('does not pass for committed when a failed statement was caught', async () => {
    const work = withTransaction(test.database.pool, async client => {
      await client.query(insert('swallowed.example.com'))
      await client.query('SELECT nonsense').catch(() => {})
    })
    await expect(work).rejects.toThrow('rolled back')
    expect(await count('swallowed.example.com')).toBe(0)
  })

  it('gives every connection back, also broken ones', async () => {
    const database = openDatabase(test.url, { max: 1 })
    const broken = withTransaction(database.pool, async client => {
      await client.query('SELECT pg_terminate_backend(pg_backend_pid())')
    })
    expect(isUnavailable(await failure(broken))).toBe(true)
    expect(
      await withTransaction(database.pool, async client => (await client.query('SELECT 1')).rowCount),
    ).toBe(1)
    await database.close()
  })
})

describe('PostgreSQL that goes away', () => {
  let scratch: Scratch
  let server: Embedded
  let database: Database
  const settings = {
    fsync: 'off',
    max_connections: '6',
    superuser_reserved_connections: '0',
    reserved_connections: '0',
  }

  beforeAll(async () => {
    scratch = await makeScratch()
    server = await startEmbedded({ ...scratch, settings })
  })
  afterEach(() => database.close())
  afterAll(async () => {
    await server.stop()
    await scratch.remove()
  })

  it('fails what runs, as unavailable, and is found again after a restart', async () => {
    database = openDatabase(server.url)
    const { pool, prisma } = database
    const lent = await pool.connect()
    await Promise.all([pool.query('SELECT 1'), pool.query('SELECT 1')])
    const running = pool.query('SELECT pg_sleep(60)')
    const outcome = failure(running)
    await server.stop()
    expect(isUnavailable(await outcome)).toBe(true)
    expect(isUnavailable(await failure(lent.query('SELECT 1')))).toBe(true)
    lent.release(true)
    expect(isUnavailable(await failure(pool.query('SELECT 1')))).toBe(true)
    expect(isUnavailable(await failure(prisma.$queryRaw`SELECT 1`))).toBe(true)
    expect(isUnavailable(await failure(prisma.shop.findMany()))).toBe(true)
    expect(isUnavailable(await failure(withTransaction(pool, async () => {})))).toBe(true)
    server = await startEmbedded({ ...scratch, settings })
    await vi.waitFor(async () => expect((await pool.query('SELECT 1')).rowCount).toBe(1), WAIT)
    expect(await prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }])
  })

  it('is unavailable when it has no connection left', async () => {
    database = openDatabase(server.url, { max: 20 })
    const calls = Array.from({ length: 20 }, () =>
      failure(database.pool.query('SELECT pg_sleep(1)')).catch(() => null),
    )
    const errors = (await Promise.all(calls)).filter(error => error !== null)
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.filter(error => !isUnavailable(error))).toEqual([])
    const other = openDatabase(server.url, { max: 20 })
    const lent = await Promise.allSettled(Array.from({ length: 20 }, () => database.pool.connect()))
    expect(isUnavailable(await failure(other.prisma.$queryRaw`SELECT 1`))).toBe(true)
    for (const client of lent) if (client.status === 'fulfilled') client.value.release()
    await other.close()
  })

  it('is unavailable soon when it accepts connections and says nothing', async () => {
    const silent = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    database = openDatabase(`postgresql://nobody@127.0.0.1:${port}/none`)
    const begun = performance.now()
    expect(isUnavailable(await failure(database.pool.query('SELECT 1')))).toBe(true)
    expect(performance.now() - begun).toBeLessThan(10_000)
    silent.close()
  })
})
