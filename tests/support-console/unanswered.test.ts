/** What is sent from the console without a line does not put an error in place of its page: what was typed stays, and so does the dialog. */
import { beforeAll, expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { consoleTools } from '../support/console.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'
import { failing } from '../support/unreached.ts'

const support = consoleTools()
const made = orders(() => support.app)
const AT = `/support/shops/${SHOP}`
const WHY = 'Their servers are down.'

beforeAll(async () => {
  await support.app.connect('alana')
  await made.send('orders/create', { name: '#1' })
  await support.app.idle()
})

it('a hold that does not come through stays in its dialog, with its reason', async () => {
  const page = await support.open('agent', AT)
  await page.getByRole('button', { name: /Hold/ }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill(WHY)
  const confirm = dialog.getByRole('button', { name: /^Hold/ })
  await expect.poll(() => confirm.isEnabled(), { timeout: 10_000 }).toBe(true)
  const end = await failing(page, 'offline')
  await confirm.click()
  await dialog.getByText('No answer came.').waitFor()
  expect(await dialog.getByLabel('Reason').inputValue()).toBe(WHY)
  await end()
  await confirm.click()
  await dialog.waitFor({ state: 'detached' })
  await leave(page)
})

it('revealing a person that does not come through stays in its dialog, with its reason', async () => {
  const { rows } = await support.app.server.services.pool.query<{ id: string }>('select id from events')
  const page = await support.open('agent', `${AT}/events/${rows[0]?.id}`)
  await page.getByRole('button', { name: 'Reveal…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill(WHY)
  const end = await failing(page, 'offline')
  await dialog.getByRole('button', { name: 'Write it down and reveal' }).click()
  await dialog.getByText('No answer came, and nothing is shown.').waitFor()
  expect(await dialog.getByLabel('Reason').inputValue()).toBe(WHY)
  await end()
  await leave(page)
})

it('an account and a session that are changed without a line leave their pages', async () => {
  const page = await support.open('admin', '/support/accounts')
  await page.getByLabel('E-mail').fill('new@example.com')
  let end = await failing(page, 'offline')
  await page.getByRole('button', { name: 'Add account' }).click()
  await page.getByText('No answer came').waitFor()
  expect(await page.getByLabel('E-mail').inputValue()).toBe('new@example.com')
  await end()
  await page.goto(`${support.app.url}/support/sessions`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  end = await failing(page, 'offline')
  await page.getByRole('button', { name: /^End/ }).last().click()
  await page.getByRole('alert').getByText('No answer came').waitFor()
  await page.getByRole('heading', { level: 1, name: 'Your sessions' }).waitFor()
  await end()
  await leave(page)
})

it('finding events without a line keeps the filters that were typed', async () => {
  const page = await support.open('viewer', `${AT}/activity`)
  await page.getByRole('button', { name: 'Filters', exact: true }).click()
  await page.getByLabel('Order number').fill('#28144198')
  const end = await failing(page, 'offline')
  await page.getByRole('button', { name: 'Find' }).click()
  await page.getByText('Sluice could not be reached.').waitFor()
  expect(await page.getByLabel('Order number').inputValue()).toBe('#28144198')
  await end()
  await page.getByRole('button', { name: 'Find' }).click()
  await page.waitForURL(/order=%2328144198/)
  await leave(page)
})
