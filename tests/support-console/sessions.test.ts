/** Sessions of the support console, what ends them, and what their cookies are like. */
import { beforeEach, describe, expect, it } from 'vitest'
import { consoleTools, cookiesOf } from '../support/console.ts'
import { signInTools } from '../support/sign-in.ts'

const support = consoleTools()
const { send, typedBy, audit } = signInTools(support)
const pool = () => support.app.server.services.pool

beforeEach(() => pool().query('truncate support_throttle'))

describe('a session', () => {
  const where = async (cookie: string) => {
    const answer = await support.ask(cookie, '/support')
    return answer.status === 302 ? answer.headers.get('location') : answer.status
  }
  const SIGN_IN = '/support/sign-in?to=%2Fsupport'

  it.each([
    ['is over', `expires_at = now()`],
    ['has not been used for an hour', `seen_at = now() - interval '61 minutes'`],
    ['was revoked', `revoked_at = now()`],
  ])('that %s leads to the form', async (_, what) => {
    const cookie = await support.signedIn('viewer')
    expect(await where(cookie)).toBe(200)
    await pool().query(`update support_sessions set ${what}`)
    expect(await where(cookie)).toBe(SIGN_IN)
  })

  it('is ended by signing out, for whoever kept the cookie too', async () => {
    const cookie = await support.signedIn('viewer')
    const answer = await support.ask(cookie, '/support/sign-out', { method: 'POST' })
    expect(answer.headers.get('location')).toBe('/support/sign-in')
    expect(await where(cookie)).toBe(SIGN_IN)
    expect((await audit('viewer@example.com')).at(-1)).toMatchObject({ action: 'sign_out' })
  })

  it("is ended from another browser's list, of one's own alone", async () => {
    const [ours, theirs] = [await support.signedIn('viewer'), await support.signedIn('agent')]
    const listed = async (cookie: string): Promise<string> => {
      const answer = await support.ask(cookie, '/support/sessions?_data=routes%2Fsupport.sessions')
      const { sessions } = await answer.json()
      return sessions.find((each: { isThis: boolean }) => each.isThis).session
    }
    const end = async (cookie: string, session: string) => {
      const body = new URLSearchParams({ session })
      const path = '/support/sessions?_data=routes%2Fsupport.sessions'
      return (await support.ask(cookie, path, { method: 'POST', body })).json()
    }
    expect(await end(ours, await listed(theirs))).toEqual({ ended: false })
    expect(await where(theirs)).toBe(200)
    expect(await end(ours, await listed(ours))).toEqual({ ended: true })
    expect(await where(ours)).toBe(SIGN_IN)
  })

  it('is of a role that its account no longer has when it ended with it', async () => {
    const person = await support.person('promoted@example.com', 'viewer')
    const cookie = cookiesOf(await send(await typedBy(person)))
    const admin = await support.signedIn('admin')
    const body = new URLSearchParams({ change: 'role', email: person.email, role: 'agent' })
    await support.ask(admin, '/support/accounts', { method: 'POST', body })
    expect(await where(cookie)).toBe(SIGN_IN)
  })
})

describe('the cookies', () => {
  it('are read by no script and sent by no other site', async () => {
    const answer = await send(await typedBy(support.people.viewer))
    const [session = '', device = ''] = answer.headers.getSetCookie()
    expect(session).toMatch(/^sluice_support=[^;]+; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(device).toMatch(/^sluice_device=[^;]+; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  it('that are made up sign nobody in', async () => {
    for (const cookie of [
      'sluice_support=',
      'sluice_support=%00',
      'sluice_support=bnVsbA==',
      'x; sluice_support',
    ])
      expect((await support.ask(cookie, '/support')).status).toBe(302)
  })
})
