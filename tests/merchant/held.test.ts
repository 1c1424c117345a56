/** A tool held by support, in the merchant's language; and pages that fail within the frame. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import {
  addressesOf,
  adminRoutesOf,
  askAsMerchant,
  dataAddress,
  serverBuild,
} from '../support/admin-routes.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { sideways, violations } from '../support/look.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const sluice = (...args: string[]) => runCommand(tools.app, args)
const ROUTES = adminRoutesOf(await serverBuild())
const PAGES = ROUTES.filter(({ id, isPage }) => isPage && id !== 'routes/app')
const VALUES = { vendor: ['alana'], event: ['0199d3a4-0000-7000-8000-000000000001'] }

async function fitsBothWidths(page: Page): Promise<void> {
  const frame = page.frames().find(each => each.url().startsWith(tools.app.url))
  if (!frame) throw new Error('the app is not in its frame')
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    expect([width, await sideways(frame)]).toEqual([width, 0])
    expect([width, await violations(frame)]).toEqual([width, []])
  }
}

/** Asks a tool's page, or sends its form, past what the page offers. */
async function asked(form?: Record<string, string>) {
  const url = `${tools.app.url}${dataAddress({ id: 'routes/app.vendors.$vendor', isIndex: false }, '/app/vendors/alana')}`
  const answer = await askAsMerchant(url, {
    apiKey: API_KEY,
    apiSecret: SECRET,
    shop: SHOP,
    ...(form && { form }),
  })
  return answer.json()
}

describe('a tool that support holds', () => {
  it('says why on the screens, and nothing any more once it is released', async () => {
    await tools.app.connect('alana')
    const held = await sluice('vendor', 'hold', SHOP, 'alana', '--reason', 'Alana moves its servers.')
    expect(held).toMatchObject({ code: 0 })
    await made.send('orders/create')
    await tools.app.idle()
    expect(await tools.app.states()).toContainEqual(['order_created', 'held', 'on_hold'])
    const { page, app } = await tools.open('/app/vendors')
    await app.getByText('Support has put Alana on hold').waitFor()
    await app.getByText('Reason: Alana moves its servers.').waitFor()
    await app.getByText(/Ask whoever runs Sluice/).waitFor()
    await app.getByRole('link', { name: 'Open Alana' }).click()
    await app.getByText('Support has put Alana on hold').waitFor()
    for (const path of ['/app/vendors/alana/syncs', '/app/accuracy']) {
      await page.goto(tools.frame.address(SHOP, path, 'en'))
      await app.getByText('Support has put Alana on hold').waitFor()
      await app.getByText('Reason: Alana moves its servers.').waitFor()
      await app.getByText(/Ask whoever runs Sluice/).waitFor()
      await fitsBothWidths(page)
    }
    await asked({ intent: 'off' })
    await page.goto(tools.frame.address(SHOP, '/app/activity', 'cs'))
    await app
      .getByRole('link', { name: /objednávky/i })
      .first()
      .click()
    await app.getByText('Důvod: Alana moves its servers.').waitFor()
    await app.getByText('Alana jste také vypnuli').waitFor()
    await asked({ intent: 'on' })
    expect(await sluice('vendor', 'release', SHOP, 'alana', '--reason', 'They are back.')).toMatchObject({
      code: 0,
    })
    await tools.app.idle()
    expect(await tools.app.states()).toContainEqual(['order_created', 'delivered', null])
    await page.goto(tools.frame.address(SHOP, '/app/vendors/alana', 'en'))
    await app.getByText('Events go to Alana as they happen.').waitFor()
    expect(await app.getByText('on hold').count()).toBe(0)
    await page.goto(tools.frame.address(SHOP, '/app/vendors/alana/syncs', 'en'))
    await app.getByRole('heading', { name: 'What syncs' }).waitFor()
    expect(await app.getByText('on hold').count()).toBe(0)
    await leave(page)
  }, 90_000)

  it('cannot be freed by disconnecting it: the page says so, and only an operator who means it can', async () => {
    await tools.app.connect('alana')
    await sluice('vendor', 'hold', SHOP, 'alana', '--reason', 'Alana moves its servers.')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByText('It cannot be disconnected while support has it on hold.').waitFor()
    expect(await app.getByRole('button', { name: 'Switch off' }).count()).toBe(1)
    expect(await app.getByRole('button', { name: 'Disconnect' }).count()).toBe(0)
    await leave(page)
    expect(await asked({ intent: 'disconnect' })).toEqual({ kind: 'refused', ended: 0 })
    expect((await asked()).status).toMatchObject({ kind: 'held', enabled: true })
    const refused = await sluice('vendor', 'disconnect', SHOP, 'alana')
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('--even-held') })
    expect((await asked()).status.kind).toBe('held')
    const meant = await sluice('vendor', 'disconnect', SHOP, 'alana', '--even-held', '--json')
    expect(JSON.parse(meant.out)).toMatchObject({ vendor: 'alana', connected: false })
    expect((await asked()).status.kind).toBe('none')
  }, 90_000)

  it('and that the merchant has switched off can be switched on again', async () => {
    await tools.app.connect('alana')
    await sluice('vendor', 'hold', SHOP, 'alana', '--reason', 'Alana moves its servers.')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByText('nothing else stops it, unless it is older than 7 days by then').waitFor()
    const off = app.getByText('You have switched Alana off as well')
    expect(await off.count()).toBe(0)
    await app.getByRole('button', { name: 'Switch off' }).click()
    await off.waitFor()
    await app.getByRole('button', { name: 'Switch on' }).click()
    await off.waitFor({ state: 'detached' })
    await app.getByRole('button', { name: 'Switch off' }).waitFor()
    expect((await asked()).status).toMatchObject({ kind: 'held', enabled: true })
    await leave(page)
    await sluice('vendor', 'release', SHOP, 'alana', '--reason', 'They are back.')
  }, 90_000)
})

describe('what a tool is sent', () => {
  it('is told with the tool being switched off, which no row of its events says', async () => {
    await tools.app.connect('alana')
    await asked({ intent: 'off' })
    const { page, app } = await tools.open('/app/vendors/alana/syncs')
    await app.getByText('Switched off: what happens is kept').waitFor()
    expect(await app.getByRole('link', { name: 'To the settings' }).count()).toBe(1)
    await fitsBothWidths(page)
    await leave(page)
  }, 60_000)
})

describe("a tool's own texts", () => {
  it.each([
    ['cs', 'Klíč API', 'Vyzkoušet připojení', 'Alana tento klíč API nezná'],
    ['de', 'API-Schlüssel', 'Verbindung testen', 'Alana kennt diesen API-Schlüssel nicht'],
  ])('are in %s, with what a test says', async (locale, key, button, told) => {
    const { page, app } = await tools.open('/app/vendors/alana', { locale })
    const field = app.getByLabel(key).first()
    await field.fill('ak_wrong_0000')
    await app.getByRole('button', { name: button, exact: true }).click()
    await app.getByText(told).first().waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/The workspace key|When no visitor/)
    await leave(page)
  })
})

describe('a page that fails', () => {
  it.each([
    [503, 'This page cannot be shown right now'],
    [502, 'Shopify does not answer right now'],
    [500, 'Something went wrong on our side'],
    [404, 'There is no such page'],
  ])('with %s says so within the frame, and goes on', async (status, title) => {
    const { page, app } = await tools.open('/app')
    await app.getByRole('heading', { level: 1 }).waitFor()
    await page.route('**/app/vendors?_data=*', route =>
      route.fulfill({ status, headers: { 'x-remix-catch': 'yes' }, body: '' }),
    )
    await page.getByRole('link', { name: 'Tools' }).first().click()
    await app.getByText(title).first().waitFor()
    await page.unroute('**/app/vendors?_data=*')
    if (status !== 404) {
      await app.getByRole('button', { name: 'Try again' }).click()
      await app.getByText('Where your store’s events are sent').waitFor()
    }
    await leave(page)
  })

  it.each(PAGES.map(each => [each.path, each] as const))('tells it in words: %s', async (_path, route) => {
    const [path = ''] = addressesOf(route, VALUES)
    const { page, app } = await tools.open('/app')
    await app.getByRole('heading', { level: 1 }).waitFor()
    await page.route(
      url => url.searchParams.get('_data') === route.id,
      answer => answer.fulfill({ status: 503, headers: { 'x-remix-catch': 'yes' }, body: '' }),
    )
    const frame = page.frames().find(each => each.url().startsWith(tools.app.url))
    await frame?.evaluate(to => {
      const { __remixRouter } = window as unknown as {
        __remixRouter: { navigate(to: string): Promise<void> }
      }
      return __remixRouter.navigate(to)
    }, path)
    await app.getByRole('heading', { name: 'This page cannot be shown right now' }).waitFor()
    await app.getByRole('button', { name: 'Try again' }).waitFor()
    await leave(page)
  })
})
