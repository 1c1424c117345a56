/** What a merchant sends does not reach Sluice, or is not answered: nothing that was typed is lost, and the page says so where it was. */
import type { FrameLocator, Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { focused } from '../support/focus.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'
import { codeIsThere, FAILS, type Fails, failing } from '../support/unreached.ts'

const tools = merchantTools(async () => ({ SUPPORT_EMAIL: 'help@sluice.example' }))
const made = orders(() => tools.app)
const pool = () => tools.app.test.database.pool

const WHY: Record<Fails, RegExp> = {
  offline: /Sluice could not be reached\. Check your connection, and try again\./,
  'bare 500': /Something went wrong on our side\. Try again in a minute/,
  database: /Our database does not answer\. Try again in a minute\./,
}

beforeEach(async () => {
  await tools.app.reset()
  await pool().query('delete from connections')
})

const saveBar = (page: Page) => page.getByRole('button', { name: 'Save', exact: true })

/** That it was told, and where: the banner has the focus, and the toast says the same. */
async function isTold(page: Page, app: FrameLocator, title: string, how: Fails): Promise<void> {
  await app.getByRole('alert').filter({ hasText: title }).filter({ hasText: WHY[how] }).waitFor()
  await expect.poll(() => focused(frameOf(page))).toMatch(WHY[how])
  expect(await page.locator('#toast').textContent()).toContain(title)
  expect(await app.getByRole('heading', { level: 1 }).textContent()).not.toContain('went wrong')
}

describe.each(FAILS)('with %s', how => {
  it('saving a tool by the save bar throws nothing away that was typed, and it can be saved afterwards', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    const events = app.getByRole('checkbox').first()
    const was = await events.isChecked()
    await events.setChecked(!was)
    const end = await failing(page, how)
    await saveBar(page).click()
    await isTold(page, app, 'Not saved', how)
    expect(await events.isChecked()).toBe(!was)
    expect(await saveBar(page).isVisible()).toBe(true)
    if (how !== 'offline') expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/save-${how}.png` })
    await end()
    await saveBar(page).click()
    await app.getByText('Alana: settings saved').first().waitFor()
    await leave(page)
  })

  it('connecting a tool keeps the key that was typed', async () => {
    const { page, app } = await tools.open('/app/vendors/alana', { width: 390 })
    await app.getByLabel('API key').fill('ak_typed_0000')
    const end = await failing(page, how)
    for (const [button, title] of [
      ['Test and connect', 'Not saved'],
      ['Test connection', 'Not done'],
    ] as const) {
      await app.getByRole('button', { name: button }).click()
      await isTold(page, app, title, how)
      expect(await app.getByLabel('API key').inputValue()).toBe('ak_typed_0000')
    }
    expect(await sideways(page)).toBe(0)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/connect-${how}.png` })
    await end()
    await leave(page)
  })

  it('saving the settings keeps them', async () => {
    const days = String(51 + FAILS.indexOf(how))
    const { page, app } = await tools.open('/app/settings')
    await app.getByLabel('Keep events for').fill(days)
    const end = await failing(page, how)
    await saveBar(page).click()
    await isTold(page, app, 'Not saved', how)
    expect(await app.getByLabel('Keep events for').inputValue()).toBe(days)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/settings-${how}.png` })
    await end()
    await saveBar(page).click()
    await page.getByText('Settings saved').waitFor()
    await leave(page)
  })

  it('switching off, trying out and disconnecting a tool leave its page, with what is typed', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByLabel('API key').fill('ak_typed_0000')
    const end = await failing(page, how)
    await app.getByRole('button', { name: 'Switch off' }).last().click()
    await isTold(page, app, 'Not done', how)
    await app.getByRole('button', { name: 'Test the connection to Alana' }).click()
    await isTold(page, app, 'Not done', how)
    await app.getByRole('button', { name: 'Disconnect' }).last().click()
    const dialog = app.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Disconnect' }).click()
    // The dialog closed, and the page said so at its foot.
    await dialog.getByRole('alert').filter({ hasText: WHY[how] }).waitFor()
    await expect.poll(() => focused(frameOf(page))).toMatch(WHY[how])
    if (how !== 'offline') expect(await violations(page)).toEqual([])
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/disconnect-${how}.png` })
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(await app.getByLabel('API key').inputValue()).toBe('ak_typed_0000')
    await end()
    await leave(page)
  })

  it('a preview of what is not saved says so in its dialog, and leaves the form', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByLabel('API key').fill('ak_typed_0000')
    const end = await failing(page, how)
    await app.getByRole('button', { name: 'Preview with these settings' }).click()
    await app.getByRole('dialog').getByText(WHY[how]).waitFor()
    await app.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    expect(await app.getByLabel('API key').inputValue()).toBe('ak_typed_0000')
    await end()
    await leave(page)
  })

  it('sending an event again is told on its page', async () => {
    await tools.app.connect('alana')
    await made.send('orders/create')
    await tools.app.idle()
    const { rows } = await pool().query<{ id: string }>('select id from events')
    const { page, app } = await tools.open(`/app/activity/${rows[0]?.id}`)
    await app.getByRole('button', { name: 'Send again to Alana' }).click()
    const end = await failing(page, how)
    await app.getByRole('dialog').getByRole('button', { name: 'Send again', exact: true }).click()
    await isTold(page, app, 'Not done', how)
    await app.getByRole('button', { name: 'Send again to Alana' }).waitFor()
    await end()
    await leave(page)
  })

  it('finding events keeps the filters that were typed, says so beside Find, and finds them afterwards', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters', exact: true }).click()
    await app.getByLabel('Order number').fill('#28144198')
    const end = await failing(page, how)
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByRole('alert').filter({ hasText: 'Not done' }).filter({ hasText: WHY[how] }).waitFor()
    await expect.poll(() => focused(frameOf(page))).toMatch(WHY[how])
    expect(await app.getByLabel('Order number').inputValue()).toBe('#28144198')
    expect(await app.getByRole('heading', { level: 1 }).textContent()).toBe('Activity')
    expect(await sideways(page)).toBe(0)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/find-${how}.png` })
    await end()
    await app.getByRole('button', { name: 'Find' }).click()
    await app
      .getByText(/#28144198/)
      .first()
      .waitFor()
    await expect.poll(() => frameOf(page).url()).toContain('order=%2328144198')
    await leave(page)
  })

  it('a step of the guide, and a test from the list of tools, are told where they are', async () => {
    const { page, app } = await tools.open('/app')
    await app.getByRole('button', { name: 'Allow the web pixel' }).click()
    const end = await failing(page, how)
    await app.getByRole('button', { name: 'Allow the pixel' }).first().click()
    await app.getByText(WHY[how]).waitFor()
    await end()
    await leave(page)
  })
})

it('a page that cannot be had after its form was saved keeps what is typed since', async () => {
  const { page, app } = await tools.open('/app/settings')
  await app.getByLabel('Keep events for').fill('60')
  const asked = (url: URL) => url.searchParams.has('_data')
  await page.route(asked, route => (route.request().method() === 'GET' ? route.abort() : route.continue()))
  await saveBar(page).click()
  await page.getByText('Settings saved').waitFor()
  await app.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  await app.getByLabel('Keep events for').waitFor()
  await app.getByText(/What you see is as of/).waitFor()
  await page.unroute(asked)
  await leave(page)
})

it('an action that fails is told within the frame, though it takes the data of the frame', async () => {
  const { page, app } = await tools.open('/app/activity')
  await app.getByRole('button', { name: 'Filters', exact: true }).waitFor()
  // A page that has no action, so that nothing of the page's own tells it.
  await frameOf(page).evaluate(() => {
    type Sent = { formMethod: 'post'; formData: FormData }
    const { __remixRouter } = window as unknown as {
      __remixRouter: { navigate(to: string, sent: Sent): void }
    }
    const formData = new FormData()
    formData.set('intent', 'filter')
    __remixRouter.navigate('/app/activity/replays', { formMethod: 'post', formData })
  })
  await app.getByRole('heading', { level: 1, name: 'Something went wrong on our side' }).waitFor()
  // It asked to ask whoever runs Sluice, though support has an address.
  await app.getByRole('link', { name: 'help@sluice.example' }).waitFor()
  const bridges = () => document.querySelectorAll('head script[data-api-key]').length
  expect(await frameOf(page).evaluate(bridges)).toBe(1)
  await app.getByRole('button', { name: 'Try again' }).click()
  await app.getByRole('heading', { level: 1, name: 'What was sent again' }).waitFor()
  await leave(page)
})

it('has the code of the other pages before it is needed', async () => {
  const { page, app } = await tools.open('/app')
  await app.getByRole('heading', { level: 1 }).waitFor()
  await codeIsThere(page)
  await leave(page)
})
