import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../../app/log.ts'
import type { Admin } from '../../app/shopify/admin/client.ts'
import { activatePixel } from '../../app/shopify/admin/pixel.ts'
import { pixelState, pixelsToSet } from '../../app/shopify/admin/pixel-state.ts'
import { uninstallShop } from '../../app/shopify/shops.ts'
import { type AdminTest, adminTest, SHOP } from './support.ts'

const ADDRESS = 'https://sluice.example.com/pixel/events'
const log = createLog('silent')
let admin: AdminTest
let one: Admin
beforeAll(async () => {
  admin = await adminTest()
  one = admin.process()
})
afterAll(() => admin.close())
beforeEach(async () => {
  await admin.reset()
  admin.standIn.dropPixel(SHOP)
  await admin.install()
})

const pool = () => admin.test.database.pool
const shop = (key = 'k1') => ({ id: admin.shopId, domain: SHOP, key })
const activate = (key = 'k1', address = ADDRESS, by = one) =>
  activatePixel({ pool: pool(), log, address, admin: by }, shop(key))
const state = (key = 'k1', address = ADDRESS) => pixelState({ pool: pool(), log, address }, shop(key))
const fields = () => admin.standIn.requests().map(({ field }) => field)

describe('a web pixel', () => {
  it('is inactive at first', async () => {
    expect(await state()).toMatchObject({ state: 'inactive', trouble: null, id: null, setAt: null })
  })

  it('is created with its settings, and given them again without a second one', async () => {
    expect(await activate()).toMatchObject({
      state: 'active',
      message: 'The web pixel runs.',
      address: ADDRESS,
    })
    expect(admin.standIn.pixel(SHOP)?.settings).toEqual({ address: ADDRESS, shop: SHOP, key: 'k1' })
    const { id } = await activate()
    expect(id).toBe(admin.standIn.pixel(SHOP)?.id)
    expect(fields()).toEqual(['webPixelCreate', 'webPixelUpdate'])
  })

  it.each([
    ['address', 'k1', 'https://moved.example.com/pixel/events'],
    ['key', 'k2', ADDRESS],
  ])('is outdated when the %s has changed, and updated by the next activation', async (_, key, address) => {
    await activate()
    expect(await state(key, address)).toMatchObject({ state: 'outdated', address: ADDRESS })
    expect(await activate(key, address)).toMatchObject({ state: 'active', address })
    expect(admin.standIn.pixel(SHOP)?.settings).toEqual({ address, shop: SHOP, key })
  })

  it('that Shopify has and that is not remembered is found and updated', async () => {
    await activate()
    await pool().query('update shops set pixel_id = null, pixel_settings = null')
    expect(await activate('k2')).toMatchObject({ state: 'active', id: admin.standIn.pixel(SHOP)?.id })
    expect(fields().slice(1)).toEqual(['webPixelCreate', 'webPixel', 'webPixelUpdate'])
    expect(admin.standIn.pixel(SHOP)?.settings.key).toBe('k2')
  })

  it('that is remembered and gone is created again', async () => {
    const before = await activate()
    admin.standIn.dropPixel(SHOP)
    const after = await activate()
    expect(after).toMatchObject({ state: 'active', id: admin.standIn.pixel(SHOP)?.id })
    expect(after.id).not.toBe(before.id)
  })

  it('is one, also when several processes activate it at once', async () => {
    const others = [one, admin.process(), admin.process()]
    const states = await Promise.all(others.map(each => activate('k1', ADDRESS, each)))
    expect(states.map(each => each.state)).toEqual(['active', 'active', 'active'])
    expect(new Set(states.map(each => each.id))).toEqual(new Set([admin.standIn.pixel(SHOP)?.id]))
  })

  it('goes with the app', async () => {
    await activate()
    const client = await pool().connect()
    await uninstallShop(client, admin.shopId, new Date(Date.now() + 60_000).toISOString())
    client.release()
    expect(await state()).toMatchObject({ state: 'inactive', id: null })
  })
})

describe('why a web pixel does not run', () => {
  it('the app lacks its scopes', async () => {
    const poor = await adminTest({ scopes: ['read_customers'] })
    try {
      await poor.reset()
      await poor.install()
      const context = { pool: poor.test.database.pool, log, address: ADDRESS, admin: poor.process() }
      const said = await activatePixel(context, { id: poor.shopId, domain: SHOP, key: 'k1' })
      expect(said).toMatchObject({ state: 'inactive', trouble: 'scopes' })
      expect(said.message).toMatch(/write_pixels and read_customer_events/)
    } finally {
      await poor.close()
    }
  })

  it.each([
    ['NO_EXTENSION', 'no_extension', /deploy/],
    ['INVALID_SETTINGS', 'settings_refused', /deploy/],
    ['UNEXPECTED_ERROR', 'unexpected', /Try again/],
    ['SOMETHING_NEW', 'unexpected', /Try again/],
    [null, 'unexpected', /Try again/],
  ])('Shopify answers %s', async (code, trouble, words) => {
    const payload = { webPixel: null, userErrors: [{ code, field: null, message: 'No.' }] }
    admin.standIn.fail({ times: 1, text: JSON.stringify({ data: { webPixelCreate: payload } }) })
    const said = await activate()
    expect(said).toMatchObject({ state: 'inactive', trouble })
    expect(said.message).toMatch(words)
  })

  it('the shop must be opened first, which is over once it was', async () => {
    await pool().query('delete from sessions')
    const said = await activate()
    expect(said).toMatchObject({ state: 'inactive', trouble: 'no_session' })
    expect(said.message).toMatch(/Open the app/)
    await admin.install()
    expect(await state()).toMatchObject({ state: 'inactive', trouble: null })
  })
})

describe('pixels to set', () => {
  const found = async (address = ADDRESS) => (await pixelsToSet(pool(), address)).map(({ domain }) => domain)
  const key = async () => {
    const result = await pool().query<{ key: string }>('select pixel_key as key from shops')
    return result.rows[0]?.key ?? ''
  }

  it('are those that run with an earlier address or key', async () => {
    expect(await found()).toEqual([])
    await activate(await key())
    expect(await found()).toEqual([])
    expect(await found('https://moved.example.com/pixel/events')).toEqual([SHOP])
    await pool().query('update shops set pixel_key = default')
    expect(await found()).toEqual([SHOP])
  })

  it('and those that could not be set for a reason that passes', async () => {
    admin.standIn.fail({ times: 1, status: 503 })
    await activate(await key())
    expect(await found()).toEqual([SHOP])
    await pool().query(`update shops set pixel_trouble = 'scopes'`)
    expect(await found()).toEqual([])
  })
})
