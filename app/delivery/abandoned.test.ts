import { describe, expect, it } from 'vitest'
import { learnCustomers } from '../identity/customers.ts'
import { deriveAbandoned } from './abandoned.ts'
import { setAbandonedAfter } from './abandoned-time.ts'
import { openConnections } from './connection-cache.ts'
import { createSpool } from './spool.ts'
import { sealer, settledOrBlocked, tinyVendor } from './testing.ts'
import { at, checkout, checkoutShop, LATER, T0 } from './testing-checkouts.ts'

const { shop, signalled, pool, context, derive, take, abandoned, rows } = checkoutShop()

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
    expect(signalled).toEqual([{ shopId: shop.id, vendor: 'tiny' }])
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

  it('is not found while something of its shop waits in the spool, which may be its order', async () => {
    await take(checkout(0))
    const item = { kind: 'webhook' as const, receivedAt: new Date(), facts: {}, raw: Buffer.from('{}') }
    const { rows: shops } = await pool().query('select domain from shops where id = $1', [shop.id])
    const spool = createSpool(pool(), sealer)
    await spool.keep(shops[0].domain, item)
    expect(await derive()).toBe(0)
    await pool().query('truncate spool')
    await spool.keepFailed(shops[0].domain, { item, why: 'It cannot be accepted.' })
    expect(await derive()).toBe(0)
    await pool().query(`update spool set received_at = now() - interval '25 hours'`)
    expect(await derive()).toBe(1)
  })

  it('whose order is spooled while it is being derived is not abandoned', async () => {
    await take(checkout(0))
    const item = { kind: 'webhook' as const, receivedAt: new Date(), facts: {}, raw: Buffer.from('{}') }
    const { rows: shops } = await pool().query('select domain from shops where id = $1', [shop.id])
    // It has been read that nothing is spooled, and the claim waits.
    const locked = await pool().connect()
    try {
      await locked.query('begin')
      await locked.query('lock table checkouts in exclusive mode')
      const deriving = derive()
      await settledOrBlocked(pool(), deriving)
      await createSpool(pool(), sealer).keep(shops[0].domain, item)
      await locked.query('commit')
      expect(await deriving).toBe(0)
    } finally {
      locked.release()
    }
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
      { shopId: shop.id, notice: { ...notice, email: 'known@example.com', updatedAt: null } },
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

describe('the time of the shop', () => {
  it('is taken over by what waits', async () => {
    const minutes = (Date.now() - T0) / 60_000
    await take(checkout(minutes))
    await setAbandonedAfter(pool(), shop.id, 10)
    expect(await derive(at(minutes + 11))).toBe(1)
    expect(await abandoned()).toMatchObject([{ occurredAt: at(minutes + 10).toISOString() }])
  })

  it('of never stops all that waits, and does not begin with the past when it ends', async () => {
    await take(checkout(0))
    await setAbandonedAfter(pool(), shop.id, 0)
    await take(checkout(1, { token: 'u' }))
    await setAbandonedAfter(pool(), shop.id, 60)
    expect(await derive()).toBe(0)
    await take(checkout(2, { token: 'u' }))
    expect(await derive()).toBe(1)
  })

  it.each([4, 43_201, -1, 7.5, Number.NaN])('cannot be %d', async minutes => {
    await expect(setAbandonedAfter(pool(), shop.id, minutes)).rejects.toThrow(RangeError)
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
