/** What is typed in a dialog of the console when the session ends is there again once its person has signed in, and so is the dialog. */
import type { Locator, Page, Route } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { consoleTools } from '../support/console.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const support = consoleTools()
const made = orders(() => support.app)
const pool = () => support.app.server.services.pool
const AT = `/support/shops/${SHOP}`
const WHY = 'Their servers are down, as they told us at length.'
let story: string

beforeAll(async () => {
  await support.app.connect('alana')
  await made.send('orders/create', { name: '#1' })
  await support.app.idle()
  const { rows } = await pool().query<{ id: string }>('select id from events')
  story = `${AT}/events/${rows[0]?.id}`
})

// One that fails leaves its hold to none that follows.
beforeEach(() =>
  pool().query('update connections set hold_reason = null, hold_since = null, hold_until = null'),
)

const ENDS = { revoked: 'revoked_at = now()', expired: 'expires_at = now()' }

/** The session ends, and the button leads to the form: what the page asks by itself would lead there first, and waits meanwhile. */
async function endsAt(page: Page, button: Locator, how: keyof typeof ENDS = 'revoked'): Promise<void> {
  await expect.poll(() => button.isEnabled(), { timeout: 10_000 }).toBe(true)
  const pressed = Promise.withResolvers<void>()
  const waits = async (route: Route) => {
    if (route.request().method() === 'GET') await pressed.promise
    await route.fallback()
  }
  const data = (url: URL) => url.searchParams.has('_data')
  await page.route(data, waits)
  await pool().query(`update support_sessions set ${ENDS[how]}`)
  const answered = page.waitForResponse(response => response.request().method() === 'POST')
  await button.click()
  await answered
  pressed.resolve()
  await page.waitForURL('**/support/sign-in?**')
  await page.unroute(data, waits)
}

/** The same, and whoever signs in there is back on the page. */
async function endedAt(page: Page, button: Locator, how: keyof typeof ENDS): Promise<void> {
  const { pathname, search } = new URL(page.url())
  await endsAt(page, button, how)
  await page.waitForURL(`**/support/sign-in?${new URLSearchParams({ to: pathname + search })}`)
  await page.getByText('Your session ended.').waitFor()
  await signsIn(page, 'agent')
  await page.waitForURL(`**${pathname}${search}`)
  // The address is the page's own before the page is there, and the form has a heading as well.
  await page.getByLabel('Password').waitFor({ state: 'detached' })
  await page.getByRole('heading', { level: 1 }).waitFor()
}

async function signsIn(page: Page, role: 'agent' | 'admin'): Promise<void> {
  const { email, password } = support.people[role]
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByLabel('Code').fill(await support.freshCode(support.people[role]))
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** But for how far down somebody had scrolled, which the router keeps when a page is loaded anew. */
const kept = (page: Page) =>
  page.evaluate(() =>
    Object.entries(sessionStorage)
      .flatMap(([key, value]) => (key === 'positions' ? [] : [value]))
      .join('\n'),
  )

describe.each(['revoked', 'expired'] as const)('a session that is %s', how => {
  it('leaves the reason and the end of a hold, and the reason of its release', async () => {
    const page = await support.open('agent', AT, { width: how === 'revoked' ? 1280 : 390 })
    const dialog = page.getByRole('dialog')
    const opens = () => page.getByRole('button', { name: 'Hold Alana…' }).click()
    const confirm = dialog.getByRole('button', { name: 'Hold Alana' })
    await opens()
    await dialog.getByText('Nothing is to be sent just now.').waitFor()
    await dialog.getByLabel('Reason').fill(WHY)
    await dialog.getByLabel('Ends by itself').fill('2099-01-01T10:00')
    await endedAt(page, confirm, how)
    await expect.poll(() => dialog.getByLabel('Reason').inputValue()).toBe(WHY)
    expect(await dialog.getByLabel('Ends by itself').inputValue()).toBe('2099-01-01T10:00')
    expect(await kept(page)).not.toContain(WHY)
    await confirm.click()
    await page.getByText('Alana is on hold;').waitFor()
    const releases = () => page.getByRole('button', { name: 'Release Alana…' }).click()
    await releases()
    await dialog.getByLabel('Reason').fill('They are back.')
    await endedAt(page, dialog.getByRole('button', { name: 'Release Alana' }), how)
    await expect.poll(() => dialog.getByLabel('Reason').inputValue()).toBe('They are back.')
    await dialog.getByRole('button', { name: 'Release Alana' }).click()
    await page.getByText('Not held').waitFor()
    await opens()
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('')
    expect(await kept(page)).toBe('')
    await leave(page)
  }, 60_000)
})

it('the reason to reveal a person is left, never the person', async () => {
  const page = await support.open('agent', story)
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Write it down and reveal' })
  await page.getByRole('button', { name: 'Reveal…' }).click()
  await dialog.getByLabel('Reason').fill(WHY)
  await endedAt(page, confirm, 'revoked')
  await expect.poll(() => dialog.getByLabel('Reason').inputValue()).toBe(WHY)
  await confirm.click()
  await page.getByText('Shown once, for this event.').waitFor()
  await page.getByRole('button', { name: 'Send again' }).click()
  await dialog.getByLabel('Reason').fill('Asked by the merchant.')
  await endedAt(page, dialog.getByRole('button', { name: 'Send again' }), 'expired')
  expect(await kept(page)).toBe('')
  await page.getByRole('button', { name: 'Send again' }).click()
  expect(await dialog.getByLabel('Reason').inputValue()).toBe('Asked by the merchant.')
  await dialog.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('It is on its way again.').waitFor()
  expect(await kept(page)).toBe('')
  await leave(page)
}, 60_000)

it('why several are sent again is left, with the filter they were found by', async () => {
  const page = await support.open('agent', `${AT}/activity?outcome=delivered`)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Send again…' }).click()
  await dialog.getByLabel('Reason').fill(WHY)
  await endedAt(page, dialog.getByRole('button', { name: /^Send/ }), 'revoked')
  await expect.poll(() => dialog.getByLabel('Reason').inputValue()).toBe(WHY)
  await leave(page)
}, 60_000)

it('why a vendor is held for all shops is left, with the shops that were chosen', async () => {
  const page = await support.open('agent', '/support/fleet?kind=hold&vendor=alana&shops=&heldFor=')
  await page.getByLabel('Reason').fill(WHY)
  await endedAt(page, page.getByRole('button', { name: 'Hold for 1 shop' }), 'revoked')
  await page.waitForFunction(
    why => [...document.querySelectorAll('textarea')].some(e => e.value === why),
    WHY,
  )
  await leave(page)
}, 60_000)

it('somebody else who signs in there finds nothing of it', async () => {
  const page = await support.open('agent', AT)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Hold Alana…' }).click()
  await dialog.getByText('Nothing is to be sent just now.').waitFor()
  await dialog.getByLabel('Reason').fill(WHY)
  await endsAt(page, dialog.getByRole('button', { name: 'Hold Alana' }))
  await signsIn(page, 'admin')
  await page.getByRole('button', { name: 'Hold Alana…' }).click()
  await dialog.getByText('Nothing is to be sent just now.').waitFor()
  expect(await dialog.getByLabel('Reason').inputValue()).toBe('')
  expect(await kept(page)).toBe('')
  await leave(page)
}, 60_000)

it('whoever signs out on purpose leaves nothing', async () => {
  const page = await support.open('agent', '/support/fleet?kind=hold&vendor=alana&shops=&heldFor=')
  await page.getByLabel('Reason').fill(WHY)
  await page.evaluate(key => sessionStorage.setItem(key, 'kept'), `typed:${support.people.agent.email}:/x:y`)
  const signOut = page.getByRole('menuitem', { name: 'Sign out' })
  await expect
    .poll(async () => {
      if (!(await signOut.isVisible()))
        await page.getByRole('button', { name: support.people.agent.email }).click()
      return signOut.isVisible()
    })
    .toBe(true)
  await signOut.click()
  await page.waitForURL('**/support/sign-in')
  await page.getByLabel('Password').waitFor()
  await expect.poll(() => kept(page)).toBe('')
  await leave(page)
}, 60_000)

it('what nobody changed is not kept', async () => {
  const page = await support.open('agent', AT)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Hold Alana…' }).click()
  await dialog.getByLabel('Reason').fill(WHY)
  await dialog.getByRole('button', { name: 'Hold Alana' }).click()
  await page.getByText('Alana is on hold;').waitFor()
  await page.getByRole('button', { name: 'Change hold of Alana…' }).click()
  const reason = dialog.getByLabel('Reason')
  expect(await reason.inputValue()).toBe(WHY)
  await endsAt(page, dialog.getByRole('button', { name: 'Change the hold', exact: true }))
  await page.getByLabel('Password').waitFor()
  expect(await kept(page)).toBe('')
  await leave(page)
}, 60_000)
