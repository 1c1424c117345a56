/** The page of a shop after something was done on it: it goes on looking for as long as what waits moves. */
import { beforeAll, expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { type ConsolePeople, consoleOf, openSignedIn } from '../support/console.ts'
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
