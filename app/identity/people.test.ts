import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY } from '../events/store-event.ts'
import { createSealer } from '../secrets/seal.ts'
import { installShop } from '../shopify/shops.ts'
import { storeEvent } from '../vendors/testing.ts'
import { learnCustomers } from './customers.ts'
import { learnLinks } from './learn-links.ts'
import type { CheckoutSaid, Said, SessionSaid } from './links.ts'
import { mergeCustomers } from './merge.ts'
import { fillVisitors, peopleOf, personOf } from './people.ts'
import { forgetLinks } from './retention.ts'

const sealer = createSealer([{ id: 'test', bytes: Buffer.alloc(32, 7) }])
let test: TestDatabase
let shopId: number
const pool = () => test.database.pool
const day = (n: number) => new Date(Date.UTC(2026, 10, n, 8)).toISOString()

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = (await installShop(test.database.prisma, 'one.myshopify.com', [])).id
})

type One =
  | Omit<SessionSaid, 'shopId'>
  | Omit<CheckoutSaid, 'shopId'>
  | { customerId: string; email: string }
  | Merged
type Merged = { keptId: string; deletedId: string }
const NOTHING: Said = { sessions: [], checkouts: [], attested: [] }

const learn = (...list: One[]) =>
  withTransaction(pool(), async client => {
    for (const one of list) {
      if ('keptId' in one) await mergeCustomers(client, sealer, shopId, one)
      else if ('token' in one)
        await learnLinks(client, sealer, { ...NOTHING, checkouts: [{ ...one, shopId }] })
      else if ('visitorId' in one)
        await learnLinks(client, sealer, { ...NOTHING, sessions: [{ ...one, shopId }] })
      else {
        const unsaid = { phone: null, firstName: null, lastName: null, marketing: null, updatedAt: day(1) }
        await learnCustomers(client, sealer, [{ shopId, notice: { ...unsaid, ...one } }])
      }
    }
  })
const together = (said: Said) => withTransaction(pool(), client => learnLinks(client, sealer, said))
const who = async (visitor = 'v1') => (await peopleOf(pool(), sealer, shopId, [visitor])).get(visitor)
const session = (customerId: string, visitorId = 'v1') => ({ visitorId, customerId, at: day(2) })
const checkout = (over: Partial<Omit<CheckoutSaid, 'shopId'>> = {}) => ({
  ...{ token: 'checkout:a', visitorId: 'v1', person: null, at: day(2) },
  ...over,
})
const named = (customerId: string | null, email: string | null, acceptsMarketing: boolean | null = null) => {
  return { customerId, email, acceptsMarketing }
}
const guest = (email: string, box: boolean | null = null) => named(null, email, box)
const customer = (id: string, email: string | null = null, box: boolean | null = null) =>
  named(id, email, box)

describe('who a visitor is', () => {
  it('is the customer who is signed in, with the address that is known of them', async () => {
    await learn(session('7'))
    expect(await who()).toMatchObject({ customerId: '7', email: null })
    await learn({ customerId: '7', email: 'Jane@example.com' })
    expect(await who()).toMatchObject({ customerId: '7', email: 'Jane@example.com' })
  })

  it('is nobody without a word of it, nor for another visitor or shop', async () => {
    await learn(session('7'))
    expect(await who('v2')).toBeUndefined()
    expect((await peopleOf(pool(), sealer, shopId + 1, ['v1'])).size).toBe(0)
  })

  it('is whom a checkout names in the end: a correction is no second person', async () => {
    await learn(
      checkout({ person: guest('jnae@example.com'), at: day(2) }),
      checkout({ person: guest('jane@example.com'), at: day(3) }),
    )
    expect(await who()).toMatchObject({ customerId: null, email: 'jane@example.com' })
    await learn(checkout({ person: guest('late@example.com'), at: day(1) }))
    expect(await who()).toMatchObject({ customerId: null, email: 'jane@example.com' })
    await learn(checkout({ person: customer('7', 'jane@example.com'), at: day(4) }))
    expect(await who()).toMatchObject({ customerId: '7', email: 'jane@example.com' })
  })

  it('is nobody where two people are: two customers, two guests, a guest beside a customer', async () => {
    await learn(session('7'), session('8'))
    expect(await who()).toBe('shared')
    const two = (a: string, b: string) => [
      checkout({ visitorId: 'v2', person: guest(a) }),
      checkout({ visitorId: 'v2', token: 'checkout:b', person: guest(b) }),
    ]
    await learn(...two('a@example.com', 'b@example.com'))
    expect(await who('v2')).toBe('shared')
    await learn(
      session('7', 'v3'),
      checkout({ visitorId: 'v3', token: 'checkout:c', person: guest('c@example.com') }),
    )
    expect(await who('v3')).toBe('shared')
    await learn({ customerId: '7', email: 'C@example.com' })
    expect(await who('v3')).toMatchObject({ customerId: '7' })
  })

  it('is one person after a merge, also of merged ones, whichever merge is told first', async () => {
    await learn(session('7'), session('8'), session('9'))
    await learn({ keptId: '8', deletedId: '7' }, { keptId: '9', deletedId: '8' })
    expect(await who()).toMatchObject({ customerId: '9' })
    await pool().query('delete from customers')
    await learn({ keptId: '9', deletedId: '8' }, { keptId: '8', deletedId: '7' })
    expect(await who()).toMatchObject({ customerId: '9' })
  })

  it('goes with the key of a sealed address, and comes again with the next word', async () => {
    await learn(checkout({ person: guest('jane@example.com') }))
    const other = createSealer([{ id: 'new', bytes: Buffer.alloc(32, 8) }])
    expect((await peopleOf(pool(), other, shopId, ['v1'])).size).toBe(0)
  })

  it('is kept sealed, and found by a mark that tells nothing', async () => {
    await learn(checkout({ person: guest('jane@example.com') }))
    const rows = await pool().query('select l.*, c.* from visitor_links l, visitor_checkouts c')
    expect(JSON.stringify(rows.rows)).not.toContain('jane')
  })
})

const token = fc.constantFrom('checkout:a', 'checkout:b')
const visitorId = fc.constantFrom('v1', 'v2')
const email = fc.constantFrom('a@example.com', 'b@example.com')
const id = fc.constantFrom('7', '8')
const at = fc.integer({ min: 1, max: 4 }).map(day)
const ticked = fc.option(fc.boolean())
const person = fc.oneof(
  fc.tuple(email, ticked).map(([of, box]) => guest(of, box)),
  fc.tuple(id, fc.option(email), ticked).map(([one, of, box]) => customer(one, of, box)),
)
const word: fc.Arbitrary<One> = fc.oneof(
  fc.record({ visitorId, customerId: id, at }),
  fc.record({ token, visitorId: fc.option(visitorId), person: fc.option(person), at }),
  fc.record({ customerId: id, email: fc.constant('a@example.com') }),
  fc.constant({ keptId: '8', deletedId: '7' }),
)

describe('links', () => {
  const all = async () => {
    const links = await pool().query(
      'select visitor_id, origin, customer_id, email_mark, marketing, said_at from visitor_links order by 1, 2',
    )
    return { links: links.rows, people: [...(await peopleOf(pool(), sealer, shopId, ['v1', 'v2']))].sort() }
  }
  const forget = () => pool().query('truncate visitor_links, visitor_checkouts, customers')

  it('are the same in whatever order they are told, and however often', async () => {
    const words = fc.array(word, { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        words.chain(list => fc.tuple(fc.constant(list), shuffled([...list, ...list]))),
        async ([list, again]) => {
          await forget()
          await learn(...list)
          const first = await all()
          await forget()
          for (const one of again) await learn(one)
          expect(await all()).toEqual(first)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('learned together are those learned one by one', async () => {
    const one = fc.record({ token, visitorId: fc.option(visitorId), person: fc.option(person), at })
    const words = fc.array(one, { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(words, async list => {
        await forget()
        await together({ ...NOTHING, checkouts: list.map(one => ({ ...one, shopId })) })
        const first = await all()
        await forget()
        await learn(...list)
        expect(await all()).toEqual(first)
      }),
      { numRuns: 30 },
    )
  })

  it('without a pixel, whose checkouts nobody else speaks of, are the same in any order too', async () => {
    const words = fc.array(fc.record({ token, visitorId, person, at }), { minLength: 1, maxLength: 6 })
    const twice = words.chain(list => fc.tuple(fc.constant(list), shuffled([...list, ...list])))
    await fc.assert(
      fc.asyncProperty(twice, async ([list, again]) => {
        await forget()
        await together({ ...NOTHING, attested: list.map(one => ({ ...one, shopId })) })
        const first = await all()
        await forget()
        for (const one of again) await together({ ...NOTHING, attested: [{ ...one, shopId }] })
        expect(await all()).toEqual(first)
      }),
      { numRuns: 30 },
    )
  })

  it('lead to nobody whom nothing attests', async () => {
    const words = fc.array(word, { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(words, async list => {
        await forget()
        await learn(...list)
        for (const visitor of ['v1', 'v2']) {
          const found = await who(visitor)
          if (!found || found === 'shared') continue
          const seenAt = new Set(
            list.flatMap(one => ('token' in one && one.visitorId === visitor ? one.token : [])),
          )
          const named = list.flatMap(one => {
            if ('token' in one) return seenAt.has(one.token) && one.person ? one.person : []
            return 'at' in one && one.visitorId === visitor ? customer(one.customerId) : []
          })
          const merged = list.some(one => 'keptId' in one)
          const attested = named.some(
            each =>
              each.customerId === found.customerId ||
              (merged && each.customerId === '7' && found.customerId === '8'),
          )
          expect(attested).toBe(true)
          if (found.customerId === null) expect(named.map(each => each.email)).toContain(found.email)
        }
      }),
      { numRuns: 40 },
    )
  })
})

/** Any order of the same. */
function shuffled<T>(items: T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray(items, { minLength: items.length })
}

describe('what is forgotten', () => {
  it('are links that nothing has spoken of for longer than a visitor keeps its id, and checkouts after a month', async () => {
    await learn(session('7'), checkout({ person: guest('a@example.com') }))
    const soon = new Date(Date.now() + 31 * 24 * 3600_000)
    expect(await forgetLinks(pool(), soon)).toBe(1)
    expect(await who()).toBe('shared')
    expect(await forgetLinks(pool(), new Date(Date.now() + 401 * 24 * 3600_000))).toBe(2)
    expect(await who()).toBeUndefined()
  })
})

describe('filling an event in', () => {
  const view = (actor: object) => ({
    ...storeEvent('search_submitted', { url: null, query: 'x' }),
    actor: { ...NOBODY, visitorId: 'v1', ...actor },
  })
  const filled = async (actor: object) =>
    (await fillVisitors(pool(), sealer, shopId, [view(actor)]))[0]?.actor

  it('names whom the visitor is known to be, and nobody else in place of whom it names itself', async () => {
    await learn(checkout({ person: guest('a@example.com') }))
    expect(await filled({})).toMatchObject({ customerId: null, email: 'a@example.com' })
    for (const own of [{ customerId: '9' }, { email: 'own@example.com' }, { phone: '+421900000001' }])
      expect(await filled(own)).toEqual({ ...NOBODY, visitorId: 'v1', ...own })
    expect(await filled({ visitorId: null })).toEqual(NOBODY)
  })

  it('names nobody of a browser that is shared', async () => {
    await learn(session('7'), session('8'))
    expect(await filled({})).toEqual({ ...NOBODY, visitorId: 'v1' })
  })
})

describe('one person', () => {
  it('is found whatever the order of links', () => {
    const link = fc.record({
      customerId: fc.option(id),
      email: fc.option(email),
      acceptsMarketing: ticked,
      saidAt: fc.integer({ min: 1, max: 9 }).map(n => new Date(n)),
    })
    const links = fc.uniqueArray(link, {
      minLength: 1,
      maxLength: 5,
      selector: ({ saidAt }) => saidAt.getTime(),
    })
    fc.assert(
      fc.property(links, list => {
        const now = (of: string) => (of === '7' ? 'a@example.com' : null)
        expect(personOf(list.toReversed(), now)).toEqual(personOf(list, now))
      }),
    )
  })
})
