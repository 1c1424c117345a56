/** The page of a shop after something was done on it: it goes on looking for as long as what waits moves. */
import { beforeAll, expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { type ConsolePeople, consoleOf, openSignedIn } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools(async () => ({ SHOPIFY_APP_URL: 'http://127.0.0.1' }))
const made = orders(() => tools.app)
const AT = `/support/shops/${SHOP}`
let support: ConsolePeople

beforeAll(async () => {
  support = await consoleOf(tools.app)
  await tools.app.connect('voucherify')
})

it('said “To be sent 3” after a release, though all had arrived a moment later', async () => {
  const page = await openSignedIn(tools, support, 'agent', AT, 1280)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Hold Voucherify…' }).click()
  await dialog.getByLabel('Reason').fill('An outage.')
  await dialog.getByRole('button', { name: 'Hold Voucherify' }).click()
  await page.getByText('Voucherify is on hold').waitFor()
  for (const name of ['#1', '#2', '#3']) {
    await made.send('orders/create', { name })
    made.next()
  }
  await tools.app.idle()
  await page.getByRole('link', { name: 'Voucherify, Held: 3' }).waitFor()
  await page.getByRole('button', { name: 'Release Voucherify…' }).click()
  await dialog.getByText(/^3 held deliveries/).waitFor()
  await dialog.getByLabel('Reason').fill('Over.')
  await dialog.getByRole('button', { name: 'Release Voucherify' }).click()
  await page.getByText('Voucherify is released').waitFor()
  await tools.app.idle()
  await page.getByText('Not seen yet').waitFor({ state: 'detached', timeout: 4_000 })
  await page
    .getByRole('link', { name: /^Voucherify, (Held|To be sent): / })
    .waitFor({ state: 'detached', timeout: 4_000 })
  expect(await page.getByText('Nothing', { exact: true }).count()).toBe(1)
  await leave(page)
}, 60_000)

it('went on saying that deliveries are on their way again, after the dialog had said that they failed', async () => {
  const { pool } = tools.app.server.services
  tools.app.vendors.fail('voucherify', { status: 400, times: 50, body: { message: 'No.' } })
  await pool.query("update deliveries set state = 'dead', reason = 'rejected', message = null")
  const page = await openSignedIn(
    tools,
    support,
    'agent',
    `${AT}/activity?vendor=voucherify&outcome=failed`,
    390,
  )
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Send again…' }).click()
  await dialog.getByLabel('Reason').fill('They lost it.')
  await dialog.getByRole('button', { name: /^Send \d+ again$/ }).click()
  await dialog.getByText('3 failed', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByText(/^Sent again on .+: 3$/).waitFor()
  await page.getByText('3 failed', { exact: true }).waitFor()
  expect(await page.getByText(/on (its|their) way again/).count()).toBe(0)
  await looksWell(page)
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/sent-again-390.png`, fullPage: true })
  await leave(page)
}, 60_000)
