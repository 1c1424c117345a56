/** Pools whose connections the network swallows. */
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { isUnavailable, openDatabase, openPool, withTransaction } from '../../app/db/database.ts'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { type Network, networkTo } from '../support/network.ts'

const STATEMENT_MS = 500
/** A second more is waited for the answer; the rest is for a machine that is busy with other things. */
const WITHIN_MS = STATEMENT_MS + 1_000 + 900

let test: TestDatabase
const networks: Network[] = []
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(async () => {
  await Promise.all(networks.map(network => network.close()))
  await test.drop()
})

async function newNetwork(): Promise<Network> {
  const network = await networkTo(test.url)
  networks.push(network)
  return network
}

async function newPool(): Promise<{ network: Network; pool: Pool }> {
  const network = await newNetwork()
  const pool = openPool(network.url, { max: 4, statementTimeoutMs: STATEMENT_MS })
  return { network, pool }
}

/** Opens so many connections, which are idle then. */
const opened = (pool: Pool, count: number) =>
  Promise.all(Array.from({ length: count }, () => pool.query('select pg_sleep(0.1)')))

async function failure(work: Promise<unknown>): Promise<{ unavailable: boolean; afterMs: number }> {
  const began = performance.now()
  const error = await work.then(
    () => null,
    thrown => thrown,
  )
  return { unavailable: isUnavailable(error), afterMs: performance.now() - began }
}

/** Writes into a table of its own, in a transaction. */
async function inserting(table: string): Promise<(into: Pool) => Promise<unknown>> {
  await test.database.pool.query(`create table ${table} (id int primary key)`)
  return into => withTransaction(into, client => client.query(`insert into ${table} values (1)`))
}

/** Side by side, as each waits most of the time. */
describe.concurrent('a swallowed connection', () => {
  it('fails what is asked on it in its time, and none is lent that was idle meanwhile', async ({
    expect,
  }) => {
    const { network, pool } = await newPool()
    await opened(pool, 4)
    network.forget()
    const { unavailable, afterMs } = await failure(pool.query('select 1'))
    expect(unavailable).toBe(true)
    expect(afterMs).toBeLessThan(WITHIN_MS)
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await opened(pool, 4)
  })

  it('fails a transaction as soon, and does not wait once more to roll it back', async ({ expect }) => {
    const { network, pool } = await newPool()
    const insert = await inserting('failing')
    const swallowed = network.swallowAt('insert into failing', 'answer')
    const { unavailable, afterMs } = await failure(insert(pool))
    await swallowed
    expect(unavailable).toBe(true)
    expect(afterMs).toBeLessThan(WITHIN_MS)
    expect((await test.database.pool.query('select from failing')).rowCount).toBe(0)
  })

  it('does not keep its locks: PostgreSQL gives the transaction up as well', async ({ expect }) => {
    const { network, pool } = await newPool()
    const insert = await inserting('locking')
    const swallowed = network.swallowAt('insert into locking', 'answer')
    const first = failure(insert(pool))
    await swallowed
    await insert(test.database.pool)
    expect(await first).toMatchObject({ unavailable: true })
  })
})

describe.concurrent('a database', () => {
  it('closes though what runs on a connection is never answered', async ({ expect }) => {
    const network = await newNetwork()
    const database = openDatabase(network.url)
    await database.pool.query('select 1')
    network.forget()
    const lost = failure(database.pool.query('select 1'))
    const began = performance.now()
    await database.close()
    expect(performance.now() - began).toBeLessThan(WITHIN_MS)
    await network.close()
    expect(await lost).toMatchObject({ unavailable: true })
  })
})
