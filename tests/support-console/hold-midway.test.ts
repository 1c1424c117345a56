/**
 * What a lane is in the midst of when a hold lands, with two workers: waiting for a vendor's limit, waiting as the vendor has asked,
 * sending batches, between the two requests of one order. Beside each lane that is held is another that is not. Held is the connection
 * alone, as by the first step of a fleet's hold, or by a process that dies after it: its deliveries are left for workers to hold.
 */
import { type ExpectStatic, it } from 'vitest'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import type { Lane } from '../../app/delivery/lane.ts'
import { endHold, startHold, switchLane } from '../../app/delivery/lane-state.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { orderPayload, SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { createStore, type Store } from '../../sandbox/store/shopify.ts'
import type { Received, VendorName } from '../../sandbox/vendors/contract.ts'
import { SECRET } from '../support/app.ts'
import { simpleOrder } from '../support/orders.ts'
import { twoWorkers } from '../support/two-workers.ts'

/** The promise. */
const TAKES_EFFECT_MS = 2_000
/** Longer than a look at a connection holds good, and shorter than a turn. */
const ANSWER_MS = 700
const SOON = { timeout: 30_000, interval: 20 }

type Side = { vendor: VendorName; store: Store; lane: Lane; key: string; first: number }

const running = twoWorkers()
const pool = () => running.app.test.database.pool
let shops = 0

/** A shop of its own with the vendor connected, and switched off. `settings`: by the credential that tells its requests from others'. */
async function connected(
  vendor: VendorName,
  settings: (key: string) => Record<string, unknown>,
): Promise<Side> {
  const { app } = running
  const number = ++shops
  const key = `c11e0000-0000-4000-8000-00000000${String(number).padStart(4, '0')}`
  const shop = `midway-${number}.myshopify.com`
  const { id } = await installShop(app.test.database.prisma, shop, [])
  const { ecomail, topmail, alana, voucherify } = app.vendors.credentials
  for (const { apiKeys } of [ecomail, topmail, alana]) apiKeys.add(key)
  voucherify.client.set(key, key)
  await saveConnection(pool(), app.server.services.sealer, id, vendorById(vendor), settings(key))
  const lane = { shopId: id, vendor }
  await switchLane(pool(), lane, false)
  return {
    vendor,
    store: createStore({ appUrl: app.url, secret: SECRET, shop }),
    lane,
    key,
    first: number * 1_000,
  }
}

/** Of a person each, whom the vendor knows: events of one go one after another. */
async function order(expect: ExpectStatic, { store, first }: Side, count: number): Promise<void> {
  const at = new Date().toISOString()
  for (let n = first; n < first + count; n++) {
    const customer = { ...SIGNED_IN, id: SIGNED_IN.id + n, email: `buyer-${n}@example.com` }
    running.app.vendors.addContacts('topmail', [customer.email])
    const made = { customer, email: customer.email, cartToken: `cart-${n}`, createdAt: at, updatedAt: at }
    const answer = await store.webhook({
      topic: 'orders/create',
      payload: orderPayload(simpleOrder(n, made)),
    })
    expect(answer.status).toBe(200)
  }
}

async function view(expect: ExpectStatic, { store, first }: Side, count: number): Promise<void> {
  const at = new Date().toISOString()
  for (let from = 0; from < count; from += 50) {
    const events = Array.from({ length: 50 }, (_, n) => ({
      ...{
        id: `view-${first}-${from + n}`,
        type: 'product_viewed',
        at,
        data: { product: wireProduct('lamp') },
      },
      url: 'https://shop.example.com/products/harbour-lamp',
    }))
    const batch = {
      visitorId: `visitor-${first}-${from}`,
      sentAt: at,
      consent: { analytics: true, marketing: true },
      events,
    }
    expect((await store.proxy(batch)).ok).toBe(true)
  }
}

async function start(...sides: Side[]): Promise<void> {
  for (const { lane } of sides) await switchLane(pool(), lane, true)
  await Promise.all(sides.map(({ lane }) => running.app.server.services.engine.signal(lane)))
}

/** @returns when it was held */
async function hold({ lane }: Side): Promise<number> {
  const asked = Date.now()
  await startHold(pool(), lane, { reason: 'Their servers are down.', until: null })
  return asked
}

const sentBy = ({ vendor, key }: Side): Received[] =>
  running.app.vendors
    .inbox(vendor)
    .filter(({ headers }) => Object.values(headers).some(value => value.endsWith(`****${key.slice(-4)}`)))

async function isPaused({ lane }: Side): Promise<boolean | null> {
  const { rows } = await pool().query<{ paused: boolean | null }>(
    'select paused_until > now() as paused from connections where shop_id = $1 and vendor = $2',
    [lane.shopId, lane.vendor],
  )
  return rows[0]?.paused ?? null
}

async function statesOf({ lane }: Side): Promise<Record<string, number>> {
  const { rows } = await pool().query<{ state: string; count: number }>(
    'select state, count(*)::int as count from deliveries where shop_id = $1 and vendor = $2 group by 1',
    [lane.shopId, lane.vendor],
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

const isOver = (asked: number) => () => Date.now() > asked + TAKES_EFFECT_MS

it.concurrent('a lane that waits for the vendor’s limit sends nothing when its turn comes', async ({
  expect,
}) => {
  // Five requests in five seconds from one address, whosever keys they carry.
  const origin = 'https://shop.example.com'
  const settings = (key: string) => ({ mode: 'client', applicationId: key, clientToken: key, origin })
  const [held, free] = [await connected('voucherify', settings), await connected('voucherify', settings)]
  await order(expect, held, 8)
  await order(expect, free, 8)
  await start(held, free)
  await expect.poll(() => isPaused(held), SOON).toBe(true)
  const before = sentBy(held).length
  const asked = await hold(held)
  await expect.poll(() => isPaused(held), SOON).toBe(false)
  await expect
    .poll(() => statesOf(held), SOON)
    .toEqual({ ...(before > 0 && { delivered: before }), held: 8 - before })
  await expect.poll(() => statesOf(free), SOON).toEqual({ delivered: 8 })
  await expect.poll(isOver(asked), SOON).toBe(true)
  expect(sentBy(held)).toHaveLength(before)
})

it.concurrent('a lane that waits as the vendor has asked tries nothing again when that is over', async ({
  expect,
}) => {
  const settings = (apiKey: string) => ({ apiKey, rows: { order_created: true } })
  const [held, free] = [await connected('topmail', settings), await connected('topmail', settings)]
  await order(expect, held, 8)
  await order(expect, free, 8)
  running.app.vendors.fail('topmail', { status: 429, headers: { 'retry-after': '3' }, times: 100 })
  await start(held, free)
  for (const side of [held, free]) await expect.poll(() => isPaused(side), SOON).toBe(true)
  running.app.vendors.heal('topmail')
  const before = sentBy(held).length
  expect(before).toBeGreaterThan(0)
  expect((await statesOf(held)).retry).toBe(before)
  await hold(held)
  await expect.poll(() => statesOf(free), SOON).toEqual({ delivered: 8 })
  await expect.poll(() => statesOf(held), SOON).toEqual({ held: 8 })
  expect(sentBy(held)).toHaveLength(before)
})

it.concurrent('a lane that sends batches ends with the one that is on its way', async ({ expect }) => {
  const settings = (apiKey: string) => ({ apiKey })
  const [held, free] = [await connected('alana', settings), await connected('alana', settings)]
  await view(expect, held, 250)
  await view(expect, free, 250)
  running.app.vendors.fail('alana', { delayMs: ANSWER_MS, times: 100, record: 'before' })
  await start(held, free)
  await expect.poll(() => sentBy(held).length, SOON).toBe(1)
  const asked = await hold(held)
  await expect.poll(() => statesOf(held), SOON).toEqual({ delivered: 100, held: 150 })
  await expect.poll(() => statesOf(free), SOON).toEqual({ delivered: 250 })
  await expect.poll(isOver(asked), SOON).toBe(true)
  expect(sentBy(held)).toHaveLength(1)
})

it.concurrent('an order between its two requests is held there, and goes on there once it is released', async ({
  expect,
}) => {
  const settings = (apiKey: string) => ({ apiKey, clearBasket: true })
  const [held, free] = [await connected('ecomail', settings), await connected('ecomail', settings)]
  await order(expect, held, 1)
  await order(expect, free, 1)
  running.app.vendors.fail('ecomail', { delayMs: ANSWER_MS, times: 100, record: 'before' })
  await start(held, free)
  await expect.poll(() => sentBy(held).length, SOON).toBe(1)
  const asked = await hold(held)
  await expect.poll(() => sentBy(free).length, SOON).toBe(2)
  await expect.poll(() => statesOf(held), SOON).toEqual({ held: 1 })
  await expect.poll(isOver(asked), SOON).toBe(true)
  expect(sentBy(held).map(({ path }) => path)).toEqual(['/tracker/transaction'])
  await endHold(pool(), held.lane)
  await running.app.server.services.engine.signal(held.lane)
  await expect.poll(() => statesOf(held), SOON).toEqual({ delivered: 1 })
  expect(sentBy(held).map(({ path }) => path)).toEqual(sentBy(free).map(({ path }) => path))
  expect(sentBy(free)).toHaveLength(2)
})
