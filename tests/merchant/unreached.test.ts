/** A page that is on its way, or cannot be had: what it is, whose fault it is, and what is told to whoever listens. */
import { afterEach, expect, it } from 'vitest'
import { merchantTools } from '../support/merchant.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'
import { codeIsThere } from '../support/unreached.ts'

const tools = merchantTools()
afterEach(() => tools.app.reset())

it('a page that cannot be had without a line is not blamed on Sluice, nor on its support', async () => {
  const { page, app } = await tools.open('/app', { width: 390 })
  await app.getByRole('heading', { level: 1 }).waitFor()
  await codeIsThere(page)
  await page.context().setOffline(true)
  await page.locator('nav').getByText('Activity').click()
  await app.getByRole('heading', { level: 1, name: 'Sluice cannot be reached' }).waitFor()
  await app.getByText('Check your connection, and try again.').waitFor()
  expect(await app.getByText(/support/).count()).toBe(0)
  expect(await sideways(page)).toBe(0)
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/unreachable.png` })
  await page.context().setOffline(false)
  await app.getByRole('button', { name: 'Try again' }).click()
  await app.getByRole('heading', { level: 1, name: 'Activity' }).waitFor()
  await leave(page)
})
