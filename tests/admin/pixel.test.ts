import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../../app/log.ts'
import type { Admin } from '../../app/shopify/admin/client.ts'
import { keepRefusedPage, refusedPages } from '../../app/shopify/admin/hosts.ts'
import { activatePixel } from '../../app/shopify/admin/pixel.ts'
import { pixelState, pixelsToSet } from '../../app/shopify/admin/pixel-state.ts'
import { learnShop, shopsToAsk } from '../../app/shopify/admin/shop-facts.ts'
import { readPixelKeys, rotatePixelKey } from '../../app/shopify/pixel-key.ts'
import { uninstallShop } from '../../app/shopify/shops.ts'
import { type AdminTest, adminTest, SHOP } from './support.ts'

const ADDRESS = 'https://sluice.example.com/pixel/events'
const log = createLog('silent')
let admin: AdminTest
let one: Admin
let domains: string[]
beforeAll(async () => {
  admin = await adminTest({ domains: () => domains })
  one = admin.process()
})
afterAll(() => admin.close())
beforeEach(async () => {
  domains = ['Shop.example.com', 'shop.example.cz', SHOP]
  await admin.reset()
  admin.standIn.dropPixel(SHOP)
  await admin.install()
})

const pool = () => admin.test.database.pool
const shop = (key = 'k1') => ({ id: admin.shopId, domain: SHOP, key })
const activate = (key = 'k1', address = ADDRESS, by = one) =>
  activatePixel({ pool: pool(), log, address, admin: by }, shop(key))
const state = (key = 'k1', address = ADDRESS) => pixelState({ pool: pool(), log, address }, shop(key))
const asked = () => admin.standIn.requests().map(({ field }) => field)
const fields = () => asked().filter(field => field !== 'shop')

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

  it('and those that Shopify refused although, or until, the shop has granted what it takes', async () => {
    const told = async () => (await state(await key())).trouble
    const grant = (scopes: string[]) => pool().query('update shops set scopes = $1', [scopes])
    admin.standIn.fail({ times: 1, status: 403 })
    expect(await activate(await key())).toMatchObject({ state: 'inactive', trouble: 'scopes' })
    expect(await found()).toEqual([])
    await grant(['read_customers', 'write_pixels'])
    expect([await told(), await found()]).toEqual(['scopes', []])
    await grant(['read_customers', 'write_pixels', 'read_customer_events'])
    await pool().query('update shops set scopes_stated_at = now()')
    expect([await told(), await found()]).toEqual(['refused', [SHOP]])
    expect(await activate(await key())).toMatchObject({ state: 'active', trouble: null })
    expect(await found()).toEqual([])
  })

  it('and those that could not be set for a reason that passes', async () => {
    admin.standIn.fail({ times: 1, status: 503 })
    await activate(await key())
    expect(await found()).toEqual([SHOP])
    await pool().query(`update shops set pixel_trouble = 'scopes'`)
    expect(await found()).toEqual([])
  })
})

describe('the order in which pixels are set', () => {
  const found = async () => (await pixelsToSet(pool(), ADDRESS)).map(({ domain }) => domain)
  /** Shops whose pixel failed just now. */
  const failing = (count: number, trouble: string) =>
    pool().query(
      `insert into shops (domain, scopes, pixel_trouble, pixel_tried_at, pixel_tries)
       select n || '.myshopify.com', '{write_pixels,read_customer_events}', $2, now() - interval '9 minutes', 3
       from generate_series(1, $1::int) n`,
      [count, trouble],
    )

  it('a key that was changed has its turn, however many shops fail again and again', async () => {
    await activate('k1')
    await pool().query(`update shops set pixel_tried_at = now() - interval '10 days', pixel_set_at = now()`)
    await failing(100, 'unreachable')
    expect(await found()).toContain(SHOP)
    await pool().query(`update shops set pixel_trouble = 'unreachable' where domain = $1`, [SHOP])
    admin.standIn.fail({ times: 1, status: 503 })
    await activate('k2')
    expect(await found()).not.toContain(SHOP)
  })

  it('one that Shopify refuses although access was granted is tried less and less often, until it is granted anew', async () => {
    await pool().query(
      `update shops set scopes = '{write_pixels,read_customer_events}', scopes_stated_at = now() - interval '9 days'`,
    )
    const refuse = async () => {
      admin.standIn.fail({ times: 1, status: 403 })
      await activate()
    }
    const waits: number[] = []
    for (let tries = 0; tries < 12; tries++) {
      await refuse()
      const { rows } = await pool().query<{ at: Date }>('select pixel_tried_at as at from shops')
      const at = rows[0]?.at.getTime() ?? 0
      let minutes = 0
      while ((await found()).length === 0) {
        minutes += 5
        await pool().query('update shops set pixel_tried_at = $1', [new Date(at - minutes * 60_000)])
      }
      waits.push(minutes)
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440])
    await refuse()
    expect(await found()).toEqual([])
    await pool().query('update shops set scopes_stated_at = now()')
    expect(await found()).toEqual([SHOP])
    await activate()
    await refuse()
    await pool().query(
      `update shops set pixel_tried_at = now() - interval '6 minutes', scopes_stated_at = null`,
    )
    expect(await found()).toEqual([SHOP])
  })
})

describe('the pages that a pixel may send from', () => {
  const hosts = async () => (await readPixelKeys(pool(), [SHOP])).get(SHOP)?.hosts
  const learn = () => learnShop({ pool: pool(), admin: one }, shop())
  const toAsk = async () => (await shopsToAsk(pool())).map(({ domain }) => domain)

  it('are those of every market from the first activation on', async () => {
    expect(await hosts()).toBeNull()
    await activate()
    expect(await hosts()).toEqual([SHOP, 'shop.example.com', 'shop.example.cz'])
  })

  it('stay as known where Shopify does not say', async () => {
    await learn()
    domains = []
    await learn()
    admin.standIn.fail({ times: 1, status: 503 })
    await learn()
    admin.standIn.fail({ times: 1, text: JSON.stringify({ errors: [{ message: 'no such field' }] }) })
    await learn()
    await pool().query('delete from sessions')
    await learn()
    expect(await hosts()).toEqual([SHOP, 'shop.example.com', 'shop.example.cz'])
  })

  it('are not known where it never said, and an activation is none the less one', async () => {
    domains = []
    expect(await activate()).toMatchObject({ state: 'active' })
    expect(await hosts()).toBeNull()
  })

  it('are asked for anew after a day, and at once when a page was refused that may be a new one', async () => {
    await learn()
    expect(await toAsk()).toEqual([])
    await activate()
    expect(await toAsk()).toEqual([])
    await pool().query(`update shops set hosts_asked_at = now() - interval '25 hours'`)
    expect(await toAsk()).toEqual([SHOP])
    await learn()
    expect(await toAsk()).toEqual([])
    await keepRefusedPage(pool(), SHOP, 'shop.example.hu')
    expect(await toAsk()).toEqual([SHOP])
    expect(await refusedPages(pool())).toMatchObject([{ shop: SHOP, host: 'shop.example.hu' }])
    domains.push('shop.example.hu')
    await learn()
    expect(await hosts()).toContain('shop.example.hu')
    expect([await toAsk(), await refusedPages(pool())]).toEqual([[], []])
  })

  it('are not asked for where the shop cannot be asked, nor for a pixel that is gone', async () => {
    await activate()
    await pool().query('update shops set hosts_asked_at = null')
    await pool().query(`update shops set admin_trouble = 'frozen'`)
    expect(await toAsk()).toEqual([])
    await pool().query('update shops set admin_trouble = null, hosts_asked_at = now()')
    await keepRefusedPage(pool(), SHOP, 'shop.example.hu')
    expect(await toAsk()).toEqual([SHOP])
    await pool().query('update shops set pixel_id = null')
    expect(await toAsk()).toEqual([])
  })
})

describe('the key before', () => {
  it('counts for a day beside the new one, and none before it', async () => {
    const read = async () => (await readPixelKeys(pool(), [SHOP])).get(SHOP)
    const first = (await read())?.key
    expect((await read())?.before).toBeNull()
    const second = await rotatePixelKey(pool(), admin.shopId)
    expect(await read()).toMatchObject({ key: second, before: first })
    const third = await rotatePixelKey(pool(), admin.shopId)
    expect(await read()).toMatchObject({ key: third, before: second })
    await pool().query(`update shops set pixel_key_before_until = pixel_key_before_until - interval '1 day'`)
    expect(await read()).toMatchObject({ key: third, before: null })
  })
})
