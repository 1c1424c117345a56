/** A merchant looks at what happened in the shop, why, and sends it again. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { keepDelivery } from '../../app/delivery/testing.ts'
import { NOBODY } from '../../app/events/store-event.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const OTHER = 'other-shop.myshopify.com'
const ANOTHER = { id: 7_055_555, email: 'joe@example.com', first: 'Joe', last: 'Bloggs', marketing: false }
const LIST = 'routes/app.activity._index'
const DETAIL = 'routes/app.activity.$event'

let eventId: string

beforeAll(async () => {
  await tools.app.connect('alana')
  await tools.app.connect('voucherify')
  await made.send('orders/create', { name: '#1001' })
  made.next()
  await made.send('orders/create', { name: '#1002', customer: ANOTHER, email: ANOTHER.email })
  await tools.app.idle()
  const { rows } = await tools.app.test.database.pool.query<{ id: string }>(
    `select id from events where data #>> '{order,name}' = '#1001' and type = 'order_created'`,
  )
  eventId = rows[0]?.id ?? ''
})

const address = (page: Page) => new URL(frameOf(page).url())

async function ask(
  path: string,
  { shop = SHOP, form }: { shop?: string; form?: Record<string, string> } = {},
) {
  const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
  return fetch(`${tools.app.url}${path}`, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
}
const data = (path: string, route: string) =>
  `${path}${path.includes('?') ? '&' : '?'}_data=${encodeURIComponent(route)}`
const linesOf = async (path: string, shop = SHOP) =>
  (await (await ask(data(path, LIST), { shop })).json()) as { lines: { id: string; about: string | null }[] }

describe('the list of events', () => {
  it.each([1280, 390])(
    'is read at %i pixels, without violations and without sideways scrolling',
    async width => {
      const { page, app } = await tools.open('/app/activity', { width })
      await app.getByRole('heading', { name: 'Activity' }).waitFor()
      await app.getByRole('link', { name: /#1001/ }).waitFor()
      await app.getByRole('button', { name: 'Filters' }).click()
      await app.getByLabel('Order number').waitFor()
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      await page.context().close()
    },
  )

  it('is filtered by an order number, and the address names what is asked for', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('Order number').fill('1002')
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByRole('link', { name: /#1001/ }).waitFor({ state: 'detached' })
    expect(await app.getByRole('link', { name: /#1002/ }).count()).toBe(1)
    expect(address(page).searchParams.get('order')).toBe('1002')
    await page.context().close()
  })

  it('does not say that nothing matches where the days are the wrong way round', async () => {
    const { page, app } = await tools.open('/app/activity?since=2026-11-20&until=2026-11-18')
    await app.getByText('Choose a time that is not before the first.').waitFor()
    const before = frameOf(page).url()
    await app.getByRole('button', { name: 'Find' }).click()
    expect(await app.getByLabel('To (UTC)').evaluate(field => field === document.activeElement)).toBe(true)
    expect(frameOf(page).url()).toBe(before)
    await page.context().close()
  })

  it('is filtered by the last hour, or by a time of its own, to the minute', async () => {
    const { page, app } = await tools.open('/app/activity', { width: 390 })
    await app.getByRole('button', { name: 'Filters' }).click()
    expect(await app.getByLabel('From (UTC)').count()).toBe(0)
    await app.getByLabel('Received').selectOption('Last hour')
    await app.getByRole('button', { name: 'Find' }).click()
    await app.locator('.Polaris-Badge', { hasText: 'Last hour' }).waitFor()
    expect(await app.getByRole('link', { name: /#1001/ }).count()).toBe(1)
    expect(address(page).searchParams.get('lately')).toBe('1h')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('Received').selectOption('Own time…')
    await app.getByLabel('From (UTC)').fill('2026-01-02T00:00')
    await app.getByLabel('To (UTC)').fill('2026-01-02T10:30')
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByText('To Jan 2, 2026, 10:30 (UTC)').waitFor()
    expect(await app.getByText('No events match').count()).toBe(1)
    expect(Object.fromEntries(address(page).searchParams)).toEqual({
      ...{ since: '2026-01-02', until: '2026-01-02T10:30' },
    })
    await page.context().close()
  })

  it('says at the field that its own time has no hour, or that there is none', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('Received').selectOption('Own time…')
    const find = app.getByRole('button', { name: 'Find' })
    const said = app.getByText('Enter a date and a time.')
    const isFocused = (label: string) =>
      app.getByLabel(label).evaluate(field => field === document.activeElement)
    const before = frameOf(page).url()
    await find.click()
    await said.waitFor()
    expect(await isFocused('From (UTC)')).toBe(true)
    await app.getByLabel('From (UTC)').fill('2026-01-02T00:00')
    await said.waitFor({ state: 'detached' })
    await app.getByLabel('To (UTC)').pressSequentially('01032026')
    await find.click()
    await said.waitFor()
    expect(await isFocused('To (UTC)')).toBe(true)
    expect(frameOf(page).url()).toBe(before)
    expect(await violations(page)).toEqual([])
    await app.getByLabel('To (UTC)').fill('2026-01-03T10:30')
    await find.click()
    await app.getByText('No events match').waitFor()
    await page.context().close()
  })

  it('keeps whoever works by keyboard at what was found', async () => {
    const { page, app } = await tools.open('/app/activity')
    const focused = () =>
      frameOf(page).evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName,
      )
    await app.getByRole('button', { name: 'Filters' }).press('Enter')
    await app.getByLabel('Order number').fill('1002')
    await app.getByRole('button', { name: 'Find' }).press('Enter')
    await app.getByRole('link', { name: /#1001/ }).waitFor({ state: 'detached' })
    await vi.waitFor(async () => expect(await focused()).toBe('Events found'))
    await page.keyboard.press('Tab')
    expect(
      await app.getByRole('link', { name: /#1002/ }).evaluate(link => link === document.activeElement),
    ).toBe(true)
    await app
      .getByRole('button', { name: 'Clear filters' })
      .or(app.getByRole('link', { name: 'Clear filters' }))
      .first()
      .press('Enter')
    await app.getByRole('link', { name: /#1001/ }).waitFor()
    await vi.waitFor(async () => expect(await focused()).toBe('Events found'))
    await page.context().close()
  })

  it('says at the field that an address of e-mail is not whole', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('E-mail').fill('mara@')
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByText('Enter the whole e-mail address.').waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('is filtered by an address of e-mail, which stands in no address of a page', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('E-mail').fill(SIGNED_IN.email.toUpperCase())
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByRole('link', { name: /#1002/ }).waitFor({ state: 'detached' })
    expect(await app.getByRole('link', { name: /#1001/ }).count()).toBe(1)
    expect(decodeURIComponent(address(page).href).toLowerCase()).not.toContain(SIGNED_IN.email)
    await page.context().close()
  })

  it('shows what it is filtered by in a line, and the events at once, to whoever followed a link', async () => {
    const query =
      'type=order_created&vendor=alana&outcome=waiting&undelivered=on&since=2026-11-18&until=2026-11-20'
    const { page, app } = await tools.open(`/app/activity?${query}`, { width: 390 })
    for (const said of [
      'Order placed',
      'Alana',
      'Waiting',
      'From Nov 18, 2026 (UTC)',
      'To Nov 20, 2026 (UTC)',
    ])
      await app.locator('.Polaris-Badge', { hasText: said }).waitFor()
    expect(await app.getByLabel('Order number').isVisible()).toBe(false)
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('Only what has not arrived before').uncheck()
    await app.getByRole('button', { name: 'Find' }).click()
    await vi.waitFor(() => expect(address(page).searchParams.has('undelivered')).toBe(false))
    expect(address(page).searchParams.get('outcome')).toBe('waiting')
    await page.context().close()
  })

  it('says when nothing matches, and what to do', async () => {
    const { page, app } = await tools.open('/app/activity?order=77')
    await app.getByText('No order 77 was received').waitFor()
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('Outcome').selectOption('failed')
    await app.getByRole('button', { name: 'Find' }).click()
    await expect.poll(() => address(page).searchParams.get('outcome')).toBe('failed')
    await app.getByText('No order 77 was received').waitFor()
    await app.getByRole('link', { name: 'Clear filters' }).first().click()
    await app.getByRole('link', { name: /#1001/ }).waitFor()
    await page.context().close()
  })

  it.each([
    'type=nonsense',
    'since=yesterday',
    'since=2026-02-30T10:00',
    'lately=1y',
    'replay=1',
    'before=1',
    'vendor=%27',
    'outcome=lost',
    'person=<script>',
  ])('takes %s for nothing asked', async query => {
    const { lines } = await linesOf(`/app/activity?${query}`)
    expect(lines.map(({ about }) => about)).toEqual(['#1002', '#1001'])
  })
})

describe('the story of an event', () => {
  it.each([1280, 390])('is on one screen at %i pixels', async width => {
    const { page, app } = await tools.open(`/app/activity/${eventId}`, { width })
    await app.getByRole('heading', { name: 'Order placed' }).waitFor()
    for (const part of ['Received', 'Understood as', 'Consent', 'Who it was', 'Where it went'])
      await app.getByRole('heading', { name: part }).waitFor()
    expect(await app.getByText('orders/create').count()).toBe(1)
    await app.getByText('What was sent (masked)').first().click()
    const sent = await app.getByRole('region', { name: 'What was sent (masked)' }).first().textContent()
    expect(sent).toContain('"method": "POST"')
    const shown = (await app.locator('body').textContent()) ?? ''
    expect(shown).not.toContain(SIGNED_IN.email)
    expect(shown).toContain('Amount€')
    expect(shown).toContain(`${SIGNED_IN.email[0]}…@`)
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await page.context().close()
  })

  it('leads back to the list as it was', async () => {
    const { page, app } = await tools.open('/app/activity?outcome=delivered')
    await app.getByRole('link', { name: /#1001/ }).click()
    await app.getByRole('heading', { name: 'Order placed · #1001', exact: true }).waitFor()
    await app.getByRole('link', { name: 'Activity' }).click()
    await app.getByRole('link', { name: /#1002/ }).waitFor()
    expect(address(page).searchParams.get('outcome')).toBe('delivered')
    await page.context().close()
  })

  it.each(['01930000-0000-7000-8000-00000000ffff', 'nonsense'])('of %s says that there is none', async id => {
    expect((await ask(data(`/app/activity/${id}`, DETAIL))).status).toBe(404)
    const { page, app } = await tools.open(`/app/activity/${id}`)
    await app.getByText('No such event').first().waitFor()
    await page.context().close()
  })

  it.each([
    ['cs', 'Vytvoření objednávky'],
    ['sk', 'Vytvorenie objednávky'],
    ['de', 'Bestellung aufgegeben'],
    ['pl', 'Złożenie zamówienia'],
    ['pt-BR', 'Pedido feito'],
  ])('is told in %s', async (locale, title) => {
    const { page, app } = await tools.open(`/app/activity/${eventId}`, { locale })
    await app.getByRole('heading', { name: title }).waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/activity\.\w+/)
    await page.context().close()
  })
})

describe('sending again', () => {
  it('of one delivery asks first, and sends it to that vendor once more', async () => {
    const before = tools.app.sentTo('alana').length
    const others = tools.app.sentTo('voucherify').length
    const { page, app } = await tools.open(`/app/activity/${eventId}`)
    await app.getByRole('button', { name: 'Send again to Alana' }).click()
    expect(await app.getByText('Alana gets this event once more').count()).toBe(1)
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Send again', exact: true }).last().click()
    await page.getByText('It is on its way again.').waitFor()
    await tools.app.idle()
    expect(tools.app.sentTo('alana')).toHaveLength(before + 1)
    expect(tools.app.sentTo('voucherify')).toHaveLength(others)
    await page.context().close()
  })

  it('of what had arrived does not look as if it never had', async () => {
    const badges: [string, string | null, string][] = [
      ['retry', 'transient', 'Delivered, being sent again'],
      ['held', 'off', 'Delivered, sending again is held'],
      ['dead', 'rejected', 'Delivered before, failed when sent again'],
      ['delivered', null, 'Delivered'],
    ]
    for (const [state, reason, badge] of badges) {
      await tools.app.test.database.pool.query(
        `update deliveries set state = $1, reason = $2, replay = true, due_at = now() + interval '1 hour'
         where event_id = $3 and vendor = 'alana'`,
        [state, reason, eventId],
      )
      const { page, app } = await tools.open(`/app/activity/${eventId}`)
      await app.getByText(badge, { exact: true }).first().waitFor()
      await page.context().close()
    }
  })

  it('of what a filter finds says how many first, and how many were sent', async () => {
    const before = tools.app.sentTo('voucherify').length
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=delivered&type=order_created',
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByText('Voucherify: 2 deliveries').waitFor()
    expect(tools.app.sentTo('voucherify')).toHaveLength(before)
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Send 2 again' }).click()
    await page.getByText('2 deliveries are on their way again.').waitFor()
    await tools.app.idle()
    expect(tools.app.sentTo('voucherify')).toHaveLength(before + 2)
    await page.context().close()
  })

  it('names the filters it goes by, not those that are typed and not applied', async () => {
    const { page, app } = await tools.open('/app/activity')
    const dialog = app.getByRole('dialog')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('Order number').fill('1002')
    await app.getByRole('button', { name: 'Send again…' }).click()
    await dialog.getByText('No filter: all events.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    await app.getByRole('button', { name: 'Find' }).click()
    await app.locator('.Polaris-Badge', { hasText: '1002' }).waitFor()
    await app.getByRole('button', { name: 'Send again…' }).click()
    await dialog.locator('.Polaris-Badge', { hasText: '1002' }).waitFor()
    expect(await dialog.getByText('No filter: all events.').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('tells how many were sent also when the answer to the first request was lost', async () => {
    const before = tools.app.sentTo('voucherify').length
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=delivered&type=order_created',
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    const send = app.getByRole('button', { name: 'Send 2 again' })
    await send.waitFor()
    let lost = 0
    await page.route('**/app/activity?**', async route => {
      if (lost > 0 || !route.request().postData()?.includes('step')) return route.continue()
      lost++
      await route.fetch()
      return route.abort()
    })
    await send.click()
    await app.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('2 deliveries are on their way again.').waitFor()
    expect(lost).toBe(1)
    await app.getByText('2 deliveries were sent again:').waitFor()
    await app.getByText('2 delivered', { exact: true }).waitFor()
    await tools.app.idle()
    expect(tools.app.sentTo('voucherify')).toHaveLength(before + 2)
    await page.context().close()
  })

  it('of what a filter finds leads to what became of it, and says first what is left to a newer state again', async () => {
    const { pool } = tools.app.server.services
    const set = `update deliveries set state = 'skipped', reason = 'superseded'`
    await pool.query(`${set} where event_id = $1 and vendor = 'voucherify'`, [eventId])
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=skipped&reason=superseded',
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByText('1 of them was skipped and left to a newer state.').waitFor()
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Send 1 again' }).click()
    await app.getByText('1 delivery was sent again:').waitFor()
    await app.getByText('1 delivered', { exact: true }).waitFor()
    expect(await app.getByText('You can close this.').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await app.getByRole('link', { name: 'See what became of them' }).click()
    await app.getByRole('dialog').waitFor({ state: 'detached' })
    await app.getByText(/^Sent again on /).waitFor()
    await app.getByRole('link', { name: /#1002/ }).waitFor({ state: 'detached' })
    expect(await app.getByRole('link', { name: /#1001/ }).count()).toBe(1)
    const [only, ...others] = address(page).searchParams.keys()
    expect([only, others]).toEqual(['replay', []])
    await page.context().close()
  })

  it.each([1280, 390])('at %i pixels says first what would be skipped again, and why', async width => {
    const { pool } = tools.app.server.services
    const { rows } = await pool.query<{ id: number }>('select id from shops where domain = $1', [SHOP])
    const shopId = rows[0]?.id ?? 0
    const actor = { ...NOBODY, visitorId: 'refused', consent: { analytics: false, marketing: false } }
    const skipped = { vendor: 'alana', state: 'skipped', reason: 'no_consent' } as const
    const id = await keepDelivery(pool, shopId, skipped, { actor })
    const { page, app } = await tools.open('/app/activity?vendor=alana&outcome=skipped', { width })
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByText('Alana: 1 would be skipped: No consent (1)').waitFor()
    await app.getByText('Sending again does not change these reasons.').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await app.getByRole('button', { name: 'Send 1 again' }).click()
    await app.getByText('1 skipped again', { exact: true }).waitFor()
    await page.context().close()
    const one = await tools.open(`/app/activity/${id}`, { width })
    await one.app.getByRole('button', { name: 'Send again to Alana' }).click()
    await one.app.getByText('It would be skipped again for Alana: No consent.').waitFor()
    await one.page.context().close()
    await pool.query('delete from deliveries where event_id = $1', [id])
    await pool.query('delete from events where id = $1', [id])
  })

  it('of what a filter finds leads to what became of it after its dialog is closed, too', async () => {
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=delivered&type=order_created',
      { width: 390 },
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByRole('button', { name: /^Send \d again$/ }).click()
    await app.getByText(/deliver(y was|ies were) sent again:/).waitFor()
    await app.getByRole('button', { name: 'Close', exact: true }).last().click()
    await app.getByRole('dialog').waitFor({ state: 'detached' })
    await app.getByText(/^Sent again on .*: \d$/).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    const link = app.getByRole('link', { name: 'See what became of them' })
    await link.click()
    await link.waitFor({ state: 'detached' })
    expect([...address(page).searchParams.keys()]).toEqual(['replay'])
    await page.context().close()
  })

  it('goes no further than the order or the person that is asked for', async () => {
    const form = { intent: 'count', which: 'delivered', order: '#1001', vendor: 'voucherify' }
    const answer = await ask(data('/app/activity?index', LIST), { form })
    expect((await answer.json()).counted).toMatchObject({
      counts: [
        { vendor: 'Voucherify', count: 1, superseded: 0, held: false, foreseen: { looked: 1, reasons: [] } },
      ],
    })
  })

  it.each<Record<string, string>>([
    { intent: 'nonsense' },
    {},
    { intent: 'count', which: 'held' },
    { intent: 'step', which: 'failed', from: 'x', lane: 'alana', at: 'now' },
  ])('does nothing for a form that is none of ours: %j', async form => {
    expect((await ask(data('/app/activity?index', LIST), { form })).status).toBe(400)
  })
})

describe('another shop', () => {
  it('finds no event of this one, in the list or by its id', async () => {
    const { lines } = await linesOf('/app/activity', OTHER)
    expect(lines).toEqual([])
    expect((await linesOf('/app/activity?order=1001', OTHER)).lines).toEqual([])
    const story = await ask(data(`/app/activity/${eventId}`, DETAIL), { shop: OTHER })
    expect(story.status).toBe(404)
    expect(await story.text()).not.toContain('#1001')
  })

  it('sends nothing of this one again', async () => {
    const before = tools.app.sentTo('alana').length
    const one = await ask(data(`/app/activity/${eventId}`, DETAIL), {
      shop: OTHER,
      form: { intent: 'replay', vendor: 'alana' },
    })
    expect(await one.json()).toEqual({ kind: 'replayed', count: 0, held: 0 })
    const chosen = { which: 'delivered', vendor: 'alana' }
    const counted = await ask(data('/app/activity?index', LIST), {
      shop: OTHER,
      form: { intent: 'count', ...chosen },
    })
    expect(await counted.json()).toMatchObject({ counted: { counts: [] } })
    const place = {
      lane: 'alana',
      from: '00000000-0000-0000-0000-000000000000',
      at: new Date().toISOString(),
      id: '019a0000-0000-7000-8000-000000000001',
    }
    const stepped = await ask(data('/app/activity?index', LIST), {
      shop: OTHER,
      form: { intent: 'step', ...chosen, ...place },
    })
    expect(await stepped.json()).toEqual({
      progress: { count: 0, held: 0, next: null, total: { count: 0, held: 0 } },
    })
    await tools.app.idle()
    expect(tools.app.sentTo('alana')).toHaveLength(before)
  })
})
