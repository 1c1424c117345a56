/** A shop's events in the support console: a person's are found by whom the role lets, told, revealed and sent again, all written down. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { steps } from '../identity/steps.ts'
import { dataAddress } from '../support/admin-routes.ts'
import { SHOP } from '../support/app.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const support = consoleTools()
const made = orders(() => support.app)
const pool = () => support.app.server.services.pool
const AT = `/support/shops/${SHOP}`
const LIST = `${AT}/activity`
const EMAIL = 'buyer@example.com'

/** Three orders, delivered. */
beforeAll(async () => {
  await support.app.connect('voucherify')
  for (const number of [1, 2, 3]) {
    made.next()
    await made.send('orders/create', { name: `#${number}` })
  }
  await support.app.idle()
})
/** As many sign in here as would be too many. */
beforeEach(() => pool().query('truncate support_throttle'))

const opened = (path: string, { width = 1280 } = {}) => support.open('agent', path, { width })
const audit = async (...actions: string[]) =>
  (
    await pool().query(
      'select actor, shop, vendor, subject, reason, after from audit_entries where action = any($1) order by id',
      [actions],
    )
  ).rows
const eventIds = async () => {
  const { rows } = await pool().query<{ id: string }>('select id from events order by id')
  return rows.map(({ id }) => id)
}
const filter = async (role: 'viewer' | 'agent', form: Record<string, string>) =>
  support.ask(await support.signedIn(role), LIST, {
    method: 'POST',
    body: new URLSearchParams({ intent: 'filter', ...form }),
  })
const searches = async () =>
  (await pool().query(`select * from audit_entries where action = 'person_search'`)).rows

describe('a viewer', () => {
  it('is refused the events of one person, by e-mail and by what stands for it, and nothing is written', async () => {
    expect((await filter('viewer', { email: EMAIL })).status).toBe(403)
    expect((await filter('viewer', { person: 'a=b' })).status).toBe(403)
    const cookie = await support.signedIn('viewer')
    expect((await support.ask(cookie, `${LIST}?person=a=b`)).status).toBe(403)
    expect(await searches()).toEqual([])
  })

  it('filters by all else, and is shown no field for an e-mail', async () => {
    const answer = await filter('viewer', { outcome: 'failed', email: '' })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `${LIST}?outcome=failed`])
    // The fields are drawn where something is wrong with them; else they are folded until somebody opens them.
    const wrong = `${LIST}?outcome=failed&since=2026-11-20&until=2026-11-18`
    const page = await (await support.ask(await support.signedIn('viewer'), wrong)).text()
    expect(page).toContain('name="order"')
    expect(page).not.toContain('name="email"')
  })
})

it('an agent finds them, and the audit has who looked and in which shop, not for whom', async () => {
  const answer = await filter('agent', { email: EMAIL })
  const where = answer.headers.get('location') ?? ''
  const mark = new URLSearchParams(where.split('?')[1]).get('person') ?? ''
  expect(mark).not.toBe('')
  expect((await support.ask(await support.signedIn('agent'), where)).status).toBe(200)
  const rows = await searches()
  expect(rows).toMatchObject([{ actor: 'agent@example.com', shop: SHOP, subject: null, after: null }])
  expect(JSON.stringify(rows)).not.toContain(EMAIL)
  expect(JSON.stringify(rows)).not.toContain(mark)
})

describe("an event's story", () => {
  it('shows its person to who says why, once, after it is written down', async () => {
    const [id = ''] = await eventIds()
    const page = await opened(`${AT}/events/${id}`)
    await looksWell(page)
    const masked = await page.content()
    expect(masked).not.toContain('mara@example.com')
    await page.getByRole('button', { name: 'Reveal…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('The customer wrote to us.')
    await dialog.getByRole('button', { name: 'Write it down and reveal' }).click()
    await page.getByText('Shown once, for this event.').waitFor()
    const shown = await page.locator('dd').allTextContents()
    expect(shown.some(text => /^[^…@\s]+@[^…\s]+$/.test(text))).toBe(true)
    await looksWell(page)
    expect(page.url()).not.toContain('@')
    expect(await audit('reveal')).toMatchObject([
      { actor: 'agent@example.com', shop: SHOP, subject: id, reason: 'The customer wrote to us.' },
    ])
    await page.reload()
    await page.getByRole('button', { name: 'Reveal…' }).waitFor()
    expect((await page.locator('dd').allTextContents()).some(text => /^[^…@\s]+@/.test(text))).toBe(false)
    await leave(page)
  }, 60_000)

  it('is not revealed without a reason, nor to a viewer', async () => {
    const [id = ''] = await eventIds()
    const path = `${AT}/events/${id}`
    const url = dataAddress({ id: 'routes/support.shops.$shop_.events.$event', isIndex: false }, path)
    const post = async (role: 'viewer' | 'agent', reason: string) =>
      support.ask(await support.signedIn(role), url, {
        method: 'POST',
        body: new URLSearchParams({ intent: 'reveal', reason }),
      })
    expect((await post('viewer', 'Curious.')).status).toBe(403)
    expect(await (await post('agent', '  ')).json()).toEqual({ kind: 'missing' })
    const answer = await post('agent', 'Once more.')
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(await audit('reveal')).toHaveLength(2)
  })

  it('sends one delivery again, and writes that down', async () => {
    const [id = ''] = await eventIds()
    const page = await opened(`${AT}/events/${id}`, { width: 390 })
    await looksWell(page)
    await page.getByRole('button', { name: 'Send again to Voucherify' }).click()
    const dialog = page.getByRole('dialog')
    const send = dialog.getByRole('button', { name: 'Send again' })
    expect(await send.isDisabled()).toBe(true)
    await dialog.getByLabel('Reason').fill('They lost it, s.o.m.e@example.com says.')
    await looksWell(page)
    await send.click()
    await page.getByText('It is on its way again.').waitFor()
    expect(await audit('replay')).toMatchObject([
      {
        ...{ vendor: 'voucherify', subject: id, after: { count: 1, held: 0 } },
        reason: 'They lost it, s…@example.com says.',
      },
    ])
    await support.app.idle()
    await leave(page)
  }, 60_000)
})

describe('sending again', () => {
  const BEGINS = { id: '019a0000-0000-7000-8000-000000000001', at: '2999-01-01T00:00:00.000Z' }
  it.each([
    ['support.shops.$shop_.events.$event', '/events/', { intent: 'replay', vendor: 'voucherify' }],
    ['support.shops.$shop_.activity', '/activity', { intent: 'step', which: 'delivered', ...BEGINS }],
  ])('is not done for no reason: %s', async (id, path, form) => {
    const before = (await audit('replay')).length
    const [event = ''] = await eventIds()
    const at = `${AT}${path}${path.endsWith('/') ? event : ''}`
    const answer = await support.ask(
      await support.signedIn('agent'),
      dataAddress({ id: `routes/${id}`, isIndex: false }, at),
      { method: 'POST', body: new URLSearchParams({ ...form, why: ' ' }) },
    )
    const said = await answer.text()
    expect([answer.status, said]).toEqual(path === '/activity' ? [400, ''] : [200, '{"kind":"unexplained"}'])
    expect(await audit('replay')).toHaveLength(before)
    expect(new Set((await support.app.deliveries()).map(({ state }) => state))).toEqual(
      new Set(['delivered']),
    )
  })
})

describe('the activity of a shop', () => {
  it('is found by order number and sent again with a count before', async () => {
    const page = await opened(AT)
    await page.getByLabel('Order number').fill('2')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('link', { name: /Order placed · #2/ }).waitFor()
    expect(await page.getByRole('link', { name: /#3/ }).count()).toBe(0)
    await looksWell(page)
    await page.getByRole('button', { name: 'Send again…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Which deliveries').selectOption('delivered')
    const send = dialog.getByRole('button', { name: /^Send \d+ again$/ })
    await send.waitFor()
    expect(await send.isDisabled()).toBe(true)
    await dialog.getByLabel('Reason').fill('They lost a day.')
    await looksWell(page)
    await send.click()
    await page.getByText(/deliver(y was|ies were) sent again:/).waitFor()
    const entries = await audit('replay')
    expect(entries.at(-1)).toMatchObject({
      ...{ actor: 'agent@example.com', shop: SHOP, vendor: 'voucherify', subject: null },
      reason: 'They lost a day.',
      after: { outcome: 'delivered', order: '2', count: expect.any(Number) },
    })
    await support.app.idle()
    await leave(page)
  }, 60_000)

  it('never puts an e-mail address into an address, nor a mark of it into the audit', async () => {
    const page = await opened(`${AT}/activity`, { width: 390 })
    await looksWell(page)
    await page.getByRole('button', { name: 'Filters' }).click()
    await page.getByLabel('E-mail').fill('nobody@example.com')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.waitForURL(/person=/)
    expect(page.url()).not.toContain('nobody')
    await page.getByText('No events match').waitFor()
    await leave(page)
  }, 60_000)
})

it('reveals whom an event’s browser is known by, who was masked, to who says why', async () => {
  const { view } = steps(support.app)
  await view({ visitor: 'v-known' })
  made.next()
  await made.send('orders/create', { name: '#4', visitorId: 'v-known' })
  await support.app.idle()
  const { rows } = await pool().query<{ id: string }>(`select id from events where type = 'product_viewed'`)
  const page = await opened(`${AT}/events/${rows[0]?.id}`)
  await page.getByText(/this browser belongs to: Customer \d+ · .…@/).waitFor()
  expect(await page.content()).not.toContain(SIGNED_IN.email)
  await page.getByRole('button', { name: 'Reveal…' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('They wrote to us.')
  await page.getByRole('button', { name: 'Write it down and reveal' }).click()
  await page.locator('dd').getByText(SIGNED_IN.email, { exact: true }).waitFor()
  expect((await audit('reveal')).at(-1)).toMatchObject({
    subject: rows[0]?.id,
    reason: 'They wrote to us.',
  })
  await looksWell(page)
  await leave(page)
}, 60_000)
