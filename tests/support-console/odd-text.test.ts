/** What PostgreSQL takes for no text, in every place of the console where one can be typed: it is refused, not a failure. */
import { beforeAll, expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { type ConsolePeople, consoleOf } from '../support/console.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp({ env: { SHOPIFY_APP_URL: 'http://127.0.0.1' } })

let people: ConsolePeople
let cookie: string
beforeAll(async () => {
  people = await consoleOf(app)
  cookie = await people.signedIn('admin')
})

it.each([
  '/support?text=a%00b&vendor=%00&state=%00&sort=%00&after=%00',
  '/support/audit?reason=%00&actor=a%00&shop=%00&action=%00&vendor=%00',
  '/support/audit/export?reason=a%00b&actor=a%00b&shop=a%00b',
  '/support/fleet?kind=hold&vendor=voucherify&shops=a%00b',
  '/support/fleet?kind=hold&vendor=voucherify&heldFor=a%00b',
  '/support/fleet?kind=hold&vendor=a%00b',
  '/support/fleet/a%00b',
  '/support/shops/a%00b',
  `/support/shops/${SHOP}/activity?order=a%00b&vendor=%00&person=a%00b`,
  `/support/shops/${SHOP}/events/a%00b`,
  `/support/shops/${SHOP}/history?vendor=a%00b`,
  '/support/sign-in?to=a%00b&why=%00',
])('%s is answered', async path => {
  for (const who of [null, cookie]) {
    const { status } = await people.ask(who, path)
    expect([path, status, status < 500]).toEqual([path, status, true])
  }
})

const ODD = 'a\0b@example.com'
const FLEET = { kind: 'hold', vendor: 'voucherify', reason: 'An outage' }
it.each<[string, Record<string, string>]>([
  ['/support/sign-in', { email: ODD, password: 'x', code: '000000' }],
  ['/support/sign-in', { email: 'a@example.com', password: 'a\0b', code: '0\0' }],
  ['/support/accounts', { change: 'add', email: ODD, role: 'viewer' }],
  ['/support/accounts', { change: 'disable', email: ODD }],
  ['/support/accounts', { change: 'reset', email: ODD }],
  ['/support/sessions', { session: 'a\0b' }],
  ['/support/fleet?index', { ...FLEET, shops: 'a\0b' }],
  ['/support/fleet?index', { ...FLEET, heldFor: 'a\0b' }],
  [`/support/shops/${SHOP}`, { intent: 'hold', vendor: 'a\0b', reason: 'a\0b' }],
  [`/support/shops/${SHOP}/activity`, { intent: 'filter', order: 'a\0b', email: ODD }],
])('a form to %s with %j is answered, and changes no account', async (path, form) => {
  const answer = await people.ask(path === '/support/sign-in' ? null : cookie, path, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  expect([path, answer.status < 500]).toEqual([path, true])
  const { rows } = await app.test.database.pool.query('select count(*)::int from support_accounts')
  expect(rows).toEqual([{ count: 3 }])
})
