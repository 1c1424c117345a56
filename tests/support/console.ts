/** Support at work: the app, an account of each role, and the console in a real browser. Call at a test file's top level. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { addAccount, type Given } from '../../app/support/accounts.ts'
import { codeAt } from '../../app/support/codes.ts'
import { ROLES, type Role } from '../../app/support/roles.ts'
import { type AppOptions, startApp, type TestApp } from './app.ts'
import { startBrowser } from './browser.ts'
import { tabsIn } from './tabs.ts'

export type ConsoleTools = {
  app: TestApp
  browser: Browser
  /** An account of each role: what its person knows. */
  people: Record<Role, Given>
  /** A further account. */
  person(email: string, role: Role): Promise<Given>
  /**
   * A code that counts: the next one of the account that has not been used. The last that did is forgotten, so that a test need not
   * wait for half a minute.
   */
  freshCode(person: Given): Promise<string>
  /** Signs in over HTTP. @returns what a signed-in browser sends as its `cookie` */
  signedIn(role: Role): Promise<string>
  /** A request of a signed-in browser. @param cookie as `signedIn` gives it; null: of nobody */
  ask(cookie: string | null, path: string, init?: RequestInit): Promise<Response>
  /** A browser's page, signed in by its form. @param width of the window in CSS pixels */
  open(role: Role, path?: string, options?: { width?: number }): Promise<Page>
}

/** Pages that are open in the browser are reached without TLS here, so the app's address says so too. */
const ENV = { SHOPIFY_APP_URL: 'http://127.0.0.1' }

export function consoleTools(options: AppOptions = {}): ConsoleTools {
  const tools = {} as ConsoleTools
  beforeAll(async () => {
    const app = await startApp({ ...options, env: { ...ENV, ...options.env } })
    Object.assign(tools, { app }, await consoleOf(app))
    tools.browser = await startBrowser()
  })
  afterAll(async () => {
    await tools.browser?.close()
    await tools.app?.close()
  })
  const open: ConsoleTools['open'] = (role, path = '/support', { width = 1280 } = {}) =>
    openSignedIn(tools, tools, role, path, width)
  return Object.assign(tools, { open })
}

/** A browser's page, signed in over HTTP, once it is there. @param width of the window in CSS pixels */
export async function openSignedIn(
  { app, browser }: { app: Pick<TestApp, 'url'>; browser: Browser },
  { signedIn }: Pick<ConsolePeople, 'signedIn'>,
  role: Role,
  path: string,
  width: number,
): Promise<Page> {
  const page = await tabsIn(browser)(width)
  page.setDefaultTimeout(15_000)
  await carry(page.context(), app.url, await signedIn(role))
  await page.goto(`${app.url}${path}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  return page
}

export type ConsolePeople = Pick<ConsoleTools, 'people' | 'person' | 'freshCode' | 'signedIn' | 'ask'>

/** The same without a browser, of an app that runs. */
export async function consoleOf(app: Pick<TestApp, 'url' | 'server'>): Promise<ConsolePeople> {
  const { pool, sealer } = app.server.services
  const by = { actor: 'tests', role: null, address: null }
  const person = (email: string, role: Role) => addAccount({ pool, sealer }, by, email, role)
  const people = {} as Record<Role, Given>
  for (const role of ROLES) people[role] = await person(`${role}@example.com`, role)
  const ask: ConsolePeople['ask'] = (cookie, path, { headers, ...init } = {}) =>
    fetch(`${app.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { origin: app.url, ...(cookie !== null && { cookie }), ...headers },
    })
  async function freshCode({ email, secret }: Given): Promise<string> {
    await pool.query('update support_accounts set totp_step = null where email = $1', [email])
    return codeAt(secret, new Date())
  }
  async function signedIn(role: Role): Promise<string> {
    const { email, password } = people[role]
    const code = await freshCode(people[role])
    const answer = await ask(null, '/support/sign-in', {
      method: 'POST',
      body: new URLSearchParams({ email, password, code }),
    })
    if (answer.status !== 302) throw new Error(`not signed in: ${answer.status} ${await answer.text()}`)
    return cookiesOf(answer)
  }
  return { people, person, freshCode, signedIn, ask }
}

/** What an answer sets, as a browser sends it back. */
export function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
}

/** Gives a browser cookies that came over HTTP. */
export async function carry(context: BrowserContext, url: string, cookie: string): Promise<void> {
  const pairs = cookie.split('; ').map(pair => pair.split(/=(.*)/s))
  await context.addCookies(
    pairs.map(([name = '', value = '']) => ({
      name,
      value,
      url,
      httpOnly: true,
      sameSite: 'Strict' as const,
    })),
  )
}
