/** Signing in to the support console in a browser. */
import { beforeEach, describe, expect, it } from 'vitest'
import { carry, consoleTools, cookiesOf } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { signInTools } from '../support/sign-in.ts'

const support = consoleTools()
const { send, typedBy } = signInTools(support)
const pool = () => support.app.server.services.pool

beforeEach(() => pool().query('truncate support_throttle'))

describe.each([1280, 390])('a browser of %d pixels', width => {
  it('signs in with a password and a code, goes where it was going, and signs out', async () => {
    const { app, browser, people } = support
    const context = await browser.newContext({ viewport: { width, height: 800 } })
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const errors: string[] = []
    page.on('console', message => message.type() === 'error' && errors.push(message.text()))
    page.on('pageerror', error => errors.push(error.message))
    await page.goto(`${app.url}/support/accounts`)
    await page.waitForURL('**/support/sign-in?to=%2Fsupport%2Faccounts')
    expect(await page.title()).toBe('Sign in · Sluice support')
    await looksWell(page)
    await page.getByLabel('E-mail').fill('ADMIN@example.com ')
    await page.getByLabel('Password').fill(people.admin.password)
    await page.getByLabel('Code').fill('000 000')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('That was not right.').waitFor()
    // What was spent is gone, and a new code can be typed at once; the rest stays.
    const code = page.getByLabel('Code')
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'code')
    expect(await code.inputValue()).toBe('')
    expect(await page.getByLabel('E-mail').inputValue()).toBe('ADMIN@example.com')
    expect(await page.getByLabel('Password').inputValue()).toBe(people.admin.password)
    await looksWell(page)
    await page.getByLabel('Code').fill(await support.freshCode(people.admin))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Accounts', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/support/accounts')
    await looksWell(page)
    await page.getByRole('button', { name: 'admin@example.com Admin' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
    await looksWell(page)
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL('**/support/sign-in')
    await page.goto(`${app.url}/support`)
    await page.waitForURL('**/support/sign-in?to=%2Fsupport')
    expect(await page.getByText('Your session ended.').count()).toBe(0)
    // The browser says itself that it was told no.
    expect(errors.filter(error => !error.includes('401'))).toEqual([])
    await context.close()
  })

  it("shows an account's password and secret once, and its role, state and sessions are changed", async () => {
    const { app } = support
    const page = await support.open('admin', '/support/accounts', { width })
    const name = `new-${width}@example.com`
    await page.getByLabel('E-mail').fill(name)
    await page.getByLabel('Role', { exact: true }).selectOption('agent')
    await page.getByRole('button', { name: 'Add account' }).click()
    await page.getByRole('heading', { name: `Signing in as ${name}` }).waitFor()
    await page.getByRole('img', { name: 'The secret as a picture' }).waitFor()
    const [password = '', secret = ''] = await page.locator('code').allTextContents()
    await looksWell(page)
    const person = { email: name, password, secret, role: 'agent', address: '' } as const
    const cookie = cookiesOf(await send(await typedBy(person)))
    expect((await support.ask(cookie, '/support')).status).toBe(200)
    await page.getByRole('button', { name: 'I have noted it' }).click()
    await page.reload()
    expect(await page.content()).not.toContain(password)
    await page.getByRole('button', { name: `Disable: ${name}` }).click()
    await page
      .getByRole('dialog')
      .getByRole('heading', { name: `Disable ${name}?` })
      .waitFor()
    await looksWell(page)
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await page.getByText(`${name} is disabled`).waitFor()
    expect((await support.ask(cookie, '/support')).status).toBe(302)
    expect((await send(await typedBy(person))).status).toBe(401)
    await page.getByRole('button', { name: `Enable: ${name}` }).click()
    await page.getByText(`${name} can sign in again`).waitFor()
    expect((await send(await typedBy(person))).status).toBe(302)
    for (let each = 0; each < 10; each++) await send({ email: name, password: 'guess', code: '123456' })
    expect((await send(await typedBy(person))).status).toBe(429)
    await page.reload()
    await page.getByText('Too many failed tries').waitFor()
    await looksWell(page)
    await page.getByRole('button', { name: `Unlock: ${name}` }).click()
    await page.getByText(`Failed tries to sign in as ${name} are forgotten`).waitFor()
    expect(await page.getByRole('button', { name: `Unlock: ${name}` }).count()).toBe(0)
    expect((await send(await typedBy(person))).status).toBe(302)
    await page.goto(`${app.url}/support/sessions`)
    await page.getByText('This browser').waitFor()
    await looksWell(page)
    await page.context().close()
  })
})

it.each([1280, 390])(
  'whose session ends while it works is told so, and goes on where it was, at %d pixels',
  async width => {
    const page = await support.open('viewer', '/support/fleet', { width })
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor()
    await pool().query('update support_sessions set revoked_at = now()')
    await page.reload()
    await page.getByText('Your session ended. Sign in again to go on where you were.').waitFor()
    await looksWell(page)
    const { email, password } = support.people.viewer
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByLabel('Code').fill(await support.freshCode(support.people.viewer))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor()
    await page.context().close()
  },
)

describe('the cookies of a browser that was signed in over HTTP', () => {
  it('sign a browser in that carries them', async () => {
    const context = await support.browser.newContext()
    await carry(context, support.app.url, await support.signedIn('agent'))
    const page = await context.newPage()
    await page.goto(`${support.app.url}/support/accounts`)
    await page.getByRole('heading', { name: 'Not for your role' }).waitFor()
    await looksWell(page)
    await context.close()
  })
})
