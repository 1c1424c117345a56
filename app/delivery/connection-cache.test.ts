import { beforeEach, describe, expect, it } from 'vitest'
import { type OpenConnections, openConnections } from './connection-cache.ts'
import { connectionRow } from './connections.ts'
import { pauseLane, sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
let unsealed: number
let open: OpenConnections
const save = (apiKey: string, shop = shops.one) => connect(shop, tinyVendor(), { apiKey })
const opened = async (shop = shops.one) => {
  const row = await connectionRow(pool(), shop, 'tiny')
  if (!row) throw new Error('not connected')
  return open(shop, row)
}

beforeEach(async () => {
  unsealed = 0
  const counting = {
    ...sealer,
    unseal(...given: Parameters<typeof sealer.unseal>) {
      unsealed += 1
      return sealer.unseal(...given)
    },
  }
  open = openConnections(counting, [tinyVendor()])
  await save(TINY_SETTINGS.apiKey)
})

describe('an opened connection', () => {
  it('is not unsealed again while its row stays as it is', async () => {
    const first = await opened()
    expect(await opened()).toEqual(first)
    expect(unsealed).toBe(1)
  })

  it('has new credentials at once', async () => {
    await opened()
    await save('another-key-0123')
    expect(await opened()).toMatchObject({
      secrets: ['another-key-0123'],
      settings: { apiKey: 'another-key-0123' },
    })
    await save(TINY_SETTINGS.apiKey)
    expect(await opened()).toMatchObject({ secrets: [TINY_SETTINGS.apiKey] })
  })

  it('knows the sealed text that it was opened from, by which a refusal finds it', async () => {
    await opened()
    await save(TINY_SETTINGS.apiKey)
    expect((await opened()).sealed).toBe((await connectionRow(pool(), shops.one, 'tiny'))?.secrets)
  })

  it('is not opened again because its lane was paused, switched or refused', async () => {
    const first = await opened()
    await pauseLane(pool(), lane(), new Date('2026-11-20T12:00:00.000Z'))
    await pool().query(`update connections set enabled = false, attention = 'Wrong key.'`)
    expect(await opened()).toEqual(first)
    expect(unsealed).toBe(1)
  })

  it('has new credentials though they were saved in the same millisecond', async () => {
    await opened()
    const before = await connectionRow(pool(), shops.one, 'tiny')
    await save('another-key-0123')
    await pool().query('update connections set updated_at = $1', [before?.updated_at])
    expect(await opened()).toMatchObject({ secrets: ['another-key-0123'] })
  })

  it('is of its own shop', async () => {
    await save('the-other-key-012', shops.two)
    expect(await opened()).toMatchObject({ secrets: [TINY_SETTINGS.apiKey] })
    expect(await opened(shops.two)).toMatchObject({ secrets: ['the-other-key-012'] })
    expect(await opened()).toMatchObject({ secrets: [TINY_SETTINGS.apiKey] })
  })

  it('whose settings no longer fit is refused each time, until they fit again', async () => {
    await opened()
    const change = (region: string) =>
      pool().query('update connections set settings = $1, updated_at = clock_timestamp()', [{ region }])
    await change('moon')
    for (let n = 0; n < 2; n++) await expect(opened()).rejects.toThrow(/region/)
    await change('us')
    expect(await opened()).toMatchObject({ settings: { region: 'us' } })
  })
})
