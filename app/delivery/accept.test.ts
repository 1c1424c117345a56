import type { PoolClient } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import type { NewStoreEvent } from '../events/store-event.ts'
import { product, storeEvent } from '../vendors/testing.ts'
import { type Acceptance, type AcceptContext, accept, type Changes, createAcceptor } from './accept.ts'
import { openConnections } from './connection-cache.ts'
import { dueDeliveries } from './due.ts'
import { switchLane } from './lane-state.ts'
import { refuse, sealer, settledOrBlocked, TINY_SETTINGS, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
const vendor = tinyVendor()

beforeEach(async () => {
  await connect(shops.one, vendor, {
    ...TINY_SETTINGS,
    rows: { search_submitted: true },
  })
})

const search = (key: string, query = 'lantern'): NewStoreEvent => {
  const { id: _id, receivedAt: _at, ...event } = storeEvent('search_submitted', { url: null, query })
  return { ...event, dedupeKey: key }
}
const take = (
  over: Partial<Acceptance<string>> = {},
  change: NonNullable<AcceptContext<string>['change']> = async () => {},
) =>
  accept(
    { pool: pool(), sealer, open: openConnections(sealer, [vendor]), change },
    {
      shopDomain: 'one.myshopify.com',
      receivedAt: new Date(),
      receipt: null,
      events: [search('a')],
      ...over,
    },
  )
const receipt = (webhookId: string, eventKey: string | null = null) => ({
  webhookId,
  eventKey,
  topic: 'orders/create',
  triggeredAt: null,
  ignored: null,
})
const count = async (table: string) =>
  Number((await pool().query(`select count(*) from ${table}`)).rows[0].count)
const deliveries = async () => (await pool().query('select state, reason, message from deliveries')).rows

describe('accepting', () => {
  it('keeps the events and a delivery for each vendor that wants them, and names the lanes', async () => {
    const accepted = await take({ events: [search('a'), search('b')] })
    expect(accepted).toMatchObject({ kind: 'accepted', shopId: shops.one, lanes: [lane()] })
    const { due } = await dueDeliveries(pool(), sealer, lane(), 10)
    expect(due.map(({ event }) => event)).toMatchObject([search('a'), search('b')])
  })

  it('keeps no test for a lane that is stopped, and holds what is real', async () => {
    await switchLane(pool(), lane(), false)
    const accepted = await take({
      events: [search('real'), { ...search('test'), source: 'test' } as NewStoreEvent],
    })
    expect(accepted).toMatchObject({ kind: 'accepted', lanes: [] })
    expect(await deliveries()).toEqual([
      expect.objectContaining({ state: 'held', reason: 'off' }),
      expect.objectContaining({ state: 'skipped', reason: 'test_stopped' }),
    ])
  })

  it('puts what was imported below live traffic', async () => {
    await take({ events: [search('live'), { ...search('old'), source: 'import' } as NewStoreEvent] })
    const found = await pool().query(
      'select e.source, d.priority from deliveries d join events e on e.id = d.event_id order by 2',
    )
    expect(found.rows).toEqual([
      { source: 'storefront', priority: 0 },
      { source: 'import', priority: 1 },
    ])
  })

  it('of the same happening again keeps it once', async () => {
    await take({ events: [search('a')] })
    expect(await take({ events: [search('a', 'other'), search('b')] })).toMatchObject({ events: [{}] })
    expect([await count('events'), await count('deliveries')]).toEqual([2, 2])
  })

  it('of the same happening twice in one batch keeps it once', async () => {
    await take({ events: [search('a'), search('a')] })
    expect([await count('events'), await count('deliveries')]).toEqual([1, 1])
  })

  it('of a webhook delivered again is a duplicate, by either key', async () => {
    await take({ receipt: receipt('w1', 'k1') })
    expect(await take({ receipt: receipt('w1', 'k2'), events: [search('b')] })).toEqual({ kind: 'duplicate' })
    expect(await take({ receipt: receipt('w2', 'k1'), events: [search('c')] })).toEqual({ kind: 'duplicate' })
    expect(await count('events')).toBe(1)
  })

  it('keeps nothing for a shop that is not installed', async () => {
    expect(await take({ shopDomain: 'none.myshopify.com' })).toEqual({ kind: 'not_installed' })
    await pool().query('update shops set uninstalled_at = now()')
    expect(await take()).toEqual({ kind: 'not_installed' })
    expect(await count('events')).toBe(0)
  })

  it('keeps nothing when what it changes besides fails', async () => {
    const change = async () => {
      throw new Error('no')
    }
    await expect(take({ receipt: receipt('w1'), changes: ['x'] }, change)).rejects.toThrow('no')
    expect([await count('events'), await count('receipts')]).toEqual([0, 0])
  })

  it('changes what a payload changes besides, in the same transaction, once', async () => {
    const changed: unknown[] = []
    const rename = async (client: PoolClient, changes: readonly Changes<string>[]) => {
      changed.push(...changes.map(each => [each.shopId, each.acceptance.shopDomain, each.changes]))
      await client.query(`update shops set name = 'changed' where id = $1`, [changes[0]?.shopId])
    }
    await take({ receipt: receipt('w1'), changes: ['x', 'y'] }, rename)
    await take({ receipt: receipt('w1'), changes: ['z'] }, rename)
    expect(changed).toEqual([[shops.one, 'one.myshopify.com', ['x', 'y']]])
    expect((await pool().query('select name from shops order by id')).rows).toEqual([
      { name: 'changed' },
      { name: null },
    ])
  })

  it.each([
    ['runs', true],
    ['is stopped', false],
  ])('ends what the pixel tells of a checkout at once, also where the lane %s', async (_, runs) => {
    if (!runs) await switchLane(pool(), lane(), false)
    const wanting = tinyVendor({
      rows: { checkout_started: { becomes: 'basket', byDefault: true, purposes: [] } },
    })
    const {
      id: _id,
      receivedAt: _at,
      ...event
    } = storeEvent('checkout_started', {
      checkout: {
        token: 't',
        cartToken: null,
        currency: 'EUR',
        total: null,
        tax: null,
        shipping: null,
        discount: null,
        discountCodes: [],
        lines: [],
      },
    })
    const accepted = await accept(
      { pool: pool(), sealer, open: openConnections(sealer, [wanting]) },
      {
        shopDomain: 'one.myshopify.com',
        receivedAt: new Date(),
        receipt: null,
        events: [{ ...event, source: 'pixel' }],
      },
    )
    expect(accepted).toMatchObject({ kind: 'accepted', lanes: [] })
    expect(await deliveries()).toEqual([
      {
        state: 'skipped',
        reason: 'told_by_webhook',
        message: expect.stringContaining('names the person if Shopify knows one'),
      },
    ])
  })

  it('takes what PostgreSQL would refuse', async () => {
    await take({ events: [search('a\u0000', 'a\u0000b\ud800')] })
    const { due } = await dueDeliveries(pool(), sealer, lane(), 10)
    expect(due[0]?.event).toMatchObject({ dedupeKey: 'a', data: { query: 'ab\ufffd' } })
  })
})

describe('a lane that is stopped', () => {
  it('holds what is accepted, and is not signalled', async () => {
    await switchLane(pool(), lane(), false)
    expect(await take()).toMatchObject({ lanes: [] })
    expect(await deliveries()).toMatchObject([{ state: 'held', reason: 'off' }])
  })

  it('by support’s hold holds what is accepted, with its words, and is not signalled', async () => {
    await pool().query("update connections set hold_reason = 'Their servers are down.'")
    expect(await take()).toMatchObject({ lanes: [] })
    const held = { state: 'held', reason: 'on_hold', message: 'Their servers are down.' }
    expect(await deliveries()).toMatchObject([held])
  })

  it('for its credentials says so', async () => {
    await refuse(pool(), lane(), 'Wrong key.')
    await take()
    expect(await deliveries()).toEqual([{ state: 'held', reason: 'refused', message: 'Wrong key.' }])
  })

  it('and started while something is being accepted does not leave that behind', async () => {
    await switchLane(pool(), lane(), false)
    const person = await pool().connect()
    try {
      await person.query('begin')
      await person.query('update connections set enabled = true where shop_id = $1', [shops.one])
      const accepting = take()
      await settledOrBlocked(pool(), accepting)
      await person.query('commit')
      await accepting
    } finally {
      person.release()
    }
    expect(await deliveries()).toMatchObject([{ state: 'pending' }])
  })
})

describe('a connection whose settings no longer fit', () => {
  it('takes every event: its drain says what is wrong', async () => {
    await pool().query(`update connections set settings = '{"region":"moon"}'`)
    await take()
    expect(await deliveries()).toMatchObject([{ state: 'pending' }])
  })
})

describe('a row that the merchant switched off', () => {
  it('is a skip that says so; one that is optional and not switched on is nothing', async () => {
    const {
      id: _id,
      receivedAt: _at,
      ...view
    } = storeEvent('product_viewed', {
      url: null,
      product: product(),
    })
    await connect(shops.one, vendor, {
      ...TINY_SETTINGS,
      rows: { product_viewed: false },
    })
    await take({ events: [view, search('s')] })
    expect(await deliveries()).toMatchObject([{ state: 'skipped', reason: 'mapping_off' }])
  })
})

describe('acceptances at the same moment', () => {
  const acceptor = () =>
    createAcceptor<string>({ pool: pool(), sealer, open: openConnections(sealer, [vendor]) })
  const one = (key: string, over: Partial<Acceptance<string>> = {}) => ({
    shopDomain: 'one.myshopify.com',
    receivedAt: new Date(),
    receipt: receipt(`w-${key}`),
    events: [search(key)],
    ...over,
  })

  it('each have their own result, though they share transactions', async () => {
    const take = acceptor()
    const keys = Array.from({ length: 100 }, (_, n) => String(n))
    const results = await Promise.all(keys.map(key => take(one(key))))
    const stored = await pool().query('select dedupe_key, id from events')
    const idOf = new Map(stored.rows.map(row => [row.dedupe_key, row.id]))
    expect(results).toMatchObject(keys.map(key => ({ kind: 'accepted', events: [{ id: idOf.get(key) }] })))
    const transactions = await pool().query('select count(distinct xmin::text)::int as n from events')
    expect(transactions.rows[0].n).toBeLessThan(100)
  })

  it('of the same webhook keep it once', async () => {
    const take = acceptor()
    const results = await Promise.all(Array.from({ length: 8 }, () => take(one('same'))))
    expect(results.map(({ kind }) => kind).sort()).toEqual(['accepted', ...Array(7).fill('duplicate')])
    expect([await count('events'), await count('deliveries')]).toEqual([1, 1])
  })

  it('of which one cannot be kept lose no other', async () => {
    const take = createAcceptor<string>({
      pool: pool(),
      sealer,
      open: openConnections(sealer, [vendor]),
      async change(_client, changes) {
        if (changes.some(each => each.changes.includes('bad'))) throw new Error('bad')
      },
    })
    const keys = Array.from({ length: 20 }, (_, n) => String(n))
    const results = await Promise.allSettled(
      keys.map(key => take(one(key, { changes: [key === '7' ? 'bad' : 'good'] }))),
    )
    expect(results.flatMap(({ status }, n) => (status === 'rejected' ? n : []))).toEqual([7])
    expect(await count('events')).toBe(19)
  })

  it('for a shop that is not installed and one that is are told apart', async () => {
    const take = acceptor()
    const results = await Promise.all([
      take(one('a')),
      take(one('b', { shopDomain: 'none.myshopify.com' })),
      take(one('c')),
    ])
    expect(results.map(({ kind }) => kind)).toEqual(['accepted', 'not_installed', 'accepted'])
  })
})
