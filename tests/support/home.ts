/** What tests of the merchant's first page share: a shop that has only what a test gives it, and deliveries of some days. */
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { beforeEach } from 'vitest'
import { lastDays } from '../../app/insights/days.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from './app.ts'
import { API_KEY, merchantTools } from './merchant.ts'

const ROUTE = 'routes/app._index'
type Made = { ago: number; vendor: string; state: string; count: number; reason?: string }

/** Registers the tests' hooks. */
export function homeTools() {
  const tools = merchantTools()
  const pool = () => tools.app.test.database.pool

  beforeEach(async () => {
    await tools.app.idle()
    await tools.app.reset()
    tools.standIn.reset()
    await pool().query('delete from connections')
    await pool().query(
      `update shops set storefront_heard_at = null, pixel_heard_at = null, guide_dismissed_at = null, test_sent_at = null, arrived_event_id = null,
         arrived_vendor = null, pixel_id = null, pixel_settings = null, pixel_trouble = null, admin_trouble = null, retention_days = null, thinned_until = null`,
    )
  })

  /** Asks the page's data as a merchant of a shop; with an intent, its action. */
  async function ask({
    shop = SHOP,
    intent,
    form = {},
    query = '',
  }: {
    shop?: string
    intent?: string
    form?: Record<string, string>
    query?: string
  } = {}) {
    const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
    return fetch(`${tools.app.url}/app?index&_data=${encodeURIComponent(ROUTE)}${query}`, {
      redirect: 'manual',
      headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
      ...(intent && { method: 'POST', body: new URLSearchParams({ intent, ...form }) }),
    })
  }

  /** A visitor looks at a product, as the theme's embed tells it. */
  const visit = () =>
    tools.app.store.proxy({
      visitorId: randomUUID(),
      sentAt: new Date().toISOString(),
      consent: { analytics: true, marketing: true },
      events: [
        {
          ...{ id: randomUUID(), type: 'product_viewed', at: new Date().toISOString() },
          url: 'https://shop.example/products/lamp',
          data: {
            product: {
              ...{
                id: '8012345678901',
                variantId: '43012345678901',
                handle: 'lamp',
                title: 'Lamp',
                sku: 'L-1',
              },
              ...{ price: '139.99', currency: 'EUR', url: 'https://shop.example/products/lamp' },
            },
          },
        },
      ],
    })

  /** Deliveries of some days, and their counts. */
  async function make(made: readonly Made[]): Promise<void> {
    for (const { ago, vendor, state, count, reason = null } of made) {
      const { from } = lastDays(new Date(), ago + 1, null)
      const at = Math.min(Date.parse(from) + 3600_000, Date.now())
      const ids = Array.from({ length: count }, () => uuidv7({ msecs: at }))
      await pool().query(
        `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
         select $1, id, 'search_submitted', 'storefront', id::text, $3, $3, '{}', '{"query": "lantern"}' from unnest($2::uuid[]) id`,
        [tools.app.shopId, ids, new Date(at)],
      )
      await pool().query(
        `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
         select $1, id, $3, $4, $5, '{}', now(), $6, now() from unnest($2::uuid[]) id`,
        [tools.app.shopId, ids, vendor, state, reason, new Date(at)],
      )
    }
    await rollUpDays(pool())
  }

  /** So that only what a test is about needs attention. */
  const settled = () =>
    pool().query('update shops set guide_dismissed_at = now(), storefront_heard_at = now() where id = $1', [
      tools.app.shopId,
    ])
  /** Sends a test event, as the dialog does. */
  const test = (over: { shop?: string; key?: string; like?: string; email?: string } = {}) => {
    const { shop = SHOP, key = randomUUID(), like = '', email = 'me@example.com' } = over
    return ask({ shop, intent: 'test', form: { key, like, email } })
  }
  return { tools, pool, ask, visit, make, settled, test }
}
