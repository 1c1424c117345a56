/** "Why did this not arrive?": from an order's number on the console's first page to the answer, without having read anything. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { wireProduct } from '../../sandbox/store/payloads.ts'
import { SETTINGS, SHOP } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const support = consoleTools()
const made = orders(() => support.app)
const NEW = { id: 7_012_345_678_999, email: 'new@example.com', first: 'New', last: 'Buyer', marketing: false }
const DOWN = { status: 503, times: 500 }
const WITHIN = { timeout: 20_000 }
const BUSY = 'half or more of the requests of the last minute failed'

/** One order for each cause. */
beforeAll(async () => {
  const { app } = support
  for (const vendor of ['ecomail', 'alana', 'voucherify']) await app.connect(vendor)
  await app.connect('topmail', { ...SETTINGS.topmail, createContacts: true, rows: { order_created: true } })
  const send = (name: string, over: object = {}) => {
    made.next()
    return made.send('orders/create', { name, ...over })
  }
  await send('#3001', { customer: NEW, email: NEW.email })
  await app.idle()
  app.vendors.fail('alana', { status: 400, times: 1, body: { message: 'Validation failed' } })
  await send('#3002')
  await app.idle()
  await runCommand(app, ['vendor', 'hold', SHOP, 'voucherify', '--reason', 'They count twice.'])
  await send('#3003')
  await app.idle()
  app.vendors.fail('ecomail', DOWN)
  for (let number = 3010; number < 3016; number++) await send(`#${number}`)
  const rests = "update circuits set open_until = now() + interval '1 hour' where open_until is not null"
  await vi.waitFor(async () => expect((await app.server.services.pool.query(rests)).rowCount).toBe(1), WITHIN)
  await send('#3004')
}, 120_000)

/** Types the number, follows what is found. */
async function storyOf(number: string, width: number): Promise<Page> {
  const page = await support.open('viewer', '/support', { width })
  await page.getByLabel('Domain, name, order number or vendor').fill(number)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Has this order' }).first().click()
  await page.getByRole('link', { name: /^Order placed/ }).click()
  await page.getByRole('heading', { name: 'Where it went' }).waitFor()
  return page
}

describe.each([1280, 390])('at %d pixels', width => {
  it.each([
    ['was skipped for consent', '#3001', ['The person does not accept marketing']],
    ['failed for good', '#3002', ['Alana rejected this: Validation failed.']],
    ['is held', '3003', ['Support holds Voucherify', 'They count twice.', 'until it is released']],
    [
      'waits for a vendor that is broken',
      '#3004',
      ['the vendor is paused; it is sent at', `Reason: ${BUSY}.`],
    ],
  ])('what %s says so', async (_, number, said) => {
    const page = await storyOf(number, width)
    for (const text of said) await page.getByText(text).first().waitFor()
    await looksWell(page)
    await leave(page)
  })

  it('an order that was never received is said to be none, over all shops and in one', async () => {
    const page = await support.open('viewer', '/support', { width })
    await page.getByLabel('Domain, name, order number or vendor').fill('#9999')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'No order #9999 was received' }).waitFor()
    await looksWell(page)
    await page.goto(`${support.app.url}/support?text=6123456789012`)
    await page.getByRole('heading', { name: 'No shop matches' }).waitFor()
    await looksWell(page)
    await page.goto(`${support.app.url}/support/shops/${SHOP}`)
    await page.getByText('Last order received').waitFor()
    expect(await page.getByText('None that is kept').count()).toBe(0)
    await page.getByLabel('Order number').fill('9999')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'No order 9999 was received' }).waitFor()
    await page.goto(`${support.app.url}/support/shops/${SHOP}/activity?order=9999&vendor=alana`)
    await page.getByRole('heading', { name: 'No order 9999 was received' }).waitFor()
    await looksWell(page)
    await page.goto(`${support.app.url}/support/shops/${SHOP}/activity?order=3004&type=page_viewed`)
    await page.getByRole('heading', { name: 'No events match' }).waitFor()
    await leave(page)
  })

  it('failures of a shop are told by cause, in words', async () => {
    const page = await support.open('viewer', `/support/shops/${SHOP}`, { width })
    await page.getByText('Temporary failure · HTTP 503').waitFor()
    await page.getByText('Rejected · HTTP 400 · Alana rejected this: Validation failed.').waitFor()
    await leave(page)
  })
})

it('what waits for its visitor to become known says so, and is told apart from what is to be sent', async () => {
  const at = new Date().toISOString()
  const url = 'https://shop.example.com/'
  const viewed = {
    id: crypto.randomUUID(),
    type: 'product_viewed',
    at,
    url,
    data: { product: wireProduct('lamp') },
  }
  const consent = { analytics: true, marketing: true }
  await support.app.store.proxy({ visitorId: 'v-1', sentAt: at, consent, events: [viewed] })
  const waiting = "select from deliveries where vendor = 'topmail' and state = 'waiting'"
  await expect
    .poll(async () => (await support.app.server.services.pool.query(waiting)).rowCount, WITHIN)
    .toBe(1)
  const page = await support.open('viewer', `/support/shops/${SHOP}`)
  const topmail = page.locator('#topmail')
  expect(
    await topmail.locator('dt', { hasText: 'once their visitor is known' }).locator('..').textContent(),
  ).toMatch(/1$/)
  await topmail.getByRole('link', { name: 'Topmail, To be sent once their visitor is known: 1' }).click()
  await page.getByRole('link', { name: /^Product viewed/ }).click()
  await page.getByText('for the visitor to become known.').first().waitFor()
  await leave(page)
})
