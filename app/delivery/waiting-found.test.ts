/** Whose browser it was, and who becomes known at the very moment at which a drain decides that nobody is. */
import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { NOBODY } from '../events/store-event.ts'
import { learnCustomers } from '../identity/customers.ts'
import { learnLinks } from '../identity/learn-links.ts'
import { product, storeEvent } from '../vendors/testing.ts'
import { skipped } from './outcome.ts'
import { keepDelivery, sealer } from './testing.ts'
import { HOUR_MS, waitingLane } from './testing-waiting.ts'
import { leaveWaiting } from './unknown.ts'
import { setPersonWait } from './waiting.ts'

const { pool, lane, search, keep, put, link, settle, state, states, end, woken, shop } = waitingLane()

describe('what names its customer, in a browser that two have used', () => {
  const signedIn = (customerId: string) => ({ ...NOBODY, visitorId: 'v1', customerId })
  const session = (customerId: string) => ({
    shopId: shop(),
    visitorId: 'v1',
    customerId,
    at: '2026-11-20T12:00:00.000Z',
  })
  const learn = (customerId: string, email: string) =>
    withTransaction(pool(), client => {
      const nothing = { phone: null, firstName: null, lastName: null, marketing: null }
      const notice = { customerId, email, ...nothing, updatedAt: '2026-11-20T12:00:00.000Z' }
      return learnCustomers(client, sealer, [{ shopId: shop(), notice }])
    })
  /** What a drain finds of the customer 7, and leaves waiting. */
  async function left(hoursAgo = 0): Promise<string> {
    const id = uuidv7({ msecs: Date.now() - hoursAgo * HOUR_MS })
    await keepDelivery(pool(), shop(), {}, { id, source: 'storefront', actor: signedIn('7') })
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
    await setPersonWait(pool(), shop(), 1)
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
      return keepDelivery(pool(), shop(), waiting, over)
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
    await setPersonWait(pool(), shop(), 1)
    await end()
    expect((await state(id)).state).toBe('pending')
  })
})
