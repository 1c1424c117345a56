/** A merchant reads of a visit whom it was taken for: a browser whose person is known, that several use, and of nobody. */
import { beforeAll, describe, expect, it } from 'vitest'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { PRODUCTS, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { steps } from '../identity/steps.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const pool = () => tools.app.test.database.pool
const CUSTOMER = String(SIGNED_IN.id)
const eventOf = async (visitor: string) => {
  const { rows } = await pool().query<{ id: string }>(
    `select id from events where visitor_id = $1 and customer_id is null and type = 'product_viewed' order by id`,
    [visitor],
  )
  return rows[0]?.id ?? ''
}

beforeAll(async () => {
  await tools.app.connect('topmail', { ...SETTINGS.topmail, createContacts: true })
  await tools.app.connect('alana')
  const shopper = steps(tools.app)
  await shopper.view({ visitor: 'v-known', ago: 20 })
  await made.send('orders/create', { name: '#1001', visitorId: 'v-known' })
  await shopper.view({ visitor: 'v-shared', ago: 15 })
  await shopper.view({ visitor: 'v-shared', customer: CUSTOMER, ago: 10 })
  await shopper.view({ visitor: 'v-shared', customer: '7055555', ago: 5 })
  await shopper.view({ visitor: 'v-unknown', consent: { analytics: true, marketing: false } })
  await tools.app.idle()
})

describe('a visit', () => {
  it.each([
    ['v-known', new RegExp(`this browser belongs to: Customer ${CUSTOMER} · ${SIGNED_IN.email[0]}…@`)],
    ['v-shared', /This browser is shared: several people have used it/],
    ['v-unknown', /It is not known yet who uses this browser\./],
  ])('of %s says whom it is taken for, at both widths', async (visitor, said) => {
    for (const width of [1280, 390]) {
      const { page, app } = await tools.open(`/app/activity/${await eventOf(visitor)}`, { width })
      await app.getByText(said).waitFor()
      expect(await app.getByText(SIGNED_IN.email).count()).toBe(0)
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      await leave(page)
    }
  })

  it('says of each tool what it needs allowed, and how that stands', async () => {
    const { page, app } = await tools.open(`/app/activity/${await eventOf('v-unknown')}`)
    await app.getByText(/Topmail needs consent to: .*Marketing \(refused\)\. A visitor's browser/).waitFor()
    await leave(page)
  })

  it('is in the table of events with its product, and with whom it was taken for', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const token = await sessionToken({ shop: SHOP, apiKey: API_KEY, apiSecret: SECRET })
    const address = `${tools.app.url}/app/settings/export?since=${today}&until=${today}&separator=,`
    const headers = { 'user-agent': BROWSER, authorization: `Bearer ${token}` }
    const table = (await (await fetch(address, { headers })).text()).split('\r\n')
    const rowOf = async (visitor: string) => {
      const id = await eventOf(visitor)
      return table.find(row => row.includes(id))?.split(',') ?? []
    }
    const [product, customer, email] = ['Product', 'Customer', 'E-mail'].map(
      name => table[0]?.split(',').indexOf(name) ?? -1,
    ) as [number, number, number]
    const known = await rowOf('v-known')
    expect(known[product]).toBe(PRODUCTS.lamp.title)
    expect(known[customer]).toBe(CUSTOMER)
    expect(known[email]).toBe(`${SIGNED_IN.email[0]}…@example.com`)
    const shared = await rowOf('v-shared')
    expect([shared[customer], shared[email]]).toEqual(['', ''])
  })
})

it.each([1280, 390])(
  'an order whose person cannot be read was said to wait for a key after all of it had ended: %i pixels',
  async width => {
    const { rows } = await pool().query<{ id: string }>(
      `update events set personal = left(personal, -4) || 'AAAA' where type = 'order_created' returning id`,
    )
    const id = rows[0]?.id
    const become = (state: string) =>
      pool().query(`update deliveries set state = $2, reason = 'refused' where event_id = $1`, [id, state])
    const waits = 'What of this event has not been sent yet waits'
    for (const [state, count] of [
      ['dead', 0],
      ['held', 1],
    ] as const) {
      await become(state)
      const { page, app } = await tools.open(`/app/activity/${id}`, { width })
      await app.getByText('What is kept of the person cannot be read.').scrollIntoViewIfNeeded()
      expect(await app.getByText(waits).count()).toBe(count)
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      if (process.env.SHOTS)
        await page.screenshot({
          path: `${process.env.SHOTS}/unreadable-${state}-${width}.png`,
          fullPage: true,
        })
      await leave(page)
    }
  },
)
