/** A merchant's test event: told before, one event however often it is pressed, to the tools that take it, and nobody else's. */
import { describe, expect, it, vi } from 'vitest'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { erasePerson } from '../../app/delivery/erase.ts'
import { TESTS_A_MINUTE } from '../../app/runtime/test-event.ts'
import { SETTINGS } from '../support/app.ts'
import { homeTools } from '../support/home.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const { tools, pool, ask, visit, test } = homeTools()
const ME = 'me@example.com'
const OTHER = 'other-shop.myshopify.com'

/** Connects a tool in a shop that has opened the app. */
async function connectIn(shop: string, vendor: 'alana' | 'topmail', over: object = {}): Promise<void> {
  const { rows } = await pool().query<{ id: number }>('select id from shops where domain = $1', [shop])
  const { sealer } = tools.app.server.services
  await saveConnection(pool(), sealer, rows[0]?.id ?? 0, vendorById(vendor), { ...SETTINGS[vendor], ...over })
}
const told = async () => (await ask({ intent: 'tell' })).json()
const events = async () =>
  (await pool().query(`select id, visitor_id, customer_id, data from events where source = 'test'`)).rows
const became = async () => {
  await tools.app.idle()
  const { rows } = await pool().query(
    `select d.vendor, d.state, d.reason from deliveries d join events e on e.id = d.event_id
     where e.source = 'test' order by d.vendor`,
  )
  return rows.map(({ vendor, state, reason }) => [vendor, state, reason])
}
const views = (vendor: 'ecomail' | 'topmail') =>
  tools.app.sentTo(vendor).filter(sent => /POST .*(events|product-view)$/.test(sent))

/** One that takes the view, one whose row is off, one that needs a browser, one that is switched off. */
async function fourTools(): Promise<void> {
  tools.app.vendors.addContacts('topmail', [ME])
  await tools.app.connect('topmail')
  await tools.app.connect('ecomail', { ...SETTINGS.ecomail, rows: { product_viewed: false } })
  await tools.app.connect('alana')
  await tools.app.connect('voucherify')
  await pool().query(`update connections set enabled = false where vendor = 'voucherify'`)
}

describe('a test event', () => {
  it('is told before, goes to those that take it, once, and is skipped for the others', async () => {
    await fourTools()
    await visit()
    await tools.app.idle()
    const before = views('topmail').length
    const plan = await told()
    expect(plan).toMatchObject({ kind: 'told', product: 'Lamp', like: expect.any(String) })
    expect(plan.tools.map(({ name, gets, why }: Record<string, unknown>) => [name, gets, why])).toEqual([
      ['Alana', 'request', 'no_visitor'],
      ['Ecomail', 'request', 'mapping_off'],
      ['Topmail', 'view', null],
      ['Voucherify', 'request', 'off'],
    ])
    const { key, like } = plan
    const answers = await Promise.all([test({ key, like }), test({ key, like })])
    const [first, second] = await Promise.all(answers.map(answer => answer.json()))
    expect(first).toMatchObject({ kind: 'tested', refused: [] })
    expect(second).toEqual(first)
    const [event, ...more] = await events()
    expect(more).toEqual([])
    expect(event).toMatchObject({ id: first.eventId, visitor_id: null, customer_id: null })
    expect(event.data.product).toMatchObject({ title: 'Lamp', price: '139.99' })
    expect(await became()).toEqual([
      ['alana', 'skipped', 'no_visitor'],
      ['ecomail', 'skipped', 'mapping_off'],
      ['topmail', 'delivered', null],
      ['voucherify', 'skipped', 'test_stopped'],
    ])
    expect(views('topmail')).toHaveLength(before + 1)
    expect(views('ecomail')).toEqual([])
    for (const table of ['visitor_links', 'visitor_checkouts', 'customers'])
      expect((await pool().query(`select from ${table}`)).rowCount).toBe(0)
  })

  it('goes to a tool that had refused its key and accepts it now', async () => {
    await tools.app.connect('topmail')
    tools.app.vendors.addContacts('topmail', [ME])
    await pool().query(`update connections set attention = 'Wrong key.'`)
    expect((await told()).tools).toEqual([{ name: 'Topmail', gets: 'both', why: 'refused' }])
    await test()
    expect(await became()).toEqual([['topmail', 'delivered', null]])
  })

  it.each([
    ['whose key was wrong was kept', 'wrong-key', { apiKey: 'wrong' }],
    ['whose settings no longer fit was kept', 'old-settings', null],
  ])('to a tool %s, and sent beside the new one once that was mended', async (_, name, wrong) => {
    const shop = `${name}.myshopify.com`
    await ask({ shop })
    await connectIn(shop, 'topmail', wrong ?? {})
    tools.app.vendors.addContacts('topmail', [ME])
    if (!wrong) await pool().query(`update connections set settings = '{"rows": 7}'`)
    const skipped = ['topmail', 'skipped', 'test_stopped']
    expect((await (await test({ shop })).json()).refused).toMatchObject([{ name: 'Topmail' }])
    expect(await became()).toEqual([skipped])
    await test({ shop })
    expect(await became()).toEqual([skipped, skipped])
    const before = views('topmail').length
    await connectIn(shop, 'topmail')
    expect(await (await test({ shop })).json()).toMatchObject({ refused: [] })
    expect((await became()).sort()).toEqual([['topmail', 'delivered', null], skipped, skipped])
    expect(views('topmail')).toHaveLength(before + 1)
  })

  it('ends the step of the test, and is not the first real event', async () => {
    await tools.app.connect('topmail')
    tools.app.vendors.addContacts('topmail', [ME])
    await pool().query('update connections set test_ok = true, tested_at = now()')
    const done = async () => (await (await ask()).json()).guide.done
    expect(await done()).toMatchObject({ connect: true, test: false, first: false })
    expect(await (await test()).json()).toMatchObject({ kind: 'tested' })
    expect(await became()).toEqual([['topmail', 'delivered', null]])
    expect(await done()).toMatchObject({ test: true, first: false })
  })

  it('is found by the address and erased with it', async () => {
    await tools.app.connect('topmail')
    await test({ email: 'Me@Example.com' })
    await became()
    const { sealer } = tools.app.server.services
    await erasePerson(pool(), sealer, tools.app.shopId, {
      ...{ customerId: null, email: ME, orderIds: [], receivedAt: new Date() },
    })
    const { rows } = await pool().query(`select personal, email_mark from events where source = 'test'`)
    expect(rows).toEqual([{ personal: null, email_mark: null }])
  })

  it('is not sent without an address, or a tool', async () => {
    const problem = async (answer: Promise<Response>) => (await (await answer).json()).problem
    expect(await problem(test())).toBe('none')
    await tools.app.connect('topmail')
    for (const email of ['', 'me', 'me@', `${'x'.repeat(250)}@example.com`])
      expect(await problem(test({ email }))).toBe('email')
    expect((await test({ key: 'mine' })).status).toBe(400)
    expect(await events()).toEqual([])
  })

  it('of another shop finds no product of this one, and leaves it as it is', async () => {
    await tools.app.connect('topmail')
    await visit()
    const { like } = await told()
    expect(like).not.toBeNull()
    const installed = await (await ask({ shop: OTHER, intent: 'tell' })).json()
    expect(installed).toMatchObject({ like: null, product: 'Brass Lantern', tools: [] })
    await connectIn(OTHER, 'topmail')
    const sent = await (await test({ shop: OTHER, like })).json()
    const { rows } = await pool().query(
      `select s.domain, e.id, e.data -> 'product' ->> 'title' as title from events e join shops s on s.id = e.shop_id
       where e.source = 'test'`,
    )
    expect(rows).toEqual([{ domain: OTHER, id: sent.eventId, title: 'Brass Lantern' }])
  })

  it('is sent a few times in a minute by whoever presses on', async () => {
    const shop = 'pressed-on.myshopify.com'
    await ask({ shop })
    await connectIn(shop, 'topmail')
    for (let count = 0; count < TESTS_A_MINUTE; count++)
      expect(await (await test({ shop })).json()).toMatchObject({ kind: 'tested' })
    expect(await (await test({ shop })).json()).toEqual({ kind: 'notTested', problem: 'many' })
    expect(await events()).toHaveLength(TESTS_A_MINUTE)
  })
})

describe('the dialog', () => {
  it.each([1280, 390])(
    'says what goes where, asks for an address, and leads to the story: %i pixels',
    async width => {
      const shop = `test-${width}.myshopify.com`
      const { page, app } = await tools.open('/app', { width, shop })
      const open = app.locator('#guide-test').getByRole('button', { name: 'Send a test event' })
      await app.getByText('0 of 5 done').waitFor()
      await connectIn(shop, 'alana')
      await app.getByText('1 of 5 done').waitFor()
      await app.getByRole('button', { name: 'Send a test event' }).first().click()
      await open.click()
      await app.getByText(/A view of “Brass Lantern”, an invented product/).waitFor()
      await app.getByText('Alana: nothing more (Visitor not known)').waitFor()
      await app.getByText(/No connected tool takes this view/).waitFor()
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/dialog-${width}.png` })
      await page.keyboard.press('Escape')
      await app.getByRole('dialog').waitFor({ state: 'detached' })
      await app.locator(':focus').and(open).waitFor({ state: 'attached' })
      await open.click()
      const send = app.getByRole('button', { name: 'Send', exact: true })
      await vi.waitFor(async () => expect(await send.isEnabled()).toBe(true))
      await send.click()
      await app.getByText('This is no e-mail address.').waitFor()
      await app.locator(':focus').and(app.getByLabel('Your e-mail address')).waitFor()
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/wrong-${width}.png` })
      await app.getByLabel('Your e-mail address').fill(ME)
      await page.keyboard.press('Enter')
      await page.getByText('Test event sent').first().waitFor()
      await app.getByRole('dialog').waitFor({ state: 'detached' })
      await app.getByText('2 of 5 done').waitFor()
      expect(await violations(page)).toEqual([])
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/sent-${width}.png` })
      await app.getByRole('link', { name: 'See what became of it' }).click()
      await app.getByRole('heading', { name: /Product viewed · Brass Lantern/ }).waitFor()
      expect(await app.getByText('Test event', { exact: true }).count()).toBeGreaterThan(0)
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/story-${width}.png` })
      await app.getByRole('link', { name: 'Activity' }).first().click()
      const line = app.getByRole('listitem').filter({ hasText: 'Brass Lantern' })
      await line.getByText('Test event', { exact: true }).waitFor()
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/list-${width}.png` })
      await leave(page)
    },
    60_000,
  )

  it('keeps what was typed where Sluice does not answer, and the same test is sent once', async () => {
    const shop = 'test-away.myshopify.com'
    const { page, app } = await tools.open('/app', { shop })
    await app.getByText('0 of 5 done').waitFor()
    await connectIn(shop, 'alana')
    await app.getByText('1 of 5 done').waitFor()
    await app.getByRole('button', { name: 'Send a test event' }).first().click()
    const open = app.locator('#guide-test').getByRole('button', { name: 'Send a test event' })
    await page.route('**/app?index*', route => route.abort())
    await open.click()
    await app.getByText(/Nothing was sent: close this/).waitFor()
    await page.unroute('**/app?index*')
    await page.keyboard.press('Escape')
    await app.getByRole('dialog').waitFor({ state: 'detached' })
    await open.click()
    await app.getByLabel('Your e-mail address').fill(ME)
    await app.getByText(/Brass Lantern/).waitFor()
    // It was kept, and only its answer was lost.
    await page.route('**/app?index*', async route => {
      if (route.request().method() !== 'POST') return route.continue()
      await route.fetch()
      return route.abort()
    })
    await app.getByRole('button', { name: 'Send', exact: true }).click()
    await app.getByText(/It is not certain that the test was sent/).waitFor()
    await page.unroute('**/app?index*')
    expect(await app.getByLabel('Your e-mail address').inputValue()).toBe(ME)
    await app.getByRole('button', { name: 'Send', exact: true }).click()
    await app.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await events()).toHaveLength(1)
    await leave(page)
  })
})
