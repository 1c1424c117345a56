/**
 * Every route and action of the support console, asked by nobody, each role, a merchant, and with sessions that are over: each
 * gets what it should and nothing more. The routes are the build's: one that is added is tried, or fails until somebody says who
 * may ask it.
 */
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { atLeast, ROLES, type Role } from '../../app/support/roles.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import {
  type AdminRoute,
  addressesOf,
  consoleRoutesOf,
  dataAddress,
  serverBuild,
} from '../support/admin-routes.ts'
import { SECRET, SETTINGS, SHOP, startApp, type TestApp } from '../support/app.ts'
import { type ConsolePeople, consoleOf } from '../support/console.ts'
import { API_KEY } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { digestOf } from '../support/tenants.ts'
import {
  actionCases,
  type ConsoleCase,
  type ConsoleTargets,
  type Least,
  LOADERS,
  QUERIES,
} from './matrix-cases.ts'

vi.setConfig({ testTimeout: 120_000 })

const ORDER = '#771177'
const SPARE = 'spare@example.com'
const routes = consoleRoutesOf(await serverBuild())
const loading = routes.filter(({ hasLoader }) => hasLoader).map(route => [route.id, route] as const)
const acting = routes.filter(({ hasAction }) => hasAction).map(route => [route.id, route] as const)

let app: TestApp
let people: ConsolePeople
let targets: ConsoleTargets
let values: Record<string, string[]>
/** What would give away a shop, or who works here. */
let markers: string[]
let cookies: Record<Role, string>
/** Of sessions that were good once. */
let over: Record<'expired' | 'idle' | 'revoked' | 'disabled', string>
const made = orders(() => app)

beforeAll(async () => {
  app = await startApp({ env: { SHOPIFY_APP_URL: 'http://127.0.0.1' } })
  people = await consoleOf(app)
  await app.connect('alana')
  await app.connect('voucherify', SETTINGS.voucherify)
  await made.send('orders/create', { name: ORDER })
  await app.idle()
  await people.person(SPARE, 'viewer')
  cookies = {} as typeof cookies
  for (const role of ROLES) cookies[role] = await people.signedIn(role)
  over = {
    expired: await ended("expires_at = now() - interval '1 second'"),
    idle: await ended("seen_at = now() - interval '13 hours'"),
    revoked: await ended('revoked_at = now()'),
    disabled: await ofADisabled(),
  }
  const { rows } = await pool().query<{ id: string }>("select id from events where type = 'order_created'")
  const { rows: sessions } = await pool().query<{ session: string }>(
    `select token_hash as session from support_sessions s join support_accounts a on a.id = account_id
     where a.role = 'admin' and revoked_at is null and expires_at > now() and a.disabled_at is null limit 1`,
  )
  const session = sessions[0]?.session ?? ''
  const fleet = uuidv7()
  await pool().query(
    `insert into fleet_actions (id, action, vendor, filter, reason, actor, state, total)
     values ($1, 'hold', 'alana', $2, 'A test of all routes.', 'tests', 'stopped', 0)`,
    [fleet, { shops: '', states: [], heldFor: null }],
  )
  targets = { shop: SHOP, event: rows[0]?.id ?? '', vendor: 'voucherify', fleet, account: SPARE, session }
  values = { shop: [SHOP], event: [targets.event], action: [fleet], vendor: [targets.vendor] }
  markers = [SHOP, ORDER, targets.event, SPARE]
}, 60_000)
afterAll(() => app?.close())

const pool = () => app.test.database.pool

/** An admin's session of which this was made so. */
async function ended(how: string): Promise<string> {
  const cookie = await people.signedIn('admin')
  await pool().query(
    `update support_sessions set ${how} where created_at = (select max(created_at) from support_sessions)`,
  )
  return cookie
}

/** An admin who may work here no more, with a session that nobody has ended. */
async function ofADisabled(): Promise<string> {
  const gone = await people.person('gone@example.com', 'admin')
  const code = await people.freshCode(gone)
  const { email, password } = gone
  const answer = await people.ask(null, '/support/sign-in', {
    method: 'POST',
    body: new URLSearchParams({ email, password, code }),
  })
  await pool().query('update support_accounts set disabled_at = now() where email = $1', [email])
  return answer.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
}

const listed = (params: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]]))
const loads = (route: AdminRoute) =>
  addressesOf(route, values)
    .map(path => (QUERIES[route.id] ? `${path}?${QUERIES[route.id]}` : path))
    .flatMap(path => [dataAddress(route, path), path])
const casesOf = (route: AdminRoute): readonly ConsoleCase[] => actionCases(targets)[route.id] ?? []
const addressOf = (route: AdminRoute, { params }: ConsoleCase) =>
  addressesOf(route, { ...values, ...listed(params ?? {}) }).map(path => dataAddress(route, path))[0] ?? ''
const post = (form: Readonly<Record<string, string>>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(form),
})

/** A redirect, as a browser sees it and as Remix tells a page's script. */
const sentTo = (answer: Response) =>
  answer.headers.get('location') ?? answer.headers.get('x-remix-redirect') ?? null
const may = (role: Role, least: Exclude<Least, 'absent'>) => least === 'anybody' || atLeast(role, least)

/** All that an answer says and the question did not. */
async function told(answer: Response, asked: string): Promise<string[]> {
  const text = `${await answer.text()} ${decodeURIComponent(sentTo(answer) ?? '')}`
  return markers.filter(marker => text.includes(marker) && !decodeURIComponent(asked).includes(marker))
}

/** All that is kept, but when a session was last used, which reading moves. */
async function kept(): Promise<unknown> {
  await app.idle()
  // What has begun is done before anything is compared.
  await vi.waitFor(async () => {
    const { rowCount } = await pool().query("select from fleet_actions where state = 'running'")
    expect(rowCount).toBe(0)
  }, 15_000)
  const { rows } = await pool().query(
    `select (select count(*) from support_sessions where revoked_at is null) as sessions,
            (select count(*) from audit_entries where action not like 'sign%') as entries,
            (select jsonb_agg(to_jsonb(a) - 'signed_in_at' - 'totp_step' order by id) from support_accounts a) as accounts,
            (select count(*) from fleet_actions) as fleet`,
  )
  return [await digestOf(pool()), rows]
}

describe('the routes of the console', () => {
  it('are all known, with whom they are for', () => {
    expect(Object.keys(LOADERS).sort()).toEqual(loading.map(([id]) => id).sort())
    expect(Object.keys(actionCases(targets)).sort()).toEqual(acting.map(([id]) => id).sort())
  })
})

describe.each(ROLES)('a member of support who is %s', role => {
  it.each(loading)('loads %s or is refused', async (id, route) => {
    const least = LOADERS[id] ?? 'admin'
    for (const path of loads(route)) {
      const answer = await people.ask(cookies[role], path)
      if (least === 'absent') expect([path, answer.status, await told(answer, path)]).toEqual([path, 404, []])
      else if (route.isMissing) expect([path, answer.status]).toEqual([path, 404])
      else if (may(role, least)) expect([path, answer.status < 400]).toEqual([path, true])
      else expect([path, answer.status, await told(answer, path)]).toEqual([path, 403, []])
    }
  })

  it.each(acting)('cannot do more by %s than it may', async (_, route) => {
    const before = await kept()
    for (const each of casesOf(route).filter(({ least }) => !may(role, least))) {
      const path = addressOf(route, each)
      const answer = await people.ask(cookies[role], path, post(each.form))
      expect([each.tell, answer.status, await told(answer, path)]).toEqual([each.tell, 403, []])
    }
    expect(await kept()).toEqual(before)
  })
})

type Stranger = () => Promise<{ cookie: string | null; headers?: Record<string, string> }>
const strangers: [string, Stranger][] = [
  ['nobody', async () => ({ cookie: null })],
  ['somebody with a word for a session', async () => ({ cookie: 'sluice_support=open-sesame' })],
  ['somebody whose session has expired', async () => ({ cookie: over.expired })],
  ['somebody who was away too long', async () => ({ cookie: over.idle })],
  ['somebody whose session was ended', async () => ({ cookie: over.revoked })],
  ['somebody whose account was disabled', async () => ({ cookie: over.disabled })],
  [
    'a merchant',
    async () => {
      const token = await sessionToken({ apiKey: API_KEY, apiSecret: SECRET, shop: SHOP })
      return { cookie: null, headers: { authorization: `Bearer ${token}` } }
    },
  ],
]

describe.each(strangers)('%s', (_, stranger) => {
  it.each(loading)('is sent to sign in by %s', async (id, route) => {
    if (LOADERS[id] === 'anybody') return
    for (const path of loads(route)) {
      const { cookie, headers } = await stranger()
      const answer = await people.ask(cookie, path, { ...(headers && { headers }) })
      if (LOADERS[id] === 'absent') {
        expect([path, answer.status, await told(answer, path)]).toEqual([path, 404, []])
        continue
      }
      const to = new URL(sentTo(answer) ?? '/nowhere', app.url).pathname
      expect([path, to, await told(answer, path)]).toEqual([path, '/support/sign-in', []])
    }
  })

  it.each(acting)('does nothing by %s', async (_id, route) => {
    const before = await kept()
    for (const each of casesOf(route).filter(({ least }) => least !== 'anybody')) {
      const { cookie, headers } = await stranger()
      const path = addressOf(route, each)
      const answer = await people.ask(cookie, path, { ...post(each.form), ...(headers && { headers }) })
      const to = new URL(sentTo(answer) ?? '/nowhere', app.url).pathname
      expect([each.tell, to, await told(answer, path)]).toEqual([each.tell, '/support/sign-in', []])
    }
    expect(await kept()).toEqual(before)
  })
})

describe("an admin's browser that another site's page uses", () => {
  const elsewhere: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  it.each(acting)('does nothing by %s', async (_, route) => {
    const before = await kept()
    for (const each of [...casesOf(route), { form: {}, params: {} } as ConsoleCase])
      for (const headers of elsewhere) {
        const answer = await people.ask(cookies.admin, addressOf(route, each), {
          ...post(each.form),
          headers,
        })
        expect([each.form, headers, answer.status]).toEqual([each.form, headers, 403])
      }
    expect(await kept()).toEqual(before)
  })
})

describe('the same, done by who may at last', () => {
  it.each(acting)('%s does what it is there for', async (_, route) => {
    for (const each of casesOf(route)) {
      const before = await kept()
      const role = each.least === 'anybody' ? 'viewer' : each.least
      const { status } = await people.ask(cookies[role], addressOf(route, each), post(each.form))
      expect([each.tell, status < 400]).toEqual([each.tell, true])
      if (each.own === 'reads') expect(await kept()).toEqual(before)
      else expect(await kept()).not.toEqual(before)
    }
  })
})
