/** The inbox page in a real browser. */
import chromium from '@sparticuz/chromium'
import { type Browser, type Page, chromium as playwright } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Sandbox, startVendors } from './server.ts'
import { call, KEYS } from './testing.ts'

let sandbox: Sandbox
let browser: Browser
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  sandbox = await startVendors({ limits: false })
  // The npm package carries a browser for Linux on x64; elsewhere an installed Chrome does.
  const carried = process.platform === 'linux' && process.arch === 'x64'
  browser = await playwright.launch(
    carried
      ? { executablePath: await chromium.executablePath(), args: chromium.args }
      : { channel: 'chrome' },
  )
  // One page for all tests: the carried browser runs as a single process and ends with its last page.
  page = await browser.newPage()
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
}, 60_000)
beforeEach(async () => {
  sandbox.reset()
  complaints.length = 0
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(sandbox.urls.inbox)
  await page.getByText('Live', { exact: true }).waitFor()
})
afterEach(() => expect(complaints).toEqual([]))
afterAll(async () => {
  await browser.close()
  await sandbox.close()
})

const inbox = (name: string) => page.getByRole('region', { name })
const track = (event: string) =>
  call('POST', `${sandbox.urls.voucherify}/v1/events`, KEYS.server, { event, customer: { source_id: '7' } })

it('shows four empty inboxes, then a request as it arrives', async () => {
  expect(await page.getByText('Nothing yet').count()).toBe(4)
  await track('order_placed')
  await track('')
  await inbox('Voucherify').getByText('1 accepted').waitFor()
  await inbox('Voucherify').getByText('1 refused').waitFor()
  await expect
    .poll(() => inbox('Voucherify').locator('.title').allTextContents())
    .toEqual(['', 'order_placed'])
  expect(await inbox('Voucherify').getByText('Nothing yet').isVisible()).toBe(false)
})

it('opens an entry with body, answer and masked headers', async () => {
  await track('order_placed')
  await inbox('Voucherify').getByText('order_placed').click()
  const blocks = inbox('Voucherify').locator('pre')
  await expect.poll(() => blocks.count()).toBe(3)
  expect(JSON.parse((await blocks.nth(0).textContent()) ?? '')).toEqual({
    event: 'order_placed',
    customer: { source_id: '7' },
  })
  expect(await blocks.nth(2).textContent()).toContain('"x-app-token": "****c0de"')
})

it('draws markup in a request as text', async () => {
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
  await track(hostile)
  await inbox('Voucherify').locator('summary').click()
  await expect.poll(() => inbox('Voucherify').locator('.title').textContent()).toBe(hostile)
  expect(await page.locator('img, .inbox script').count()).toBe(0)
  expect(await page.title()).toBe('Vendor inboxes')
})

it('shows warnings and faults', async () => {
  sandbox.fail('ecomail', { headers: { 'x-more': '1' } })
  await call('POST', `${sandbox.urls.ecomail}/tracker/events`, KEYS.ecomail, {
    event: { email: 'a@example.com', x: 1 },
  })
  await inbox('Ecomail').getByText('2 warnings').waitFor()
  await inbox('Ecomail').locator('summary').getByText('event.x is not a documented field').waitFor()
  await inbox('Ecomail').getByText('Fault: headers x-more').click()
  await inbox('Ecomail').locator('.notes').getByText('event.x is not a documented field').waitFor()
})

it('shows as no refusal that a person is not known yet', async () => {
  const view = {
    email: 'new@example.com',
    product_id: '1',
    product_name: 'Harbour Lamp',
    product_url: 'https://shop.example.com/x',
  }
  await call('POST', `${sandbox.urls.topmail}/api/v1/track/product-view`, KEYS.topmail, view)
  await inbox('Topmail').getByText('0 refused').waitFor()
  await inbox('Topmail').getByText('1 not there yet').waitFor()
  expect(await inbox('Topmail').locator('li.absent .status').textContent()).toBe('Not there yet: 404')
})

it('breaks no word of a title', async () => {
  await track('product_added_to_cart')
  const title = inbox('Voucherify').locator('.title')
  await expect.poll(() => title.textContent()).toBe('product_added_to_cart')
  expect(await title.locator('wbr').count()).toBe(3)
})

it('pauses and goes on', async () => {
  await page.getByRole('button', { name: 'Pause' }).click()
  await track('one')
  await inbox('Voucherify').getByText('1 accepted').waitFor()
  expect(await inbox('Voucherify').locator('.title').count()).toBe(0)
  await page.getByRole('button', { name: 'Pause' }).click()
  await inbox('Voucherify').getByText('one', { exact: true }).waitFor()
})

it('clears one inbox and all', async () => {
  await track('one')
  await inbox('Voucherify').getByText('one', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Clear Voucherify' }).click()
  await inbox('Voucherify').getByText('Nothing yet').waitFor()
  await track('two')
  await inbox('Voucherify').getByText('two', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Clear all' }).click()
  await expect.poll(() => page.getByText('Nothing yet').count()).toBe(4)
  await expect.poll(() => sandbox.counts('voucherify').received).toBe(0)
})

it('shows one inbox at a time on a phone, without scrolling sideways', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await track('x'.repeat(300))
  expect(await page.locator('.inbox:visible').count()).toBe(1)
  await page.getByRole('navigation').getByRole('button', { name: 'Voucherify' }).click()
  await inbox('Voucherify').locator('summary').click()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
})

it('says new counts politely', async () => {
  await track('one')
  await expect
    .poll(() => page.locator('[aria-live=polite]').textContent(), { timeout: 8000 })
    .toContain('Voucherify: 1 accepted, 0 refused')
})
