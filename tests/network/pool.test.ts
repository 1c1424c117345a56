/** Pools whose connections the network swallows. */
import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isUnavailable, openDatabase, openPool, withTransaction } from '../../app/db/database.ts'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { type Network, networkTo } from '../support/network.ts'

const STATEMENT_MS = 500
/** A second more is waited for the answer; the rest is for a machine that is busy with other things. */
const WITHIN_MS = STATEMENT_MS + 1_000 + 900

let test: TestDatabase
let network: Network
let pool: Pool
beforeEach(async () => {
  test = await testDatabase()
  network = await networkTo(test.url)
  pool = openPool(network.url, { max: 4, name: 'under-test', statementTimeoutMs: STATEMENT_MS })
})
afterEach(async () => {
  await network.close()
  await pool.end()
  await test.drop()
})

/** Opens so many connections, which are idle then. */
const opened = (count: number) =>
  Promise.all(Array.from({ length: count }, () => pool.query('select pg_sleep(0.1)')))

async function failure(work: Promise<unknown>): Promise<{ unavailable: boolean; afterMs: number }> {
  const began = performance.now()
  const error = await work.then(
    () => null,
    thrown => thrown,
  )
  return { unavailable: isUnavailable(error), afterMs: performance.now() - began }
}

describe('a swallowed connection', () => {
  it('fails what is asked on it in its time, and no other is lent that was idle meanwhile', async () => {
    await opened(4)
    network.forget()
    const { unavailable, afterMs } = await failure(pool.query('select 1'))
    expect(unavailable).toBe(true)
    expect(afterMs).toBeLessThan(WITHIN_MS)
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await opened(4)
  })

  it('fails a transaction as soon, and does not wait once more to roll it back', async () => {
    await pool.query('create table things (id int primary key)')
    const swallowed = network.swallowAt('insert into things', 'answer')
    const insert = () => withTransaction(pool, client => client.query('insert into things values (1)'))
    const { unavailable, afterMs } = await failure(insert())
    await swallowed
    expect(unavailable).toBe(true)
    expect(afterMs).toBeLessThan(WITHIN_MS)
    expect((await test.database.pool.query('select from things')).rowCount).toBe(0)
  })

  it('does not keep its locks: PostgreSQL gives the transaction up as well', async () => {
    await pool.query('create table things (id int primary key)')
    const swallowed = network.swallowAt('insert into things', 'answer')
    const insert = (into: Pool) =>
      withTransaction(into, client => client.query('insert into things values (1)'))
    const first = failure(insert(pool))
    await swallowed
    await insert(test.database.pool)
    expect(await first).toMatchObject({ unavailable: true })
  })
})

describe('a database', () => {
  it('closes though what runs on a connection is never answered', async () => {
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
