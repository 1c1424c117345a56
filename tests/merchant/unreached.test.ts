/** A page that is on its way, or cannot be had: what it is, whose fault it is, and what is told to whoever listens. */
import { afterEach, expect, it } from 'vitest'
import { focused } from '../support/focus.ts'
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

it('an error page is told by its heading alone, not as a page that is ready', async () => {
  const { page, app } = await tools.open('/app/nowhere')
  await app
    .getByRole('alert')
    .filter({ hasText: /^There is no such page$/ })
    .waitFor()
  expect(await app.locator('main').textContent()).not.toContain('This page is ready')
  expect(await app.getByRole('heading', { level: 1 }).count()).toBe(1)
  expect(await violations(page)).toEqual([])
  await leave(page)
})

it('a page that takes its time is headed by the area that it belongs to, from when it is asked for', async () => {
  const { page, app } = await tools.open('/app')
  await app.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
  const asked = (url: URL) => url.pathname === '/app/activity' && url.searchParams.has('_data')
  let come = () => {}
  const late = new Promise<void>(resolve => {
    come = resolve
  })
  await page.route(asked, async route => {
    await late
    await route.continue()
  })
  await page.locator('nav').getByText('Activity').click()
  await app.getByRole('heading', { level: 1, name: 'Activity' }).waitFor()
  expect(await app.getByRole('heading', { level: 1 }).count()).toBe(1)
  expect(await app.getByText('Loading…').count()).toBe(1)
  expect(await violations(page)).toEqual([])
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/loading.png` })
  come()
  await app.getByText('Loading…').waitFor({ state: 'detached' })
  await app.getByRole('heading', { level: 1, name: 'Activity' }).waitFor()
  await leave(page)
})

it('what came of a test is one stop for the keyboard, not one in another', async () => {
  const { page, app } = await tools.open('/app/vendors/alana')
  await app.getByLabel('API key').fill('ak_wrong_0000')
  await app.getByRole('button', { name: 'Test connection' }).click()
  const said = () => focused(frameOf(page))
  await expect.poll(said, { timeout: 10_000 }).toContain('The test failed')
  await page.keyboard.press('Tab')
  expect(await said()).not.toContain('The test failed')
  await leave(page)
})

it('a count that could not be made anew is told beside the old one', async () => {
  await tools.app.connect('alana')
  const { page, app } = await tools.open('/app/accuracy')
  const again = app.getByRole('button', { name: 'Count again' })
  await again.waitFor()
  await expect.poll(() => again.isEnabled(), { timeout: 10_000 }).toBe(true)
  // What was counted a moment ago is not counted anew by itself, so that its code was not needed yet.
  await page.reload()
  await again.waitFor()
  await codeIsThere(page)
  for (const how of ['offline', 'bare 500'] as const) {
    const counts = (url: URL) => url.pathname === '/app/accuracy/count'
    if (how === 'offline') await page.context().setOffline(true)
    else await page.route(counts, route => route.fulfill({ status: 500, body: 'Internal Server Error' }))
    await again.click()
    await app.getByText('It could not count again').waitFor()
    await page.context().setOffline(false)
    await page.unroute(counts)
    await again.click()
    await app.getByText('It could not count again').waitFor({ state: 'detached' })
  }
  await leave(page)
})
