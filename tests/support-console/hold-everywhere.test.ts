/** A hold takes effect on every worker within two seconds: two worker processes, many lanes, requests on their way. */
import { describe, expect, it } from 'vitest'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { beginFleet, fleetAction } from '../../app/delivery/fleet.ts'
import { ALL_SHOPS } from '../../app/delivery/fleet-filter.ts'
import { holdBySupport } from '../../app/delivery/holds.ts'
import { type Lane, laneKey } from '../../app/delivery/lane.ts'
import { switchLane } from '../../app/delivery/lane-state.ts'
import { askFleet } from '../../app/runtime/fleet-task.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { orderPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import type { Received } from '../../sandbox/vendors/contract.ts'
import { SETTINGS } from '../support/app.ts'
import { simpleOrder } from '../support/orders.ts'
import { twoWorkers } from '../support/two-workers.ts'

/** More than one worker sends for at once. */
const SHOPS = 16
/** What one lane has to send takes far longer than a hold may. */
const ORDERS = 30
const ANSWER_MS = 400
/** The promise. */
const TAKES_EFFECT_MS = 2_000
const BY = { actor: 'agent@example.com', role: 'agent', address: null } as const
const PATIENCE = { timeout: 40_000 }

const running = twoWorkers()
const pool = () => running.app.test.database.pool

type Shop = { number: number; lane: Lane }
const domainOf = (shop: number) => `shop-${shop}.myshopify.com`
/** Which shop an order is of stands in its number. */
const orderId = (shop: number, order: number) => 7_000_000 + shop * 1_000 + order
const shopOf = ({ body }: Received) => {
  const { transaction } = body as { transaction: { order_id: string } }
  return Math.floor((Number(transaction.order_id) - 7_000_000) / 1_000)
}
/** When requests of the shop began, by the clock of this machine. */
const begunAt = ({ number }: Shop) =>
  running.app.vendors
    .inbox('ecomail')
    .flatMap(entry => (shopOf(entry) === number ? Date.parse(entry.at) : []))

/** Connected shops with orders that wait, and a vendor that answers slowly, and now and then with 503; then all start at once. */
async function underWay(first: number): Promise<Shop[]> {
  running.app.vendors.clear()
  running.app.vendors.heal()
  const shops = await Promise.all(Array.from({ length: SHOPS }, (_, n) => newShop(first + n)))
  const patience = { delayMs: ANSWER_MS, times: 2 * SHOPS * ORDERS, record: 'before' } as const
  running.app.vendors.fail('ecomail', { ...patience, status: 503, rate: 0.1 })
  running.app.vendors.fail('ecomail', patience)
  for (const { lane } of shops) await switchLane(pool(), lane, true)
  await Promise.all(shops.map(({ lane }) => running.app.server.services.engine.signal(lane)))
  await running.app.vendors.waitFor('ecomail', (_, all) => new Set(all.map(shopOf)).size === SHOPS, {
    timeoutMs: PATIENCE.timeout,
  })
  return shops
}

async function newShop(number: number): Promise<Shop> {
  const domain = domainOf(number)
  const { id } = await installShop(running.app.test.database.prisma, domain, [])
  const lane = { shopId: id, vendor: 'ecomail' }
  // An account of its own at the vendor: no other shop's requests count for its limit.
  const apiKey = `${SETTINGS.ecomail.apiKey}-${number}`
  running.app.vendors.credentials.ecomail.apiKeys.add(apiKey)
  const settings = { apiKey, clearBasket: false }
  await saveConnection(pool(), running.app.server.services.sealer, id, vendorById('ecomail'), settings)
  await switchLane(pool(), lane, false)
  for (let order = 0; order < ORDERS; order++) {
    // Of a person each: orders of one go one after another.
    const orderer = orderId(number, order)
    const customer = { ...SIGNED_IN, id: SIGNED_IN.id + orderer, email: `buyer-${orderer}@example.com` }
    const payload = orderPayload(simpleOrder(orderer, { customer, email: customer.email }))
    const send = () => running.app.store.webhook({ topic: 'orders/create', payload, shop: domain })
    // A busy server says so, and Shopify comes again.
    await expect.poll(async () => (await send()).status, PATIENCE).toBe(200)
  }
  return { number, lane }
}

async function statesOf({ lane }: Shop): Promise<Record<string, number>> {
  const found = await pool().query<{ state: string; count: number }>(
    'select state, count(*)::int as count from deliveries where shop_id = $1 and vendor = $2 group by 1',
    [lane.shopId, lane.vendor],
  )
  return Object.fromEntries(found.rows.map(({ state, count }) => [state, count]))
}

/** Requests that began, and what of them is recorded. */
async function recorded({ lane }: Shop): Promise<number> {
  const found = await pool().query<{ count: number }>(
    'select count(*)::int as count from attempts where shop_id = $1 and vendor = $2',
    [lane.shopId, lane.vendor],
  )
  return found.rows[0]?.count ?? 0
}

/**
 * Of a lane that is held, when the time within which it has to be is over: what was on its way has ended and is recorded, the rest is
 * held. @returns how many are delivered
 */
async function expectHeld(shop: Shop, asked: number): Promise<number> {
  await expect.poll(() => Date.now(), PATIENCE).toBeGreaterThan(asked + TAKES_EFFECT_MS)
  await expect
    .poll(() => statesOf(shop), PATIENCE)
    .toSatisfy(({ pending = 0, retry = 0 }) => pending + retry === 0)
  await expect.poll(() => recorded(shop), PATIENCE).toBe(begunAt(shop).length)
  const { delivered = 0, held = 0 } = await statesOf(shop)
  const own = running.app.vendors.inbox('ecomail').filter(entry => shopOf(entry) === shop.number)
  // What the vendor took and answered with 503 is to be sent again.
  expect(delivered).toBe(own.filter(({ fault }) => !fault?.includes('503')).length)
  expect(delivered + held).toBe(ORDERS)
  expect(held).toBeGreaterThan(0)
  return delivered
}

const wentOn = async (shop: Shop, after: number) =>
  begunAt(shop).some(at => at > after) || (await statesOf(shop)).delivered === ORDERS

/** The workers that have sent something of these shops. */
const atWork = (shops: readonly Shop[]) =>
  running.workers.filter(({ lines }) =>
    shops.some(({ lane }) => lines.some(line => line.includes(`"${laneKey(lane)}"`))),
  ).length

describe('with two workers that send for many shops', () => {
  it('a hold of one lane ends its requests within two seconds, and no others', async ({ annotate }) => {
    const shops = await underWay(100)
    const [shop] = shops
    if (!shop) throw new Error('no shop')
    // In the midst of it: what was on its way at first has been answered, and more was sent.
    await expect.poll(() => begunAt(shop).length, PATIENCE).toBeGreaterThan(8)
    const asked = Date.now()
    const hold = { reason: 'Their servers are down.', until: null }
    await holdBySupport(pool(), shop.lane, hold, BY, domainOf(shop.number))
    const delivered = await expectHeld(shop, asked)
    const last = Math.max(...begunAt(shop)) - asked
    await annotate(`one lane: the last request began ${last} ms after the hold; ${delivered} delivered`)
    expect(last).toBeLessThan(TAKES_EFFECT_MS)
    // The others go on, or have nothing left.
    await expect
      .poll(() => Promise.all(shops.slice(1).map(other => wentOn(other, asked))), PATIENCE)
      .toEqual(shops.slice(1).map(() => true))
    expect(Math.max(...begunAt(shop)) - asked).toBe(last)
    expect(atWork(shops)).toBe(2)
    for (const { lane } of shops) await switchLane(pool(), lane, false)
  }, 120_000)

  it('a hold of the vendor ends the requests of all of them', async ({ annotate }) => {
    const shops = await underWay(200)
    await expect.poll(() => Math.min(...shops.map(shop => begunAt(shop).length)), PATIENCE).toBeGreaterThan(4)
    const { engine, log } = running.app.server.services
    const asked = Date.now()
    const filter = { ...ALL_SHOPS, shops: 'shop-2' }
    const order = {
      kind: 'hold',
      vendor: 'ecomail',
      filter,
      reason: 'Their servers are down.',
      until: null,
    } as const
    const id = await beginFleet(pool(), BY, order)
    await askFleet(engine.ask, log, id)
    await expect.poll(async () => (await fleetAction(pool(), id))?.state, PATIENCE).toBe('done')
    const since = await heldSince()
    let delivered = 0
    for (const shop of shops) delivered += await expectHeld(shop, asked)
    const late = shops.map(shop => Math.max(...begunAt(shop)) - (since.get(shop.lane.shopId) ?? 0))
    const [longest, all] = [Math.max(...late), Math.max(...shops.flatMap(begunAt)) - asked]
    await annotate(
      `${SHOPS} lanes: the last request began ${longest} ms after its hold, ${all} ms after it was asked for; ${delivered} delivered`,
    )
    expect(longest).toBeLessThan(TAKES_EFFECT_MS)
    expect(atWork(shops)).toBe(2)
  }, 120_000)
})

/** When each shop's hold was committed, a moment later than this. By the database's clock, which is this machine's. */
async function heldSince(): Promise<Map<number, number>> {
  const found = await pool().query<{ shop_id: number; hold_since: Date }>(
    'select shop_id, hold_since from connections where hold_reason is not null',
  )
  return new Map(found.rows.map(({ shop_id, hold_since }) => [shop_id, hold_since.getTime()]))
}
