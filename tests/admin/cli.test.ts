import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseKeys } from '../../app/secrets/keys.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { keepRefusedPage } from '../../app/shopify/admin/hosts.ts'
import { createSessionStorage } from '../../app/shopify/admin/session-storage.ts'
import { offlineSession } from '../../sandbox/store/admin/session.ts'
import { SEALING_KEY } from '../support/app.ts'
import { runWith } from '../support/command-line.ts'
import { type AdminTest, adminTest, KEYS, SHOP } from './support.ts'

let admin: AdminTest
beforeAll(async () => {
  admin = await adminTest()
})
afterAll(() => admin.close())
beforeEach(async () => {
  await admin.reset()
  admin.standIn.dropPixel(SHOP)
})

/** Runs the command line as an operator does. */
const sluice = (args: string[], over: Record<string, string> = {}) =>
  runWith(
    {
      DATABASE_URL: admin.test.url,
      SLUICE_SECRETS_KEYS: SEALING_KEY,
      SHOPIFY_API_KEY: KEYS.apiKey,
      SHOPIFY_API_SECRET: KEYS.apiSecret,
      SHOPIFY_APP_URL: 'https://sluice.example.com',
      SHOPIFY_ADMIN_BASE_URL: admin.standIn.url,
      ...over,
    },
    args,
  )

describe('sluice pixel', () => {
  it('activates the pixel and shows it', async () => {
    const sealer = createSealer(parseKeys(SEALING_KEY))
    const storage = createSessionStorage(admin.test.database.pool, sealer)
    await storage.storeSession(offlineSession(SHOP, admin.standIn.grant(SHOP), { expires: new Date(0) }))
    const activated = await sluice(['pixel', 'activate', SHOP])
    expect(activated).toMatchObject({ code: 0, out: expect.stringMatching(/active +https:\/\/sluice/) })
    const settings = admin.standIn.pixel(SHOP)?.settings
    expect(settings).toMatchObject({ address: 'https://sluice.example.com/pixel/events', shop: SHOP })
    expect(settings?.key).toMatch(/^[0-9a-f]{32}$/)
    const shown = await sluice(['--json', 'pixel', 'show', SHOP])
    expect(JSON.parse(shown.out)).toMatchObject({ shop: SHOP, state: 'active', access: null, hosts: [SHOP] })
    await keepRefusedPage(admin.test.database.pool, SHOP, 'shop.example.cz')
    expect((await sluice(['pixel', 'show', SHOP])).out).toMatch(
      /may send from pages of test-shop\.myshopify\.com\.\nRefused at .* for a page of shop\.example\.cz/,
    )
    const rotated = JSON.parse((await sluice(['--json', 'shop', 'rotate-key', SHOP])).out)
    expect(rotated).toMatchObject({ given: true, message: expect.stringContaining('The web pixel has it') })
    expect(admin.standIn.pixel(SHOP)?.settings.key).toBe(rotated.pixelKey)
    expect(rotated.pixelKey).not.toBe(settings?.key)
  })

  it('says what to do when a new key cannot be given to the pixel', async () => {
    const unopened = await sluice(['shop', 'rotate-key', SHOP])
    expect(unopened).toMatchObject({ code: 0, out: expect.stringMatching(/Open the app.*pixel activate/) })
    const unnamed = await sluice(['shop', 'rotate-key', SHOP], { SHOPIFY_API_KEY: '' })
    expect(unnamed).toMatchObject({ code: 0, out: expect.stringMatching(/SHOPIFY_API_KEY.*pixel activate/) })
    const { rows } = await admin.test.database.pool.query('select admin_trouble from shops')
    expect(rows).toEqual([{ admin_trouble: null }])
  })

  it('says what to do when the shop was never opened, and fails', async () => {
    const activated = await sluice(['pixel', 'activate', SHOP])
    expect(activated).toMatchObject({
      code: 1,
      err: expect.stringContaining('Open the app in Shopify’s admin once.'),
    })
    const shown = await sluice(['pixel', 'show', SHOP])
    expect(shown).toMatchObject({ code: 0, out: expect.stringMatching(/inactive.*\n.*Open the app/) })
  })

  it('asks for the settings that name the app', async () => {
    const { code, err } = await sluice(['pixel', 'show', SHOP], { SHOPIFY_API_KEY: '' })
    expect(code).toBe(1)
    expect(err).toContain('set SHOPIFY_API_KEY, SHOPIFY_API_SECRET and SHOPIFY_APP_URL')
  })
})
