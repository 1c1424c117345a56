/** The documented limits through the whole app: what waits goes out as fast as they allow, and no vendor has to say so. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import type { Lane } from '../../app/delivery/lane.ts'
import { switchLane } from '../../app/delivery/lane-state.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { orderPayload, SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { createStore, type Store } from '../../sandbox/store/shopify.ts'
import { DEMO_CREDENTIALS } from '../../sandbox/vendors/server.ts'
import { SECRET, SETTINGS } from '../support/app.ts'
import { runningApp } from '../support/fresh-app.ts'

const BATCH = 50
/** Ten thousand is the most, in batches of a hundred; the gate rounds up, and may leave a request or two of them unused. */
const VIEWS = 9_500
const { app, order } = runningApp({ sandbox: { limits: {} } })

type ConnectedShop = { store: Store; domain: string; lane: Lane }

/** A shop with the vendor, which is still off: what comes makes a backlog. */
async function shopWith(domain: string, vendor: string, settings: object): Promise<ConnectedShop> {
  const { database, sealer, pool } = app.server.services
  const { id } = await installShop(database.prisma, domain, [])
  await saveConnection(database.pool, sealer, id, vendorById(vendor), { ...settings })
  const lane = { shopId: id, vendor }
  await switchLane(pool, lane, false)
  return { store: createStore({ appUrl: app.url, secret: SECRET, shop: domain }), domain, lane }
}

async function views({ store }: ConnectedShop, count: number, customerId?: string): Promise<void> {
  const batch = () => ({
    visitorId: randomUUID(),
    sentAt: new Date().toISOString(),
    consent: { analytics: true, marketing: true },
    events: Array.from({ length: BATCH }, () => ({
      id: randomUUID(),
      type: 'product_viewed',
      at: new Date().toISOString(),
      url: 'https://shop.example.com/',
      data: { product: wireProduct('lamp') },
    })),
  })
  for (let sent = 0; sent < count; sent += 8 * BATCH) {
    const now = Math.min(8, (count - sent) / BATCH)
    const answered = await Promise.all(Array.from({ length: now }, () => store.proxy(batch(), customerId)))
    for (const { status } of answered) expect(status).toBe(202)
  }
}

async function begin(shops: readonly ConnectedShop[]): Promise<void> {
  const { pool, engine } = app.server.services
  for (const { lane } of shops) await switchLane(pool, lane, true)
  for (const { lane } of shops) await engine.signal(lane)
}

/** Side by side, as each has a vendor of its own and waits most of the time. */
describe.concurrent('within a minute', () => {
  it('Alana takes nearly ten thousand views of one shop in a hundred requests', async ({ expect }) => {
    const shop = await shopWith('views.myshopify.com', 'alana', SETTINGS.alana)
    await views(shop, VIEWS)
    await begin([shop])
    await expect.poll(() => app.vendors.counts('alana').taken, { timeout: 50_000, interval: 100 }).toBe(VIEWS)
    const inbox = app.vendors.inbox('alana')
    expect(inbox.filter(({ status }) => status === 429)).toEqual([])
    expect(app.vendors.counts('alana').received).toBeLessThanOrEqual(100)
    const first = Date.parse(inbox[0]?.at ?? '')
    expect(Date.now() - first).toBeLessThan(60_000)
  }, 90_000)

  it('Ecomail gets no more than a thousand of two shops that have one key, and the rest when they count no longer', async ({
    expect,
  }) => {
    const shops = [
      await shopWith('one-key.myshopify.com', 'ecomail', SETTINGS.ecomail),
      await shopWith('two-keys.myshopify.com', 'ecomail', SETTINGS.ecomail),
    ]
    for (const shop of shops) {
      const { id, email } = SIGNED_IN
      await shop.store.webhook({ topic: 'customers/create', payload: { id, email } })
      await views(shop, 600, String(SIGNED_IN.id))
    }
    await begin(shops)
    await expect.poll(() => app.vendors.counts('ecomail').received, { timeout: 40_000 }).toBe(1_000)
    const times = () => app.vendors.inbox('ecomail').map(({ at }) => Date.parse(at))
    const first = Math.min(...times())
    const { pool } = app.server.services
    const paused = async () =>
      (
        await pool.query<{ paused_until: Date | null }>(
          `select paused_until from connections where vendor = 'ecomail' order by shop_id`,
        )
      ).rows.map(row => (row.paused_until?.getTime() ?? 0) - first)
    await expect.poll(async () => Math.min(...(await paused())), { timeout: 10_000 }).toBeGreaterThan(59_000)
    // The first permits are free a window after their answers, and the last of the queue a little later.
    expect(Math.max(...(await paused()))).toBeLessThan(60_000 + Math.max(...times()) - first + 15_000)
    expect(app.vendors.counts('ecomail')).toMatchObject({ received: 1_000, refused: 0 })
  }, 90_000)

  it('Voucherify gets five in five seconds by the client keys of two shops behind one address', async ({
    expect,
  }) => {
    const { applicationId, clientToken, origin } = DEMO_CREDENTIALS.voucherify
    const settings = { mode: 'client', applicationId, clientToken, origin }
    const shops = [
      await shopWith('client-one.myshopify.com', 'voucherify', settings),
      await shopWith('client-two.myshopify.com', 'voucherify', settings),
    ]
    for (let n = 0; n < 6; n++) {
      order.next()
      const payload = orderPayload(order.options())
      await app.store.webhook({ topic: 'orders/create', payload, shop: shops[n % 2]?.domain ?? '' })
    }
    await begin(shops)
    await expect.poll(() => app.vendors.counts('voucherify').accepted, { timeout: 20_000 }).toBe(6)
    expect(app.vendors.counts('voucherify')).toMatchObject({ received: 6, refused: 0 })
  }, 60_000)
})
