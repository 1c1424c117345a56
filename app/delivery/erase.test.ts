import type { Pool } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { type Actor, NOBODY } from '../events/store-event.ts'
import { learnCustomers } from '../identity/customers.ts'
import { learnLinks } from '../identity/learn-links.ts'
import type { Said } from '../identity/links.ts'
import { peopleOf } from '../identity/people.ts'
import { type Erasing, erasePerson } from './erase.ts'
import { deliveryOf, keepDelivery, newShop, sealer } from './testing.ts'

let test: TestDatabase
let shopId: number
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
})

const AT = '2026-11-20T12:00:00.000Z'
const learn = (said: Partial<Said>) =>
  withTransaction(pool(), client =>
    learnLinks(client, sealer, { attested: [], sessions: [], checkouts: [], ...said }),
  )
const session = (visitorId: string, customerId: string) => ({ shopId, visitorId, customerId, at: AT })
const checkout = (name: string, visitorId: string, customerId: string | null, email: string) => ({
  ...{ shopId, token: `checkout:${name}`, visitorId, at: AT },
  person: { customerId, email, acceptsMarketing: null },
})
const erase = (over: Partial<Erasing> = {}, by: Pool = pool()) =>
  erasePerson(by, sealer, shopId, {
    ...{ customerId: '7', email: null, orderIds: [], receivedAt: new Date() },
    ...over,
  })
const keep = (actor: Partial<Actor>, state: 'pending' | 'delivered' = 'delivered') =>
  keepDelivery(pool(), shopId, { state }, { source: 'storefront', actor: { ...NOBODY, ...actor } })
const rowOf = async (id: string) =>
  (await pool().query('select visitor_id, customer_id, personal from events where id = $1', [id])).rows[0]
const who = async (visitor: string) => (await peopleOf(pool(), sealer, shopId, [visitor])).get(visitor)
const NOBODY_LEFT = { visitor_id: null, customer_id: null, personal: null }

describe('an erased person', () => {
  it('is found by an address that came with them once, also where only that is told', async () => {
    await learn({
      sessions: [session('v1', '7')],
      checkouts: [checkout('x', 'v2', '7', 'old@example.com'), checkout('y', 'v3', null, 'Old@example.com')],
    })
    const asGuest = await keep({ email: 'OLD@example.com' })
    const views = await Promise.all(['v1', 'v2', 'v3'].map(visitorId => keep({ visitorId })))
    expect(await erase({ email: 'new@example.com' })).toBe(true)
    for (const id of [asGuest, ...views]) expect(await rowOf(id)).toEqual(NOBODY_LEFT)
    const { rows } = await pool().query(
      'select visitor_id from visitor_links union all select token from visitor_checkouts',
    )
    expect(rows).toEqual([])
  })

  it('takes nothing along of another customer who has typed their address', async () => {
    await learn({
      sessions: [session('v1', '7'), session('v2', '8')],
      checkouts: [checkout('x', 'v2', '8', 'seven@example.com')],
    })
    const others = await keep({ visitorId: 'v2' })
    await erase({ email: 'seven@example.com' })
    expect(await rowOf(others)).toMatchObject({ visitor_id: 'v2' })
    expect(await who('v2')).toMatchObject({ customerId: '8', email: null })
    const kept = `select email, email_mark from visitor_links union select email, email_mark from visitor_checkouts`
    expect((await pool().query(kept)).rows).toEqual([{ email: null, email_mark: null }])
  })

  it('takes nothing along of another customer who has their old address by now', async () => {
    await learn({
      checkouts: [checkout('x', 'v1', '7', 'old@example.com'), checkout('y', 'v2', null, 'old@example.com')],
      sessions: [session('v2', '8')],
    })
    const said = { phone: null, firstName: null, lastName: null, marketing: null, updatedAt: null }
    const notice = { ...said, customerId: '8', email: 'old@example.com' }
    await withTransaction(pool(), client => learnCustomers(client, sealer, [{ shopId, notice }]))
    const others = await keep({ visitorId: 'v2' })
    await erase()
    expect(await rowOf(others)).toMatchObject({ visitor_id: 'v2' })
    expect(await who('v2')).toMatchObject({ customerId: '8', email: 'old@example.com' })
  })

  it('does not leave a browser that was shared to whoever else has used it', async () => {
    await learn({ sessions: [session('v1', '7'), session('v1', '8')] })
    await erase()
    expect(await who('v1')).toBe('shared')
    await erase()
    expect(await who('v1')).toBe('shared')
    const { rows } = await pool().query('select customer_id, email, email_mark from visitor_links order by 1')
    expect(rows).toEqual([
      { customer_id: '8', email: null, email_mark: null },
      { customer_id: null, email: null, email_mark: null },
    ])
  })

  it('leaves no trace of a browser that nobody else has used', async () => {
    await learn({ sessions: [session('v1', '7')] })
    await erase()
    expect(await who('v1')).toBeUndefined()
  })

  it('is asked for of Shopify no more', async () => {
    await pool().query(
      `insert into customer_fetches (shop_id, customer_id, asked_at) select $1, unnest(array['7', '8']), now()`,
      [shopId],
    )
    await erase()
    const { rows } = await pool().query('select customer_id from customer_fetches')
    expect(rows).toEqual([{ customer_id: '8' }])
  })
})

/** A pool on which something happens right after the events were looked through for the first time. */
function after(work: () => Promise<unknown>): Pool {
  let seen = false
  const query = async (text: string, values?: unknown[]) => {
    const result = await pool().query(text, values)
    const isWalk = typeof text === 'string' && text.includes('from events where shop_id')
    if (isWalk && !seen) {
      seen = true
      await work()
    }
    return result
  }
  return new Proxy(pool(), { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)) })
}

describe('what comes while a person is erased', () => {
  it('is erased too, where an acceptance that was under way is committed behind the walk', async () => {
    const id = uuidv7({ msecs: Date.now() - 30_000 })
    const actor = { ...NOBODY, customerId: '7', email: 'seven@example.com' }
    const late = after(() => keepDelivery(pool(), shopId, {}, { id, actor }))
    expect(await erase({}, late)).toBe(true)
    expect(await rowOf(id)).toEqual(NOBODY_LEFT)
    expect(await deliveryOf(pool(), shopId, id)).toMatchObject({ state: 'skipped', reason: 'erased' })
  })

  it('ends, though an order that was erased is found each time', async () => {
    await keepDelivery(pool(), shopId, {}, { subject: 'order:1', actor: { ...NOBODY, customerId: '7' } })
    expect(await erase({ orderIds: ['1'] })).toBe(true)
  })
})
