/** Whoever closes a dialog is back at what opened it, by keyboard or mouse: each dialog of the merchant's pages and of the support console. */
import type { FrameLocator, Page } from 'playwright-core'
import { beforeAll, describe, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { type ConsolePeople, carry, consoleOf } from '../support/console.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools(async () => ({ SHOPIFY_APP_URL: 'http://127.0.0.1' }))
const made = orders(() => tools.app)
const OTHER = 'joe@example.com'
let support: ConsolePeople
let eventId: string

beforeAll(async () => {
  support = await consoleOf(tools.app)
  const other = await support.person(OTHER, 'agent')
  // Sessions can be ended of whom has one.
  const { pool } = tools.app.server.services
  await pool.query(
    `insert into support_sessions (token_hash, account_id, expires_at)
     select 'dialogs', id, now() + interval '1 hour' from support_accounts where email = $1`,
    [other.email],
  )
  await tools.app.connect('alana')
  await made.send('orders/create')
  await tools.app.idle()
  const { rows } = await pool.query<{ id: string }>(`select id from events where type = 'order_created'`)
  eventId = rows[0]?.id ?? ''
})

/** Opens it by keyboard and by mouse, closes it by keyboard, and waits for the focus. @param opener the name of the button @param first the field that it begins in */
async function thereAndBack(
  page: Page,
  app: Page | FrameLocator,
  opener: string,
  first?: string,
): Promise<void> {
  const button = app.getByRole('button', { name: opener, exact: true }).last()
  const press = async () => {
    await button.focus()
    await page.keyboard.press('Enter')
  }
  for (const open of [press, () => button.click()]) {
    await open()
    const dialog = app.getByRole('dialog')
    await dialog.waitFor()
    if (first) await app.locator(':focus').and(dialog.getByLabel(first)).waitFor({ timeout: 5_000 })
    await page.keyboard.press('Escape')
    await app.getByRole('dialog').waitFor({ state: 'detached' })
    await app.locator(':focus').and(button).waitFor({ state: 'attached', timeout: 5_000 })
  }
  await leave(page)
}

describe('the focus is back after the dialog', () => {
  it.each([
    ['of disconnecting', (): string => '/app/vendors/alana', 'Disconnect'],
    ['of settings that are not saved', (): string => '/app/vendors/alana', 'Preview with these settings'],
    ['of sending again what a filter finds', (): string => '/app/activity', 'Send again…'],
    ['of sending one event again', (): string => `/app/activity/${eventId}`, 'Send again to Alana'],
  ])('%s', async (_, path, opener) => {
    const { page, app } = await tools.open(path())
    await thereAndBack(page, app, opener)
  })

  it.each([
    ['of holding', 'agent', (): string => `/support/shops/${SHOP}`, 'Hold Alana…'],
    ['of revealing', 'agent', (): string => `/support/shops/${SHOP}/events/${eventId}`, 'Reveal…'],
    [
      'of sending one event again',
      'agent',
      () => `/support/shops/${SHOP}/events/${eventId}`,
      'Send again to Alana',
    ],
    [
      'of sending again what a filter finds',
      'agent',
      (): string => `/support/shops/${SHOP}/activity`,
      'Send again…',
    ],
    ['of disabling somebody', 'admin', (): string => '/support/accounts', `Disable: ${OTHER}`],
    ['of resetting somebody', 'admin', (): string => '/support/accounts', `Reset: ${OTHER}`],
    ['of ending sessions', 'admin', (): string => '/support/accounts', `End sessions: ${OTHER}`],
  ] as const)('of the console, %s', async (_, role, path, opener) => {
    const context = await tools.browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    await carry(context, tools.app.url, await support.signedIn(role))
    await page.goto(`${tools.app.url}${path()}`)
    await page.waitForLoadState('networkidle')
    const isExplained = role === 'agent'
    await thereAndBack(page, page, opener, isExplained ? 'Reason' : undefined)
  })
})
