/** Connections that the network swallows while a person sets a vendor up. */
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isUnavailable, openPool } from '../../app/db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { connectionRow, givenSettings, saveConnection } from '../../app/delivery/connections.ts'
import { newShop, sealer, TINY_SETTINGS, tinyVendor } from '../../app/delivery/testing.ts'
import { type Network, networkTo } from '../support/network.ts'

const NEW = { apiKey: 'another-key-0123456789' }
let test: TestDatabase
let network: Network
let pool: Pool
let shopId: number
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(test.database.pool)
  shopId = await newShop(test.database.pool, 'one')
  await saveConnection(test.database.pool, sealer, shopId, tinyVendor(), TINY_SETTINGS)
  network = await networkTo(test.url)
  pool = openPool(network.url, { max: 4, statementTimeoutMs: 500 })
  return async () => {
    await pool.end()
    await network.close()
  }
})

const save = () => saveConnection(pool, sealer, shopId, tinyVendor(), NEW)
const settings = async () => {
  const row = await connectionRow(test.database.pool, shopId, 'tiny')
  return row && givenSettings(sealer, shopId, row)
}

describe('settings that are saved on a swallowed connection', () => {
  it.each([
    ['question', TINY_SETTINGS],
    ['answer', NEW],
  ] as const)('whose %s is lost are refused as unavailable, whole, and saved again', async (lost, after) => {
    const swallowed = network.swallowAt('insert into connections', lost)
    const failure = await save().catch(error => error)
    await swallowed
    expect(isUnavailable(failure)).toBe(true)
    expect(await settings()).toEqual(after)
    await save()
    expect(await settings()).toEqual(NEW)
  })
})
