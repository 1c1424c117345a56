/** A merchant reads what a vendor gets, and what it does not. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { SyncsPage } from '../../app/runtime/merchant-preview.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const OTHER = 'other-shop.myshopify.com'
const ROUTE = 'routes/app.vendors.$vendor_.syncs'

beforeAll(async () => {
  await tools.app.connect('alana', { ...SETTINGS.alana, metadata: false, rows: { search_submitted: false } })
})

async function ask(vendor: string, shop = SHOP): Promise<Response> {
  const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
  return fetch(`${tools.app.url}/app/vendors/${vendor}/syncs?_data=${encodeURIComponent(ROUTE)}`, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
  })
}
const pageOf = async (vendor: string, shop = SHOP): Promise<SyncsPage> => (await ask(vendor, shop)).json()

describe('what syncs', () => {
  it('goes by the settings of the shop', async () => {
    const own = await pageOf('alana')
    const others = await pageOf('alana', OTHER)
    const rowOf = ({ rows }: SyncsPage, type: string) => rows.find(row => row.type === type)
    const time = (page: SyncsPage) =>
      rowOf(page, 'product_viewed')?.fields.find(({ field }) => field === 'occurredAt')
    expect([own.connected, others.connected]).toEqual([true, false])
    expect(rowOf(own, 'search_submitted')?.on).toBe(false)
    expect(rowOf(others, 'search_submitted')?.on).toBe(true)
    expect(time(own)).toMatchObject({ goes: [], elsewhere: [{ setting: 'metadata', label: 'Send details' }] })
    expect(time(others)?.goes).toEqual(['events[].metadata.occurredAt'])
  })

  it.each(['nobody', '__proto__'])('there is none of %s', async vendor => {
    expect((await ask(vendor)).status).toBe(404)
  })
})

describe('the screen', () => {
  it.each(VENDORS.flatMap(({ id, name }) => [1280, 390].map(width => [id, width, name] as const)))(
    'of %s at %i pixels says what goes where',
    async (id, width, name) => {
      const { page, app } = await tools.open(`/app/vendors/${id}/syncs`, { width })
      await app.getByText(`What ${name} gets of your store`).waitFor()
      await app
        .getByText(/^Fields of “/)
        .first()
        .click()
      await app.getByRole('heading', { name: 'Not sent, and why' }).first().waitFor()
      await app.getByRole('heading', { name: 'Events that are never sent' }).waitFor()
      expect(await app.getByText(/Up to [\d,]+ requests in/).count()).toBeGreaterThan(0)
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      await leave(page)
    },
  )

  it('leads to the setting that a field depends on', async () => {
    const { page, app } = await tools.open('/app/vendors/alana/syncs')
    await app.getByText('Fields of “Product viewed”').click()
    await app.getByRole('link', { name: 'Send details' }).filter({ visible: true }).first().click()
    const setting = app.getByRole('checkbox', { name: 'Send details' })
    await expect.poll(() => setting.evaluate(each => each === document.activeElement)).toBe(true)
    await leave(page)
  })

  it('is reached from the tool', async () => {
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('link', { name: 'What syncs' }).click()
    await app.getByText('What Alana gets of your store').waitFor()
    await leave(page)
  })

  it.each([
    ['cs', 'Události, které se nikdy neodesílají'],
    ['sk', 'Udalosti, ktoré sa nikdy neodosielajú'],
    ['de', 'Ereignisse, die nie gesendet werden'],
    ['pl', 'Zdarzenia, które nigdy nie są wysyłane'],
    ['pt-BR', 'Eventos que nunca são enviados'],
  ])('speaks %s', async (locale, heading) => {
    const { page, app } = await tools.open('/app/vendors/ecomail/syncs', { locale })
    await app.getByRole('heading', { name: heading }).waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/(preview|syncs)\.\w+/)
    await leave(page)
  })
})
