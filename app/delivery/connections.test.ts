import { beforeAll, describe, expect, it } from 'vitest'
import {
  connectionRow,
  connectionsOf,
  givenSettings,
  openConnection,
  parseSettings,
  SettingsError,
  saveConnection,
  vendorById,
} from './connections.ts'
import { sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { pool } = shops
const tiny = tinyVendor()
const save = (given: Record<string, unknown>, id = shops.one) =>
  saveConnection(pool(), sealer, id, tiny, given)
const row = async (id = shops.one) => {
  const found = await connectionRow(pool(), id, 'tiny')
  if (!found) throw new Error('not connected')
  return found
}
const opened = async (id = shops.one) => openConnection(sealer, id, await row(id), [tiny])

beforeAll(async () => {})

describe('parseSettings', () => {
  it('gives what the schema makes of them', () => {
    expect(parseSettings(tiny, TINY_SETTINGS)).toEqual({
      ...TINY_SETTINGS,
      region: 'eu',
      rows: {},
      purposes: {},
    })
  })

  it('names an unknown setting and those there are', () => {
    expect(() => parseSettings(tiny, { ...TINY_SETTINGS, regoin: 'eu' })).toThrow(
      'Tiny has no setting "regoin"; it has apiKey, region, rows, purposes.',
    )
  })

  it.each([
    [{}, /apiKey/],
    [{ ...TINY_SETTINGS, region: 'asia' }, /region.*eu/],
    [{ ...TINY_SETTINGS, rows: { product_viewed: 'yes' } }, /rows\.product_viewed/],
  ])('names what is wrong with %j', (given, told) => {
    expect(() => parseSettings(tiny, given)).toThrow(SettingsError)
    expect(() => parseSettings(tiny, given)).toThrow(told)
  })

  it('repeats no secret', () => {
    const given = { apiKey: 'has a blank 0123456789' }
    expect(() => parseSettings(tiny, given)).toThrow(/apiKey/)
    expect(() => parseSettings(tiny, given)).not.toThrow(/0123456789/)
  })
})

describe('vendorById', () => {
  it('names the vendors there are', () => {
    expect(vendorById('ecomail').id).toBe('ecomail')
    expect(() => vendorById('mailpit')).toThrow(
      'There is no vendor "mailpit"; the vendors are ecomail, topmail, alana, voucherify.',
    )
  })
})

describe('a connection', () => {
  it('comes back as it was saved, its secrets sealed', async () => {
    await save({ ...TINY_SETTINGS, region: 'us' })
    const stored = await row()
    expect(stored.settings).toEqual({ region: 'us' })
    expect(JSON.stringify(stored)).not.toContain(TINY_SETTINGS.apiKey)
    expect(givenSettings(sealer, shops.one, stored)).toEqual({ ...TINY_SETTINGS, region: 'us' })
    expect(await opened()).toMatchObject({
      settings: { apiKey: TINY_SETTINGS.apiKey, region: 'us', rows: {} },
      secrets: [TINY_SETTINGS.apiKey],
    })
    expect(stored).toMatchObject({ enabled: true, attention: null, paused_until: null })
  })

  it('knows its secrets as they are sent, without pasted blanks', async () => {
    await save({ apiKey: `  ${TINY_SETTINGS.apiKey}\n` })
    expect((await opened()).secrets).toEqual([TINY_SETTINGS.apiKey])
  })

  it('is not saved when its settings do not fit', async () => {
    await save(TINY_SETTINGS)
    await expect(save({ region: 'us' })).rejects.toThrow(SettingsError)
    expect((await opened()).settings).toMatchObject(TINY_SETTINGS)
  })

  it('saved again is on as before, and clears what the old credentials left behind', async () => {
    await save(TINY_SETTINGS)
    await pool().query(
      `update connections set enabled = false, attention = 'refused', paused_until = now(), test_ok = false where shop_id = $1`,
      [shops.one],
    )
    await save({ apiKey: 'another-key-0123' })
    expect(await row()).toMatchObject({ enabled: false, attention: null, paused_until: null })
    const tested = await pool().query('select test_ok from connections where shop_id = $1', [shops.one])
    expect(tested.rows).toEqual([{ test_ok: null }])
  })

  it('belongs to its shop: it is not found, and does not open, in another', async () => {
    await save(TINY_SETTINGS)
    expect(await connectionRow(pool(), shops.two, 'tiny')).toBeNull()
    expect(await connectionsOf(pool(), [shops.two])).toEqual(new Map())
    const mine = await row()
    expect(() => openConnection(sealer, shops.two, mine, [tiny])).toThrow(/does not unseal/)
  })

  it('does not change with another shop’s', async () => {
    await save(TINY_SETTINGS)
    await save({ apiKey: 'the-other-key-012' }, shops.two)
    expect((await opened()).secrets).toEqual([TINY_SETTINGS.apiKey])
    expect((await opened(shops.two)).secrets).toEqual(['the-other-key-012'])
  })

  it('whose settings no longer fit says which', async () => {
    await save(TINY_SETTINGS)
    await pool().query(`update connections set settings = '{"region":"moon"}' where shop_id = $1`, [
      shops.one,
    ])
    await expect(opened()).rejects.toThrow(/^Tiny cannot be set up like this: region/)
  })

  it('of a vendor that is gone says so', async () => {
    await save(TINY_SETTINGS)
    const stored = await row()
    expect(() => openConnection(sealer, shops.one, stored, [])).toThrow('There is no vendor "tiny"')
  })
})
