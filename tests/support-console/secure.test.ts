/** The console of an app that is reached over TLS. */
import { expect, it } from 'vitest'
import { consoleOf } from '../support/console.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp({ env: { SHOPIFY_APP_URL: 'https://sluice.example.com/', TRUSTED_PROXIES: '1' } })

it('has cookies of this very host, is asked for over TLS only, takes forms of its public address alone, and writes down whom its proxy saw', async () => {
  const { people, freshCode, ask } = await consoleOf(app)
  const { email, password } = people.viewer
  const body = new URLSearchParams({ email, password, code: await freshCode(people.viewer) })
  const without = {
    origin: 'http://sluice.example.com',
    'x-forwarded-host': 'sluice.example.com',
    'x-forwarded-proto': 'http',
  }
  // A page of the same host that anybody on the way can write.
  expect((await ask(null, '/support/sign-in', { method: 'POST', headers: without, body })).status).toBe(403)
  const headers = {
    origin: 'https://sluice.example.com',
    'x-forwarded-host': 'sluice.example.com',
    'x-forwarded-for': '203.0.113.9, 198.51.100.7',
  }
  const answer = await ask(null, '/support/sign-in', { method: 'POST', headers, body })
  expect(answer.headers.getSetCookie().map(line => line.replace(/=[^;]+/, '='))).toEqual([
    '__Host-sluice_support=; Path=/; HttpOnly; Secure; SameSite=Strict',
    '__Host-sluice_device=; Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Strict',
  ])
  expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000')
  const { rows } = await app.server.services.pool.query(
    `select address from audit_entries where action = 'sign_in'`,
  )
  expect(rows).toEqual([{ address: '198.51.100.7' }])
})
