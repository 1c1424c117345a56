/** A merchant chooses what a visitor must have allowed, and from then on events of the storefront go by it. */
import { randomUUID } from 'node:crypto'
import type { FrameLocator, Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { replay } from '../../app/delivery/replay.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const pool = () => tools.app.test.database.pool
const OTHER = 'other-shop.myshopify.com'
const NEEDED = 'Consent needed for “Product viewed”'

beforeEach(async () => {
  await tools.app.idle()
  await tools.app.reset()
  await pool().query('delete from connections')
})

/** The signed-in customer looks at a product in the storefront. */
async function visit(consent: { analytics: boolean; marketing: boolean }): Promise<void> {
  const at = new Date().toISOString()
  const data = { product: wireProduct('lamp') }
  const event = { id: randomUUID(), type: 'product_viewed', at, url: 'https://shop.example.com/', data }
  const batch = { visitorId: 'visitor-1', sentAt: at, consent, events: [event] }
  expect((await tools.app.store.proxy(batch, String(SIGNED_IN.id))).status).toBe(202)
  await tools.app.idle()
}
/** What became of each view, oldest first. */
const views = async () => (await tools.app.deliveries()).map(({ reason, state }) => reason ?? state)
const messages = async () => (await tools.app.deliveries()).map(({ message }) => message)
const chosen = async (vendor: string) => {
  const { rows } = await pool().query('select settings from connections where vendor = $1', [vendor])
  return rows[0]?.settings.purposes
}

/** Asks a page's data as a merchant of a shop; with a form, its action. */
async function ask(
  path: string,
  route: string,
  form?: Record<string, string>,
  shop = SHOP,
): Promise<Response> {
  const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
  return fetch(`${tools.app.url}${path}${path.includes('?') ? '&' : '?'}_data=${encodeURIComponent(route)}`, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
}
const ANALYTICS_ALONE = { analytics: true, marketing: false }

/** Chooses in the form, and saves it by the save bar of Shopify's admin. */
async function choose(page: Page, app: FrameLocator, label: string): Promise<void> {
  await app.getByLabel(NEEDED).selectOption({ label })
  await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
  await page.locator('#toast').getByText('settings saved').waitFor()
}

describe('what a merchant chooses', () => {
  it('stops what it did not, and what it says is the purpose chosen', async () => {
    await tools.app.connect('alana')
    await visit(ANALYTICS_ALONE)
    expect(await views()).toEqual(['delivered'])
    const { page, app } = await tools.open('/app/vendors/alana')
    expect(await app.getByLabel(NEEDED).inputValue()).toBe('analytics')
    expect(
      await app.getByText('The storefront collects only from visitors who allow analytics.').count(),
    ).toBe(1)
    await choose(page, app, 'Needs marketing')
    await app.getByText("This tool's own: Needs analytics.").waitFor()
    expect(await chosen('alana')).toEqual({ product_viewed: 'marketing' })
    await visit(ANALYTICS_ALONE)
    expect(await views()).toEqual(['delivered', 'no_consent'])
    expect(await messages()).toEqual([
      null,
      'The visitor did not allow the purposes this tool needs. (marketing)',
    ])
    await visit({ analytics: true, marketing: true })
    expect(await views()).toEqual(['delivered', 'no_consent', 'delivered'])
    expect(tools.app.sentTo('alana').filter(request => request.startsWith('POST'))).toHaveLength(2)
    await leave(page)
  })

  it('lets out what happens from then on; what was skipped stays so until it is sent again', async () => {
    await tools.app.connect('voucherify')
    await visit(ANALYTICS_ALONE)
    expect(await views()).toEqual(['no_consent'])
    const { page, app } = await tools.open('/app/vendors/voucherify')
    await choose(page, app, 'Needs analytics')
    await leave(page)
    await tools.app.idle()
    expect(await views()).toEqual(['no_consent'])
    await visit(ANALYTICS_ALONE)
    expect(await views()).toEqual(['no_consent', 'delivered'])
    await replay(pool(), { shopId: tools.app.shopId, vendor: 'voucherify', states: ['skipped'] })
    await tools.app.signal('voucherify')
    await tools.app.idle()
    expect(await views()).toEqual(['delivered', 'delivered'])
  })

  it('stands on each page that names it', async () => {
    await tools.app.connect('topmail', {
      ...SETTINGS.topmail,
      purposes: { product_viewed: 'analytics' },
    })
    const [preview, syncs, settings] = await Promise.all(
      [
        ['/app/vendors/topmail/preview?type=product_viewed', 'routes/app.vendors.$vendor_.preview'],
        ['/app/vendors/topmail/syncs', 'routes/app.vendors.$vendor_.syncs'],
        ['/app/settings?index', 'routes/app.settings._index'],
      ].map(async ([path = '', route = '']) => (await ask(path, route)).json()),
    )
    expect(preview.needs).toMatchObject([{ purpose: 'analytics' }])
    const views = { type: 'product_viewed', purposes: ['analytics'] }
    expect(syncs.rows[0]).toMatchObject(views)
    expect(settings.page.purposes).toEqual([
      { id: 'topmail', name: 'Topmail', rows: [{ ...views, unless: null }] },
    ])
  })

  it.each(['none', '', 'analytics,marketing', '["analytics"]', 'constructor'])(
    'is never %j',
    async hostile => {
      await tools.app.connect('alana')
      const form = { intent: 'saveUntested', 'row.product_viewed': 'on', 'purposes.product_viewed': hostile }
      const answer = await (await ask('/app/vendors/alana', 'routes/app.vendors.$vendor', form)).json()
      if (hostile === '') expect(answer).toMatchObject({ kind: 'saved' })
      else
        expect(answer).toEqual({
          kind: 'invalid',
          problems: {
            purposes: 'Consent.product_viewed must be one of analytics, marketing, analytics+marketing',
          },
        })
      expect((await chosen('alana')) ?? {}).toEqual({})
    },
  )

  it('is nothing to another shop', async () => {
    await tools.app.connect('alana', { ...SETTINGS.alana, purposes: { product_viewed: 'marketing' } })
    const other = await (
      await ask('/app/vendors/alana', 'routes/app.vendors.$vendor', undefined, OTHER)
    ).json()
    const [view] = other.form.rows.filter(({ type }: { type: string }) => type === 'product_viewed')
    expect(view.consent.value).toBe('analytics')
  })
})

describe('the choice', () => {
  it.each([1280, 390])('is made by keyboard at %i pixels, without violations', async width => {
    await tools.app.connect('ecomail')
    const { page, app } = await tools.open('/app/vendors/ecomail', { width })
    const select = app.getByLabel(NEEDED)
    await select.focus()
    await page.keyboard.press('ArrowUp')
    expect(await select.inputValue()).toBe('marketing')
    await app.getByText("This tool's own: Needs analytics and marketing.").waitFor()
    expect(await app.getByText('Needs no permission').count()).toBe(8)
    expect(await app.getByLabel('Consent needed for “Order placed”').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await leave(page)
  })

  it('is chosen before the event is switched on, as all that is set for it', async () => {
    await tools.app.connect('voucherify')
    const { page, app } = await tools.open('/app/vendors/voucherify')
    const viewed = app.getByRole('checkbox', { name: 'Product viewed' })
    await viewed.uncheck()
    await app.getByRole('button', { name: 'Event name, Metadata: Product viewed' }).click()
    await app.getByRole('textbox', { name: 'Event name' }).fill('looked_at')
    expect(await violations(page)).toEqual([])
    await choose(page, app, 'Needs analytics')
    const { rows } = await pool().query(`select settings from connections where vendor = 'voucherify'`)
    expect(rows[0]?.settings).toMatchObject({
      rows: { product_viewed: false },
      purposes: { product_viewed: 'analytics' },
      eventNames: { product_viewed: 'looked_at' },
    })
    expect(await viewed.isChecked()).toBe(false)
    await leave(page)
  })

  it('says of Shopify’s notices that only a refusal stops them', async () => {
    await tools.app.connect('voucherify')
    const { page, app } = await tools.open('/app/vendors/voucherify')
    const paid = app.getByLabel('Consent needed for “Order paid”')
    await paid.waitFor()
    expect(
      await app.getByText('Shopify tells of it: only a known refusal stops it.').count(),
    ).toBeGreaterThan(0)
    // What it says beside the row must not sound as if consent had to be known.
    expect(await paid.locator('option:checked').textContent()).toMatch(/^Unless refused: /)
    expect(await app.getByRole('button', { name: 'Event name, Metadata: Order paid' }).count()).toBe(1)
    for (const path of ['/app/settings', '/app/vendors/voucherify/syncs']) {
      await page.goto(tools.frame.address(SHOP, path, 'en'))
      await app
        .getByText(/^Unless refused: /)
        .first()
        .waitFor()
    }
    await leave(page)
  })
})
