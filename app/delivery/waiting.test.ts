import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { learnCustomers } from '../identity/customers.ts'
import { learnLinks } from '../identity/learn-links.ts'
import { product, storeEvent } from '../vendors/testing.ts'
import { lanesDue, nextDue } from './due.ts'
import { settleVisitors } from './known.ts'
import { skipped } from './outcome.ts'
import { deliveryOf, keepDelivery, newShop, type SeededDelivery, sealer } from './testing.ts'
import { leaveWaiting } from './unknown.ts'
import { endWaiting } from './waited.ts'
import { MOST_WAITING, putToWait, setPersonWait, waitingAmong } from './waiting.ts'

let test: TestDatabase
let shopId: number
const pool = () => test.database.pool
const lane = () => ({ shopId, vendor: 'tiny' })
const HOUR_MS = 3600_000

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
})

const search = (id: string, over: Partial<StoreEvent> = {}) =>
  storeEvent(
    'search_submitted',
    { url: null, query: 'x' },
    { id, actor: { ...NOBODY, visitorId: 'v1' }, ...over },
  )
/** An event of the visitor, received so many hours ago. */
async function keep(visitorId = 'v1', hoursAgo = 0, delivery: SeededDelivery = {}): Promise<string> {
  const id = uuidv7({ msecs: Date.now() - hoursAgo * HOUR_MS })
  return keepDelivery(pool(), shopId, delivery, { id, actor: { ...NOBODY, visitorId } })
}
const put = (ids: string[], visitorId = 'v1', reason: 'no_email' | 'no_person' = 'no_email') =>
  putToWait(
    pool(),
    lane(),
    ids.map(eventId => ({ eventId, visitorId, reason, message: 'The vendor’s own words.' })),
  )
const link = (visitorId: string, customerId: string | null, email: string | null) =>
  withTransaction(pool(), client => {
    const said = { shopId, token: `checkout:${visitorId}`, visitorId, at: '2026-11-20T12:00:00.000Z' }
    return learnLinks(client, sealer, {
      attested: [],
      sessions: [],
      checkouts: [{ ...said, person: { customerId, email, acceptsMarketing: null } }],
    })
  })
const settle = (...visitors: string[]) => settleVisitors(pool(), sealer, shopId, visitors)
const state = async (id: string) => {
  const { state, reason, message } = await deliveryOf(pool(), shopId, id)
  return { state, reason, message }
}
const states = async () =>
  (await pool().query<{ state: string }>('select state from deliveries order by event_id')).rows.map(
    row => row.state,
  )
const end = () => endWaiting({ pool: pool(), sealer, signal: lanes => void woken.push(...lanes) })
const woken: unknown[] = []

describe('what waits', () => {
  const outcomes = (id: string, reason: 'no_email' | 'no_person' | 'no_consent') =>
    new Map([[id, skipped(reason)]])

  it.each([
    [true, 'a view that lacks an address', {}, 'no_email'],
    [
      true,
      'one that lacks a customer, though an address is known',
      { actor: { ...NOBODY, visitorId: 'v1', email: 'a@example.com' } },
      'no_person',
    ],
    [true, 'what the pixel told', { source: 'pixel' }, 'no_email'],
    [false, 'what a webhook told', { source: 'webhook' }, 'no_email'],
    [false, 'what names no visitor', { actor: NOBODY }, 'no_email'],
    [false, 'what was refused', {}, 'no_consent'],
    [
      false,
      'what has the address and is not wanted all the same',
      { actor: { ...NOBODY, visitorId: 'v1', email: 'a@example.com' } },
      'no_email',
    ],
  ] as const)('is decided by its source and what is lacking: %s, %s', (waits, _, over, reason) => {
    const event = search('e1', over as Partial<StoreEvent>)
    expect(waitingAmong([{ event }], outcomes('e1', reason))).toHaveLength(waits ? 1 : 0)
  })

  it('is neither due nor looked for, and arms nothing', async () => {
    const id = await keep()
    await put([id])
    expect(await state(id)).toMatchObject({ state: 'waiting', reason: 'no_email' })
    expect(await nextDue(pool(), lane())).toBeNull()
    expect(await lanesDue(pool(), 10)).toEqual([])
  })

  it('is not what a person has stopped meanwhile', async () => {
    const id = await keep('v1', 0, { state: 'held', reason: 'off' })
    await put([id])
    expect(await state(id)).toMatchObject({ state: 'held', reason: 'off' })
  })

  it('is not what is too old, nor anything where the shop does not want it', async () => {
    const [old, young] = [await keep('v1', 25), await keep('v1', 23)]
    await put([old, young])
    expect(await state(old)).toMatchObject({ state: 'skipped', message: 'No e-mail for this visitor.' })
    expect(await state(young)).toMatchObject({ state: 'waiting' })
    await setPersonWait(pool(), shopId, 0)
    const id = await keep()
    await put([id])
    expect(await state(id)).toEqual({
      state: 'skipped',
      reason: 'no_email',
      message: 'The vendor’s own words.',
    })
  })

  it('is never more than fifty of one visitor, the newest, however they come', async () => {
    const visits = fc.array(fc.array(fc.constantFrom('v1', 'v2'), { minLength: 1, maxLength: 40 }), {
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(visits, async rounds => {
        await pool().query('truncate events, deliveries, event_keys')
        const all: { id: string; visitor: string }[] = []
        for (const visitors of rounds) {
          const made = await Promise.all(
            visitors.map(async visitor => ({ id: await keep(visitor), visitor })),
          )
          all.push(...made)
          await putToWait(
            pool(),
            lane(),
            made.map(({ id, visitor }) => ({
              eventId: id,
              visitorId: visitor,
              reason: 'no_email',
              message: 'x',
            })),
          )
          for (const visitor of ['v1', 'v2']) {
            const own = all.filter(one => one.visitor === visitor).map(({ id }) => id)
            const found = await pool().query<{ event_id: string }>(
              `select event_id from deliveries where state = 'waiting' and event_id = any($1) order by event_id`,
              [own],
            )
            expect(found.rows.map(row => row.event_id)).toEqual(own.sort().slice(-MOST_WAITING))
          }
        }
      }),
      { numRuns: 8 },
    )
  }, 60_000)

  it('takes only lengths of time that make sense', async () => {
    for (const hours of [-1, 1.5, 169])
      await expect(setPersonWait(pool(), shopId, hours)).rejects.toThrow(RangeError)
  })
})

describe('a visitor who becomes known', () => {
  it('makes due what lacked just that', async () => {
    const [one, other] = [await keep(), await keep()]
    await put([one])
    await put([other], 'v1', 'no_person')
    await link('v1', null, 'a@example.com')
    expect(await settle('v1')).toEqual([lane()])
    expect([(await state(one)).state, (await state(other)).state]).toEqual(['pending', 'waiting'])
    expect(await settle('v1')).toEqual([])
    await link('v1', '7', null)
    expect(await settle('v1')).toEqual([lane()])
    expect((await state(other)).state).toBe('pending')
  })

  it('makes nothing of others due', async () => {
    const id = await keep('v2')
    await put([id], 'v2')
    await link('v1', null, 'a@example.com')
    expect(await settle('v1', 'v2')).toEqual([])
    expect((await state(id)).state).toBe('waiting')
  })
})

describe('what names its customer, in a browser that two have used', () => {
  const signedIn = (customerId: string) => ({ ...NOBODY, visitorId: 'v1', customerId })
  const session = (customerId: string) => ({
    shopId,
    visitorId: 'v1',
    customerId,
    at: '2026-11-20T12:00:00.000Z',
  })
  const learn = (customerId: string, email: string) =>
    withTransaction(pool(), client => {
      const nothing = { phone: null, firstName: null, lastName: null, marketing: null }
      const notice = { customerId, email, ...nothing, updatedAt: '2026-11-20T12:00:00.000Z' }
      return learnCustomers(client, sealer, [{ shopId, notice }])
    })
  /** What a drain finds of the customer 7, and leaves waiting. */
  async function left(hoursAgo = 0): Promise<string> {
    const id = uuidv7({ msecs: Date.now() - hoursAgo * HOUR_MS })
    await keepDelivery(pool(), shopId, {}, { id, source: 'storefront', actor: signedIn('7') })
    await leaveWaiting(
      { pool: pool(), sealer, engine: { signal: async () => {} } },
      lane(),
      [{ event: search(id, { actor: signedIn('7') }) }],
      new Map([[id, skipped('no_email')]]),
    )
    return id
  }
  beforeEach(async () => {
    const sessions = [session('7'), session('8')]
    await withTransaction(pool(), client =>
      learnLinks(client, sealer, { sessions, checkouts: [], attested: [] }),
    )
  })

  it('is not thrown away as shared while its address is asked for', async () => {
    const id = await left()
    expect(await state(id)).toMatchObject({ state: 'waiting' })
    await learn('8', 'other@example.com')
    expect(await settle('v1')).toEqual([])
    expect(await state(id)).toMatchObject({ state: 'waiting' })
    await learn('7', 'jane@example.com')
    expect(await settle('v1')).toEqual([lane()])
    expect(await state(id)).toMatchObject({ state: 'pending' })
  })

  it('ends for want of the address when nobody tells it, not as shared, and what names nobody as shared', async () => {
    const [named, anonymous] = [await left(2), await keep('v1', 2)]
    await put([anonymous])
    expect(await settle('v1')).toEqual([])
    expect(await state(anonymous)).toMatchObject({ state: 'skipped', reason: 'shared_visitor' })
    await setPersonWait(pool(), shopId, 1)
    expect(await end()).toBe(1)
    expect(await state(named)).toMatchObject({ state: 'skipped', reason: 'no_email' })
  })

  it('is the customer’s one view of a product, apart from the other’s', async () => {
    const view = (customerId: string) => {
      const { data } = storeEvent('product_viewed', { url: null, product: product({}) })
      const waiting = { state: 'waiting', reason: 'no_email' } as const
      const over = {
        type: 'product_viewed',
        source: 'storefront',
        data,
        actor: signedIn(customerId),
      } as const
      return keepDelivery(pool(), shopId, waiting, over)
    }
    const ids = [await view('7'), await view('8'), await view('7')]
    await learn('7', 'jane@example.com')
    await learn('8', 'other@example.com')
    await settle('v1')
    expect(await states()).toEqual(['skipped', 'pending', 'pending'])
    expect(await state(ids[0] ?? '')).toMatchObject({ reason: 'superseded' })
  })
})

describe('a person who becomes known while a drain decides that nobody is', () => {
  const drained = (id: string) =>
    leaveWaiting(
      { pool: pool(), sealer, engine: { signal: async one => void woken.push(one) } },
      lane(),
      [{ event: search(id) }],
      new Map([[id, skipped('no_email')]]),
    )

  it('is found when the drain puts it to wait', async () => {
    const id = await keep()
    await link('v1', null, 'a@example.com')
    expect(await settle('v1')).toEqual([])
    woken.length = 0
    await drained(id)
    expect((await state(id)).state).toBe('pending')
    expect(woken).toEqual([lane()])
  })

  it('is found by the chore, should whoever accepted it have died before it looked', async () => {
    const id = await keep()
    await drained(id)
    await link('v1', null, 'a@example.com')
    woken.length = 0
    expect(await end()).toBe(0)
    expect((await state(id)).state).toBe('pending')
    expect(woken).toEqual([lane()])
  })

  it('is found at the very end, however it was missed', async () => {
    const id = await keep('v1', 23)
    await put([id])
    await link('v1', null, 'a@example.com')
    await pool().query(`update visitor_links set linked_at = now() - interval '1 hour'`)
    await setPersonWait(pool(), shopId, 1)
    await end()
    expect((await state(id)).state).toBe('pending')
  })
})

describe('the end of waiting', () => {
  it('comes to what is older than the shop waits, in every lane, and to nothing else', async () => {
    const old = [await keep('v1', 5), await keep('v2', 4)]
    const young = await keep('v1', 1)
    await put([...old, young])
    await keepDelivery(
      pool(),
      shopId,
      { vendor: 'other', state: 'waiting', reason: 'no_person' },
      { id: old[0] ?? '' },
    )
    expect(await end()).toBe(0)
    await setPersonWait(pool(), shopId, 3)
    expect(await end()).toBe(3)
    for (const id of old) expect(await state(id)).toMatchObject({ state: 'skipped', reason: 'no_email' })
    const other = await deliveryOf(pool(), shopId, old[0] ?? '', 'other')
    expect(other).toMatchObject({
      state: 'skipped',
      reason: 'no_person',
      message: 'No customer for this visitor.',
    })
    expect((await state(young)).state).toBe('waiting')
    expect(await end()).toBe(0)
  })

  it('comes in chunks', async () => {
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
       select $1, ('01930000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'tiny', 'waiting', 'no_email', '{}', now(), now(), now()
       from generate_series(1, 1100) n`,
      [shopId],
    )
    expect(await end()).toBe(1100)
    expect(new Set(await states())).toEqual(new Set(['skipped']))
  })
})
