/** A merchant looks at what happened in the shop, and why. */
import { describe, expect, it, vi } from 'vitest'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { activityTools, address, data, LIST } from '../support/activity.ts'
import { SHOP } from '../support/app.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'
import { codeIsThere } from '../support/unreached.ts'

const activity = activityTools()
const { tools, ask } = activity
const OTHER = 'other-shop.myshopify.com'
const DETAIL = 'routes/app.activity.$event'

const linesOf = async (path: string, shop = SHOP) =>
  (await (await ask(data(path, LIST), { shop })).json()) as { lines: { id: string; about: string | null }[] }

describe('the list of events', () => {
  it.each([1280, 390])(
    'is read at %i pixels, without violations and without sideways scrolling',
    async width => {
      const { page, app } = await tools.open('/app/activity', { width })
      await app.getByRole('heading', { name: 'Activity' }).waitFor()
      await app.getByRole('link', { name: /#1001/ }).waitFor()
      // Opened by Shopify's admin, which puts the session's token into the address: the links handed it on.
      expect(address(page).searchParams.has('id_token')).toBe(true)
      expect(await app.locator('a[href*="id_token"], a[href*="host="]').count()).toBe(0)
      await app.getByRole('button', { name: 'Filters' }).click()
      await app.getByLabel('Order number').waitFor()
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      await leave(page)
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
    await leave(page)
  })

  it('does not say that nothing matches where the days are the wrong way round', async () => {
    const { page, app } = await tools.open('/app/activity?since=2026-11-20&until=2026-11-18')
    await app.getByText('Choose a time that is not before the first.').waitFor()
    const before = frameOf(page).url()
    await app.getByRole('button', { name: 'Find' }).click()
    expect(await app.getByLabel('To (UTC)').evaluate(field => field === document.activeElement)).toBe(true)
    expect(frameOf(page).url()).toBe(before)
    await leave(page)
  })

  it('is filtered by the last hour, or by a time of its own, to the minute', async () => {
    const { page, app } = await tools.open('/app/activity', { width: 390 })
    await app.getByRole('button', { name: 'Filters' }).click()
    expect(await app.getByLabel('From (UTC)').count()).toBe(0)
    await app.getByLabel('Received').selectOption('Last hour')
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByRole('link', { name: 'Remove filter: Received: Last hour' }).waitFor()
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
    await leave(page)
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
    await leave(page)
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
    await leave(page)
  })

  it('says at the field that an address of e-mail is not whole', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('E-mail').fill('mara@')
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByText('Enter the whole e-mail address.').waitFor()
    expect(await violations(page)).toEqual([])
    await leave(page)
  })

  it('is filtered by an address of e-mail, which stands in no address of a page', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('E-mail').fill(SIGNED_IN.email.toUpperCase())
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByRole('link', { name: /#1002/ }).waitFor({ state: 'detached' })
    expect(await app.getByRole('link', { name: /#1001/ }).count()).toBe(1)
    expect(decodeURIComponent(address(page).href).toLowerCase()).not.toContain(SIGNED_IN.email)
    const masked = `${SIGNED_IN.email[0]}…${SIGNED_IN.email.slice(SIGNED_IN.email.indexOf('@'))}`
    await app.getByRole('link', { name: `Remove filter: E-mail: ${masked}` }).waitFor()
    await leave(page)
  })

  it('says of which address nothing was found, masked', async () => {
    const { page, app } = await tools.open('/app/activity')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('E-mail').fill('Nobody@example.org')
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByRole('link', { name: 'Remove filter: E-mail: n…@example.org' }).waitFor()
    // Nothing was asked of time: a longer one is no help.
    await app.getByText('Remove a filter, or look for something else.').waitFor()
    expect(address(page).href.toLowerCase()).not.toContain('example.org')
    const changed = (address(page).searchParams.get('person') ?? '').replace('~v1.', '~v2.')
    await page.goto(
      tools.frame.address(SHOP, `/app/activity?person=${encodeURIComponent(changed)}&lately=1h`),
    )
    await app.getByRole('link', { name: 'Remove filter: E-mail', exact: true }).waitFor()
    await app.getByText('Remove a filter, or ask for a longer time.').waitFor()
    await leave(page)
  })

  it('says what of its address makes no sense and is left out, and nothing of what does', async () => {
    const { page, app } = await tools.open('/app/activity?type=nonsense&vendor=a+b&lately=3h&order=1002', {
      width: 390,
    })
    await app
      .getByText(
        'The address asks for something that does not exist: it is left out (Event, Tool, and Received).',
      )
      .waitFor()
    expect(await app.getByRole('link', { name: /^Remove filter/ }).count()).toBe(1)
    expect(await violations(page)).toEqual([])
    // Well formed, but no tool is called so: it was asked for, and nothing found.
    await page.goto(tools.frame.address(SHOP, '/app/activity?order=1002&vendor=nosuch'))
    await app.getByRole('link', { name: /#1002/ }).waitFor()
    await app.getByText('it is left out (Tool).').waitFor()
    await page.goto(tools.frame.address(SHOP, '/app/activity?order=1002&lately=24h&since=2026-01-01'))
    await app.getByRole('link', { name: /#1002/ }).waitFor()
    expect(await app.getByText(/it is left out/).count()).toBe(0)
    await leave(page)
  })

  it('shows what it is filtered by in a line, and the events at once, to whoever followed a link', async () => {
    const query =
      'type=order_created&vendor=alana&outcome=waiting&undelivered=on&since=2026-11-18&until=2026-11-20'
    const { page, app } = await tools.open(`/app/activity?${query}`, { width: 390 })
    for (const said of [
      'Event: Order placed',
      'Tool: Alana',
      'Outcome: Waiting',
      'From Nov 18, 2026 (UTC)',
      'To Nov 20, 2026 (UTC)',
    ])
      await app.getByRole('link', { name: `Remove filter: ${said}`, exact: true }).waitFor()
    expect(await app.getByLabel('Order number').isVisible()).toBe(false)
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('Only what has not arrived before').uncheck()
    await app.getByRole('button', { name: 'Find' }).click()
    await vi.waitFor(() => expect(address(page).searchParams.has('undelivered')).toBe(false))
    expect(address(page).searchParams.get('outcome')).toBe('waiting')
    await leave(page)
  })

  it.each([1280, 390])(
    'at %i pixels is asked without one of its filters by a press on it, by keyboard too',
    async width => {
      const { page, app } = await tools.open('/app/activity?vendor=alana&outcome=delivered&order=1002', {
        width,
      })
      const remove = (filter: string) =>
        app.getByRole('link', { name: `Remove filter: ${filter}`, exact: true })
      for (const filter of ['Tool: Alana', 'Outcome: Delivered', 'Order number: 1002']) {
        const { height = 0, width: wide = 0 } = (await remove(filter).boundingBox()) ?? {}
        expect(Math.min(height, wide)).toBeGreaterThanOrEqual(24)
      }
      await remove('Order number: 1002').press('Enter')
      await app.getByRole('link', { name: /#1001/ }).waitFor()
      expect(address(page).search).toBe('?vendor=alana&outcome=delivered')
      expect(
        await app
          .getByRole('region', { name: 'Events found' })
          .evaluate(part => part === document.activeElement),
      ).toBe(true)
      await remove('Outcome: Delivered').click()
      await remove('Outcome: Delivered').waitFor({ state: 'detached' })
      expect(address(page).search).toBe('?vendor=alana')
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      await leave(page)
    },
  )

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
    await leave(page)
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

describe('a shop without an event', () => {
  it('sees its first one on the open page, without loading it again', async () => {
    const shop = 'first-event.myshopify.com'
    const { page, app } = await tools.open('/app/activity', { shop })
    await app.getByText('No events yet').waitFor()
    await frameOf(page).evaluate(() => Object.assign(window, { isSame: true }))
    activity.made.next()
    const payload = activity.made.payload({ name: '#2001' })
    await tools.app.store.webhook({ shop, topic: 'orders/create', payload })
    await app.getByRole('link', { name: /#2001/ }).waitFor()
    expect(await frameOf(page).evaluate(() => 'isSame' in window)).toBe(true)
    await leave(page)
  })
})

describe('an address that nothing answers', () => {
  it.each([
    ['en', 'There is no such page', 'Activity'],
    ['de', 'Diese Seite gibt es nicht', 'Aktivität'],
  ])('is told of in %s, within the frame', async (locale, title, elsewhere) => {
    const nowhere = data('/app/nix', 'routes/app.$')
    expect((await ask(nowhere)).status).toBe(404)
    expect((await ask(nowhere, { form: { intent: 'none' } })).status).toBe(404)
    const { page, app } = await tools.open('/app/nix', { locale, width: 390 })
    await app.getByRole('heading', { name: title }).waitFor()
    expect(await frameOf(page).evaluate(() => document.documentElement.lang)).toBe(locale)
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await page.getByRole('link', { name: elsewhere, exact: true }).click()
    await app.getByRole('heading', { name: elsewhere, level: 1 }).waitFor()
    await leave(page)
  })
})

describe('the story of an event', () => {
  it.each([1280, 390])('is on one screen at %i pixels', async width => {
    const { page, app } = await tools.open(`/app/activity/${activity.eventId}`, { width })
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
    await leave(page)
  })

  it('leads back to the list as it was', async () => {
    const { page, app } = await tools.open('/app/activity?outcome=delivered')
    await app.getByRole('link', { name: /#1001/ }).click()
    await app.getByRole('heading', { name: 'Order placed · #1001', exact: true }).waitFor()
    await app.getByRole('link', { name: 'Activity' }).click()
    await app.getByRole('link', { name: /#1002/ }).waitFor()
    expect(address(page).searchParams.get('outcome')).toBe('delivered')
    await leave(page)
  })

  it.each(['01930000-0000-7000-8000-00000000ffff', 'nonsense'])('of %s says that there is none', async id => {
    expect((await ask(data(`/app/activity/${id}`, DETAIL))).status).toBe(404)
    const { page, app } = await tools.open(`/app/activity/${id}`)
    await app.getByText('No such event').first().waitFor()
    await leave(page)
  })

  it.each([
    ['cs', 'Vytvoření objednávky'],
    ['sk', 'Vytvorenie objednávky'],
    ['de', 'Bestellung aufgegeben'],
    ['pl', 'Złożenie zamówienia'],
    ['pt-BR', 'Pedido feito'],
  ])('is told in %s', async (locale, title) => {
    const { page, app } = await tools.open(`/app/activity/${activity.eventId}`, { locale })
    await app.getByRole('heading', { name: title }).waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/activity\.\w+/)
    await leave(page)
  })
})

it.each([390])(
  'says that new events have come, at %i pixels, and moves nothing until they are wanted',
  async width => {
    const { page, app } = await tools.open('/app/activity?type=order_created', { width })
    const list = app.getByRole('list', { name: 'Events' })
    await app.getByText(/^As of/).waitFor()
    const placeOf = () => list.evaluate(each => each.getBoundingClientRect().y)
    const [count, place] = [await list.getByRole('listitem').count(), await placeOf()]
    activity.made.next()
    await activity.made.send('orders/create', { name: '#1003' })
    await app.getByText('New events have come.').waitFor({ timeout: 20_000 })
    expect([await list.getByRole('listitem').count(), await placeOf()]).toEqual([count, place])
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    const show = app.getByRole('button', { name: 'Show them' })
    const note = app.getByText(/^Sluice cannot be reached right now\. What you see is as of/)
    await codeIsThere(page)
    await page.context().setOffline(true)
    await show.click()
    await note.waitFor()
    expect([await list.getByRole('listitem').count(), await placeOf()]).toEqual([count, place])
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/show-them-${width}.png` })
    await page.context().setOffline(false)
    await show.click()
    await app.getByText('New events have come.').waitFor({ state: 'detached' })
    await note.waitFor({ state: 'detached' })
    expect(await list.getByRole('listitem').count()).toBe(count + 1)
    const results = app.getByRole('region', { name: 'Events found' })
    expect(await results.evaluate(part => part === document.activeElement)).toBe(true)
    await leave(page)
  },
)

describe('another shop', () => {
  it('finds no event of this one, in the list or by its id', async () => {
    const { lines } = await linesOf('/app/activity', OTHER)
    expect(lines).toEqual([])
    expect((await linesOf('/app/activity?order=1001', OTHER)).lines).toEqual([])
    const story = await ask(data(`/app/activity/${activity.eventId}`, DETAIL), { shop: OTHER })
    expect(story.status).toBe(404)
    expect(await story.text()).not.toContain('#1001')
  })
})
