/** Single sign-on as a person's browser goes through it: to a provider of another site and back, with a strict cookie. */
import { createServer } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount } from '../../app/support/accounts.ts'
import { listen } from '../../sandbox/vendors/listen.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { startBrowser } from '../support/browser.ts'
import { looksWell } from '../support/look.ts'
import { type OidcStandIn, startOidc } from '../support/oidc.ts'

const AGENT = { subject: 'p-1', email: 'agent@example.com', verified: true }
let provider: OidcStandIn
let app: TestApp
let browser: Browser

beforeAll(async () => {
  // Known before the app starts: the provider has its address.
  const probe = createServer()
  const { port } = new URL(await listen(probe, 0, '127.0.0.1'))
  await new Promise(resolve => probe.close(resolve))
  const appUrl = `http://127.0.0.1:${port}`
  provider = await startOidc(`${appUrl}/support/oidc/callback`, 'localhost')
  // With a page of its own in between, the way back begins at the other site.
  provider.asks = true
  app = await startApp({
    env: {
      PORT: port,
      SHOPIFY_APP_URL: appUrl,
      SUPPORT_OIDC_ISSUER: provider.issuer,
      SUPPORT_OIDC_CLIENT_ID: provider.clientId,
      SUPPORT_OIDC_CLIENT_SECRET: provider.clientSecret,
    },
  })
  const { pool, sealer } = app.server.services
  const by = { actor: 'tests', role: null, address: null }
  await addAccount({ pool, sealer }, by, AGENT.email, 'agent')
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
  await provider?.close()
})

/** A browser of its own. `errors`: what failed on its pages. */
async function opened(path: string, width = 1280): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 800 } })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', error => errors.push(error.message))
  await page.goto(`${app.url}${path}`)
  return { page, errors }
}
const signIn = async (page: Page) => {
  await page.getByRole('link', { name: 'Sign in with single sign-on' }).click()
  await page.getByRole('button', { name: 'It is me' }).click()
}

describe.each([1280, 390])('a browser of %d pixels', width => {
  it('goes to the provider and comes back to where it was going, signed in', async () => {
    provider.person = { ...AGENT }
    const { page, errors } = await opened('/support/audit?action=hold', width)
    const visited: string[] = []
    page.on('framenavigated', frame => visited.push(frame.url()))
    const asked: string[] = []
    page.on('request', request => asked.push(request.url()))
    await page.waitForURL('**/support/sign-in?to=*')
    await looksWell(page)
    await signIn(page)
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor()
    expect(page.url()).toBe(`${app.url}/support/audit?action=hold`)
    expect(asked.some(url => url.startsWith(`${provider.issuer}/auth`))).toBe(true)
    expect(visited.some(url => url.startsWith(`${app.url}/support/oidc/callback?`))).toBe(true)
    const cookies = await page.context().cookies(app.url)
    expect(cookies.map(({ name, sameSite, httpOnly }) => [name, sameSite, httpOnly])).toEqual([
      ['sluice_support', 'Strict', true],
    ])
    await page.reload()
    await page.getByText(AGENT.email).first().waitFor()
    expect(errors).toEqual([])
    await page.context().close()
  })
})

it('is back where one signs in, and told why, when the account is not there; then may be somebody else', async () => {
  provider.person = { ...AGENT, subject: 'p-9', email: 'stranger@example.com' }
  const { page } = await opened('/support/sign-in?to=%2Fsupport%2Fsessions', 390)
  await signIn(page)
  await page.getByRole('alert').getByText('There is no account here for the e-mail').waitFor()
  await looksWell(page)
  expect((await page.context().cookies(app.url)).map(({ name }) => name)).toEqual([])
  provider.person = { ...AGENT }
  await page.context().clearCookies()
  await signIn(page)
  await page.getByRole('heading', { name: 'Your sessions', level: 1 }).waitFor()
  await page.context().close()
})

it('signs out, and is asked again', async () => {
  provider.person = { ...AGENT }
  const { page } = await opened('/support')
  await signIn(page)
  const signOut = page.getByRole('menuitem', { name: 'Sign out' })
  // A page that has just come whole does not listen yet.
  await expect
    .poll(async () => {
      if (!(await signOut.isVisible()))
        await page.getByRole('button', { name: `${AGENT.email} Agent` }).click()
      return signOut.isVisible()
    })
    .toBe(true)
  await signOut.click()
  await page.getByRole('link', { name: 'Sign in with single sign-on' }).waitFor()
  await page.goto(`${app.url}/support`)
  await page.waitForURL('**/support/sign-in?to=*')
  await page.context().close()
})

it.each([1280, 390])(
  'is told that the session ended and that a page is for another role, at %d pixels',
  async width => {
    provider.person = { ...AGENT }
    const { page } = await opened('/support/sessions', width)
    await signIn(page)
    await page.getByRole('heading', { name: 'Your sessions', level: 1 }).waitFor()
    await page.goto(`${app.url}/support/accounts`)
    await page.getByRole('heading', { name: 'Not for your role', level: 1 }).waitFor()
    await looksWell(page)
    await app.server.services.pool.query('update support_sessions set revoked_at = now()')
    await page.goto(`${app.url}/support/sessions`)
    await page.getByText('Your session ended. Sign in again to go on where you were.').waitFor()
    await looksWell(page)
    // Still signed in at the provider, which does not ask again.
    await page.getByRole('link', { name: 'Sign in with single sign-on' }).click()
    await page.getByRole('heading', { name: 'Your sessions', level: 1 }).waitFor()
    await page.context().close()
  },
)
