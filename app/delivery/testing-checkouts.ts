/** For tests of checkouts: a shop whose vendor wants abandoned ones, and the events that tell of checkouts. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { type Actor, type NewStoreEvent, NOBODY, type StoreEvent } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import { line, order, storeEvent } from '../vendors/testing.ts'
import { type AbandonedContext, deriveAbandoned } from './abandoned.ts'
import { accept } from './accept.ts'
import { openConnections } from './connection-cache.ts'
import { saveConnection } from './connections.ts'
import { dueDeliveries } from './due.ts'
import type { Lane } from './lane.ts'
import { newShop, sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'

const vendor = tinyVendor({
  rows: { checkout_abandoned: { becomes: 'abandoned', byDefault: true, purposes: ['marketing'] } },
})
/** Long past, so that the time of grace for late notices never matters unless a test is about it. */
export const T0 = Date.parse('2020-01-20T12:00:00.000Z')
export const at = (minutes: number) => new Date(T0 + minutes * 60_000)
/** The grace counts from the present. */
export const LATER = new Date(Date.now() + 24 * 3600_000)

type Over = {
  token?: string | null
  cart?: string | null
  actor?: Partial<Actor>
  lines?: number
  total?: string
}
let keys = 0
/** The event as a webhook tells it, under a key of its own. */
export function fresh(event: StoreEvent, over: Partial<NewStoreEvent>): NewStoreEvent {
  const { id: _id, receivedAt: _at, ...rest } = event
  keys += 1
  return { ...rest, source: 'webhook', dedupeKey: `k${keys}`, ...over } as NewStoreEvent
}
/** A checkout's state at so many minutes past noon. */
export const checkout = (
  minutes: number,
  { token = 't', cart = 'c', actor = {}, lines = 1, total = '10.00' }: Over = {},
) =>
  fresh(
    storeEvent('checkout_updated', {
      checkout: {
        token,
        cartToken: cart,
        currency: 'EUR',
        total,
        tax: null,
        shipping: null,
        discount: null,
        discountCodes: [],
        lines: Array.from({ length: lines }, () => line()),
      },
    }),
    {
      occurredAt: at(minutes).toISOString(),
      version: at(minutes).toISOString(),
      subject: `cart:${cart}`,
      actor: { ...NOBODY, email: 'shopper@example.com', visitorId: 'v-1', ...actor },
    },
  )
export const ordered = (minutes: number, token: string | null = 't', cart: string | null = 'c') =>
  fresh(
    storeEvent('order_created', {
      orderId: '1',
      order: order({ checkoutToken: token, cartToken: cart, createdAt: at(minutes).toISOString() }),
      refund: null,
    }),
    { occurredAt: at(minutes).toISOString() },
  )
export const cartChanged = (minutes: number, cart = 'c') =>
  fresh(
    storeEvent('cart_updated', { cart: { token: cart, currency: 'EUR', total: '1.00', lines: [line()] } }),
    {
      occurredAt: at(minutes).toISOString(),
      version: at(minutes).toISOString(),
    },
  )

/** A fresh shop before each test of the file. */
export function checkoutShop() {
  let test: TestDatabase
  const signalled: Lane[] = []
  const pool = () => test.database.pool
  const shop = { id: 0 }
  const context = (): AbandonedContext => ({
    pool: pool(),
    sealer,
    open: openConnections(sealer, [vendor]),
    log: createLog('silent'),
    signal: lanes => {
      signalled.push(...lanes)
    },
  })
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    await pool().query('truncate shops cascade')
    signalled.length = 0
    shop.id = await newShop(pool(), 'one')
    await saveConnection(pool(), sealer, shop.id, vendor, TINY_SETTINGS)
  })
  return {
    shop,
    signalled,
    pool,
    context,
    derive: (now = LATER) => deriveAbandoned(context(), now),
    async take(...events: NewStoreEvent[]) {
      const shopDomain = 'one.myshopify.com'
      const taken = await accept(context(), { shopDomain, receivedAt: new Date(), receipt: null, events })
      if (taken.kind !== 'accepted') throw new Error(taken.kind)
    },
    /** The events that the vendor is to get. */
    async abandoned() {
      const { due } = await dueDeliveries(pool(), sealer, { shopId: shop.id, vendor: 'tiny' }, 100)
      return due.map(({ event }) => event)
    },
    async rows() {
      const result = await pool().query(
        'select token, due_at, ordered_at, abandoned_at from checkouts order by token',
      )
      return result.rows
    },
  }
}
