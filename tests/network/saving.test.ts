/** Connections that the network swallows while a person sets a vendor up. */
import type { Pool } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { isUnavailable, openPool } from '../../app/db/database.ts'
import { connectionRow, givenSettings, saveConnection } from '../../app/delivery/connections.ts'
import { sealer, TINY_SETTINGS, tinyVendor } from '../../app/delivery/testing.ts'
import { twoShops } from '../../app/delivery/testing-shops.ts'
import { type Network, networkTo } from '../support/network.ts'

const NEW = { apiKey: 'another-key-0123456789' }
const shops = twoShops()
let network: Network
let pool: Pool
beforeEach(async () => {
  await shops.connect()
  network = await networkTo(shops.url())
  pool = openPool(network.url, { max: 4, statementTimeoutMs: 500 })
  return async () => {
    await pool.end()
    await network.close()
  }
})

const save = () => saveConnection(pool, sealer, shops.one, tinyVendor(), NEW)
const settings = async () => {
  const row = await connectionRow(shops.pool(), shops.one, 'tiny')
  return row && givenSettings(sealer, shops.one, row)
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
