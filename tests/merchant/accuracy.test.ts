/** A merchant sees that every order is accounted for, tool by tool, and which are not. */
import type { FrameLocator } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { switchLane } from '../../app/delivery/lane-state.ts'
import type { AccuracyPage } from '../../app/runtime/merchant-accuracy.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import type { OrderOptions } from '../../sandbox/store/payloads.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { shiftsOn } from '../support/shifts.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const OTHER = 'other-shop.myshopify.com'
const PAGE = 'routes/app.accuracy'
const COUNT = 'routes/app.accuracy_.count'
const LIST = 'routes/app.activity._index'
const MISSING = ['900', '901']
const pool = () => tools.app.test.database.pool

/** Placed some minutes ago, so that Shopify has counted it. */
async function place(over: Partial<OrderOptions> = {}): Promise<void> {
  made.next()
  const createdAt = new Date(Date.now() - 10 * 60_000).toISOString()
  await made.send('orders/create', { name: `#${made.id % 1000}`, createdAt, updatedAt: createdAt, ...over })
  tools.standIn.addOrders(SHOP, [{ id: String(made.id), createdAt }])
}
const stateAt = async (vendor: string) =>
  (await tools.app.deliveries()).filter(each => each.vendor === vendor).at(-1)?.state

beforeAll(async () => {
  await pool().query(`update shops set installed_at = now() - interval '30 days'`)
  for (const vendor of ['ecomail', 'alana', 'voucherify']) await tools.app.connect(vendor)
  await place()
  await place({ test: true })
  await tools.app.idle()
  tools.app.vendors.fail('ecomail', { status: 400, times: 1, body: { message: 'no' } })
  await place()
  await tools.app.idle()
  await tools.app.connect('topmail')
  await switchLane(pool(), tools.app.lane('voucherify'), false)
  await place()
  await tools.app.idle()
  tools.app.vendors.fail('alana', { status: 429, times: 1, headers: { 'Retry-After': '3600' } })
  await place()
  await vi.waitFor(async () => expect(await stateAt('alana')).toBe('retry'), 10_000)
  await vi.waitFor(async () => expect(await stateAt('ecomail')).toBe('delivered'), 10_000)
})
beforeEach(async () => {
  await pool().query('delete from order_counts')
  tools.standIn.removeOrders(SHOP, MISSING)
})

/** A page that is left while Shopify counts leaves its count to the next test. */
const counted = () =>
  vi.waitFor(
    async () => expect((await pool().query('select from order_counts')).rowCount).toBeGreaterThan(0),
    15_000,
  )

function lose(): void {
  const createdAt = new Date(Date.now() - 20 * 60_000).toISOString()
  tools.standIn.addOrders(
    SHOP,
    MISSING.map(id => ({ id, createdAt })),
  )
}
async function ask<T>(path: string, route: string, shop = SHOP): Promise<T> {
  const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
  const at = `${path}${path.includes('?') ? '&' : '?'}_data=${encodeURIComponent(route)}`
  const answer = await fetch(`${tools.app.url}${at}`, {
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as T
}
const count = (shop = SHOP) => ask<AccuracyPage>('/app/accuracy/count?days=7&again=1', COUNT, shop)
/** The rows of a table, as they are read: words, number, share. */
async function rowsOf(app: FrameLocator, table: string): Promise<string[]> {
  const rows = app.getByRole('table', { name: table }).locator('tbody tr')
  const cells = await rows.evaluateAll(found =>
    found.map(row => [...row.children].map(cell => cell.textContent?.trim() ?? '').join(' | ')),
  )
  return cells.map(text => text.replace(/\s+/g, ' '))
}

describe('the accuracy page', () => {
  it('accounts for every order, tool by tool, and each number leads to just these events', async () => {
    const { page, app } = await tools.open('/app/accuracy?days=7')
    await app.getByText('Sluice has received all 5 orders that Shopify has.').waitFor()
    expect(await rowsOf(app, 'Ecomail')).toEqual([
      'Delivered | 3 | 60%',
      'Skipped: Test order | + 1 | 20%',
      'Failed | + 1 | 20%',
      'In Shopify, but never received | + 0 | 0%',
      'Orders in Shopify | = 5 | 100%',
    ])
    expect(await rowsOf(app, 'Topmail')).toEqual([
      'Received, but not meant for this tool or before it was connected | 5 | 100%',
      'In Shopify, but never received | + 0 | 0%',
      'Orders in Shopify | = 5 | 100%',
    ])
    expect(await rowsOf(app, 'Alana')).toEqual([
      'Delivered | 3 | 60%',
      'Skipped: Test order | + 1 | 20%',
      'Waiting to be sent | + 1 | 20%',
      'In Shopify, but never received | + 0 | 0%',
      'Orders in Shopify | = 5 | 100%',
    ])
    expect(await rowsOf(app, 'Voucherify')).toEqual([
      'Delivered | 2 | 40%',
      'Skipped: Test order | + 1 | 20%',
      'Held | + 2 | 40%',
      'In Shopify, but never received | + 0 | 0%',
      'Orders in Shopify | = 5 | 100%',
    ])
    const links = await app
      .locator('table a[href^="/app/activity"]')
      .evaluateAll(found =>
        found.map(link => ({ url: link.getAttribute('href') ?? '', number: Number(link.textContent) })),
      )
    expect(links.length).toBe(11)
    for (const { url, number } of links) {
      const { lines } = await ask<{ lines: unknown[] }>(url, LIST)
      expect([url, lines.length]).toEqual([url, number])
    }
    await leave(page)
  })

  it.each([1280, 390])('reads at %i pixels, without violations and sideways scrolling', async width => {
    lose()
    const { page, app } = await tools.open('/app/accuracy?days=7', { width })
    await app.getByText('2 orders are missing').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await leave(page)
  })

  it('leads from a number to its list', async () => {
    await count()
    // As if two of the five had been placed after it was asked.
    await pool().query(
      `update order_counts set orders = 3, until = (
         select occurred_at from events where type = 'order_created' order by occurred_at desc offset 1 limit 1)`,
    )
    const { page, app } = await tools.open('/app/accuracy?days=7')
    const uncounted = app.getByRole('link', { name: /^Not counted yet: placed after .*: 2$/ })
    await uncounted.waitFor()
    // Shopify lists by now what it had not counted yet.
    const all = app.getByRole('link', { name: 'All orders of these days: 5' })
    for (const href of await all.evaluateAll(links => links.map(link => link.getAttribute('href'))))
      expect(decodeURIComponent(href ?? '')).toMatch(/^shopify:\/\/admin\/orders\?query=created_at:>=/)
    expect(await all.count()).toBeGreaterThan(1)
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/accuracy.png`, fullPage: true })
    await uncounted.click()
    await app.getByRole('link', { name: /^Remove filter: Placed after / }).waitFor()
    expect(await app.getByRole('list', { name: 'Events' }).getByRole('listitem').count()).toBe(2)
    for (const width of process.env.SHOTS ? [390, 1280] : []) {
      await page.setViewportSize({ width, height: 900 })
      await page.screenshot({ path: `${process.env.SHOTS}/uncounted-${width}.png` })
    }
    await page.locator('nav').getByText('Accuracy').click()
    await app.getByRole('link', { name: 'Skipped: Test order: 1' }).first().click()
    await app.getByRole('heading', { name: 'Activity' }).waitFor()
    expect(await app.getByRole('list', { name: 'Events' }).getByRole('listitem').count()).toBe(1)
    await leave(page)
  })

  it('leads from what failed to sending it again', async () => {
    const { page, app } = await tools.open('/app/accuracy')
    await app.getByRole('link', { name: 'See them and send again' }).click()
    await app.getByRole('button', { name: 'Send again…' }).waitFor()
    expect(new URL(frameOf(page).url()).searchParams.get('outcome')).toBe('failed')
    await leave(page)
  })

  it('changes its days by a button', async () => {
    const { page, app } = await tools.open('/app/accuracy')
    await app.getByRole('button', { name: '30 days' }).click()
    await app.locator('button[aria-pressed="true"]', { hasText: '30 days' }).waitFor()
    await app.getByText('Sluice has received all 5 orders that Shopify has.').waitFor()
    expect(new URL(frameOf(page).url()).searchParams.get('days')).toBe('30')
    await app.getByRole('button', { name: '90 days' }).click()
    await app.getByText('the orders of the last 60 days only').waitFor()
    await leave(page)
  })

  it.each([
    ['cs', 'Přesnost', 'Objednávky v Shopify'],
    ['sk', 'Presnosť', 'Objednávky v Shopify'],
    ['de', 'Genauigkeit', 'Bestellungen in Shopify'],
    ['pl', 'Dokładność', 'Zamówienia w Shopify'],
    ['pt-BR', 'Precisão', 'Pedidos na Shopify'],
  ])('is told in %s', async (locale, title, whole) => {
    const { page, app } = await tools.open('/app/accuracy', { locale })
    await app.getByRole('heading', { name: title }).waitFor()
    await app.getByText(whole).first().waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/accuracy\.\w+/)
    await counted()
    await leave(page)
  })
})

describe('Shopify’s count', () => {
  it('shows what never came, and finds it gone when it has come', async () => {
    lose()
    const { page, app } = await tools.open('/app/accuracy?days=7')
    await app.getByText('2 orders are missing: Shopify has them, and Sluice never received them.').waitFor()
    expect(await rowsOf(app, 'Orders received')).toEqual([
      'Received by Sluice | 5 | 71.4%',
      'In Shopify, but never received | + 2 | 28.6%',
      'Orders in Shopify | = 7 | 100%',
    ])
    expect((await rowsOf(app, 'Alana')).slice(-2)).toEqual([
      'In Shopify, but never received | + 2 | 28.6%',
      'Orders in Shopify | = 7 | 100%',
    ])
    tools.standIn.removeOrders(SHOP, MISSING)
    await app.getByRole('button', { name: 'Count again' }).click()
    await app.getByText('Sluice has received all 5 orders that Shopify has.').waitFor()
    await leave(page)
  })

  it('takes nothing away at a tool for what is no longer there', async () => {
    tools.standIn.removeOrders(SHOP, [String(made.id)])
    const { tools: shown, whole } = await count()
    tools.standIn.addOrders(SHOP, [
      { id: String(made.id), createdAt: new Date(Date.now() - 600_000).toISOString() },
    ])
    expect(whole).toEqual({ orders: 5, before: 0, missing: 0, gone: 1 })
    for (const { rows } of shown) {
      expect(rows.every(({ count }) => count > 0)).toBe(true)
      expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(5)
    }
  })

  it('adds up where Shopify does not have what was received, with no share below none or above all, and leads to no list of what is not there', async () => {
    tools.standIn.removeOrders(SHOP, [String(made.id)])
    const { page, app } = await tools.open('/app/accuracy?days=7')
    await app.getByText('1 order was received and is not (or no longer) in Shopify.').waitFor()
    expect(await rowsOf(app, 'Orders received')).toEqual([
      'Received by Sluice | 5 | 100%',
      'In Shopify, but never received | + 0 | 0%',
      'All orders of these days | = 5 | 100%',
    ])
    expect(
      (await rowsOf(app, 'Compared with Shopify')).map(row =>
        row.replace(/(?<=to |after ).*?(?=\)? \|)/, 'TIME'),
      ),
    ).toEqual([
      'Counted by Shopify, placed up to TIME | 4 | 80%',
      'Not counted yet: placed after TIME | + 0 | 0%',
      'Received, but not (or no longer) in Shopify | + 1 | 20%',
      'All orders of these days | = 5 | 100%',
    ])
    expect((await rowsOf(app, 'Ecomail')).at(-1)).toBe('All orders of these days | = 5 | 100%')
    // Which it is nobody knows, so the number leads to no other list.
    expect(await app.getByRole('link', { name: 'Received, but not (or no longer) in Shopify' }).count()).toBe(
      0,
    )
    await app.getByText('Shopify says how many it has, not which').waitFor()
    expect(await violations(page)).toEqual([])
    tools.standIn.addOrders(SHOP, [
      { id: String(made.id), createdAt: new Date(Date.now() - 600_000).toISOString() },
    ])
    await leave(page)
  })

  it('leads to Shopify’s list of just the orders that it counted', async () => {
    const { page, app } = await tools.open('/app/accuracy?days=7')
    await app.getByText('Sluice has received all 5 orders that Shopify has.').waitFor()
    const link = app.getByRole('link', { name: /^Counted by Shopify, placed up to .*: 5$/ })
    const query = decodeURIComponent((await link.getAttribute('href')) ?? '')
    const [, since = '', until = ''] =
      /^shopify:\/\/admin\/orders\?query=created_at:>='(\S+)' AND created_at:<'(\S+)'$/.exec(query) ?? []
    expect(Math.ceil((Date.parse(until) - Date.parse(since)) / 86_400_000)).toBe(7)
    const { shopify } = await ask<AccuracyPage>('/app/accuracy?days=7', PAGE)
    expect(shopify).toMatchObject({ state: 'counted', until: new Date(until).toISOString() })
    await leave(page)
  })

  it('claims neither that somebody deleted what is not there, nor that all of no orders are accounted for', async () => {
    const ids = Array.from({ length: 5 }, (_, back) => String(made.id - back))
    tools.standIn.removeOrders(SHOP, ids)
    const set = (from: string, to: string) =>
      pool().query(
        `update deliveries set state = $2, updated_at = now() where vendor = 'ecomail' and state = $1 and reason = 'rejected'`,
        [from, to],
      )
    expect((await set('dead', 'delivered')).rowCount).toBe(1)
    const { page, app } = await tools.open('/app/accuracy')
    await app.getByText('5 orders were received and are not (or no longer) in Shopify.').waitFor()
    expect(await app.getByText('Accounted for', { exact: true }).count()).toBeGreaterThan(0)
    await app.getByText('All 5 orders are accounted for.').first().waitFor()
    expect(await app.getByText(/^All 0 orders/).count()).toBe(0)
    expect((await rowsOf(app, 'Compared with Shopify')).slice(-2)).toEqual([
      'Received, but not (or no longer) in Shopify | + 5 | 100%',
      'All orders of these days | = 5 | 100%',
    ])
    await set('delivered', 'dead')
    const createdAt = new Date(Date.now() - 600_000).toISOString()
    tools.standIn.addOrders(
      SHOP,
      ids.map(id => ({ id, createdAt })),
    )
    await leave(page)
  })

  it('tells apart what was placed before the app was installed', async () => {
    lose()
    await pool().query(`update shops set installed_at = now() - interval '15 minutes'`)
    const { whole } = await count()
    await pool().query(`update shops set installed_at = now() - interval '30 days'`)
    expect(whole).toEqual({ orders: 7, before: 2, missing: 0, gone: 0 })
  })

  it('is asked for once in a while, and again when somebody wants it', async () => {
    const asked = () => tools.standIn.requests().filter(({ field }) => field === 'ordersCount').length
    const before = asked()
    const first = await ask<AccuracyPage>('/app/accuracy?days=7', PAGE)
    expect(first.shopify).toEqual({ state: 'counting' })
    expect(asked()).toBe(before)
    await ask('/app/accuracy/count?days=7', COUNT)
    await ask('/app/accuracy/count?days=7', COUNT)
    expect(asked()).toBe(before + 1)
    const later = await ask<AccuracyPage>('/app/accuracy?days=7', PAGE)
    expect(later.shopify).toMatchObject({ state: 'counted', orders: 5, since: 0, trouble: null })
    await count()
    expect(asked()).toBe(before + 2)
  })

  it.each([
    ['Shopify could not be reached', { status: 503 }],
    ['Sluice’s access to this shop has ended', { status: 401, times: 2 }],
    [
      'The app may not read orders',
      { text: '{"data":null,"errors":[{"message":"no","extensions":{"code":"ACCESS_DENIED"}}]}' },
    ],
  ])('is not needed: the page says “%s” and all else', async (sentence, fault) => {
    tools.standIn.fail({ times: 1, only: 'graphql', ...fault })
    const { page, app } = await tools.open('/app/accuracy?days=7')
    await app.getByText(sentence).waitFor()
    expect(await rowsOf(app, 'Alana')).toEqual([
      'Delivered | 3 | 60%',
      'Skipped: Test order | + 1 | 20%',
      'Waiting to be sent | + 1 | 20%',
      'In Shopify, but never received | + – | –',
      'Orders received | = 5 | 100%',
    ])
    await leave(page)
    tools.standIn.reset()
  })

  it.each([
    ['is answered by 503', { status: 503, headers: { 'x-remix-catch': 'yes' }, body: '' }],
    ['is answered by 502', { status: 502, headers: { 'x-remix-catch': 'yes' }, body: '' }],
    ['is not answered', null],
  ])('that %s takes no number away: the page says why, and it can be asked for again', async (_, answer) => {
    const { page, app } = await tools.open('/app/settings')
    await app.getByRole('heading', { level: 1 }).waitFor()
    await page.route('**/app/accuracy/count?**', route => (answer ? route.fulfill(answer) : route.abort()))
    await page.locator('nav').getByText('Accuracy').click()
    await app.getByText('Sluice could not be reached. Count again in a minute.').waitFor()
    expect((await rowsOf(app, 'Alana')).at(-1)).toBe('Orders received | = 5 | 100%')
    await page.unroute('**/app/accuracy/count?**')
    await app.getByRole('button', { name: 'Count again' }).click()
    await app.getByText('Sluice has received all 5 orders that Shopify has.').waitFor()
    await page.route('**/app/accuracy/count?**', route => route.abort())
    await app.getByRole('button', { name: 'Count again' }).click()
    await app.getByText('Sluice could not be reached. Count again in a minute.').waitFor()
    expect((await rowsOf(app, 'Alana')).at(-1)).toBe('Orders in Shopify | = 5 | 100%')
    await leave(page)
  })

  it('stays with its time when it cannot be had anew', async () => {
    await count()
    tools.standIn.fail({ times: 1, only: 'graphql', status: 503 })
    const { shopify } = await count()
    expect(shopify).toMatchObject({ state: 'counted', orders: 5, trouble: 'unreachable' })
  })

  it('leaves out the last minute, whose orders count as they come', async () => {
    await count()
    const now = new Date().toISOString()
    const { shopify, whole } = await count()
    expect(shopify.state === 'counted' && shopify.until < now).toBe(true)
    expect(whole.orders).toBe(5)
  })
})

describe('another shop', () => {
  it('finds no order of this one, and is asked to connect a tool', async () => {
    for (const path of ['/app/accuracy?days=7', '/app/accuracy?days=90'])
      expect(await ask(path, PAGE, OTHER)).toMatchObject({ received: 0, whole: { orders: 0 }, tools: [] })
    expect(await count(OTHER)).toMatchObject({ received: 0, whole: { orders: 0 }, tools: [] })
    const { page, app } = await tools.open('/app/accuracy', { shop: OTHER })
    await app.getByText('No tool is connected yet').waitFor()
    expect(await violations(page)).toEqual([])
    await app.getByRole('link', { name: 'Connect a tool' }).click()
    await app.getByRole('link', { name: 'Connect Alana' }).waitFor()
    await leave(page)
  })
})

it.each([1280, 390])('Shopify’s count, when it comes, moves nothing at %i pixels', async width => {
  lose()
  await pool().query(`update shops set installed_at = now() - interval '15 minutes'`)
  await place()
  tools.standIn.removeOrders(SHOP, [String(made.id)])
  const { sum, moved } = await shiftsOn(tools.browser, {
    address: tools.frame.address(SHOP, '/app/accuracy?days=7'),
    width,
    arrived: page =>
      page.getByRole('link', { name: 'Placed before Sluice was installed: 2' }).first().waitFor(),
  })
  await pool().query(`update shops set installed_at = now() - interval '30 days'`)
  expect(sum, moved.join('\n')).toBeLessThan(0.05)
})
