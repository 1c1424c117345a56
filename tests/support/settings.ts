/** What tests of the page of a shop's settings share: a shop as it was installed, a mail server, and its form. */
import type { FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeEach } from 'vitest'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { type MailServer, startMailServer } from '../../sandbox/mailbox/smtp.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from './app.ts'
import { API_KEY, merchantTools } from './merchant.ts'

export const OPERATOR = 'ops@example.com'
export const OTHER = 'other-shop.myshopify.com'
const ROUTE = 'routes/app.settings._index'
export const AS_IT_IS = {
  intent: 'save',
  ...{ retentionDays: '90', language: '', emails: '', webhook: '', webhookSecret: '', webhookOff: '' },
  ...{ 'kind.attention': 'on', 'kind.waiting': 'on', 'kind.giving_up': 'on' },
}

/** Registers the tests' hooks. */
export function settingsTools() {
  let mail: MailServer
  const tools = merchantTools(async () => {
    mail = await startMailServer()
    return { ALERT_EMAIL_TO: OPERATOR, ALERT_EMAIL_FROM: 'sluice@example.com', SMTP_URL: mail.url }
  })
  afterAll(() => mail?.close())
  const pool = () => tools.app.test.database.pool

  beforeEach(async () => {
    await tools.app.idle()
    await tools.app.reset()
    await pool().query('delete from connections')
    await pool().query('delete from alerts')
    await pool().query(`delete from shops where domain = '${OTHER}'`)
    await pool().query(
      `update shops set retention_days = null, language = null, alert_to = null, alert_channels = default,
         alert_kinds = default, pixel_id = null, pixel_settings = null, pixel_trouble = null, pixel_refused_at = null`,
    )
    mail.mails.length = 0
  })

  /** Asks the page's data as a merchant of a shop; with a form, its action. */
  async function ask(form?: Record<string, string>, shop = SHOP): Promise<Response> {
    const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
    return fetch(`${tools.app.url}/app/settings?index&_data=${encodeURIComponent(ROUTE)}`, {
      redirect: 'manual',
      headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
  }
  const save = async (changed: Partial<typeof AS_IT_IS>, shop = SHOP) =>
    (await ask({ ...AS_IT_IS, ...changed }, shop)).json()
  const pageOf = async (shop = SHOP) => (await (await ask(undefined, shop)).json()).page
  return { tools, pool, mail: () => mail, ask, save, pageOf }
}

/** Saves by the save bar of Shopify's admin, and waits until that is told. */
export async function saveByBar(page: Page): Promise<void> {
  await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
  await page.locator('#toast').getByText('Settings saved').waitFor()
  await page.locator('#save-bar').waitFor({ state: 'hidden' })
}
export const emails = (app: FrameLocator) => app.getByLabel('E-mail addresses')
