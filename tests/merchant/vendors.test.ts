/** A merchant connects a vendor, sees how it stands, switches and disconnects it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools, type Opened } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const OTHER = 'other-shop.myshopify.com'
const LIST = 'routes/app.vendors._index'
const DETAIL = 'routes/app.vendors.$vendor'
const KEY = SETTINGS.alana.apiKey

beforeEach(async () => {
  await tools.app.idle()
  await tools.app.reset()
  await tools.app.test.database.pool.query('delete from connections')
})

/** Asks a page's data as a merchant of a shop; with a form, its action. */
async function ask(
  path: string,
  route: string,
  { shop = SHOP, form }: { shop?: string; form?: Record<string, string> } = {},
): Promise<Response> {
  const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
  return fetch(`${tools.app.url}${path}?_data=${encodeURIComponent(route)}`, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
}
const stored = async (vendor = 'alana') => {
  const { rows } = await tools.app.test.database.pool.query(
    'select enabled, attention, test_ok from connections where shop_id = $1 and vendor = $2',
    [tools.app.shopId, vendor],
  )
  return rows[0] ?? null
}
const ALL_ON = {
  'row.order_created': 'on',
  'row.product_viewed': 'on',
}
/** The part of a page under a heading. */
const card = (app: Opened['app'], heading: string) =>
  app.locator('.Polaris-ShadowBevel', { has: app.getByRole('heading', { name: heading, exact: true }) })
const act = (intent: string, values: Record<string, string> = {}, shop = SHOP) =>
  ask('/app/vendors/alana', DETAIL, { shop, form: { intent, ...values } })

describe('a tool that is not connected', () => {
  it('is shown with what it would get', async () => {
    const { page, app } = await tools.open('/app/vendors')
    await app
      .getByText('Gets, unless you choose otherwise: Page viewed, Search, Collection viewed, Product viewed')
      .waitFor()
    const { cards } = await (await ask('/app/vendors', LIST)).json()
    const gets = cards.find(({ id }: { id: string }) => id === 'alana').gets
    expect(gets).toContain('order_created')
    expect(cards.find(({ id }: { id: string }) => id === 'ecomail').gets).not.toContain('page_viewed')
    await leave(page)
  })
})

describe('connecting a vendor', () => {
  it('says what is wrong with a key, saves the right one, and then delivers', async () => {
    const { page, app } = await tools.open('/app/vendors')
    await app.getByRole('link', { name: 'Connect Alana' }).click()
    await app.getByLabel('API key').fill('ak_wrong_0000')
    await app.getByRole('button', { name: 'Test and connect' }).click()
    await app.getByText('The test failed').waitFor()
    // At the key, where whoever connects a tool is looking.
    await card(app, 'Connection').getByText('Nothing was saved.').waitFor()
    expect(await app.getByText(/Alana (does not|refused|did not).*key/i).count()).toBeGreaterThan(0)
    expect(await stored()).toBeNull()
    expect(await violations(page)).toEqual([])
    await app.getByLabel('API key').fill(KEY)
    await app.getByRole('button', { name: 'Test and connect' }).click()
    await page.getByText('Alana: settings saved').first().waitFor()
    await card(app, 'Connection').getByText('Alana is connected').waitFor()
    expect(await card(app, 'Connection').getByRole('link', { name: 'Go to Home' }).isVisible()).toBe(true)
    expect(await stored()).toEqual({ enabled: true, attention: null, test_ok: true })
    await app.getByText('Events go to Alana as they happen.').waitFor()
    expect(await frameOf(page).content()).not.toContain(KEY)
    expect(await app.getByLabel('API key').inputValue()).toBe('')
    await made.send('orders/create')
    await tools.app.idle()
    expect(await tools.app.states()).toContainEqual(['order_created', 'delivered', null])
    await leave(page)
  })

  it('without a key says which setting is needed', async () => {
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Test and connect' }).click()
    await app.getByText('Some settings need correcting').waitFor()
    expect(await app.getByText('API key is needed').count()).toBeGreaterThan(0)
    expect(await stored()).toBeNull()
    await leave(page)
  })

  it.each([1280, 390])(
    'with a key that was just refused saved it as "nobody knows": %i pixels',
    async width => {
      const { page, app } = await tools.open('/app/vendors/alana', { width })
      await app.getByLabel('API key').fill('ak_later_0000')
      await app.getByRole('button', { name: 'Test and connect' }).click()
      await app.getByRole('button', { name: 'Save anyway' }).click()
      await app.getByText('Alana: settings saved, though their test failed').waitFor()
      await app.getByText('It is on, but its last test failed').waitFor()
      await app.getByText(/^Last test failed on .* UTC\.$/).waitFor()
      expect(await app.getByText(/nobody knows|Not tested since|is connected$/).count()).toBe(0)
      expect(await stored()).toEqual({ enabled: true, attention: null, test_ok: false })
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      if (process.env.SHOTS)
        await page.screenshot({ path: `${process.env.SHOTS}/saved-refused-${width}.png` })
      await leave(page)
    },
  )

  it('whose key was changed after a test that failed is saved as untested', async () => {
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByLabel('API key').fill('ak_wrong_0000')
    await app.getByRole('button', { name: 'Test and connect' }).click()
    await app.getByText('The test failed').waitFor()
    await app.getByLabel('API key').fill('ak_later_0000')
    await app.getByRole('button', { name: 'Save without testing' }).click()
    await app.getByText('The settings were saved without a test').waitFor()
    await app.getByText('Not tested since its settings were saved.').waitFor()
    expect(await stored()).toEqual({ enabled: true, attention: null, test_ok: null })
    await leave(page)
  })

  it('saved as untested is not green, and its test beside that says what is so', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors')
    await app.getByText('Saved, not tested').waitFor()
    expect(await app.locator('.Polaris-Badge--toneSuccess').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Test the connection to Alana' }).click()
    await page.locator('#toast').getByText('The connection to Alana works').waitFor()
    await app.locator('.Polaris-Badge--toneSuccess').getByText('On', { exact: true }).waitFor()
    await tools.app.connect('alana', { apiKey: 'ak_wrong_0000' })
    await page.goto(tools.frame.address(SHOP, '/app/vendors/alana', 'en'))
    await app.getByText('nobody knows yet whether they work').waitFor()
    await app.getByRole('button', { name: 'Test the connection to Alana' }).click()
    await app.getByText('The test failed').first().waitFor()
    await app.getByText('Test failed', { exact: true }).first().waitFor()
    await leave(page)
  })

  it('that is on or off could be tested at the end of its page only, below dozens of choices', async () => {
    await tools.app.connect('alana')
    await act('testSaved')
    const { page, app } = await tools.open('/app/vendors/alana')
    const top = app.getByRole('button', { name: 'Test the connection to Alana' })
    await app.getByText('Events go to Alana as they happen.').waitFor()
    await top.click()
    await page.locator('#toast').getByText('The connection to Alana works').waitFor()
    await act('off')
    await page.goto(tools.frame.address(SHOP, '/app/vendors/alana', 'en'))
    await app.getByText('Switched off: what happens is kept').waitFor()
    await top.click()
    await page.locator('#toast').getByText('The connection to Alana works').waitFor()
    await leave(page)
  })

  it('saved as untested is green once something has arrived there', async () => {
    await tools.app.connect('alana')
    await made.send('orders/create')
    await tools.app.idle()
    expect(await tools.app.states()).toContainEqual(['order_created', 'delivered', null])
    const { cards } = await (await ask('/app/vendors', LIST)).json()
    expect(cards.find(({ id }: { id: string }) => id === 'alana').status).toEqual({ kind: 'on' })
  })
})

describe('the settings of a connected vendor', () => {
  it('keep a secret that is left empty, and are saved with what was changed', async () => {
    await tools.app.connect('alana')
    const answer = await act('save', { ...ALL_ON, 'set.visitorFallback': 'skip' })
    expect(await answer.json()).toMatchObject({ kind: 'saved', test: { ok: true } })
    const { form } = await (await ask('/app/vendors/alana', DETAIL)).json()
    const field = (name: string) => form.fields.find((each: { setting: string }) => each.setting === name)
    expect(field('visitorFallback').value).toBe('skip')
    expect(field('apiKey')).toMatchObject({ value: '', saved: `…${KEY.slice(-4)}` })
    const on = form.rows.flatMap((row: { type: string; on: boolean }) => (row.on ? row.type : []))
    expect(on.sort()).toEqual(['order_created', 'product_viewed'])
  })

  it('never leave the server with a secret in them', async () => {
    await tools.app.connect('alana')
    expect(await (await ask('/app/vendors/alana', DETAIL)).text()).not.toContain(KEY)
    expect(await (await ask('/app/vendors', LIST)).text()).not.toContain(KEY)
  })

  it('tested as they are end what kept the lane from sending', async () => {
    await tools.app.connect('alana')
    await tools.app.test.database.pool.query("update connections set attention = 'No.'")
    expect(await (await act('test', allOf(await formOf()))).json()).toMatchObject({
      kind: 'tested',
      ok: true,
    })
    expect(await stored()).toEqual({ enabled: true, attention: null, test_ok: true })
  })

  it('tested with another key leave the saved ones alone', async () => {
    await tools.app.connect('alana')
    const values = { ...allOf(await formOf()), 'set.apiKey': 'ak_wrong_0000' }
    expect(await (await act('test', values)).json()).toMatchObject({ kind: 'tested', ok: false, tried: true })
    expect(await stored()).toEqual({ enabled: true, attention: null, test_ok: null })
  })
})

type Form = {
  fields: { name: string; value: string }[]
  rows: { name: string; on: boolean }[]
}
const formOf = async (): Promise<Form> => (await (await ask('/app/vendors/alana', DETAIL)).json()).form
const allOf = ({ fields, rows }: Form) =>
  Object.fromEntries([
    ...fields.map(({ name, value }) => [name, value]),
    ...rows.map(({ name, on }) => [name, on ? 'on' : '']),
  ])

describe('switching and disconnecting', () => {
  it('off holds what happens, and on sends it', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Switch off' }).click()
    await app.getByText('Switched off: what happens is kept').waitFor()
    await made.send('orders/create')
    await tools.app.idle()
    expect(await tools.app.states()).toContainEqual(['order_created', 'held', 'off'])
    await app.getByRole('button', { name: 'Switch on' }).click()
    await page.getByText('Alana is on; 1 held event goes out.').waitFor()
    await tools.app.idle()
    expect(await tools.app.states()).toContainEqual(['order_created', 'delivered', null])
    await leave(page)
  })

  it('says how many events still wait before it gives them up', async () => {
    await tools.app.connect('alana')
    await act('off')
    await made.send('orders/create')
    await tools.app.idle()
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Disconnect' }).click()
    await app.getByText('1 event still waits for Alana. It will not be sent.').waitFor()
    expect(await violations(page)).toEqual([])
    await app.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
    await app.getByRole('link', { name: 'Connect Alana' }).waitFor()
    expect(await stored()).toBeNull()
    expect(await tools.app.states()).toContainEqual(['order_created', 'skipped', 'disconnected'])
    await leave(page)
  })
})

describe('the screens', () => {
  it('tell how each vendor stands', async () => {
    await tools.app.connect('alana')
    await tools.app.connect('ecomail')
    await tools.app.connect('topmail')
    const { pool } = tools.app.test.database
    await pool.query(
      `update connections set attention = 'Paste the current key.', tested_at = now(), test_ok = false, test_message = 'Key unknown.' where vendor = 'ecomail'`,
    )
    await pool.query(`update connections set tested_at = now(), test_ok = true where vendor = 'alana'`)
    await pool.query(
      `update connections set paused_until = now() + interval '1 hour' where vendor = 'topmail'`,
    )
    const { page, app } = await tools.open('/app/vendors')
    await app.getByText('Events go to Alana as they happen.').waitFor()
    expect(await app.getByText('Paste the current key.').count()).toBe(1)
    expect(await app.getByText(/Last test failed on .*: Key unknown\./).count()).toBe(1)
    expect(await app.getByText(/Paused until .* UTC/).count()).toBe(1)
    expect(await app.getByText('Not connected: nothing is sent to Voucherify.').count()).toBe(1)
    expect(await page.getByRole('link', { name: 'Tools' }).count()).toBeGreaterThan(0)
    expect(await violations(page)).toEqual([])
    await leave(page)
  })

  it.each(['', '/alana', '/ecomail', '/topmail', '/voucherify'])('fit a phone: %s', async path => {
    await tools.app.connect('voucherify')
    const { page, app } = await tools.open(`/app/vendors${path}`, { width: 390 })
    await app.getByRole('heading', { level: 1 }).waitFor()
    expect(await sideways(page)).toBe(0)
    expect(await violations(page)).toEqual([])
    await leave(page)
  })

  it.each([
    ['cs', 'Vyzkoušet a připojit'],
    ['sk', 'Vyskúšať a pripojiť'],
    ['de', 'Testen und verbinden'],
    ['pl', 'Sprawdź i połącz'],
    ['pt-BR', 'Testar e conectar'],
  ])('speak %s', async (locale, button) => {
    const { page, app } = await tools.open('/app/vendors/voucherify', { locale })
    await app.getByRole('button', { name: button }).waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/vendors\.\w+/)
    await leave(page)
  })

  it('know no vendor that is none', async () => {
    const { page, app } = await tools.open('/app/vendors/nobody')
    await app.getByText('There is no such tool').first().waitFor()
    expect((await ask('/app/vendors/__proto__', DETAIL)).status).toBe(404)
    await leave(page)
  })
})

describe('another shop', () => {
  it('sees no connection of this one', async () => {
    await tools.app.connect('alana')
    const { cards } = await (await ask('/app/vendors', LIST, { shop: OTHER })).json()
    expect(cards.map(({ status }: { status: { kind: string } }) => status.kind)).toEqual(
      Array(4).fill('none'),
    )
    const text = await (await ask('/app/vendors/alana', DETAIL, { shop: OTHER })).text()
    expect(text).toContain('"kind":"none"')
    expect(text).not.toContain(KEY.slice(-4))
  })

  it.each(['on', 'off', 'disconnect'])('cannot do this to one of this shop: %s', async intent => {
    await tools.app.connect('alana')
    expect((await act(intent, {}, OTHER)).status).toBe(404)
    expect(await stored()).toEqual({ enabled: true, attention: null, test_ok: null })
  })

  it('that saves an empty key does not get that of this one', async () => {
    await tools.app.connect('alana')
    expect(await (await act('save', {}, OTHER)).json()).toMatchObject({
      kind: 'invalid',
      problems: { apiKey: 'API key is needed' },
    })
  })

  it.each<Record<string, string>>([{}, { intent: 'nonsense' }])(
    'and a form that is none of ours do nothing: %j',
    async form => {
      expect((await ask('/app/vendors/alana', DETAIL, { form })).status).toBe(400)
    },
  )
})
