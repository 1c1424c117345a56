import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { type Actor, type NewStoreEvent, NOBODY, type StoreEvent } from '../events/store-event.ts'
import { learnCustomers } from '../identity/customers.ts'
import { createLog } from '../log.ts'
import { line, order, storeEvent } from '../vendors/testing.ts'
import { deriveAbandoned } from './abandoned.ts'
import { setAbandonedAfter } from './abandoned-time.ts'
import { accept } from './accept.ts'
import { completeCheckout } from './checkouts.ts'
import { openConnections } from './connection-cache.ts'
import { saveConnection } from './connections.ts'
import { dueDeliveries } from './due.ts'
import type { Lane } from './lane.ts'
import { newShop, sealer, settledOrBlocked, TINY_SETTINGS, tinyStep, tinyVendor } from './testing.ts'

const vendor = tinyVendor({
  rows: { checkout_abandoned: { becomes: 'abandoned', byDefault: true, purposes: ['marketing'] } },
  plan: deliveries => ({ steps: deliveries.map(({ event }) => tinyStep(event)), skips: [] }),
})
/** Long past, so that the time of grace for late notices never matters unless a test is about it. */
const T0 = Date.parse('2020-01-20T12:00:00.000Z')
const at = (minutes: number) => new Date(T0 + minutes * 60_000)
/** The grace counts from the present. */
const LATER = new Date(Date.now() + 24 * 3600_000)

let test: TestDatabase
let shopId: number
let signalled: Lane[]
const pool = () => test.database.pool
const context = () => ({
  pool: pool(),
  sealer,
  open: openConnections(sealer, [vendor]),
  log: createLog('silent'),
  signal: (lanes: readonly Lane[]) => {
    signalled.push(...lanes)
  },
})
const derive = (now = LATER) => deriveAbandoned(context(), now)

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  signalled = []
  shopId = await newShop(pool(), 'one')
  await saveConnection(test.database.prisma, sealer, shopId, vendor, TINY_SETTINGS)
})

type Over = {
  token?: string | null
  cart?: string | null
  actor?: Partial<Actor>
  lines?: number
  total?: string
}
let keys = 0
const fresh = (event: StoreEvent, over: Partial<NewStoreEvent>): NewStoreEvent => {
  const { id: _id, receivedAt: _at, ...rest } = event
  keys += 1
  return { ...rest, source: 'webhook', dedupeKey: `k${keys}`, ...over } as NewStoreEvent
}
const checkout = (
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
const ordered = (minutes: number, token: string | null = 't', cart: string | null = 'c') =>
  fresh(
    storeEvent('order_created', {
      orderId: '1',
      order: order({ checkoutToken: token, cartToken: cart, createdAt: at(minutes).toISOString() }),
      refund: null,
    }),
    { occurredAt: at(minutes).toISOString() },
  )
const cartChanged = (minutes: number, cart = 'c') =>
  fresh(
    storeEvent('cart_updated', { cart: { token: cart, currency: 'EUR', total: '1.00', lines: [line()] } }),
    {
      occurredAt: at(minutes).toISOString(),
      version: at(minutes).toISOString(),
    },
  )
const take = async (...events: NewStoreEvent[]) => {
  const taken = await accept(context(), {
    shopDomain: 'one.myshopify.com',
    receivedAt: new Date(),
    receipt: null,
    events,
  })
  if (taken.kind !== 'accepted') throw new Error(taken.kind)
}
const abandoned = async () => {
  const { due } = await dueDeliveries(pool(), sealer, { shopId, vendor: 'tiny' }, 100)
  return due.map(({ event }) => event)
}
const rows = async () =>
  (await pool().query('select token, due_at, ordered_at, abandoned_at from checkouts order by token')).rows

describe('a checkout that is left alone', () => {
  it('counts as abandoned once, with its newest state and its person', async () => {
    await take(checkout(0, { total: '10.00' }))
    await take(checkout(5, { total: '20.00' }))
    expect(await derive()).toBe(1)
    expect(await derive()).toBe(0)
    expect(await abandoned()).toMatchObject([
      {
        type: 'checkout_abandoned',
        source: 'webhook',
        dedupeKey: 'checkout_abandoned:t',
        occurredAt: at(65).toISOString(),
        subject: 'cart:c',
        version: at(5).toISOString(),
        actor: { email: 'shopper@example.com', visitorId: 'v-1' },
        data: { checkout: { token: 't', total: '20.00' } },
      },
    ])
    expect(signalled).toEqual([{ shopId, vendor: 'tiny' }])
  })

  it('waits for its time, counted from the change, and five minutes at least from the notice', async () => {
    await take(checkout(0))
    const now = Date.now()
    expect(await derive(new Date(now + 4 * 60_000))).toBe(0)
    expect(await derive(new Date(now + 6 * 60_000))).toBe(1)
  })

  it('waits an hour from a change that is just made', async () => {
    const minutes = (Date.now() - T0) / 60_000
    await take(checkout(minutes))
    expect(await derive(at(minutes + 59))).toBe(0)
    expect(await derive(at(minutes + 61))).toBe(1)
  })

  it('is not put off by a clock that runs ahead', async () => {
    await take(checkout(60 * 24 * 3650))
    expect(await derive()).toBe(1)
  })

  it('is found with others, more than one chunk of them', async () => {
    const many = Array.from({ length: 230 }, (_, n) => checkout(0, { token: `t${n}`, cart: null }))
    await take(...many)
    expect(await derive()).toBe(230)
  })

  it('that changes after it was abandoned is not abandoned again', async () => {
    await take(checkout(0))
    await derive()
    await take(checkout(100))
    expect(await derive()).toBe(0)
    expect(await rows()).toMatchObject([{ due_at: null }])
  })

  it('whose row was forgotten is still not abandoned again', async () => {
    await take(checkout(0))
    await derive()
    await pool().query('delete from checkouts')
    await take(checkout(100))
    expect(await derive()).toBe(0)
    expect(await abandoned()).toHaveLength(1)
  })
})

describe('who is reached', () => {
  it.each([
    ['a phone', { email: null, phone: '+421900000000' }],
    ['an e-mail address', {}],
  ])('is somebody with %s', async (_, actor) => {
    await take(checkout(0, { actor }))
    expect(await derive()).toBe(1)
  })

  it('is a customer whose address is known from elsewhere, also later', async () => {
    await take(checkout(0, { actor: { email: null, customerId: '7' } }))
    const client = await pool().connect()
    const notice = { customerId: '7', phone: null, firstName: null, lastName: null, marketing: null }
    await learnCustomers(client, sealer, [
      { shopId, notice: { ...notice, email: 'known@example.com', updatedAt: null } },
    ])
    client.release()
    expect(await derive()).toBe(1)
  })

  it.each([
    ['nobody', { actor: { email: null } }],
    ['a customer of whom nothing is known', { actor: { email: null, customerId: '8' } }],
    ['somebody whose checkout holds nothing', { lines: 0 }],
  ])('is not %s, until the checkout says more', async (_, over) => {
    await take(checkout(0, over))
    expect(await derive()).toBe(0)
    expect(await rows()).toMatchObject([{ due_at: null }])
    await take(checkout(1))
    expect(await derive()).toBe(1)
  })
})

describe('an order', () => {
  it('ends the waiting of its checkout', async () => {
    await take(checkout(0))
    await take(ordered(10))
    expect(await derive()).toBe(0)
    expect(await rows()).toMatchObject([{ due_at: null, ordered_at: at(10) }])
  })

  it.each([
    ['by its token alone', 't', null],
    ['by its cart alone', null, 'c'],
    ['by another checkout of the same cart', 'other', 'c'],
  ])('ends it %s, before and after the checkout is known', async (_, token, cart) => {
    await take(checkout(0), checkout(0, { token: 'mine', cart: 'mine' }))
    await take(ordered(10, token, cart))
    expect(await derive()).toBe(1)
    await pool().query('truncate checkouts')
    await pool().query(`delete from events where type = 'checkout_abandoned'`)
    await take(ordered(10, token, cart))
    await take(checkout(5))
    expect(await derive()).toBe(0)
  })

  it('of a cart does not end a checkout that was made of that cart afterwards', async () => {
    await take(ordered(10, 'first', 'c'))
    await take(checkout(20, { token: 'second' }))
    expect(await derive()).toBe(1)
  })

  it('that names nothing ends nothing', async () => {
    await take(checkout(0))
    await take(ordered(10, null, null))
    expect(await derive()).toBe(1)
    expect(await rows()).toHaveLength(1)
  })

  it('is not undone by a notice of the checkout that comes later', async () => {
    await take(checkout(0))
    await take(ordered(10))
    await take(checkout(11))
    expect(await derive()).toBe(0)
  })

  it.each([['first'], ['last']])('in one batch with the checkout, %s, ends it', async place => {
    const both = [checkout(0), ordered(10)]
    await take(...(place === 'first' ? both.reverse() : both))
    expect(await derive()).toBe(0)
    expect(await rows()).toHaveLength(1)
  })

  it('is told by any notice that holds it, and by the checkout that says it is completed', async () => {
    const { occurredAt } = ordered(10)
    const paid = storeEvent('order_paid', {
      orderId: '1',
      order: order({ checkoutToken: 't', cartToken: null }),
      refund: null,
    })
    await take(checkout(0), checkout(0, { token: 'u', cart: 'd' }))
    await take(fresh(paid, { occurredAt }))
    await completeCheckout(pool(), shopId, { token: 'u', cartToken: null, at: occurredAt })
    expect(await derive()).toBe(0)
  })

  it('that arrives while the checkout is being taken for abandoned waits, or wins', async () => {
    await take(checkout(0))
    const client = await pool().connect()
    try {
      await client.query('begin')
      await completeCheckout(client, shopId, { token: 't', cartToken: 'c', at: at(10).toISOString() })
      const deriving = derive()
      await settledOrBlocked(pool(), deriving)
      await client.query('commit')
      expect(await deriving).toBe(0)
    } finally {
      client.release()
    }
    expect(await abandoned()).toEqual([])
  })
})

describe('notices out of order', () => {
  it('leave the newest state, whichever comes last', async () => {
    await take(checkout(5, { total: '20.00' }))
    await take(checkout(0, { total: '10.00', actor: { email: null } }))
    await derive()
    expect(await abandoned()).toMatchObject([
      { version: at(5).toISOString(), data: { checkout: { total: '20.00' } } },
    ])
  })

  it('in one batch leave the newest too; at the same time the one received last', async () => {
    await take(checkout(5, { total: '2.00' }), checkout(0, { total: '1.00' }), checkout(5, { total: '3.00' }))
    await derive()
    expect(await abandoned()).toMatchObject([{ data: { checkout: { total: '3.00' } } }])
  })
})

describe('a cart that changes', () => {
  const minutes = (Date.now() - T0) / 60_000

  it.each([['by itself'], ['in one batch']])('puts off its checkout: %s', async how => {
    if (how === 'in one batch') await take(checkout(minutes - 40), cartChanged(minutes - 10))
    else {
      await take(checkout(minutes - 40))
      await take(cartChanged(minutes - 10), cartChanged(minutes - 20))
    }
    expect(await derive(at(minutes + 49))).toBe(0)
    expect(await derive(at(minutes + 51))).toBe(1)
    expect(await abandoned()).toMatchObject([{ occurredAt: at(minutes + 50).toISOString() }])
  })

  it('of another checkout, or before the last change, does not', async () => {
    await take(checkout(minutes - 40))
    await take(cartChanged(minutes - 10, 'other'), cartChanged(minutes - 50))
    expect(await derive(at(minutes + 21))).toBe(1)
  })

  it('does not wake what is settled', async () => {
    await take(checkout(0))
    await take(ordered(10))
    await take(cartChanged(20))
    expect(await derive()).toBe(0)
  })
})

describe('the time of the shop', () => {
  it('is taken over by what waits', async () => {
    const minutes = (Date.now() - T0) / 60_000
    await take(checkout(minutes))
    await setAbandonedAfter(pool(), shopId, 10)
    expect(await derive(at(minutes + 11))).toBe(1)
    expect(await abandoned()).toMatchObject([{ occurredAt: at(minutes + 10).toISOString() }])
  })

  it('of never stops all that waits, and does not begin with the past when it ends', async () => {
    await take(checkout(0))
    await setAbandonedAfter(pool(), shopId, 0)
    await take(checkout(1, { token: 'u' }))
    await setAbandonedAfter(pool(), shopId, 60)
    expect(await derive()).toBe(0)
    await take(checkout(2, { token: 'u' }))
    expect(await derive()).toBe(1)
  })

  it.each([4, 43_201, -1, 7.5, Number.NaN])('cannot be %d', async minutes => {
    await expect(setAbandonedAfter(pool(), shopId, minutes)).rejects.toThrow(RangeError)
  })
})

describe('two workers', () => {
  it('at the same moment make one event', async () => {
    const many = Array.from({ length: 20 }, (_, n) => checkout(0, { token: `t${n}`, cart: null }))
    await take(...many)
    const [one, other] = await Promise.all([derive(), derive()])
    expect(one + other).toBe(20)
    expect(await abandoned()).toHaveLength(20)
  })

  it('of which one dies in between lose nothing', async () => {
    await take(checkout(0))
    const dying = {
      ...context(),
      open: openConnections(sealer, [
        tinyVendor({
          wants: () => {
            throw new Error('died')
          },
        }),
      ]),
    }
    await expect(deriveAbandoned(dying, LATER)).rejects.toThrow('died')
    expect(await rows()).toMatchObject([{ abandoned_at: null }])
    expect(await derive()).toBe(1)
  })
})

describe('a shop that has uninstalled, an event that is gone, one that does not unseal', () => {
  it.each([
    ['update shops set uninstalled_at = now()'],
    ['delete from events'],
    [`update events set personal = 'v1.none.AAAA'`],
  ])('leave nothing waiting: %s', async statement => {
    await take(checkout(0))
    await pool().query(statement)
    expect(await derive()).toBe(0)
    expect(await rows()).toMatchObject([{ due_at: null, abandoned_at: null }])
  })
})

describe('a token that is none', () => {
  it.each([null, '', 'x'.repeat(5000), 'a\u0000b'])('is no checkout: %j', async token => {
    await take(checkout(0, { token }))
    expect(await rows()).toEqual([])
  })
})
