/** What a vendor's form asks of the account, and shows before it is saved. */
import { beforeEach, describe, expect, it } from 'vitest'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const OTHER = 'other-shop.myshopify.com'
const DETAIL = 'routes/app.vendors.$vendor'

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
const stored = async (vendor: string) => {
  const { rows } = await tools.app.test.database.pool.query(
    'select enabled, attention, test_ok from connections where shop_id = $1 and vendor = $2',
    [tools.app.shopId, vendor],
  )
  return rows[0] ?? null
}
describe('what the account has', () => {
  const offers = (values: Record<string, string>, shop = SHOP) =>
    ask('/app/vendors/ecomail', DETAIL, { shop, form: { intent: 'offers', setting: 'listId', ...values } })
  const { apiKey } = SETTINGS.ecomail

  it('is chosen from with a key that is not saved yet, and then with the saved one', async () => {
    const { page, app } = await tools.open('/app/vendors/ecomail')
    await app.getByText('Enter the key first, or type the value in.').waitFor()
    await app.getByLabel('API key').fill(apiKey)
    await app.getByRole('button', { name: 'Choose from the account' }).click()
    await app.locator('option', { hasText: 'Customers (2)' }).waitFor({ state: 'attached' })
    await app.getByLabel('List', { exact: true }).selectOption({ label: 'Customers (2)' })
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Test and connect' }).click()
    await page.getByText('Ecomail: settings saved').first().waitFor()
    await app.locator('option', { hasText: 'Customers (2)' }).waitFor({ state: 'attached' })
    expect(await app.getByLabel('List', { exact: true }).inputValue()).toBe('2')
    await leave(page)
  })

  it('is typed in where the account does not answer', async () => {
    const { page, app } = await tools.open('/app/vendors/ecomail')
    await app.getByLabel('API key').fill('wrong_key_0000')
    await app.getByRole('button', { name: 'Choose from the account' }).click()
    await app.getByText('Ecomail does not know this API key.').waitFor()
    await app.getByLabel('List', { exact: true }).fill('17')
    expect(await app.getByLabel('List', { exact: true }).inputValue()).toBe('17')
    await leave(page)
  })

  it('says of a saved value that it is not there any more, keeps it, and lets another be typed in', async () => {
    await tools.app.connect('ecomail', { ...SETTINGS.ecomail, listId: '999' })
    const { page, app } = await tools.open('/app/vendors/ecomail')
    const list = app.getByLabel('List', { exact: true })
    await app.locator('option', { hasText: '999: not in the account' }).waitFor({ state: 'attached' })
    expect(await list.inputValue()).toBe('999')
    await list.selectOption({ label: 'Enter by hand…' })
    await app.locator('input').and(list).waitFor()
    expect(await list.inputValue()).toBe('999')
    await app.getByRole('button', { name: 'Choose from the account' }).click()
    await app.locator('option', { hasText: '999: not in the account' }).waitFor({ state: 'attached' })
    await leave(page)
  })

  it('is not told to another shop, or for another setting', async () => {
    await tools.app.connect('ecomail')
    expect(await (await offers({})).json()).toMatchObject({ kind: 'offered' })
    expect(await (await offers({}, OTHER)).json()).toEqual({
      kind: 'notOffered',
      asked: false,
      refused: false,
      problem: null,
    })
    for (const setting of ['apiKey', '__proto__', ''])
      expect(await (await offers({ setting })).json()).toMatchObject({ kind: 'notOffered' })
  })
})

describe('a form that leads elsewhere', () => {
  const { appId, appToken } = SETTINGS.voucherify
  const moved = { 'set.mode': 'server', 'set.appId': appId, 'set.baseUrl': 'https://collect.example.com' }
  const submit = async (intent: string, values: Record<string, string>) =>
    (await ask('/app/vendors/voucherify', DETAIL, { form: { intent, ...values } })).json()

  it.each(['test', 'save', 'saveUntested'])('does not take the saved secret there (%s)', async intent => {
    await tools.app.connect('voucherify')
    expect(await submit(intent, moved)).toEqual({
      kind: 'invalid',
      problems: { appToken: 'Secret key: enter the key again, because it would go to another address' },
    })
  })

  it('goes there with a secret that is entered', async () => {
    await tools.app.connect('voucherify')
    const entered = { ...moved, 'set.appToken': appToken }
    expect(await submit('saveUntested', entered)).toMatchObject({ kind: 'saved' })
  })
})

describe('a form that is not saved', () => {
  it('is previewed as it stands', async () => {
    const { page, app } = await tools.open('/app/vendors/voucherify')
    await app.getByRole('checkbox', { name: 'brand' }).check()
    await app.getByLabel('Application ID', { exact: true }).fill('an-id')
    await app.getByLabel('Secret key').fill('a-secret-not-saved')
    await app.getByRole('button', { name: 'Preview with these settings' }).click()
    await app.getByLabel('Event', { exact: true }).selectOption('product_viewed')
    const body = app.getByRole('region', { name: 'Body 1' })
    await body.getByText('"brand": "Lantern Works"').waitFor()
    expect(await app.getByRole('dialog').textContent()).not.toContain('a-secret-not-saved')
    expect(await violations(page)).toEqual([])
    expect(await stored('voucherify')).toBeNull()
    await leave(page)
  })
})
