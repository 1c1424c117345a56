/** A merchant looks what a vendor would be sent, and it is what the vendor then gets. */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { vendorById } from '../../app/delivery/connections.ts'
import { EVENT_TYPES } from '../../app/events/types.ts'
import { maskJson, maskSecret } from '../../app/privacy/mask.ts'
import type { PreviewPage, ShownPreview } from '../../app/runtime/merchant-preview.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { checkoutPayload, customerPayload, SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import type { VendorName } from '../../sandbox/vendors/contract.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { focused } from '../support/focus.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { minute, orders } from '../support/orders.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'
import { codeIsThere } from '../support/unreached.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const OTHER = 'other-shop.myshopify.com'
const ROUTE = 'routes/app.vendors.$vendor_.preview'
const NAMES = VENDORS.map(({ id }) => id as VendorName)
const SECRETS = Object.values(SETTINGS)
  .flatMap(settings => Object.entries(settings))
  .flatMap(([name, value]) => (/key|token|appId/i.test(name) ? value : []))

const ROWS = {
  order_created: true,
  page_viewed: true,
  collection_viewed: true,
  search_submitted: true,
  cart_viewed: true,
}
let eventId: string

beforeAll(async () => {
  await tools.app.connect('ecomail', { ...SETTINGS.ecomail, rows: ROWS })
  await tools.app.connect('topmail', { ...SETTINGS.topmail, rows: { order_created: true } })
  await tools.app.connect('alana')
  await tools.app.connect('voucherify', { ...SETTINGS.voucherify, rows: ROWS })
  for (const name of ['ecomail', 'topmail'] as const) tools.app.vendors.addContacts(name, [SIGNED_IN.email])
  await made.send('orders/create', { name: '#1001' })
  await tools.app.idle()
  await made.send('orders/paid', { name: '#1001', financial: 'paid', updatedAt: minute(2) })
  await tools.app.idle()
  eventId = (await eventsOf('order_created'))[0] ?? ''
  for (const event of VISIT) await visit(event)
  const checkout = {
    ...made.options(),
    checkoutToken: 'checkout-1',
    createdAt: minute(3),
    updatedAt: minute(3),
  }
  await tools.app.store.webhook({ topic: 'checkouts/create', payload: checkoutPayload(checkout) })
  await tools.app.store.webhook({ topic: 'customers/create', payload: customerPayload(SIGNED_IN, minute(4)) })
  await tools.app.idle()
})

const PRODUCT = wireProduct('lamp')
const VISIT = [
  { type: 'product_viewed', data: { product: PRODUCT } },
  { type: 'product_added_to_cart', data: { product: PRODUCT, quantity: 1 } },
  { type: 'search_submitted', data: { query: 'lamp' } },
]

/** What the signed-in customer does in the store. Each for itself, so that none shares a request. */
async function visit(event: (typeof VISIT)[number], customer = String(SIGNED_IN.id)): Promise<void> {
  const at = new Date().toISOString()
  const batch = {
    visitorId: customer ? 'visitor-1' : 'visitor-2',
    sentAt: at,
    consent: { analytics: true, marketing: true },
    events: [{ id: randomUUID(), at, url: 'https://shop.example.com/', ...event }],
  }
  expect((await tools.app.store.proxy(batch, customer)).status).toBe(202)
  await tools.app.idle()
}

async function eventsOf(type: string): Promise<string[]> {
  const { rows } = await tools.app.test.database.pool.query<{ id: string }>(
    'select id from events where type = $1 order by id desc',
    [type],
  )
  return rows.map(({ id }) => id)
}

type Options = { shop?: string; form?: Record<string, string> }
async function ask(vendor: string, query = '', { shop = SHOP, form }: Options = {}): Promise<Response> {
  const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
  const address = `${tools.app.url}/app/vendors/${vendor}/preview?${query}&_data=${encodeURIComponent(ROUTE)}`
  return fetch(address, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
}
const pageOf = async (vendor: string, query = ''): Promise<PreviewPage> => (await ask(vendor, query)).json()

/** Method, path and body of each request that is shown. */
function requestsOf({ made: shown }: ShownPreview) {
  if (shown.kind !== 'sent') return []
  return shown.requests.map(({ method, url, body }) => ({
    method,
    path: new URL(url).pathname,
    body: body === null ? null : JSON.parse(body),
  }))
}

describe('what is shown of an event', () => {
  /** Of each event and vendor, what the vendor has received of it last. */
  async function received(vendor: VendorName, id: string) {
    const { rows } = await tools.app.test.database.pool.query<{ request: { body: unknown } }>(
      `select x.request from attempts a join exchanges x on x.shop_id = a.shop_id and x.id = a.exchange_id
       where a.vendor = $1 and a.event_id = $2 order by a.number, a.part`,
      [vendor, id],
    )
    return rows.map(({ request }) => request.body)
  }

  it.each(NAMES)('is what %s received of it', async vendor => {
    const inbox = tools.app.vendors.inbox(vendor).map(({ method, path, body }) => ({
      method,
      path: path.split('?')[0],
      body: maskJson(body),
    }))
    const delivered = (await tools.app.deliveries()).filter(
      one => one.vendor === vendor && one.state === 'delivered',
    )
    expect(new Set(delivered.map(({ type }) => type)).size).toBeGreaterThan(1)
    for (const { event_id: id } of delivered) {
      const { preview } = await pageOf(vendor, `event=${id}`)
      const shown = requestsOf(preview)
      expect(shown.map(({ body }) => body)).toEqual(await received(vendor, id))
      for (const request of shown) expect(inbox).toContainEqual(request)
    }
  })

  /** With the credentials in place of their masks. */
  const unmasked = (headers: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        SECRETS.reduce((text, secret) => text.replace(maskSecret(secret), secret), value),
      ]),
    )

  it.each(NAMES)('of a sample is accepted by %s, whatever the type', async vendor => {
    const { vendors } = tools.app
    for (const type of EVENT_TYPES) {
      const { preview } = await pageOf(vendor, `type=${type}&event=sample`)
      expect([type, preview.made.kind]).toEqual([type, expect.stringMatching(/^(sent|unwanted)$/)])
      const requests = preview.made.kind === 'sent' ? preview.made.requests : []
      for (const { method, url, headers, body } of requests) {
        if (vendor === 'ecomail' || vendor === 'topmail') vendors.addContacts(vendor, ['shopper@example.com'])
        const answer = await fetch(url, { method, headers: unmasked(headers), ...(body && { body }) })
        // The sample's order is there since the type before it.
        expect([type, answer.status]).toEqual([type, expect.toSatisfy(code => code < 300 || code === 409)])
      }
    }
  })

  it.each(NAMES)('has no credentials of %s in it', async vendor => {
    for (const query of [`event=${eventId}`, 'type=order_created&event=sample']) {
      const text = await (await ask(vendor, query)).text()
      expect(SECRETS.filter(secret => text.includes(secret))).toEqual([])
      if (query.startsWith('event')) expect(text).not.toContain(SIGNED_IN.email)
    }
  })

  it('begins with the latest event of a kind that is on, not with one that is switched off', async () => {
    const rows = Object.fromEntries(Object.keys(vendorById('alana').rows).map(type => [type, false]))
    await tools.app.connect('alana', { ...SETTINGS.alana, rows: { ...rows, order_created: true } })
    expect(await pageOf('alana')).toMatchObject({ type: 'order_created', eventId })
    await tools.app.connect('alana', { ...SETTINGS.alana, rows: { ...rows, cart_viewed: true } })
    expect(await pageOf('alana')).toMatchObject({ type: 'cart_viewed', eventId: null })
    await tools.app.connect('alana')
  })

  it('is the latest real event of a kind that is chosen, and the sample only where there is none or it is asked for', async () => {
    const [latest] = await eventsOf('order_paid')
    expect(await pageOf('alana', 'type=order_paid')).toMatchObject({ type: 'order_paid', eventId: latest })
    expect(await pageOf('alana', 'type=order_paid&event=sample')).toMatchObject({ eventId: null })
    expect(await pageOf('alana', 'type=cart_viewed')).toMatchObject({ type: 'cart_viewed', eventId: null })
  })

  it('stays where an order is looked for that there is not', async () => {
    const shown = { type: 'order_paid', eventId: (await eventsOf('order_paid'))[0], order: null }
    const asked = `type=order_paid&event=${shown.eventId}`
    expect(await pageOf('alana', `${asked}&find=%239999`)).toMatchObject({ ...shown, missing: '#9999' })
    expect(await pageOf('alana', 'type=order_paid&event=sample&find=9999')).toMatchObject({ eventId: null })
    const found = await pageOf('alana', 'type=cart_viewed&event=sample&find=1001')
    expect(found).toMatchObject({ order: '1001', missing: null, eventId: found.recent[0]?.id })
    const before = await pageOf('alana', `order=1001&event=${eventId}&find=9999`)
    expect(before).toMatchObject({ order: '1001', missing: '9999', eventId, recent: found.recent })
  })

  it('sends nothing and keeps nothing', async () => {
    const before = [NAMES.map(name => tools.app.sentTo(name).length), await tools.app.deliveries()]
    for (const name of NAMES) await ask(name, `event=${eventId}`)
    await tools.app.idle()
    expect([NAMES.map(name => tools.app.sentTo(name).length), await tools.app.deliveries()]).toEqual(before)
  })

  it('says why nothing would be sent', async () => {
    const off = await pageOf('alana', 'type=order_paid')
    expect(off.preview.made).toEqual({ kind: 'unwanted', switchedOff: false })
    made.next()
    await made.send('orders/create', { name: '#1002', test: true })
    await tools.app.idle()
    const [test = ''] = await eventsOf('order_created')
    for (const name of NAMES)
      expect((await pageOf(name, `event=${test}`)).preview).toMatchObject({
        made: { kind: 'skipped', reason: 'test_order' },
        fields: [],
      })
  })

  it('is by settings that are not saved, of which no secret comes back', async () => {
    const form = { type: 'order_created', 'set.apiKey': 'ak_not_saved_12345', 'row.order_created': 'on' }
    const answer = await ask('alana', '', { form: { ...form, 'set.metadata': '' } })
    const text = await answer.text()
    expect(text).not.toContain('ak_not_saved_12345')
    const { preview } = JSON.parse(text) as { preview: ShownPreview }
    expect(requestsOf(preview)[0]?.body.events[0]).not.toHaveProperty('metadata')
    const wrong = await ask('alana', '', { form: { ...form, 'set.productIdentifier': 'metafield' } })
    expect(await wrong.json()).toMatchObject({ problems: { productMetafield: expect.any(String) } })
  })

  it.each(['', 'type=nonsense'])('needs an event that there is: %s', async type => {
    expect((await ask('alana', '', { form: { type } })).status).toBe(400)
  })
})

describe('another shop', () => {
  it('finds no event of this one, by its id or its order', async () => {
    const byId = await ask('alana', `event=${eventId}`, { shop: OTHER })
    expect(byId.status).toBe(404)
    expect(await byId.text()).not.toContain('#1001')
    const byOrder = (await (await ask('alana', 'order=1001', { shop: OTHER })).json()) as PreviewPage
    expect(byOrder).toMatchObject({ recent: [], eventId: null, connected: false })
  })

  it.each(['nonsense', '01930000-0000-7000-8000-00000000ffff'])('or %s is no event', async event => {
    expect((await ask('alana', `event=${event}`)).status).toBe(404)
    expect((await ask('nobody')).status).toBe(404)
  })
})

describe('the screen', () => {
  it.each([1280, 390])('shows a request, and each field, at %i pixels', async width => {
    const { page, app } = await tools.open(`/app/vendors/ecomail/preview?event=${eventId}`, { width })
    await app.getByRole('heading', { name: 'What would be sent' }).waitFor()
    const body = await app.getByRole('region', { name: 'Body 1', exact: true }).textContent()
    expect(body).toContain('"order_id"')
    expect(body).not.toContain(SIGNED_IN.email)
    await app.getByText('transaction.amount').waitFor()
    await app
      .getByText(/Ecomail does not get this\./)
      .first()
      .waitFor()
    await app.getByText('If Ecomail answers that it does not know this person').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await leave(page)
  })

  it('is reached from the tool, and goes from a sample to an order', async () => {
    const { page, app } = await tools.open('/app/vendors/voucherify')
    await app.getByRole('link', { name: 'Preview' }).click()
    await expect.poll(() => app.getByLabel('Which one').inputValue()).not.toBe('')
    await app.getByLabel('Which one').selectOption('')
    await app.getByText('The person and the products of a sample are invented.').waitFor()
    await app.getByLabel('Event', { exact: true }).selectOption('order_paid')
    await app.getByRole('region', { name: 'Body 1', exact: true }).getByText('order_paid').waitFor()
    await app.getByLabel('Order number').fill('1001')
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByText('Keys and personal details are masked here').waitFor()
    expect(await app.getByLabel('Which one').locator('option').count()).toBeGreaterThan(1)
    await leave(page)
  })

  it.each([
    ['on its page', '/app/vendors/voucherify/preview?type=order_created', null],
    ['of settings that are not saved', '/app/vendors/voucherify', 'Preview with these settings'],
  ])('leaves the keyboard at the event that is chosen, %s', async (_, path, opener) => {
    // Of an event that is sent: what came since may not be.
    const { page, app } = await tools.open(opener ? path : `${path}&event=${eventId}`)
    if (opener) await app.getByRole('button', { name: opener }).click()
    const select = app.getByLabel('Event', { exact: true })
    const body = app.getByRole('region', { name: 'Body 1', exact: true })
    await body.waitFor()
    await select.focus()
    const first = await select.inputValue()
    const answers = page.waitForResponse(answer => answer.url().includes('preview'))
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await select.evaluate(field => field === document.activeElement)).toBe(true)
    const second = await select.inputValue()
    const options = await select
      .locator('option')
      .evaluateAll(all => all.map(option => (option as HTMLOptionElement).value))
    expect(second).toBe(options[options.indexOf(first) + 2])
    await answers
    await app.locator('[aria-busy=true]').waitFor({ state: 'detached' })
    expect(await select.evaluate(field => field === document.activeElement)).toBe(true)
    expect(await select.inputValue()).toBe(second)
    await leave(page)
  })

  it('leaves the keyboard at the order that is looked for', async () => {
    const { page, app } = await tools.open('/app/vendors/voucherify/preview')
    const order = app.getByLabel('Order number')
    await order.fill('1001')
    await order.press('Enter')
    await app.getByRole('button', { name: 'Back to all events' }).waitFor()
    expect(await order.evaluate(field => field === document.activeElement)).toBe(true)
    await leave(page)
  })

  it('says at its field that there is no such order, and keeps what was shown', async () => {
    const { page, app } = await tools.open('/app/vendors/voucherify/preview?type=order_created')
    const order = app.getByLabel('Order number')
    await order.fill('#9999')
    const shown = await app.getByLabel('Which one').inputValue()
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByText('No such order').waitFor()
    await expect.poll(() => order.evaluate(field => field === document.activeElement)).toBe(true)
    expect(await order.getAttribute('aria-invalid')).toBe('true')
    expect(await app.getByLabel('Event', { exact: true }).inputValue()).toBe('order_created')
    expect(await app.getByLabel('Which one').inputValue()).toBe(shown)
    await codeIsThere(page)
    await page.context().setOffline(true)
    await order.fill('1001')
    await app.getByRole('button', { name: 'Find' }).click()
    const alert = app.getByRole('alert').filter({ hasText: 'Sluice could not be reached.' })
    await alert.waitFor()
    await expect.poll(() => focused(frameOf(page))).toContain('Sluice could not be reached.')
    expect(await order.inputValue()).toBe('1001')
    expect(await app.getByLabel('Which one').inputValue()).toBe(shown)
    for (const width of process.env.SHOTS ? [1280, 390] : []) {
      await page.setViewportSize({ width, height: 900 })
      await page.screenshot({ path: `${process.env.SHOTS}/preview-find-${width}.png` })
    }
    await page.context().setOffline(false)
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByRole('button', { name: 'Back to all events' }).waitFor()
    await alert.waitFor({ state: 'detached' })
    await leave(page)
  })

  it('shows a request of up to sixty lines whole, at both widths', async () => {
    for (const width of [1280, 390]) {
      const { page, app } = await tools.open('/app/vendors/alana/preview?type=order_created&event=sample', {
        width,
      })
      const body = app.getByRole('region', { name: 'Body 1', exact: true })
      await body.waitFor()
      const hiddenOf = (lines: number) =>
        body.evaluate((box, count) => {
          box.textContent = Array(count).fill('"name": 1').join('\n')
          return box.scrollHeight - box.clientHeight
        }, lines)
      expect(await hiddenOf(59)).toBe(0)
      expect(await hiddenOf(90)).toBeGreaterThan(0)
      await leave(page)
    }
  })

  it('is reached from the story of an event', async () => {
    const { page, app } = await tools.open(`/app/activity/${eventId}`)
    await app.getByRole('link', { name: 'Preview for Alana' }).click()
    await app.getByRole('region', { name: 'Body 1', exact: true }).getByText('purchase-complete').waitFor()
    await leave(page)
  })

  it('shows what another shop’s event is: none', async () => {
    const { page, app } = await tools.open(`/app/vendors/alana/preview?event=${eventId}`, { shop: OTHER })
    await app.getByText('There is no such event').first().waitFor()
    await leave(page)
  })

  it.each([
    ['cs', 'Co by se odeslalo'],
    ['sk', 'Čo by sa odoslalo'],
    ['de', 'Was gesendet würde'],
    ['pl', 'Co zostałoby wysłane'],
    ['pt-BR', 'O que seria enviado'],
  ])('speaks %s', async (locale, title) => {
    const { page, app } = await tools.open('/app/vendors/topmail/preview?type=product_viewed', { locale })
    await app.getByRole('heading', { name: title }).waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/(preview|syncs)\.\w+/)
    await leave(page)
  })
})

describe('a tool that does not get what happens', () => {
  const AT = '/app/vendors/voucherify/preview?type=order_created'
  const set = (columns: string, vendor = 'voucherify') =>
    tools.app.test.database.pool.query(`update connections set ${columns} where vendor = '${vendor}'`)
  const OPEN = `hold_reason = null, hold_since = null, enabled = true, attention = null, paused_until = null`
  const MENDS = 'To the settings'

  it.each([
    [
      'on hold by support',
      "hold_reason = 'They count twice.', hold_since = now()",
      'On hold by support: it is kept, and sent once the hold has ended and nothing else stops it, unless it is older than 7 days by then',
      'Reason: They count twice.',
      false,
    ],
    [
      'switched off',
      'enabled = false',
      'Not sent now, but kept',
      'waits until you switch Voucherify on',
      true,
    ],
    [
      'refused',
      "attention = 'Voucherify refused the key.'",
      'Not sent now, but kept: it is sent once this is mended',
      'Voucherify refused the key.',
      true,
    ],
    [
      'paused',
      "paused_until = now() + interval '1 hour'",
      'Not sent at once: it is kept, and sent when the pause ends',
      'then it goes on by itself',
      false,
    ],
  ])(
    'says first that it is %s, and what that means for what is previewed',
    async (_, is, means, why, isMended) => {
      await set(is)
      // Of an event that is sent: what came since may not be.
      const { page, app } = await tools.open(`${AT}&event=${eventId}`, { width: 390 })
      const said = app.getByText(means, { exact: true })
      await said.waitFor()
      await app.getByText(why).waitFor()
      const choose = app.getByRole('heading', { name: 'Choose an event' })
      const [first, then] = await Promise.all([said.boundingBox(), choose.boundingBox()])
      expect(first?.y).toBeLessThan(then?.y ?? 0)
      expect(await app.getByRole('link', { name: MENDS }).count()).toBe(isMended ? 1 : 0)
      expect(await sideways(page)).toBe(0)
      expect(await violations(page)).toEqual([])
      await leave(page)
      await set(OPEN)
    },
  )

  it('does not say of what is not sent anyway that it is kept', async () => {
    await set("hold_reason = 'They count twice.', hold_since = now()", 'alana')
    const { page, app } = await tools.open('/app/vendors/alana/preview?type=order_paid')
    await app.getByText('Support has put Alana on hold').waitFor()
    await app.getByText('Reason: They count twice.').waitFor()
    await leave(page)
    await set(OPEN, 'alana')
  })
})

describe('an event that waits for its visitor', () => {
  it('says so once, and why once, and leads to no settings, which cannot mend it', async () => {
    await visit(VISIT[0] as (typeof VISIT)[number], '')
    const { page, app } = await tools.open('/app/vendors/topmail/preview?type=product_viewed')
    await app.getByRole('heading', { name: 'It would wait' }).waitFor()
    expect(await app.getByText('It would wait').count()).toBe(1)
    await app.getByText('No e-mail address is known for this person.', { exact: true }).waitFor()
    expect(await app.getByRole('link', { name: 'To the settings' }).count()).toBe(0)
    await leave(page)
  })
})
