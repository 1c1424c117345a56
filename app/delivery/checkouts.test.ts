import { describe, expect, it } from 'vitest'
import type { NewStoreEvent } from '../events/store-event.ts'
import { order, storeEvent } from '../vendors/testing.ts'
import { forgetCheckouts } from './abandoned-time.ts'
import { completeCheckout } from './checkouts.ts'
import { settledOrBlocked } from './testing.ts'
import { at, cartChanged, checkout, checkoutShop, fresh, ordered, T0 } from './testing-checkouts.ts'

const { shop, pool, derive, take, abandoned, rows } = checkoutShop()

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
    await completeCheckout(pool(), shop.id, { token: 'u', cartToken: null, at: occurredAt })
    expect(await derive()).toBe(0)
  })

  it('that arrives while the checkout is being taken for abandoned waits, or wins', async () => {
    await take(checkout(0))
    const client = await pool().connect()
    try {
      await client.query('begin')
      await completeCheckout(client, shop.id, { token: 't', cartToken: 'c', at: at(10).toISOString() })
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

describe('what the pixel tells', () => {
  const told = (minutes: number, over: Parameters<typeof checkout>[1] = {}) =>
    ({ ...checkout(minutes, over), source: 'pixel' }) as NewStoreEvent
  const completed = (minutes: number) => ({ ...told(minutes), type: 'checkout_completed' }) as NewStoreEvent

  it('makes no checkout wait', async () => {
    await take(told(0), completed(1))
    expect(await rows()).toEqual([])
    expect(await derive()).toBe(0)
  })

  it.each([
    ['before', [told(5, { lines: 0 }), completed(6)], [checkout(0)]],
    ['after', [checkout(0)], [told(5, { lines: 0, total: '99.00' }), completed(6)]],
    ['with', [told(5, { actor: { email: null } }), checkout(0), completed(6)], []],
  ])(
    '%s a notice of Shopify ends no waiting, puts nothing off and changes no state',
    async (_, first, then) => {
      await take(...first)
      if (then.length > 0) await take(...then)
      expect(await rows()).toMatchObject([{ token: 't', due_at: expect.any(Date), ordered_at: null }])
      const { rows: changes } = await pool().query('select changed_at, state_at from checkouts')
      expect(changes).toEqual([{ changed_at: at(0), state_at: at(0) }])
      expect(await derive()).toBe(1)
      expect(await abandoned()).toMatchObject([{ source: 'webhook', data: { checkout: { total: '10.00' } } }])
    },
  )
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

describe('a token that is none', () => {
  it.each([null, '', 'x'.repeat(5000), 'a\u0000b'])('is no checkout: %j', async token => {
    await take(checkout(0, { token }))
    expect(await rows()).toEqual([])
  })
})

describe('old checkouts', () => {
  it('are forgotten unless they wait', async () => {
    await take(checkout(0), checkout(0, { token: 'u', cart: 'd' }), ordered(10))
    expect(await forgetCheckouts(pool(), at(5))).toBe(0)
    expect(await forgetCheckouts(pool(), at(15))).toBe(1)
    expect(await rows()).toMatchObject([{ token: 'u' }])
  })
})
