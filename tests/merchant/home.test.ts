/** A merchant sets the app up with the guide, and nobody else sees or changes anything of theirs. */
import type { FrameLocator } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { SETTINGS, SHOP } from '../support/app.ts'
import { homeTools } from '../support/home.ts'
import { API_KEY } from '../support/merchant.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const { tools, pool, ask, visit, make, settled, test } = homeTools()
/** Longer than the guide waits before it looks again. */
const LATER = { timeout: 15_000 }
const OTHER = 'other-shop.myshopify.com'
const progress = (app: FrameLocator, done: number) => app.getByText(`${done} of 5 done`).waitFor()

describe('the set-up guide', () => {
  it('finds out by itself what is done, from nothing to the first event', async () => {
    let { page, app } = await tools.open()
    await progress(app, 0)
    expect(await violations(page)).toEqual([])
    await app.getByRole('link', { name: 'Choose a tool' }).click()
    await app.getByRole('link', { name: 'Connect Alana' }).click()
    await app.getByLabel('API key').fill(SETTINGS.alana.apiKey)
    await app.getByRole('button', { name: 'Test and connect' }).click()
    await page.getByText('Alana: settings saved').first().waitFor()
    await leave(page)
    ;({ page, app } = await tools.open())
    await progress(app, 1)
    const editor = app.getByRole('link', { name: /Open the theme editor/ })
    await editor.waitFor()
    expect(await editor.getAttribute('href')).toBe(
      `https://${SHOP}/admin/themes/current/editor?context=apps&template=index&activateAppId=${API_KEY}%2Fsluice`,
    )
    const opened = page.waitForEvent('popup')
    await editor.click()
    // In the place of Shopify's, the one that stands in for it.
    expect((await opened).url()).toBe(
      `${tools.frame.url}/store/${SHOP.split('.')[0]}/visit/admin/themes/current/editor?context=apps&template=index&activateAppId=${API_KEY}%2Fsluice`,
    )
    // Whoever scrolls on meanwhile is not taken from what they read by a step that ends by itself.
    await page.setViewportSize({ width: 1280, height: 300 })
    const read = () => frameOf(page).evaluate(() => window.scrollY)
    await frameOf(page).evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      window.scrollTo(0, document.body.scrollHeight)
    })
    const pixel = app.locator('#guide-step-pixel')
    await expect.poll(read).toBeGreaterThan(0)
    expect((await visit()).status).toBe(202)
    await expect.poll(() => pixel.evaluate(each => each === document.activeElement), LATER).toBe(true)
    expect(await pixel.evaluate(each => each.getBoundingClientRect().bottom)).toBeLessThan(0)
    await page.setViewportSize({ width: 1280, height: 900 })
    await progress(app, 4)
    await app.getByRole('button', { name: 'Send a test event' }).first().click()
    await app.locator('#guide-test').getByRole('button', { name: 'Send a test event' }).click()
    await app.getByLabel('Your e-mail address').fill('me@example.com')
    await app.getByRole('button', { name: 'Send', exact: true }).click()
    await app.getByRole('link', { name: 'See what became of it' }).waitFor()
    await app.getByRole('button', { name: 'Allow the web pixel' }).click()
    await app.getByRole('button', { name: 'Allow the pixel' }).click()
    await app.getByText('The set-up is done').waitFor()
    // One banner alone, and what was sent is told in it.
    expect(await app.locator('.Polaris-Banner').count()).toBe(1)
    await app.getByText('Test event sent').waitFor()
    expect(tools.standIn.pixel(SHOP)?.settings.shop).toBe(SHOP)
    expect(await violations(page)).toEqual([])
    for (const width of process.env.SHOTS ? [1280, 390] : []) {
      await page.setViewportSize({ width, height: 900 })
      await page.screenshot({ path: `${process.env.SHOTS}/guide-done-${width}.png` })
    }
    await page.reload()
    await app
      .getByRole('link', { name: 'See the first event' })
      .or(app.getByRole('button', { name: 'See the first event' }))
      .click()
    await app.getByRole('heading', { name: 'Product viewed' }).waitFor()
    await leave(page)
    ;({ page, app } = await tools.open())
    await app.getByRole('button', { name: 'Hide the guide' }).click()
    await app.getByText('The set-up is done').waitFor({ state: 'detached' })
    await page.reload()
    await app.getByText('Nothing needs you').waitFor()
    expect(await app.getByText('The set-up is done').count()).toBe(0)
    await leave(page)
  }, 90_000)

  it('sends a test to tools that were saved without one, and shows what they say', async () => {
    await tools.app.connect('alana', { apiKey: 'ak_wrong_0000' })
    const { page, app } = await tools.open()
    await progress(app, 1)
    await app
      .getByRole('button', { name: /^Send a test/ })
      .first()
      .click()
    const open = app.locator('#guide-test').getByRole('button', { name: 'Send a test event' })
    const send = async () => {
      await open.click()
      await app.getByLabel('Your e-mail address').fill('me@example.com')
      await app.getByRole('button', { name: 'Send', exact: true }).click()
    }
    await send()
    await app
      .locator('[aria-live=polite]')
      .getByText(/Alana (does not|refused|did not).*key/i)
      .waitFor()
    await app.getByRole('link', { name: 'See what became of it' }).waitFor()
    expect(await violations(page)).toEqual([])
    await tools.app.connect('alana')
    await send()
    await page.getByText('Test event sent, and every tool accepted your key').first().waitFor()
    await progress(app, 2)
    await leave(page)
  })

  it('says why the web pixel could not be allowed', async () => {
    const { page, app } = await tools.open()
    await progress(app, 0)
    const refused = { webPixel: null, userErrors: [{ code: 'NO_EXTENSION', message: 'No extension' }] }
    const text = JSON.stringify({ data: { webPixelCreate: refused } })
    tools.standIn.fail({ times: 1, only: 'graphql', status: 200, text })
    await app.getByRole('button', { name: 'Allow the web pixel' }).click()
    await app.getByRole('button', { name: 'Allow the pixel' }).click()
    await app.locator('#guide-pixel').getByText('has no web pixel at Shopify').waitFor()
    await progress(app, 0)
    await app.getByRole('button', { name: 'Allow the pixel' }).click()
    await progress(app, 1)
    await leave(page)
  })
})

describe('the page', () => {
  it.each([1280, 390])('fits a window of %i pixels, and axe finds nothing, in any language', async width => {
    for (const vendor of ['alana', 'ecomail', 'topmail', 'voucherify']) await tools.app.connect(vendor)
    await make([{ ago: 2, vendor: 'topmail', state: 'delivered', count: 1234 }])
    for (const locale of ['en', 'de', 'pl']) {
      const { page, app } = await tools.open('/app?days=90', { width, locale })
      await app.getByRole('slider').waitFor()
      expect([locale, await sideways(page)]).toEqual([locale, 0])
      expect(await violations(page)).toEqual([])
      await leave(page)
    }
  })

  it('shows another shop nothing of this one, and lets it change nothing', async () => {
    await tools.app.connect('alana')
    await settled()
    await make([{ ago: 0, vendor: 'alana', state: 'delivered', count: 3 }])
    const other = await (await ask({ shop: OTHER })).json()
    expect(other).toMatchObject({
      ...{
        shop: OTHER,
        series: [],
        attention: [],
        totals: { delivered: 0, skipped: 0, failed: 0, rate: null },
      },
      guide: { done: { connect: false, embed: false, pixel: false, test: false, first: false } },
    })
    const before = await pool().query('select * from shops where domain = $1', [SHOP])
    for (const intent of ['dismiss', 'pixel', 'tell'])
      expect((await ask({ shop: OTHER, intent })).status).toBe(200)
    expect((await test({ shop: OTHER })).status).toBe(200)
    expect((await pool().query('select * from shops where domain = $1', [SHOP])).rows).toEqual(before.rows)
    expect(tools.app.sentTo('alana')).toEqual([])
    expect((await ask({ intent: 'nonsense' })).status).toBe(400)
  })
})
