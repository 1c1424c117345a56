/** What recognising asks of the database, and when it asks nothing. */
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAcceptor } from '../delivery/accept.ts'
import { openConnections } from '../delivery/connection-cache.ts'
import type { Lane } from '../delivery/lane.ts'
import { deliveryOf, keepDelivery, sealer, tinyVendor } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { type Actor, type NewStoreEvent, NOBODY } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import type { Effect } from '../shopify/effects.ts'
import { storeEvent } from '../vendors/testing.ts'
import { applyEffects } from './apply-effects.ts'
import { createRecognition } from './recognition.ts'

const shops = twoShops()
const { pool } = shops
const ASKED = ['waited-for', 'links-of-visitors', 'known-customers', 'waiting-of-visitors', 'settle-waiting']
let woken: Lane[]
let recognition: ReturnType<typeof createRecognition>

beforeEach(() => {
  woken = []
  const log = createLog('silent')
  recognition = createRecognition({
    pool: pool(),
    sealer,
    log,
    vendors: [],
    signal: lanes => void woken.push(...lanes),
  })
})
afterEach(() => vi.restoreAllMocks())

const event = (actor: Partial<Actor>, over: object = {}): NewStoreEvent => {
  const { id: _id, receivedAt: _at, ...search } = storeEvent('search_submitted', { url: null, query: 'x' })
  return {
    ...search,
    source: 'storefront',
    dedupeKey: crypto.randomUUID(),
    actor: { ...NOBODY, ...actor },
    ...over,
  }
}
async function take(...events: NewStoreEvent[]): Promise<void> {
  const accept = recognition.after(
    createAcceptor<Effect>({
      pool: pool(),
      sealer,
      open: openConnections(sealer, [tinyVendor()]),
      change: (client, changes) => applyEffects(client, sealer, changes),
    }),
  )
  const acceptance = { shopDomain: 'one.myshopify.com', receivedAt: new Date(), receipt: null, events }
  expect((await accept(acceptance)).kind).toBe('accepted')
  await recognition.flush()
}
/** The statements of these, by name or by their first words. */
async function statementsOf(work: () => Promise<void>): Promise<string[]> {
  const spy = vi.spyOn(pg.Client.prototype, 'query')
  await work()
  return spy.mock.calls.map(([given]) => {
    const { name, text = String(given) } = Object(given) as { name?: string; text?: string }
    return name ?? text.trim().slice(0, 20)
  })
}
const waiting = (visitorId: string, actor: Partial<Actor> = {}) =>
  keepDelivery(
    pool(),
    shops.one,
    { state: 'waiting', reason: 'no_person' },
    { source: 'storefront', actor: { ...NOBODY, visitorId, ...actor } },
  )
const stateOf = async (id: string) => (await deliveryOf(pool(), shops.one, id)).state

describe('a batch of somebody who is signed in', () => {
  it('asks nothing when it tells nothing new, whatever waits in the shop', async () => {
    await waiting('v1', { customerId: '8' })
    await waiting('v2')
    const signedIn = { visitorId: 'v1', customerId: '7' }
    await take(event(signedIn))
    const statements = await statementsOf(() => take(event(signedIn)))
    expect(statements.filter(name => ASKED.includes(name))).toEqual([])
    expect(statements).toHaveLength(5)
  })

  it('makes due what waits for the visitor, the first time', async () => {
    const id = await waiting('v1')
    await take(event({ visitorId: 'v1', customerId: '7' }))
    expect(await stateOf(id)).toBe('pending')
    expect(woken).toEqual([{ shopId: shops.one, vendor: 'tiny' }])
  })

  it('asks one thing where nothing waits for that visitor', async () => {
    await waiting('v2')
    const statements = await statementsOf(() => take(event({ visitorId: 'v1', customerId: '7' })))
    expect(statements.filter(name => ASKED.includes(name))).toEqual(['waited-for'])
  })
})

describe('what is learned together', () => {
  it('by one transaction wakes what waits for each of the visitors', async () => {
    const ids = [await waiting('v1'), await waiting('v2')]
    await Promise.all(['v1', 'v2'].map(visitorId => take(event({ visitorId, customerId: '7' }))))
    for (const id of ids) expect(await stateOf(id)).toBe('pending')
  })

  it('is news of a visitor once in a browser’s life, not once a day', async () => {
    const signedIn = { visitorId: 'v1', customerId: '7' }
    await take(event(signedIn, { occurredAt: '2026-11-18T12:00:00.000Z' }))
    const statements = await statementsOf(() =>
      take(event(signedIn, { occurredAt: '2026-11-19T12:00:00.000Z' })),
    )
    expect(statements).toContain('save-visitor-links')
    expect(statements).not.toContain('waited-for')
  })
})
