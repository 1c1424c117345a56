/**
 * A merchant's test: each connected tool is sent its harmless request, and one event of source `test` goes the way of real ones
 * (docs/decisions/016-a-test-is-an-event.md). What each tool will get is told before.
 */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { EMAIL_ADDRESS } from '../config-alerts.ts'
import { isUnavailable } from '../db/database.ts'
import type { Acceptance, Accepted } from '../delivery/accept.ts'
import { type ConnectionRow, connectionsOf, openConnection } from '../delivery/connections.ts'
import { keptEvent } from '../delivery/event-rows.ts'
import type { Lane } from '../delivery/lane.ts'
import { stopOf } from '../delivery/lane-state.ts'
import { madeOf } from '../delivery/preview.ts'
import type { Product } from '../events/data.ts'
import { idIn } from '../events/id.ts'
import { sampleOf } from '../events/samples.ts'
import { isType, type StoreEvent } from '../events/store-event.ts'
import { testEventOf } from '../events/test-event.ts'
import { noteTest } from '../insights/set-up.ts'
import type { Log } from '../log.ts'
import type { Shop } from '../shopify/shops.ts'
import { nameOf, VENDORS } from '../vendors/registry.ts'
import { type Connecting, tryStored } from './connecting.ts'
import { filledEvent } from './filling.ts'
import { createLimits } from './limits.ts'

/** Enough for somebody who corrects a key in between. */
export const TESTS_A_MINUTE = 5
/** RFC 5321 §4.5.3.1.3 */
const LONGEST_EMAIL = 254

/**
 * What a tool gets: the view as well, the harmless request alone, or the view only once it has accepted that request. `why`: the reason's code
 * where it is not the view; null: it takes no product views at all.
 */
export type ToldTool = { name: string; gets: 'view' | 'request' | 'both'; why: string | null }
/** `key`: names the test from now on. `like`: the event that has the product; null: the product is an invented one. */
export type ToldTest = { key: string; like: string | null; product: string; tools: ToldTool[] }

export type TestProblem = 'email' | 'none' | 'many' | 'away'
export type SentTest = { refused: { name: string; message: string }[]; eventId: string }
/** What a dialog sends: `key` and `like` as it was told, "" for null. */
export type TestForm = { key: string; like: string; email: string }

/** Each of one shop. */
export type TestEvents = {
  /** What would be sent now, and to which tools. Nothing is changed. */
  tell(shop: Shop): Promise<ToldTest>
  /** Sends the test; once more with the same key changes nothing but asks the tools again. */
  send(shop: Shop, form: TestForm): Promise<SentTest | { problem: TestProblem }>
}

export type TestEventContext = {
  connecting: Connecting
  log: Log
  accept(acceptance: Acceptance<never>): Promise<Accepted>
  /** Wakes lanes that were given something; never throws. */
  wake(lanes: readonly Lane[]): void
}

export function createTestEvents({ connecting, log, accept, wake }: TestEventContext): TestEvents {
  const { pool, sealer } = connecting
  const one = { shop: TESTS_A_MINUTE, address: TESTS_A_MINUTE, visitor: TESTS_A_MINUTE }
  const limits = createLimits({ ...one, refusals: TESTS_A_MINUTE })

  async function productLike(shop: Shop, like: string | null): Promise<Product | null> {
    const event = like === null ? null : await keptEvent(pool, sealer, shop.id, like)
    return event && isType(event, 'product_viewed') ? event.data.product : null
  }

  async function accepted(shop: Shop, { key, like, email }: TestForm): Promise<string> {
    const now = new Date()
    const product = (await productLike(shop, idIn(like))) ?? inventedFor(shop, now)
    const event = testEventOf(key, email, product, now)
    const result = await accept({
      shopDomain: shop.domain,
      receivedAt: now,
      receipt: null,
      events: [event],
    })
    if (result.kind === 'accepted') wake(result.lanes)
    await noteTest(pool, shop.id, now)
    log.info({ shop: shop.domain, result: result.kind }, 'test event')
    return eventOf(pool, shop.id, event.dedupeKey)
  }

  return {
    async tell(shop) {
      const now = new Date()
      const latest = await lastViewed(pool, shop.id)
      const seen = await productLike(shop, latest)
      const product = seen ?? inventedFor(shop, now)
      const view = testEventOf('told', 'you@example.com', product, now)
      const bare: StoreEvent = { ...view, id: randomUUID(), receivedAt: now.toISOString() }
      const { event } = await filledEvent(pool, sealer, shop, bare)
      const rows = (await connectionsOf(pool, [shop.id])).get(shop.id) ?? []
      return {
        key: randomUUID(),
        like: seen && latest,
        product: product.title ?? product.handle ?? product.id ?? '',
        tools: rows.map(row => ({ name: nameOf(row.vendor), ...toolGets(row, event, shop, now) })),
      }
    },
    async send(shop, form) {
      const email = form.email.trim()
      if (email.length > LONGEST_EMAIL || !EMAIL_ADDRESS.test(email)) return { problem: 'email' }
      try {
        if (!(await connectionsOf(pool, [shop.id])).has(shop.id)) return { problem: 'none' }
        if ((await limits.take({ shop: shop.domain, address: null, visitor: null }, 1)) > 0)
          return { problem: 'many' }
        // First: a tool that accepts its key now starts, and then takes the view too.
        const refused = await askAll(connecting, shop)
        return { refused, eventId: await accepted(shop, { ...form, email }) }
      } catch (error) {
        if (!isUnavailable(error)) throw error
        log.warn({ err: error, shop: shop.domain }, 'a test was not sent')
        return { problem: 'away' }
      }
    },
  }

  function toolGets(row: ConnectionRow, event: StoreEvent, shop: Shop, now: Date): Omit<ToldTool, 'name'> {
    const stop = stopOf(row)
    // Credentials that are accepted start the lane.
    if (stop && stop.reason !== 'refused') return { gets: 'request', why: stop.reason }
    const stopped = { gets: 'both', why: 'refused' } as const
    try {
      const { vendor, settings } = openConnection(sealer, shop.id, row)
      const made = madeOf(event, { vendor, settings, shop, now, memories: new Map() })
      if (made.kind === 'sent') return stop ? stopped : { gets: 'view', why: null }
      if (made.kind === 'unwanted') return { gets: 'request', why: made.switchedOff ? 'mapping_off' : null }
      return { gets: 'request', why: made.reason }
    } catch {
      return stopped
    }
  }
}

const inventedFor = ({ currency, storefrontUrl }: Shop, now: Date): Product =>
  sampleOf('product_viewed', { at: now.toISOString(), currency: currency ?? 'EUR', storefrontUrl }).data
    .product

/** The event that last told of a product that somebody looked at; null: none has. */
async function lastViewed(pool: Pool, shopId: number): Promise<string | null> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from events where shop_id = $1 and type = 'product_viewed' and source <> 'test' order by id desc limit 1`,
    [shopId],
  )
  return rows[0]?.id ?? null
}

/** Also of one that was accepted before. @throws when it was not accepted */
async function eventOf(pool: Pool, shopId: number, dedupeKey: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    'select event_id as id from event_keys where shop_id = $1 and dedupe_key = $2',
    [shopId, dedupeKey],
  )
  if (!rows[0]) throw new Error('a test event was not accepted')
  return rows[0].id
}

/** Sends each connected tool its harmless request. @returns what those said that did not accept it */
async function askAll(connecting: Connecting, shop: Shop): Promise<SentTest['refused']> {
  const results = await Promise.all(
    VENDORS.map(async vendor => {
      const tested = await tryStored(connecting, shop, vendor)
      return tested && !tested.ok ? [{ name: vendor.name, message: tested.merchant }] : []
    }),
  )
  return results.flat()
}
