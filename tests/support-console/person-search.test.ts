/** A customer's events are found by an e-mail address by whom the role lets, and that it was looked for is written down. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { type ConsolePeople, consoleOf } from '../support/console.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp({ env: { SHOPIFY_APP_URL: 'http://127.0.0.1' } })

const EMAIL = 'buyer@example.com'
const AT = `/support/shops/${SHOP}/activity`
let people: ConsolePeople
beforeAll(async () => {
  people = await consoleOf(app)
})
beforeEach(() => app.test.database.pool.query('truncate support_throttle'))

const filter = async (role: 'viewer' | 'agent', form: Record<string, string>) =>
  people.ask(await people.signedIn(role), AT, {
    method: 'POST',
    body: new URLSearchParams({ intent: 'filter', ...form }),
  })
const searches = async () =>
  (await app.test.database.pool.query(`select * from audit_entries where action = 'person_search'`)).rows

describe('a viewer', () => {
  it('is refused the events of one person, by e-mail and by what stands for it, and nothing is written', async () => {
    expect((await filter('viewer', { email: EMAIL })).status).toBe(403)
    expect((await filter('viewer', { person: 'a=b' })).status).toBe(403)
    const cookie = await people.signedIn('viewer')
    expect((await people.ask(cookie, `${AT}?person=a=b`)).status).toBe(403)
    expect(await searches()).toEqual([])
  })

  it('filters by all else, and is shown no field for an e-mail', async () => {
    const answer = await filter('viewer', { outcome: 'failed', email: '' })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `${AT}?outcome=failed`])
    // The fields are drawn where something is wrong with them; else they are folded until somebody opens them.
    const wrong = `${AT}?outcome=failed&since=2026-11-20&until=2026-11-18`
    const page = await (await people.ask(await people.signedIn('viewer'), wrong)).text()
    expect(page).toContain('name="order"')
    expect(page).not.toContain('name="email"')
  })
})

it('an agent finds them, and the audit has who looked and in which shop, not for whom', async () => {
  const answer = await filter('agent', { email: EMAIL })
  const where = answer.headers.get('location') ?? ''
  const mark = new URLSearchParams(where.split('?')[1]).get('person') ?? ''
  expect(mark).not.toBe('')
  expect((await people.ask(await people.signedIn('agent'), where)).status).toBe(200)
  const rows = await searches()
  expect(rows).toMatchObject([{ actor: 'agent@example.com', shop: SHOP, subject: null, after: null }])
  expect(JSON.stringify(rows)).not.toContain(EMAIL)
  expect(JSON.stringify(rows)).not.toContain(mark)
})
