/** A tool held by support, in the merchant's language; and pages that fail within the frame. */
import { describe, expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const sluice = (...args: string[]) => runCommand(tools.app, args)

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
    await page.goto(tools.frame.address(SHOP, '/app/activity', 'cs'))
    await app
      .getByRole('link', { name: /objednávky/i })
      .first()
      .click()
    await app.getByText('Důvod: Alana moves its servers.').waitFor()
    expect(await sluice('vendor', 'release', SHOP, 'alana')).toMatchObject({ code: 0 })
    await tools.app.idle()
    expect(await tools.app.states()).toContainEqual(['order_created', 'delivered', null])
    await page.goto(tools.frame.address(SHOP, '/app/vendors/alana', 'en'))
    await app.getByText('Events go to Alana as they happen.').waitFor()
    expect(await app.getByText('on hold').count()).toBe(0)
    await page.context().close()
  }, 90_000)
})

describe("a tool's own texts", () => {
  it.each([
    ['cs', 'Klíč API', 'Vyzkoušet připojení', 'Alana tento klíč API nezná'],
    ['de', 'API-Schlüssel', 'Verbindung testen', 'Alana kennt diesen API-Schlüssel nicht'],
  ])('are in %s, with what a test says', async (locale, key, button, told) => {
    const { page, app } = await tools.open('/app/vendors/alana', { locale })
    const field = app.getByLabel(key).first()
    await field.fill('ak_wrong_0000')
    await app.getByRole('button', { name: button }).click()
    await app.getByText(told).first().waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/The workspace key|When no visitor/)
    await page.context().close()
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
    await page.context().close()
  })
})
