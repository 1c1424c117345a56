/** Signing in to the support console over HTTP: who is let in, who is not, and what is written down. */
import { beforeEach, describe, expect, it } from 'vitest'
import { consoleTools, cookiesOf } from '../support/console.ts'
import { signInTools } from '../support/sign-in.ts'

const support = consoleTools()
const { send, typedBy, audit } = signInTools(support)
const pool = () => support.app.server.services.pool

beforeEach(() => pool().query('truncate support_throttle'))

describe('signing in', () => {
  it('says the same of a wrong password, a wrong code and an account that is not there', async () => {
    const { viewer } = support.people
    const right = await typedBy(viewer)
    const answers = await Promise.all(
      [
        { ...right, password: 'wrong' },
        { ...right, code: '000000' },
        { ...right, email: 'nobody@example.com' },
      ].map(async typed => {
        const answer = await send(typed)
        return [answer.status, (await answer.text()).replace(/nonce="[^"]+"/g, '')]
      }),
    )
    expect(answers[0]?.[0]).toBe(401)
    expect(answers[0]?.[1]).toContain('That was not right.')
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    expect((await send(right)).status).toBe(302)
  })

  it('writes down who, from where and why not, and nothing that is no account', async () => {
    const person = await support.person('noted@example.com', 'viewer')
    const right = await typedBy(person)
    await send({ ...right, password: 'wrong' })
    await send({ ...right, code: '000000' })
    await send(right)
    await send({ ...right, email: 'my-password-in-the-wrong-field' })
    const address = '127.0.0.1'
    expect(await audit(person.email)).toEqual([
      { action: 'sign_in_failed', reason: 'wrong password', address },
      { action: 'sign_in_failed', reason: 'wrong code', address },
      { action: 'sign_in', reason: null, address },
    ])
    const { rows } = await pool().query(
      `select 1 from audit_entries a where a::text like '%wrong-field%' or a::text like '%' || $1 || '%'`,
      [right.password],
    )
    expect(rows).toEqual([])
  })

  it('writes down that a right code cannot be looked at for want of its key: it said "wrong code"', async () => {
    const person = await support.person('sealed@example.com', 'viewer')
    const right = await typedBy(person)
    await pool().query(`update support_accounts set totp_secret = 'v1.another.AAAA' where email = $1`, [
      person.email,
    ])
    expect((await send(right)).status).toBe(401)
    expect((await audit(person.email)).at(-1)?.reason).toMatch(/cannot be opened: see SLUICE_SECRETS_KEYS$/)
  })

  it('has the address of who sends a header that says another, or none', async () => {
    const person = await support.person('hidden@example.com', 'viewer')
    for (const said of ['x', '203.0.113.9'])
      await send({ ...(await typedBy(person)), password: 'wrong' }, { 'x-forwarded-for': said })
    expect((await audit(person.email)).map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1'])
  })

  it('takes no code twice, not from two at a time either', async () => {
    const person = await support.person('twice@example.com', 'viewer')
    const right = await typedBy(person)
    const both = await Promise.all([send(right), send(right)])
    expect(both.map(({ status }) => status).sort()).toEqual([302, 401])
    expect((await send(right)).status).toBe(401)
    expect((await audit(person.email)).at(-1)).toMatchObject({ reason: 'code used before' })
  })

  it.each([{}, { email: 'a@example.com' }, { email: 'a@example.com', password: 'x', code: '' }])(
    'says what is missing in %j',
    async typed => {
      const answer = await send(typed)
      expect(answer.status).toBe(400)
      expect(await answer.text()).toContain('Give your e-mail, your password and the code.')
    },
  )

  it('reads no large form of somebody whom nobody knows', async () => {
    expect((await send({ email: 'x'.repeat(20_000) })).status).toBe(413)
  })

  it.each([
    ['/support/accounts?a=1', '/support/accounts?a=1'],
    ['https://example.net/support', '/support'],
    ['//example.net/support', '/support'],
    ['/\\example.net', '/support'],
    ['/support/../app', '/support'],
    ['/app', '/support'],
    ['/supporters', '/support'],
    ['/support/sign-out', '/support'],
    ['', '/support'],
  ])('leads from %j to %s', async (to, where) => {
    const answer = await send({ ...(await typedBy(support.people.viewer)), to })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, where])
  })
})

describe('a stranger who guesses', () => {
  it('is told to wait, as of an account that is not there, and locks out nobody but strangers', async () => {
    const person = await support.person('guessed@example.com', 'viewer')
    const known = cookiesOf(await send(await typedBy(person)))
    for (const email of [person.email, 'nobody-at-all@example.com']) {
      for (let each = 0; each < 10; each++)
        expect((await send({ email, password: 'guess', code: '123456' })).status).toBe(401)
      const stopped = await send({ email, password: 'guess', code: '123456' })
      expect(stopped.status).toBe(429)
      expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(800)
      expect(await stopped.text()).toContain(
        'There were too many attempts at this account from your network. Try again in 15 minutes, or now in a browser that has signed in to it before; if it is yours, an admin can unlock it sooner.',
      )
    }
    const right = await typedBy(person)
    expect((await send(right)).status).toBe(429)
    const device = known.split('; ').find(pair => pair.startsWith('sluice_device=')) ?? ''
    expect((await send(right, {}, device)).status).toBe(302)
    const itself = { ...right, password: 'guess' }
    for (let each = 0; each < 10; each++) await send(itself, {}, device)
    const waits = await send(right, {}, device)
    expect(waits.status).toBe(429)
    const said = await waits.text()
    expect(said).toContain(
      'There were too many attempts in this browser. Try again in 15 minutes, with a new code; an admin can unlock your account sooner.',
    )
    expect(said).not.toContain('signed in to it before')
    const stops = (await audit(person.email)).filter(({ reason }) => reason === 'too many attempts')
    expect(stops).toHaveLength(2)
  })
})

describe('the form to sign in', () => {
  const said = async (cookie: string | null) => {
    const answer = await support.ask(cookie, '/support/sign-in?to=%2Fsupport%2Ffleet')
    return (await answer.text()).includes('Your session ended. Sign in again to go on where you were.')
  }

  it('says that a session ended to a browser that had one, and leads back to where it was', async () => {
    const cookie = await support.signedIn('viewer')
    await pool().query('update support_sessions set revoked_at = now()')
    const sent = await support.ask(cookie, '/support/fleet')
    expect([sent.status, sent.headers.get('location')]).toEqual([
      302,
      '/support/sign-in?to=%2Fsupport%2Ffleet',
    ])
    expect(await said(cookie)).toBe(true)
    expect(await said(null)).toBe(false)
  })

  it('says nothing of it to a browser that signed out', async () => {
    const cookie = await support.signedIn('viewer')
    const gone = await support.ask(cookie, '/support/sign-out', { method: 'POST' })
    expect(await said(cookiesOf(gone))).toBe(false)
  })
})
