import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { type Actor, NOBODY } from '../events/store-event.ts'
import { createSealer } from '../secrets/seal.ts'
import { installShop } from '../shopify/shops.ts'
import { storeEvent } from '../vendors/testing.ts'
import { customerContext } from './customer-record.ts'
import { type CustomerNotice, fillCustomers, learnCustomers } from './customers.ts'
import { mergeCustomers } from './merge.ts'

const sealer = createSealer([{ id: 'test', bytes: Buffer.alloc(32, 7) }])
const day = (n: number) => new Date(Date.UTC(2026, 10, n)).toISOString()
let test: TestDatabase
let shopId: number
let otherId: number
const pool = () => test.database.pool

const notice = (over: Partial<CustomerNotice> = {}): CustomerNotice => ({
  customerId: '7',
  email: null,
  phone: null,
  firstName: null,
  lastName: null,
  marketing: null,
  updatedAt: day(10),
  ...over,
})
const learn = (over: Partial<CustomerNotice>, shop = shopId) =>
  withTransaction(pool(), client => learnCustomers(client, sealer, [{ shopId: shop, notice: notice(over) }]))
const fill = async (actor: Partial<Actor> = {}, shop = shopId) => {
  const event = storeEvent('search_submitted', { url: null, query: 'x' })
  const filled = await fillCustomers(pool(), sealer, shop, [
    { ...event, actor: { ...NOBODY, customerId: '7', ...actor } },
  ])
  return filled[0]?.actor
}

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = (await installShop(test.database.prisma, 'one.myshopify.com', [])).id
  otherId = (await installShop(test.database.prisma, 'two.myshopify.com', [])).id
})

describe('what is known of a customer', () => {
  it('is what was told', async () => {
    await learn({ email: 'jane@example.com', phone: '+421900000001', firstName: 'Jane', lastName: 'Doe' })
    expect(await fill()).toMatchObject({
      email: 'jane@example.com',
      phone: '+421900000001',
      firstName: 'Jane',
      lastName: 'Doe',
      acceptsMarketing: null,
    })
  })

  it('is kept sealed', async () => {
    await learn({ email: 'jane@example.com' })
    const { rows } = await pool().query('select * from customers')
    expect(JSON.stringify(rows)).not.toContain('jane')
  })

  it('counts as unknown when its key is gone, and is learned anew', async () => {
    await learn({ email: 'jane@example.com' })
    await pool().query(`update customers set personal = 'v1.lost.AAAA'`)
    expect(await fill()).toMatchObject({ email: null })
    await learn({ email: 'again@example.com', updatedAt: day(11) })
    expect(await fill()).toMatchObject({ email: 'again@example.com' })
  })

  it('says no yes to marketing when its key is gone: for which address it was nobody knows', async () => {
    await learn({ email: 'jane@example.com', marketing: true })
    await pool().query(`update customers set personal = 'v1.lost.AAAA'`)
    expect(await fill()).toMatchObject({ email: null, acceptsMarketing: null })
    await learn({ email: 'other@example.com', updatedAt: day(11) })
    expect(await fill()).toMatchObject({ email: 'other@example.com', acceptsMarketing: null })
    await learn({ email: 'other@example.com', marketing: true, updatedAt: day(9) })
    expect(await fill()).toMatchObject({ acceptsMarketing: true })
  })

  it('keeps a no to marketing when its key is gone: it is the customer’s', async () => {
    await learn({ email: 'jane@example.com', marketing: false })
    await pool().query(`update customers set personal = 'v1.lost.AAAA'`)
    expect(await fill()).toMatchObject({ acceptsMarketing: false })
    await learn({ email: 'other@example.com', updatedAt: day(11) })
    expect(await fill()).toMatchObject({ email: 'other@example.com', acceptsMarketing: false })
  })

  it('follows a newer notice, or one as old', async () => {
    await learn({ email: 'old@example.com' })
    await learn({ email: 'new@example.com', updatedAt: day(11) })
    expect(await fill()).toMatchObject({ email: 'new@example.com' })
    await learn({ email: 'again@example.com', updatedAt: day(11) })
    expect(await fill()).toMatchObject({ email: 'again@example.com' })
  })

  it('does not follow an older notice, which only adds what is missing', async () => {
    await learn({ email: 'new@example.com' })
    await learn({ email: 'old@example.com', firstName: 'Jane', updatedAt: day(9) })
    expect(await fill()).toMatchObject({ email: 'new@example.com', firstName: 'Jane' })
    await learn({ email: 'between@example.com', updatedAt: day(9) })
    expect(await fill()).toMatchObject({ email: 'new@example.com' })
  })

  it('is not taken away by a notice that does not say it', async () => {
    await learn({ email: 'jane@example.com', marketing: true })
    await learn({ updatedAt: day(12) })
    expect(await fill()).toMatchObject({ email: 'jane@example.com', acceptsMarketing: true })
  })

  it('follows a notice without a time, which has just come', async () => {
    await learn({ email: 'jane@example.com', marketing: true })
    await learn({ email: 'new@example.com', marketing: false, updatedAt: null })
    expect(await fill()).toMatchObject({ email: 'new@example.com', acceptsMarketing: false })
  })

  it('is of one customer of one shop', async () => {
    await learn({ email: 'jane@example.com' })
    await learn({ email: 'other@example.com' }, otherId)
    expect(await fill({ customerId: '8' })).toMatchObject({ email: null })
    expect(await fill()).toMatchObject({ email: 'jane@example.com' })
    expect(await fill({}, otherId)).toMatchObject({ email: 'other@example.com' })
  })

  it('loses no half of two notices at once', async () => {
    await Promise.all([
      learn({ email: 'jane@example.com' }),
      learn({ firstName: 'Jane' }),
      learn({ lastName: 'Doe', updatedAt: day(9) }),
      learn({ phone: '+421900000001', updatedAt: day(12) }),
      learn({ marketing: true, updatedAt: day(8) }),
    ])
    expect(await fill()).toMatchObject({
      email: 'jane@example.com',
      firstName: 'Jane',
      lastName: 'Doe',
      phone: '+421900000001',
      acceptsMarketing: true,
    })
  })
})

describe('several notices at once', () => {
  const learnAll = (list: Partial<CustomerNotice>[], shops = list.map(() => shopId)) =>
    withTransaction(pool(), client =>
      learnCustomers(
        client,
        sealer,
        list.map((over, n) => ({ shopId: shops[n] ?? shopId, notice: notice(over) })),
      ),
    )

  it('of one customer are merged in their order', async () => {
    await learnAll([
      { email: 'first@example.com', firstName: 'Jane' },
      { email: 'second@example.com' },
      { email: 'older@example.com', lastName: 'Doe', updatedAt: day(9) },
    ])
    expect(await fill()).toMatchObject({ email: 'second@example.com', firstName: 'Jane', lastName: 'Doe' })
  })

  it('of several customers and shops are kept apart', async () => {
    await learnAll(
      [
        { email: 'seven@example.com' },
        { customerId: '8', email: 'eight@example.com' },
        { email: 'other@example.com' },
      ],
      [shopId, shopId, otherId],
    )
    expect(await fill()).toMatchObject({ email: 'seven@example.com' })
    expect(await fill({ customerId: '8' })).toMatchObject({ email: 'eight@example.com' })
    expect(await fill({}, otherId)).toMatchObject({ email: 'other@example.com' })
  })

  it('come to the same as one after the other, in any division', async () => {
    const notices = fc.array(
      fc.record({
        customerId: fc.constantFrom('7', '8'),
        email: fc.option(fc.constantFrom('a@example.com', 'b@example.com')),
        firstName: fc.option(fc.constantFrom('Jane', 'Ann')),
        marketing: fc.option(fc.boolean()),
        updatedAt: fc.option(fc.integer({ min: 1, max: 5 }).map(day)),
      }),
      { minLength: 1, maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(notices, async list => {
        await pool().query('delete from customers')
        await learnAll(list)
        const together = [await fill(), await fill({ customerId: '8' })]
        await pool().query('delete from customers')
        for (const one of list) await learn(one)
        expect([await fill(), await fill({ customerId: '8' })]).toEqual(together)
      }),
      { numRuns: 25 },
    )
  })
})

describe('consent to marketing', () => {
  it('follows the newest statement about it, though more is known since', async () => {
    await learn({ marketing: true, updatedAt: day(1) })
    await learn({ email: 'jane@example.com', updatedAt: day(20) })
    await learn({ marketing: false, updatedAt: day(10) })
    expect(await fill()).toMatchObject({ acceptsMarketing: false, email: 'jane@example.com' })
  })

  it('does not follow an older statement', async () => {
    await learn({ marketing: false, updatedAt: day(10) })
    await learn({ marketing: true, updatedAt: day(9) })
    expect(await fill()).toMatchObject({ acceptsMarketing: false })
  })

  it('is the newest statement’s, whatever the order of arrival', async () => {
    const statements = fc.uniqueArray(
      fc.record({ at: fc.integer({ min: 1, max: 28 }), marketing: fc.option(fc.boolean()) }),
      { minLength: 1, maxLength: 5, selector: ({ at }) => at },
    )
    await fc.assert(
      fc.asyncProperty(statements, async list => {
        await pool().query('delete from customers')
        for (const { at, marketing } of list) await learn({ marketing, updatedAt: day(at) })
        const said = list.filter(({ marketing }) => marketing !== null).sort((a, b) => a.at - b.at)
        expect((await fill())?.acceptsMarketing).toBe(said.at(-1)?.marketing ?? null)
      }),
      { numRuns: 30 },
    )
  })
})

describe('filling an event in', () => {
  it('adds what it lacks and keeps what it says', async () => {
    await learn({ email: 'known@example.com', firstName: 'Jane' })
    expect(await fill({ email: 'said@example.com', visitorId: 'v1' })).toEqual({
      ...NOBODY,
      customerId: '7',
      visitorId: 'v1',
      email: 'said@example.com',
      firstName: 'Jane',
    })
  })

  it('takes consent to marketing as it is now, or as the event says when nothing is known', async () => {
    await learn({ email: 'jane@example.com' })
    expect(await fill({ acceptsMarketing: true })).toMatchObject({ acceptsMarketing: true })
    await learn({ marketing: false })
    expect(await fill({ acceptsMarketing: true })).toMatchObject({ acceptsMarketing: false })
  })

  it('goes by what the customer said of one address for no other, but by a no for all', async () => {
    await learn({ email: 'jane@example.com', marketing: true, updatedAt: day(1) })
    const other = 'elsewhere@example.com'
    expect((await fill({ email: other }))?.acceptsMarketing).toBe(null)
    expect((await fill({ email: other, acceptsMarketing: false }))?.acceptsMarketing).toBe(false)
    expect((await fill({ email: 'Jane@Example.com', acceptsMarketing: false }))?.acceptsMarketing).toBe(true)
    await learn({ marketing: false, updatedAt: day(2) })
    expect((await fill({ email: other, acceptsMarketing: true }))?.acceptsMarketing).toBe(false)
  })

  const word = async (email: string | null, own: boolean | null = null) =>
    (await fill({ email, acceptsMarketing: own }))?.acceptsMarketing

  it('goes by a yes for no address that the customer has taken since', async () => {
    await learn({ email: 'old@example.com', marketing: true, updatedAt: day(1) })
    await learn({ email: 'new@example.com', updatedAt: day(2) })
    expect([await word(null), await word('new@example.com')]).toEqual([null, null])
    expect(await word('old@example.com', false)).toBe(true)
    await learn({ email: 'new@example.com', marketing: true, updatedAt: day(3) })
    expect([await word(null), await word('old@example.com', false)]).toEqual([true, false])
  })

  it('takes a yes of a row that does not name its address for the row’s own', async () => {
    const named = { email: 'old@example.com', phone: null, firstName: null, lastName: null }
    await learn({ marketing: true })
    await pool().query('update customers set personal = $1', [
      sealer.seal(JSON.stringify(named), customerContext(shopId, '7')),
    ])
    expect(await word('old@example.com', false)).toBe(true)
    await learn({ email: 'new@example.com', updatedAt: day(11) })
    expect([await word('old@example.com', false), await word('new@example.com')]).toEqual([true, null])
  })

  it('does not overrule an event’s own no by a yes that names no address', async () => {
    await learn({ marketing: true })
    expect(await word('a@example.com', false)).toBe(false)
    expect(await word('a@example.com')).toBe(null)
    await learn({ email: 'a@example.com', updatedAt: day(11) })
    expect(await word('a@example.com', false)).toBe(false)
    expect([await word('a@example.com'), await word(null), await word('b@example.com')]).toEqual([
      true,
      true,
      null,
    ])
  })

  it.each([
    ['before', true],
    ['after', false],
  ])(
    'takes the yes of a customer who was merged for the address it was said for, told %s it',
    async (_, first) => {
      const merge = () =>
        withTransaction(pool(), client =>
          mergeCustomers(client, sealer, shopId, { keptId: '8', deletedId: '7' }),
        )
      const kept = (over: Partial<CustomerNotice>) =>
        learn({ customerId: '8', email: 'kept@example.com', ...over })
      if (!first) await merge()
      await learn({ email: 'gone@example.com', marketing: true })
      await kept({})
      if (first) await merge()
      expect([await word('kept@example.com', false), await word(null)]).toEqual([false, null])
      expect(await word('gone@example.com', false)).toBe(true)
      await kept({ marketing: true })
      expect([await word('kept@example.com', false), await word('gone@example.com', false)]).toEqual([true, true]) // biome-ignore format: a row
      await learn({ marketing: false })
      expect([await word('kept@example.com', false), await word('gone@example.com', true)]).toEqual([true, false]) // biome-ignore format: a row
      expect(await fill({ customerId: '8', email: 'gone@example.com', acceptsMarketing: true })).toMatchObject({ acceptsMarketing: false }) // biome-ignore format: a row
      await kept({ marketing: false })
      expect([await word('kept@example.com', true), await word('gone@example.com', true)]).toEqual([false, false]) // biome-ignore format: a row
    },
  )

  it('leaves events without a customer, and keeps their order', async () => {
    await learn({ email: 'jane@example.com' })
    const event = storeEvent('search_submitted', { url: null, query: 'x' })
    const events = [null, '7', null, '8'].map((customerId, n) => ({
      ...event,
      id: String(n),
      actor: { ...NOBODY, customerId },
    }))
    const filled = await fillCustomers(pool(), sealer, shopId, events)
    expect(filled.map(({ id, actor }) => [id, actor.email])).toEqual([
      ['0', null],
      ['1', 'jane@example.com'],
      ['2', null],
      ['3', null],
    ])
    expect(await fillCustomers(pool(), sealer, shopId, [])).toEqual([])
  })
})
