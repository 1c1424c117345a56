/** Single sign-on at a provider that does not answer, or not as it should. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { createLog } from '../../app/log.ts'
import { createSupportOidc } from '../../app/runtime/support-oidc.ts'
import { consoleCookies } from '../../app/runtime/support-request.ts'
import { createOidc, ProviderAway } from '../../app/support/oidc.ts'
import { createThrottle } from '../../app/support/throttle.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type ConsolePeople, consoleOf, cookiesOf } from '../support/console.ts'
import { type OidcStandIn, startOidc } from '../support/oidc.ts'

const CALLBACK = 'http://127.0.0.1/support/oidc/callback'
const AWAY = 'single sign-on: the provider does not answer'
let provider: OidcStandIn
let app: TestApp
let ask: ConsolePeople['ask']

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
  ask = (await consoleOf(app)).ask
})
afterAll(async () => {
  await app?.close()
  await provider?.close()
})
beforeEach(async () => {
  Object.assign(provider, { isAway: false, cannot: null, exchanges: 0 })
  await app.test.database.pool.query('truncate support_throttle')
})

const whyNot = (answer: Response) =>
  new URL(answer.headers.get('location') ?? '', 'http://x').searchParams.get('why')
const told = async () =>
  (await app.test.database.pool.query('select actor, address from audit_entries where reason = $1', [AWAY]))
    .rows
const logged = () => app.logs.filter(line => line.includes(AWAY)).length

it('a provider that goes away once it is known is told on the form with what to do, before and after the browser was there', async () => {
  const own = await startOidc(CALLBACK)
  const oidc = createOidc(own, CALLBACK)
  const { address, attempt } = await oidc.begin()
  const back = await own.visit(address)
  await own.close()
  await expect(oidc.finish(back.searchParams, attempt)).rejects.toThrow(ProviderAway)
  const soon = { timeout: 5_000 }
  await vi.waitFor(() => expect(oidc.begin()).rejects.toThrow(ProviderAway), soon)

  const begun = await ask(null, '/support/oidc?to=%2Fsupport%2Ffleet')
  const there = await provider.visit(begun.headers.get('location') ?? '')
  provider.isAway = true
  expect(whyNot(await ask(cookiesOf(begun), `${there.pathname}${there.search}`))).toBe('away')
  await vi.waitFor(async () => expect(whyNot(await ask(null, '/support/oidc'))).toBe('away'), soon)
  for (let each = 0; each < 3; each++) expect(whyNot(await ask(null, '/support/oidc'))).toBe('away')
  provider.isAway = false
  expect(await told()).toEqual([{ actor: 'nobody', address: '127.0.0.1' }])
  const page = await (await ask(null, '/support/sign-in?why=away')).text()
  expect(page).toContain(
    'sign-in does not answer, so nobody can be signed in just now. Try again in a moment.',
  )
  const again = await vi.waitFor(async () => {
    const answer = await ask(null, '/support/oidc')
    expect(whyNot(answer)).toBeNull()
    return answer
  }, soon)
  const { pathname, search } = await provider.visit(again.headers.get('location') ?? '')
  expect((await ask(cookiesOf(again), `${pathname}${search}`)).status).toBe(200)
})

it.each([503, 429])(
  'a provider that answers %i to one attempt sent again and again was asked without end, with an error in the log each time',
  async status => {
    const begun = await ask(null, '/support/oidc')
    const back = await provider.visit(begun.headers.get('location') ?? '')
    back.searchParams.set('code', 'x')
    provider.cannot = status
    const [entries, lines] = [(await told()).length, logged()]
    const why = []
    for (let each = 0; each < 110; each++)
      why.push(whyNot(await ask(cookiesOf(begun), `${back.pathname}${back.search}`)))
    expect(provider.exchanges).toBe(100)
    expect(why).toEqual([...Array(100).fill('away'), ...Array(10).fill('wait')])
    expect([(await told()).length - entries, logged() - lines]).toEqual([1, 1])
  },
)

/** A provider that says what it is, or what is put in its place, and takes no code. */
async function startTelling() {
  const told = { asked: 0, status: 200, issuer: '' }
  const server = createServer((asked, answer) => {
    const isExchange = asked.url === '/t'
    if (!isExchange) told.asked += 1
    const { issuer } = told
    const status = isExchange ? 503 : told.status
    const addresses = { authorization_endpoint: `${at}/a`, token_endpoint: `${at}/t`, jwks_uri: `${at}/j` }
    answer.writeHead(status, { 'content-type': 'application/json' })
    answer.end(JSON.stringify({ issuer, ...addresses, response_types_supported: ['code'] }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  told.issuer = at
  return { told, oidc: createOidc({ ...provider, issuer: at }, CALLBACK) }
}

it('a provider is not asked each time that anybody begins, and may have enough of it', async () => {
  const { told, oidc } = await startTelling()
  const { issuer } = told
  await oidc.begin()
  told.status = 429
  for (let each = 0; each < 20; each++) await oidc.begin()
  expect(told.asked).toBeLessThan(10)
  await vi.waitFor(
    async () => {
      expect((await oidc.begin()).address).toContain(issuer)
      expect(told.asked).toBeGreaterThan(1)
    },
    { timeout: 10_000 },
  )
})

it('a provider that could take no code was asked what it says of itself after each that was sent to it', async () => {
  const { told, oidc } = await startTelling()
  const began = performance.now()
  for (let each = 0; each < 20; each++) {
    const { attempt } = await oidc.begin()
    const back = new URLSearchParams({ state: attempt.state, code: 'invented' })
    await expect(oidc.finish(back, attempt)).rejects.toThrow(ProviderAway)
  }
  expect(told.asked).toBeLessThanOrEqual(1 + (performance.now() - began) / 1_000)
})

it.each([
  ['a page that is not there', { status: 404 }],
  ['another issuer', { issuer: 'https://other.example.com' }],
])(
  'a provider that answers with %s was passed over in silence once it had been known',
  async (_, instead) => {
    const { told, oidc } = await startTelling()
    await oidc.begin()
    Object.assign(told, instead)
    const begun = () =>
      oidc.begin().then(
        () => 'sent there',
        error => error,
      )
    await vi.waitFor(async () => expect(await begun()).toBeInstanceOf(Error), { timeout: 5_000 })
    expect(await begun()).not.toBeInstanceOf(ProviderAway)
  },
)

it.each([
  ['with a page that is not there', { status: 404 }, Error],
  ['with another issuer', { issuer: 'https://other.example.com' }, Error],
  ['that it has had enough', { status: 429 }, ProviderAway],
  ['that it cannot', { status: 503 }, ProviderAway],
])(
  'a provider that answered a new process %s was asked at every click of anybody',
  async (_, instead, what) => {
    const { told, oidc } = await startTelling()
    const right = { status: told.status, issuer: told.issuer }
    Object.assign(told, instead)
    const began = performance.now()
    for (let each = 0; each < 20; each++) {
      const error = await oidc.begin().catch(error => error)
      expect(error).toBeInstanceOf(what)
      expect(error instanceof ProviderAway).toBe(what === ProviderAway)
    }
    expect(told.asked).toBeLessThanOrEqual(1 + (performance.now() - began) / 1_000)
    Object.assign(told, right)
    await vi.waitFor(async () => expect((await oidc.begin()).address).toContain(right.issuer), {
      timeout: 5_000,
    })
  },
)

it('who came back to a process that has had nothing but 429 from the provider was said to have failed', async () => {
  const { told, oidc } = await startTelling()
  told.status = 429
  const attempt = { state: 's', nonce: 'n', verifier: 'v' }
  const back = () => oidc.finish(new URLSearchParams({ state: 's', code: 'c' }), attempt)
  for (let each = 0; each < 20; each++) await expect(back()).rejects.toThrow(ProviderAway)
  expect(told.asked).toBeLessThan(10)
})

it('a provider that is away is told', async () => {
  const away = createOidc({ ...provider, issuer: 'http://127.0.0.1:1' }, CALLBACK)
  await expect(away.begin()).rejects.toThrow(ProviderAway)
  await expect(away.begin()).rejects.toThrow(ProviderAway)
})

/** Of a process that has just begun: what it logs, and what a click there comes to. */
function begun(issuer: string, isFirstRefusal: () => Promise<boolean>) {
  const { pool, sealer } = app.server.services
  const lines: string[] = []
  const oidc = createSupportOidc({
    ...{ pool, sealer, appUrl: 'http://127.0.0.1', trustedProxies: 0, oidc: { ...provider, issuer } },
    log: createLog('info', { write: line => void lines.push(line) }),
    cookies: consoleCookies('http://127.0.0.1'),
    throttle: { ...createThrottle(pool), isFirstRefusal },
  })
  const click = () => oidc.begin(new Request('http://127.0.0.1/support/oidc')).catch(error => error)
  return { lines, click }
}

it.each([
  ['the database was away', () => Promise.reject(new Error('the database is away'))],
  ['the audit had one of its kind', () => Promise.resolve(false)],
])('what a provider did wrong was logged nowhere where %s', async (_, isFirstRefusal) => {
  const { told } = await startTelling()
  const { lines, click } = begun(told.issuer, isFirstRefusal)
  const is = (more: string) => expect(lines.filter(line => line.includes(more)))
  told.issuer = 'https://other.example.com'
  for (let each = 0; each < 3; each++) await click()
  is('is of no use').toHaveLength(1)
  Object.assign(told, { status: 404 })
  await vi.waitFor(
    async () => {
      await click()
      is('is of no use').toHaveLength(2)
    },
    { timeout: 5_000 },
  )
  for (let each = 0; each < 3; each++) await click()
  expect(lines).toHaveLength(2)
})
