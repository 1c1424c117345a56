/** From a view by somebody of whom only the id is known to who they are, through the whole app. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { examine } from '../../app/insights/doctor.ts'
import { claimFetches } from '../../app/shopify/admin/customer-fetches.ts'
import { forgetFetches } from '../../app/shopify/admin/retention.ts'
import { createSessionStorage } from '../../app/shopify/admin/session-storage.ts'
import { installShop } from '../../app/shopify/shops.ts'
import type { AdminStandIn } from '../../sandbox/store/admin/contract.ts'
import { startAdmin } from '../../sandbox/store/admin/server.ts'
import { offlineSession } from '../../sandbox/store/admin/session.ts'
import { wireProduct } from '../../sandbox/store/payloads.ts'
import { SHOP, startApp, type TestApp } from '../support/app.ts'
import { KEYS, MARA } from './support.ts'

let app: TestApp
let standIn: AdminStandIn
beforeAll(async () => {
  standIn = await startAdmin({ ...KEYS, customer: (_, id) => (id === MARA.id ? MARA : null) })
  app = await startApp({ env: { SHOPIFY_ADMIN_BASE_URL: standIn.url } })
})
afterAll(async () => {
  await app.close()
  await standIn.close()
})
beforeEach(async () => {
  standIn.reset()
  await app.reset()
  await app.connect('ecomail')
  await app.server.services.pool.query('update shops set admin_trouble = null, hosts_asked_at = now()')
})

const storage = () => createSessionStorage(app.server.services.pool, app.server.services.sealer)
const install = () => storage().storeSession(offlineSession(SHOP, standIn.grant(SHOP)))
const view = (customerId = MARA.id) =>
  app.store.proxy(
    {
      visitorId: 'v-1',
      sentAt: new Date().toISOString(),
      consent: { analytics: true, marketing: true },
      events: [
        {
          id: randomUUID(),
          type: 'product_viewed',
          at: new Date().toISOString(),
          url: 'https://shop.example.com/',
          data: { product: wireProduct('lamp') },
        },
      ],
    },
    customerId,
  )
const fetches = async () => {
  const result = await app.server.services.pool.query<{
    customer_id: string
    outcome: string | null
    tries: number
  }>('select customer_id, outcome, tries from customer_fetches order by customer_id')
  return result.rows
}
const ended = (outcome: string, tries: number, customerId = MARA.id) =>
  expect.poll(fetches, { timeout: 15_000 }).toEqual([{ customer_id: customerId, outcome, tries }])
const asked = () => standIn.requests().filter(({ field }) => field === 'customer').length

describe('a customer of whom only the id is known', () => {
  it('has what waited for them sent as soon as Shopify has said who they are', async () => {
    await install()
    await view()
    await ended('learned', 1)
    await expect
      .poll(() => JSON.stringify(app.vendors.inbox('ecomail')), { timeout: 15_000 })
      .toContain(MARA.email)
    expect(asked()).toBe(1)
  })

  it('is asked for, and known from then on', async () => {
    await install()
    await view()
    await ended('learned', 1)
    const { rows } = await app.server.services.pool.query(
      'select customer_id, marketing, updated_at from customers',
    )
    expect(rows).toEqual([{ customer_id: MARA.id, marketing: true, updated_at: new Date(MARA.updatedAt) }])
    await app.idle()
    app.vendors.reset()
    await view()
    await app.idle()
    expect(JSON.stringify(app.vendors.inbox('ecomail'))).toContain(MARA.email)
    expect(asked()).toBe(1)
  })

  it('is asked for once by many views, and not again within the hour', async () => {
    await install()
    await Promise.all(Array.from({ length: 6 }, () => view('7')))
    await ended('not_found', 1, '7')
    await view('7')
    await app.idle()
    const { customers, pool } = app.server.services
    await customers.requestCustomer(app.shopId, '7')
    expect(asked()).toBe(1)
    await pool.query(`update customer_fetches set asked_at = now() - interval '59 minutes'`)
    expect(await claimFetches(pool, app.shopId, ['7'])).toEqual([])
    await pool.query(`update customer_fetches set asked_at = now() - interval '61 minutes'`)
    await customers.requestCustomer(app.shopId, '7')
    await expect.poll(asked, { timeout: 15_000 }).toBe(2)
    await pool.query(`update customer_fetches set asked_at = now() - interval '25 hours'`)
    expect(await forgetFetches(pool)).toBe(1)
  })

  it('is asked for again after a failure that passes', async () => {
    await install()
    standIn.fail({ times: 1, only: 'graphql', status: 503 })
    await view()
    await ended('learned', 2)
  }, 30_000)

  it('is asked for with a new token where the old one has ended', async () => {
    await install()
    standIn.endAccess(SHOP)
    await view()
    await ended('learned', 1)
    expect(standIn.reused()).toBe(0)
  })

  it('is not asked for without access, which is seen', async () => {
    await storage().deleteSession(`offline_${SHOP}`)
    await view()
    await ended('no_session', 1)
    expect(standIn.requests()).toEqual([])
    const checks = await examine(app.server.services.pool, app.server.services.sealer)
    const { ok, detail } = checks.find(({ name }) => name === 'shopify') ?? {}
    expect(ok).toBe(false)
    expect(detail).toMatch(/Open the app in Shopify’s admin once\..*1 customers are not known/)
  })

  it('is not asked for again of a frozen shop, which is seen', async () => {
    await install()
    standIn.fail({ times: 1, only: 'graphql', status: 402, text: '{"errors":"Unavailable Shop"}' })
    await view()
    await ended('frozen', 1)
    const checks = await examine(app.server.services.pool, app.server.services.sealer)
    expect(checks.find(({ name }) => name === 'shopify')?.detail).toMatch(/frozen or paused/)
  })

  it('of whom the app may see nothing is not known, which is seen', async () => {
    await install()
    standIn.withhold(['firstName', 'lastName', 'defaultEmailAddress', 'defaultPhoneNumber'])
    await view()
    await ended('not_told', 1)
    const checks = await examine(app.server.services.pool, app.server.services.sealer)
    expect(checks.find(({ name }) => name === 'shopify')?.detail).toMatch(/not approved/)
  })

  it('is not asked for when the visitor is not signed in, or the person is known', async () => {
    await install()
    await view('')
    await app.idle()
    await app.store.webhook({
      topic: 'customers/create',
      payload: { id: 8, email: 'known@example.com', updated_at: new Date().toISOString() },
    })
    await view('8')
    await app.idle()
    expect(await fetches()).toEqual([])
  })
})

describe('a shop with hundreds of customers to be asked for', () => {
  const OTHER = 'other-shop.myshopify.com'

  it('holds up no other shop, nor when Shopify tells it to slow down, and loses none of them by that', async () => {
    const { customers, pool } = app.server.services
    await install()
    const other = await installShop(app.test.database.prisma, OTHER, [])
    await storage().storeSession(offlineSession(OTHER, standIn.grant(OTHER)))
    const MINUTE_MS = 60_000
    standIn.throttle(2, MINUTE_MS)
    const many = Array.from({ length: 300 }, (_, n) => String(1000 + n))
    await Promise.all(many.map(id => customers.requestCustomer(app.shopId, id)))
    await expect.poll(asked, { timeout: 15_000 }).toBe(2)
    await customers.requestCustomer(other.id, MARA.id)
    const learned = () => pool.query('select 1 from customers where shop_id = $1', [other.id])
    await expect.poll(async () => (await learned()).rowCount, { timeout: 15_000 }).toBe(1)
    expect(asked()).toBe(3)
    const { rows } = await pool.query(
      'select tries, outcome, count(*)::int as customers from customer_fetches where shop_id = $1 group by 1, 2',
      [app.shopId],
    )
    expect(rows).toEqual([{ tries: 0, outcome: null, customers: 300 }])
  }, 60_000)
})
