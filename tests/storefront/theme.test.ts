/** The sandbox store's theme in a real browser: what somebody meets who tries the store. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { startWalk, type Walk } from './walk.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.close())

let walk: Walk
let page: Page
let problems: string[]
beforeEach(async () => {
  walk = await startWalk(browser)
  ;({ page, problems } = await walk.visitor())
})
afterEach(async () => {
  await walk.close()
  expect(problems).toEqual([])
})

const open = (path: string) => page.goto(walk.store.url + path)
const isShown = (selector: string) => page.isVisible(selector)

describe('the cart', () => {
  const quantity = '[name="updates[]"]'
  async function fill(mode: string, count = '1'): Promise<unknown> {
    await open(`/products/sea-candle?mode=${mode}&region=none`)
    await page.fill('#quantity', count)
    await page.click('[data-add]')
    if (mode === 'form') return page.waitForURL('**/cart')
    await page.waitForSelector('text=Added to the cart.')
    return open('/cart')
  }
  const topics = () => walk.store.webhooks.map(({ topic }) => topic)

  it.each(['fetch', 'xhr', 'form', 'events'])(
    'checks out what was typed a moment ago, once, by %s',
    async mode => {
      await fill(mode)
      const pressed = Promise.withResolvers<void>()
      await page.route('**/*change*', async route => {
        await pressed.promise
        await route.continue()
      })
      await page.fill(quantity, '4')
      await page.click('[name=checkout]', { noWaitAfter: true })
      pressed.resolve()
      await page.waitForURL('**/checkouts/*')
      expect(await page.textContent('.summary')).toContain('€72.00')
      await walk.store.settled()
      expect(topics().filter(topic => topic.startsWith('checkouts/'))).toEqual(['checkouts/create'])
      await expect
        .poll(() => walk.told().filter(({ name }) => name === 'product_added_to_cart').length)
        .toBe(2)
    },
  )

  it('checks out more than a hundred', async () => {
    await fill('fetch', '150')
    await page.click('[name=checkout]')
    await page.waitForURL('**/checkouts/*')
    expect(await page.textContent('.summary')).toContain('€2,700.00')
  })

  it('is changed in place, to the last line', async () => {
    await fill('fetch')
    await page.evaluate('window.stays = true')
    await page.fill(quantity, '3')
    await page.press(quantity, 'Tab')
    await page.waitForSelector('[data-cart-total]:has-text("€54.00")')
    expect(await page.textContent('[data-line-total]')).toBe('€54.00')
    expect(await page.textContent('[data-cart-count]')).toBe('3')
    await page.click('[data-remove]')
    await page.waitForSelector('text=Your cart is empty.')
    expect(await isShown('[data-cart-form]')).toBe(false)
    expect(await page.evaluate('window.stays')).toBe(true)
  })
})

describe('whoever uses no mouse', () => {
  const focused = () => page.evaluate('document.activeElement.outerHTML.slice(0, 200)')

  it('meets the banner first, and is on the page once they have chosen', async () => {
    await open('/cart')
    await page.waitForSelector('#consent')
    await page.keyboard.press('Tab')
    expect(await focused()).toContain('data-consent="none"')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#consent', { state: 'hidden' })
    expect(await focused()).toMatch(/^<main id="main"/)
    await page.click('[data-consent-open]')
    await page.click('[data-consent=all]')
    await page.waitForSelector('#consent', { state: 'hidden' })
    expect(await focused()).toContain('data-consent-open')
  })

  it('is led to the next line when one is removed, at last to the empty cart, and told what went', async () => {
    for (const handle of ['sea-candle', 'tide-lantern', 'gull-desk-lamp']) {
      await open(`/products/${handle}?mode=fetch&region=none`)
      await page.click('[data-add]')
      await page.waitForSelector('text=Added to the cart.')
    }
    await open('/cart')
    const titles = await page.locator('.line-what a').allTextContents()
    const [first, second, third] = titles
    const remove = async (at: number, title = '') => {
      await page.locator('[data-remove]').nth(at).press('Enter')
      await page.waitForSelector(`[data-cart-removed]:text-is("Removed: ${title}")`, { state: 'attached' })
    }
    await remove(1, second)
    expect(await focused()).toContain(`: ${third}`)
    await remove(1, third)
    expect(await focused()).toContain(`: ${first}`)
    await remove(0, first)
    expect(await focused()).toContain('Your cart is empty.')
  })
})

describe('the layout', () => {
  it('has the cart in one place, empty and filled', async () => {
    await page.setViewportSize({ width: 1280, height: 720 })
    const place = async () => {
      await open('/cart?region=none')
      const boxes = [
        page.locator('main h1'),
        page.locator('main section'),
        page.locator('.brand'),
        page.locator('.foot'),
      ]
      return Promise.all(
        boxes.map(async each => {
          const { x, y } = (await each.boundingBox()) ?? {}
          return [x, y]
        }),
      )
    }
    const empty = await place()
    expect(await page.evaluate('getComputedStyle(document.documentElement).scrollbarGutter')).toBe('stable')
    await open('/products/sea-candle?mode=form')
    await page.click('[data-add]')
    await page.waitForURL('**/cart')
    expect(await place()).toEqual(empty)
  })

  it.each(['', '/cs'])('has the header on one line on a phone: %s', async root => {
    await page.setViewportSize({ width: 390, height: 844 })
    await open(`${root}/account/login?region=none`)
    const middles = async () => {
      const all = ['.brand', '.top-link', '.top-cart'].map(each => page.locator(each).boundingBox())
      return (await Promise.all(all)).map(box => Math.round((box?.y ?? 0) + (box?.height ?? 0) / 2))
    }
    expect(new Set(await middles()).size).toBe(1)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })
})

describe('cookie preferences', () => {
  it('say what is chosen, and can be left as they are', async () => {
    await open('/')
    await page.waitForSelector('#consent')
    expect(await isShown('[data-consent-close]')).toBe(false)
    await page.click('[data-consent=analytics]')
    await page.waitForSelector('#consent', { state: 'hidden' })
    for (const leave of [() => page.click('[data-consent-close]'), () => page.keyboard.press('Escape')]) {
      await page.click('[data-consent-open]')
      expect(await page.textContent('[data-consent-now]')).toBe('Now you allow analytics only.')
      expect(await page.getAttribute('[data-consent][data-now]', 'data-consent')).toBe('analytics')
      await leave()
      expect(await isShown('#consent')).toBe(false)
      expect(await page.evaluate('Shopify.customerPrivacy.currentVisitorConsent().analytics')).toBe('yes')
    }
  })

  it.each([1280, 390])('give a no as much room as a yes, %i wide', async width => {
    await page.setViewportSize({ width, height: 844 })
    await open('/')
    await page.waitForSelector('#consent')
    const [no, yes] = ['none', 'all'].map(choice => page.locator(`[data-consent=${choice}]`))
    const [a, b] = [await no?.boundingBox(), await yes?.boundingBox()]
    expect(a?.y).toBe(b?.y)
    const colour = 'element => getComputedStyle(element).backgroundColor'
    expect(await no?.evaluate(colour)).toBe(await yes?.evaluate(colour))
  })
})

describe('a page', () => {
  it('as in the theme editor says so, and leads back to where it was', async () => {
    await open('/search?q=lamp')
    expect(await isShown('.in-editor')).toBe(false)
    await page.click('text=as in the theme editor')
    await page.waitForSelector('.in-editor')
    expect(await page.locator('.card').count()).toBe(4)
    await page.click('.in-editor a')
    await page.waitForSelector('.in-editor', { state: 'detached' })
    expect(page.url()).toBe(`${walk.store.url}/search?q=lamp`)
  })

  it('that found nothing says what would be found', async () => {
    await open('/search?q=zzz')
    await page.click('.hints >> text=lantern')
    await page.waitForSelector('.card')
  })

  it('marks what is sold out before it is chosen', async () => {
    await open('/products/tide-lantern')
    expect(await page.locator('.pill.gone').count()).toBe(0)
    await page.click('.pill >> text=Nickel')
    expect(await page.locator('.pill.gone').allTextContents()).toEqual([
      expect.stringContaining('Large, sold out'),
    ])
    await page.click('.pill >> text=Large')
    await page.click('.pill >> text=Brass')
    expect(await page.locator('.pill.gone').allTextContents()).toEqual([expect.stringContaining('Nickel')])
  })

  it('in Czech has Czech texts and prices, and is told of under the products’ own names', async () => {
    await open('/cs/products/tide-lantern?region=none')
    expect(await page.title()).toBe('Tide Lantern – Pier Works')
    expect(await page.textContent('.option legend')).toBe('Povrch')
    await page.click('.pill >> text=Nikl')
    expect(await page.textContent('[data-price]')).toBe('84,00\u00a0€')
    await open('/cs')
    const text = (await page.textContent('body')) ?? ''
    for (const english of ['A store to try', 'Sandbox', 'Lamps', 'Candles', 'their inboxes', '€1']) {
      expect(text).not.toContain(english)
    }
  })

  it.each(['/', '/cs', '/?design=1', '/search?q=zzz', '/cs/cart', '/products/tide-lantern'])(
    'fits a phone: %s',
    async path => {
      await page.setViewportSize({ width: 360, height: 700 })
      await open(path)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    },
  )
})
