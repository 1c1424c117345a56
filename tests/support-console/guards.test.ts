/** What the support console guards every form and every answer with. */
import { beforeEach, describe, expect, it } from 'vitest'
import { consoleTools } from '../support/console.ts'
import { signInTools } from '../support/sign-in.ts'

const support = consoleTools()
const { send, typedBy } = signInTools(support)
const pool = () => support.app.server.services.pool

beforeEach(() => pool().query('truncate support_throttle'))

describe("another site's page", () => {
  it.each<[string, Record<string, string>]>([
    ['of another origin', { origin: 'https://example.net' }],
    ['of another port', { origin: 'http://127.0.0.1:1' }],
    ['of no origin that it tells', { origin: 'null' }],
    ['of an origin that is none', { origin: 'nonsense' }],
    ['of the same site only', { 'sec-fetch-site': 'same-site' }],
  ])('%s cannot send a form here', async (_, headers) => {
    const cookie = await support.signedIn('admin')
    const body = new URLSearchParams({ change: 'disable', email: 'viewer@example.com' })
    const sent = (path: string, form: URLSearchParams) =>
      support.ask(cookie, path, { method: 'POST', headers, body: form })
    for (const path of ['/support/accounts', '/support/fleet', '/support/shops/1', '/support/sign-out'])
      expect((await sent(path, body)).status, path).toBe(403)
    expect((await send(await typedBy(support.people.viewer), headers)).status).toBe(403)
    expect(support.app.logs.filter(line => line.includes('page failed'))).toEqual([])
    expect((await support.ask(cookie, '/support')).status).toBe(200)
    const { rows } = await pool().query(
      `select 1 from support_accounts where email = 'viewer@example.com' and disabled_at is not null`,
    )
    expect(rows).toEqual([])
  })
})

describe('every answer', () => {
  it.each([
    ['/support', 302],
    ['/support/sign-in', 200],
    ['/Support/sign-in', 200],
    ['/%73upport/sign-in', 200],
    ['/support/nothing-such', 302],
    ['/support/oidc', 404],
    ['/support/accounts?_data=routes%2Fsupport.accounts', 204],
  ])('of %s is kept by nobody, framed by nobody, and runs no script but ours', async (path, status) => {
    const answer = await support.ask(null, path)
    expect(answer.status).toBe(status)
    const header = (name: string) => answer.headers.get(name)
    expect(header('cache-control')).toBe('no-store')
    expect(header('x-frame-options')).toBe('DENY')
    expect(header('x-content-type-options')).toBe('nosniff')
    expect(header('referrer-policy')).toBe('same-origin')
    const policy = header('content-security-policy') ?? ''
    expect(policy).toMatch(/default-src 'none'; script-src 'self' 'nonce-[\w+/=]{22,}'; /)
    expect(policy).toContain("frame-ancestors 'none'")
    const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? []
    const scripts = (await answer.text()).match(/<script(?! type="module" async)[^>]*>/g) ?? []
    for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`)
  })

  it('has another nonce', async () => {
    const [first, second] = [await support.ask(null, '/support'), await support.ask(null, '/support')]
    const policy = (answer: Response) => answer.headers.get('content-security-policy')
    expect(policy(first)).not.toBe(policy(second))
  })

  it("is not a merchant's: those are framed by Shopify's admin as before", async () => {
    const answer = await support.ask(null, '/?shop=test-shop.myshopify.com')
    expect(answer.headers.get('x-frame-options')).toBeNull()
    expect(answer.headers.get('content-security-policy')).toMatch(/^frame-ancestors /)
  })
})
