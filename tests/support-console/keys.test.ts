/** The page of the keys: what is under which, and sealing anew from it. */
import { randomBytes } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { customerContext } from '../../app/identity/customer-record.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell, violations } from '../support/look.ts'
import { leave } from '../support/tabs.ts'

const keyOf = (id: string) => ({ id, bytes: randomBytes(32) })
const [NEW, OLD, LOST] = [keyOf('spring'), keyOf('autumn'), keyOf('winter')]
const written = [NEW, OLD].map(({ id, bytes }) => `${id}:${bytes.toString('base64')}`).join(',')
const support = consoleTools({ env: { SLUICE_SECRETS_KEYS: written } })
/** More than are read at a time. */
const CUSTOMERS = 1_203

const pool = () => support.app.test.database.pool
/** @param count of customers, sealed with a key */
async function seal(key: { id: string; bytes: Buffer }, count: number): Promise<void> {
  const sealer = createSealer([key])
  const { shopId } = support.app
  const ids = Array.from({ length: count }, (_, n) => `${key.id}-${n}`)
  await pool().query(
    `insert into customers (shop_id, customer_id, personal) select $1, unnest($2::text[]), unnest($3::text[])`,
    [shopId, ids, ids.map(id => sealer.seal('{}', customerContext(shopId, id)))],
  )
}
const entries = async () =>
  (
    await pool().query(
      `select actor, subject, after from audit_entries where action = 'keys_rotate' order by id`,
    )
  ).rows
const under = async (key: string) =>
  (
    await pool().query(`select count(*)::int as n from customers where personal like 'v1.' || $1 || '.%'`, [
      key,
    ])
  ).rows[0].n

beforeEach(() => pool().query('delete from customers'))

describe('the page', () => {
  it.each([1280, 390])('says what is under which key, and seals anew, at %d pixels', async width => {
    await seal(OLD, CUSTOMERS)
    await seal(LOST, 2)
    const before = (await entries()).length
    const page = await support.open('admin', '/support/keys', { width })
    await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor()
    expect(await page.title()).toBe('Keys · Sluice support')
    const key = (id: string) =>
      page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: id, level: 3 }) })
    await key('autumn').getByText('1,203 values are under it.').waitFor()
    expect(await key('autumn').textContent()).toContain('Opens only')
    expect(await key('spring').textContent()).toContain('Seals')
    expect(await key('winter').textContent()).toContain(
      'Not configured2 values are under it.They cannot be opened.',
    )
    const row = page.getByRole('row', { name: 'customers.personal autumn' })
    expect(await row.textContent()).toBe('customers.personalautumn1,203')
    for (const { bytes } of [NEW, OLD]) expect(await page.content()).not.toContain(bytes.toString('base64'))
    await looksWell(page)
    await page.getByRole('button', { name: 'Seal anew with "spring"' }).click()
    await page.getByText('Through: 1,203 values were sealed anew.').waitFor()
    await page.getByText('2 values could not be opened').waitFor()
    await page
      .getByText(
        /^customers\.personal, under the key "winter": 2 \(among them of \S+\)\. Nothing can be done: these/,
      )
      .waitFor()
    await key('autumn').getByText('Nothing is under it. Once every process has "spring" first').waitFor()
    await looksWell(page)
    expect([await under('spring'), await under('autumn'), await under('winter')]).toEqual([CUSTOMERS, 0, 2])
    const by = { actor: 'admin@example.com', subject: 'spring' }
    expect((await entries()).slice(before)).toEqual([
      { ...by, after: { state: 'begun' } },
      {
        ...by,
        after: {
          ...{ state: 'through', sealed: CUSTOMERS, unreadable: 2 },
          lost: [expect.stringMatching(/^2 in customers\.personal under "winter" \(\S+\)$/)],
        },
      },
    ])
    await leave(page)
  })

  it('that is left on the way says so in the audit, with how far it came, and that it can go on', async () => {
    await seal(OLD, 7)
    const before = (await entries()).length
    const page = await support.open('admin', '/support/keys')
    // The first step ends before the rest, and the second has no answer.
    let steps = 0
    const { sealer } = support.app.server.services
    const place = { column: 0, after: null }
    const first = { sealed: 5, unreadable: 0, lost: [] }
    const going = sealer.seal(JSON.stringify({ first: 'spring', ...first, place }), ['support', 'keys'])
    await page.route(
      url => url.pathname === '/support/keys' && url.searchParams.has('_data'),
      async route => {
        if (route.request().method() !== 'POST') return route.continue()
        if (++steps > 1) return
        await route.fulfill({ json: { kind: 'step', ...first, going } })
      },
    )
    await page.getByRole('button', { name: 'Seal anew' }).click()
    await page.getByText('5 values sealed anew so far.').waitFor()
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor()
    await expect
      .poll(async () => (await entries()).slice(before))
      .toEqual([{ actor: 'admin@example.com', subject: 'spring', after: { state: 'left', ...first } }])
    await page.reload()
    await page
      .getByText(/Left on the way\. Who seals anew again, on the page Keys, goes on/)
      .first()
      .waitFor()
    await looksWell(page)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/keys-left.png` })

    // And where the tab itself goes.
    await page.goto(`${support.app.url}/support/keys`)
    steps = 0
    await page.getByRole('button', { name: 'Seal anew' }).click()
    await page.getByText('5 values sealed anew so far.').waitFor()
    await page.goto('about:blank')
    await expect.poll(async () => (await entries()).slice(before)).toHaveLength(2)
    await leave(page)
  })

  it('has nothing to do where all is under the first', async () => {
    const page = await support.open('admin', '/support/keys')
    await page.getByText('Everything is under "spring".').waitFor()
    expect(await page.getByRole('button', { name: 'Seal anew with "spring"' }).isDisabled()).toBe(true)
    await leave(page)
  })

  it('says so when it stops or cannot count, and goes on', async () => {
    await seal(OLD, 3)
    const page = await support.open('admin', '/support')
    const refused = (url: URL) => url.pathname === '/support/keys/count'
    await page.route(refused, route => route.abort())
    await page.getByRole('link', { name: 'Keys' }).click()
    await page.getByText('It could not be counted').waitFor()
    await page.unroute(refused)
    await page.getByRole('button', { name: 'Count again' }).click()
    await page.getByRole('row', { name: 'customers.personal autumn 3' }).waitFor()
    const posted = (url: URL) => url.pathname === '/support/keys'
    await page.route(posted, route =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    )
    await page.getByRole('button', { name: 'Seal anew' }).click()
    await page.getByRole('alert').getByText('It stopped').waitFor()
    expect(await violations(page.mainFrame())).toEqual([])
    await page.unroute(posted)
    await page.getByRole('button', { name: 'Seal anew' }).click()
    await page.getByText('Through: 3 values were sealed anew.').waitFor()
    await leave(page)
  })

  it.each(['viewer', 'agent'] as const)('is not for a %s, nor is it named to one', async role => {
    const page = await support.open(role, '/support/keys')
    await page.getByRole('heading', { name: 'Not for your role' }).waitFor()
    expect(await page.getByRole('link', { name: 'Keys' }).count()).toBe(0)
    await leave(page)
  })
})

describe('sealing anew', () => {
  let cookie: string
  beforeAll(async () => {
    cookie = await support.signedIn('admin')
  })
  const step = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ intent: 'rotate', ...form })
    const answer = await support.ask(cookie, '/support/keys?_data=routes%2Fsupport.keys', {
      method: 'POST',
      body,
    })
    return answer.ok ? answer.json() : answer.status
  }
  const through = async () => {
    let last = await step({})
    while (last.going) last = await step({ going: last.going })
    return last
  }

  it('may be begun twice at a time, and seals each value once', async () => {
    await seal(OLD, CUSTOMERS)
    const [one, two] = await Promise.all([through(), through()])
    expect([one.going, two.going, one.sealed + two.sealed]).toEqual([null, null, CUSTOMERS])
    expect(await through()).toEqual({ kind: 'step', sealed: 0, unreadable: 0, lost: [], going: null })
  })

  it('goes on where a step ended, and stops where another key is first', async () => {
    await seal(OLD, 5)
    const { sealer } = support.app.server.services
    const going = (first: string, column: number) =>
      sealer.seal(
        JSON.stringify({ first, sealed: 7, unreadable: 1, lost: [], place: { column, after: null } }),
        ['support', 'keys'],
      )
    expect(await step({ going: going('autumn', 0) })).toEqual({ kind: 'otherwise' })
    expect(await under('autumn')).toBe(5)
    expect(await step({ going: going('spring', 0) })).toMatchObject({
      sealed: 12,
      unreadable: 1,
      going: null,
    })
  })

  it('was refused its next step where values of many columns were lost', async () => {
    const lost = Array.from({ length: 30 }, (_, at) => ({
      ...{ table: 'visitor_checkouts', column: `column_${at}`, key: 'winter', count: 1_000 },
      of: Array.from({ length: 5 }, (_, shop) => `${'a'.repeat(60)}-${shop}.myshopify.com`),
    }))
    const going = support.app.server.services.sealer.seal(
      JSON.stringify({ first: 'spring', sealed: 7, unreadable: 1, lost, place: { column: 0, after: null } }),
      ['support', 'keys'],
    )
    expect(await step({ going })).toMatchObject({ kind: 'step', going: null })
  })

  it.each(['x', 'v1.spring.AAAA'])('takes no step that it did not give: %s', async going => {
    await seal(OLD, 1)
    expect(await step({ going })).toBe(400)
    expect(await under('autumn')).toBe(1)
  })
})
