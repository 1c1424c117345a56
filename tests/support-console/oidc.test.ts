/** Single sign-on against a real provider. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../app/config.ts'
import { resetAccount, setDisabled } from '../../app/support/accounts.ts'
import { createOidc, type OidcAttempt } from '../../app/support/oidc.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type ConsolePeople, consoleOf, cookiesOf } from '../support/console.ts'
import { type OidcStandIn, startOidc } from '../support/oidc.ts'

const CALLBACK = 'http://127.0.0.1/support/oidc/callback'
const AGENT = { subject: 'p-1', email: 'agent@example.com', verified: true }
let provider: OidcStandIn
let app: TestApp
let tools: Pick<ConsolePeople, 'ask' | 'people'>

beforeAll(async () => {
  provider = await startOidc(CALLBACK)
  app = await startApp({
    env: {
      SHOPIFY_APP_URL: 'http://127.0.0.1',
      SUPPORT_OIDC_ISSUER: provider.issuer,
      SUPPORT_OIDC_CLIENT_ID: provider.clientId,
      SUPPORT_OIDC_CLIENT_SECRET: provider.clientSecret,
    },
  })
  tools = await consoleOf(app)
})
afterAll(async () => {
  await app?.close()
  await provider?.close()
})
beforeEach(async () => {
  provider.person = { ...AGENT }
  await app.test.database.pool.query('update support_accounts set oidc_subject = null, disabled_at = null')
  await app.test.database.pool.query('truncate support_throttle')
})

const { ask } = {
  ask: (...args: Parameters<ConsolePeople['ask']>) => tools.ask(...args),
}

/** From the page where one signs in to the answer of the callback. */
async function signIn(
  to = '/support/accounts',
  change: (search: URLSearchParams) => void = () => {},
): Promise<Response> {
  const begun = await ask(null, `/support/oidc?${new URLSearchParams({ to })}`)
  const back = await provider.visit(begun.headers.get('location') ?? '')
  change(back.searchParams)
  return ask(cookiesOf(begun), `${back.pathname}${back.search}`)
}

const whyNot = (answer: Response) => [
  answer.status,
  new URL(answer.headers.get('location') ?? '', 'http://x').searchParams.get('why'),
]
const newestEntry = async () =>
  (await app.test.database.pool.query('select * from audit_entries order by id desc limit 1')).rows[0]

describe('signing in', () => {
  it('leads by a page of our own to where somebody was going, with a strict cookie', async () => {
    const answer = await signIn('/support/accounts?a=1&b="2')
    expect(answer.status).toBe(200)
    const html = await answer.text()
    expect(html).toContain('content="0;url=/support/accounts?a=1&amp;b=%222"')
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    const [session = ''] = answer.headers.getSetCookie()
    expect(session).toMatch(/^sluice_support=\S+;.*HttpOnly; SameSite=Strict$/)
    const inside = await ask(session.split(';')[0] ?? '', '/support')
    expect(inside.status).toBe(200)
    expect(await inside.text()).toContain('agent@example.com')
    expect(await newestEntry()).toMatchObject({
      actor: 'agent@example.com',
      role: 'agent',
      action: 'sign_in',
      after: { issuer: provider.issuer },
    })
  })

  it('keeps what it remembers for ten minutes, for this host, out of scripts, and sealed', async () => {
    const begun = await ask(null, '/support/oidc')
    const [kept = ''] = begun.headers.getSetCookie()
    expect(kept).toMatch(/^sluice_oidc=\S+; Max-Age=600; Path=\/;.* HttpOnly; SameSite=Lax$/)
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? ''
    expect(Buffer.from(kept.split('=')[1] ?? '', 'base64').toString('latin1')).not.toContain(state)
  })

  it('knows somebody by the provider’s own name of them once it is known, whatever the e-mail is then', async () => {
    await signIn()
    provider.person = { ...AGENT, email: 'renamed@example.com', verified: false }
    expect((await signIn()).status).toBe(200)
    expect(await newestEntry()).toMatchObject({ actor: 'agent@example.com', action: 'sign_in' })
  })

  it('finds an account by a verified e-mail, in whatever case', async () => {
    provider.person = { ...AGENT, email: 'Agent@Example.com' }
    expect((await signIn()).status).toBe(200)
  })

  it.each([
    ['unknown', { ...AGENT, email: 'stranger@example.com' }],
    ['unverified', { ...AGENT, verified: false }],
  ])('turns away who is %s, and writes it down', async (why, person) => {
    provider.person = person
    const answer = await signIn()
    expect(whyNot(answer)).toEqual([302, why])
    expect(answer.headers.getSetCookie().join()).not.toContain('sluice_support')
    expect(await newestEntry()).toMatchObject({ actor: 'nobody', action: 'sign_in_failed' })
  })

  it('turns away an account that is disabled', async () => {
    const { pool, sealer } = app.server.services
    const by = { actor: 'tests', role: null, address: null }
    await setDisabled({ pool, sealer }, by, 'agent@example.com', true)
    expect(whyNot(await signIn())).toEqual([302, 'disabled'])
    expect(await newestEntry()).toMatchObject({ actor: 'agent@example.com', action: 'sign_in_failed' })
  })

  it('turns away who was given the e-mail of somebody else', async () => {
    await signIn()
    provider.person = { ...AGENT, subject: 'p-2' }
    expect(whyNot(await signIn())).toEqual([302, 'other_subject'])
  })

  it('signs in who was given the e-mail of somebody else once an admin has reset the account', async () => {
    await signIn()
    provider.person = { ...AGENT, subject: 'p-2' }
    const { pool, sealer } = app.server.services
    const by = { actor: 'tests', role: null, address: null }
    await resetAccount({ pool, sealer }, by, AGENT.email)
    expect((await signIn()).status).toBe(200)
    provider.person = { ...AGENT }
    expect(whyNot(await signIn())).toEqual([302, 'other_subject'])
  })

  it('writes down once who is turned away again and again, and no e-mail of a stranger', async () => {
    provider.person = { subject: 'p-9', email: 'again@stranger.example.com', verified: true }
    const before = await newestEntry()
    for (let each = 0; each < 3; each++) expect(whyNot(await signIn())).toEqual([302, 'unknown'])
    const { rows } = await app.test.database.pool.query('select * from audit_entries where id > $1', [
      before.id,
    ])
    expect(rows).toMatchObject([{ actor: 'nobody', reason: 'single sign-on: no such account' }])
    expect(rows[0].subject).toBe('a…@stranger.example.com')
    expect(JSON.stringify(rows)).not.toContain('again@')
  })

  it.each<[string, (search: URLSearchParams) => void]>([
    ['another state', search => search.set('state', 'another')],
    ['no state', search => search.delete('state')],
    ['another code', search => search.set('code', 'another')],
    ['another provider’s answer', search => search.set('iss', 'https://other.example.com')],
    ['an error', search => search.set('error', 'access_denied')],
  ])('does not take %s', async (_, change) => {
    expect(whyNot(await signIn('/support', change))).toEqual([302, 'failed'])
  })

  it('does not take an answer without what this browser remembers, or with what was changed of it', async () => {
    const begun = await ask(null, '/support/oidc')
    const back = await provider.visit(begun.headers.get('location') ?? '')
    const path = `${back.pathname}${back.search}`
    expect(whyNot(await ask(null, path))).toEqual([302, 'expired'])
    expect(whyNot(await ask(`${cookiesOf(begun)}x`, path))).toEqual([302, 'expired'])
  })

  it('makes an address wait that comes back too often, and counts nobody who is signed in', async () => {
    const begun = await ask(null, '/support/oidc')
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? ''
    const guess = (code: string) =>
      ask(cookiesOf(begun), `/support/oidc/callback?${new URLSearchParams({ state, code })}`)
    for (let each = 0; each < 3; each++) expect((await signIn()).status).toBe(200)
    for (let each = 0; each < 50; each++) expect(whyNot(await guess(`${each}`))).toEqual([302, 'failed'])
    for (let each = 0; each < 3; each++) expect(whyNot(await signIn())).toEqual([302, 'wait'])
    const { rows } = await app.test.database.pool.query(
      `select actor, address from audit_entries where reason = 'single sign-on: too many attempts'`,
    )
    expect(rows).toEqual([{ actor: 'nobody', address: '127.0.0.1' }])
    const page = await ask(null, '/support/sign-in?why=wait')
    expect(await page.text()).toContain('Try again in 15 minutes')
  })

  it.each(['https://evil.example.com/', '//evil.example.com', '/support/oidc', '/app'])(
    'goes to the console, not to %s',
    async to => {
      expect(await (await signIn(to)).text()).toContain('content="0;url=/support"')
    },
  )

  it('leaves passwords no way in', async () => {
    const { email, password } = tools.people.admin
    const body = new URLSearchParams({ email, password, code: '000000' })
    expect((await ask(null, '/support/sign-in', { method: 'POST', body })).status).toBe(403)
    const page = await (await ask(null, '/support/sign-in')).text()
    expect(page).toContain('Sign in with single sign-on')
    expect(page).not.toContain('type="password"')
  })
})

describe('the provider’s answer', () => {
  const attempted = async (change: Partial<OidcAttempt>) => {
    const oidc = createOidc(provider, CALLBACK)
    const { address, attempt } = await oidc.begin()
    const back = await provider.visit(address)
    return oidc.finish(back.searchParams, { ...attempt, ...change })
  }

  it('names the person', async () => {
    expect(await attempted({})).toEqual({
      issuer: provider.issuer,
      subject: 'p-1',
      email: 'agent@example.com',
    })
  })

  it.each([{ nonce: 'another' }, { state: 'another' }, { verifier: 'another'.repeat(8) }])(
    'does not count with %j',
    async change => {
      await expect(attempted(change)).rejects.toThrow()
    },
  )

  it('does not count from who says to be another issuer', async () => {
    const { port } = new URL(provider.issuer)
    const oidc = createOidc({ ...provider, issuer: `http://localhost:${port}` }, CALLBACK)
    await expect(oidc.begin()).rejects.toThrow()
  })
})

describe('the settings', () => {
  const base = {
    SHOPIFY_API_KEY: 'k',
    SHOPIFY_API_SECRET: 's',
    SHOPIFY_APP_URL: 'https://sluice.example.com',
    SCOPES: 'read_orders',
    SLUICE_SECRETS_KEYS: `a:${Buffer.alloc(32).toString('base64')}`,
  }
  it('are all there or none', () => {
    expect(readConfig(base).supportOidc).toBeNull()
    expect(() => readConfig({ ...base, SUPPORT_OIDC_CLIENT_ID: 'x' })).toThrow(
      'SUPPORT_OIDC_CLIENT_ID is set, but not SUPPORT_OIDC_ISSUER and SUPPORT_OIDC_CLIENT_SECRET: single sign-on needs all three; set them, or none.',
    )
  })
  it.each(['login.example.com', 'http://login.example.com', 'ftp://x'])('refuse the issuer %s', issuer => {
    expect(() => readConfig({ ...base, SUPPORT_OIDC_ISSUER: issuer })).toThrow(/^SUPPORT_OIDC_ISSUER must be/)
  })
})
