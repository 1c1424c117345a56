/** Whether a visitor accepts e-mail marketing, as the checkout says in which they became known. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY } from '../events/store-event.ts'
import { createSealer } from '../secrets/seal.ts'
import { installShop } from '../shopify/shops.ts'
import { storeEvent } from '../vendors/testing.ts'
import { fillCustomers, learnCustomers } from './customers.ts'
import { learnLinks } from './learn-links.ts'
import { fillVisitors } from './people.ts'

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

type Tick = boolean | null
/** A checkout with its box as it was on a day, kept beside a pixel's or not. */
const learn = (list: [Tick, number, string?][], kind: 'checkouts' | 'attested', customerId: string | null) =>
  withTransaction(pool(), async client => {
    for (const [acceptsMarketing, n, token = 'a'] of list) {
      const person = { customerId, email: 'a@example.com', acceptsMarketing }
      const said = { shopId, token: `checkout:${token}`, visitorId: 'v1', person, at: day(n) }
      await learnLinks(client, sealer, { sessions: [], checkouts: [], attested: [], [kind]: [said] })
    }
  })
const filled = async () => {
  const view = storeEvent('search_submitted', { url: null, query: 'x' })
  const named = await fillVisitors(pool(), sealer, shopId, [
    { ...view, actor: { ...NOBODY, visitorId: 'v1' } },
  ])
  return (await fillCustomers(pool(), sealer, shopId, named))[0]?.actor.acceptsMarketing
}

describe.each([['checkouts'], ['attested']] as const)('the box of a checkout, of %s', kind => {
  it.each<[string, [Tick, number, string?][], Tick]>([
    ['is not known before it is said', [[null, 1]], null],
    ['is a yes', [[true, 1]], true],
    ['is a no', [[false, 1]], false],
    ['is what was said last, whatever came last', [[true, 3], [false, 2]], true], // biome-ignore format: a row
    ['is not what a later one does not say', [[false, 4, 'b'], [null, 5, 'c']], false], // biome-ignore format: a row
    ['is a no where both are said at once', [[false, 4], [true, 4]], false], // biome-ignore format: a row
    ['is a no where two checkouts say both at once', [[true, 4, 'b'], [false, 4, 'c']], false], // biome-ignore format: a row
  ])('%s', async (_, list, expected) => {
    await learn(list, kind, null)
    expect(await filled()).toBe(expected)
  })

  it('is a yes for no other address of the customer, but a no for all', async () => {
    const unsaid = { phone: null, firstName: null, lastName: null, marketing: null, updatedAt: day(9) }
    await withTransaction(pool(), client =>
      learnCustomers(client, sealer, [
        { shopId, notice: { ...unsaid, customerId: '7', email: 'own@example.com' } },
      ]),
    )
    await learn([[true, 1]], kind, '7')
    expect(await filled()).toBe(null)
    await learn([[false, 2]], kind, '7')
    expect(await filled()).toBe(false)
  })

  it('gives way to what the customer’s own record says', async () => {
    await learn([[true, 1]], kind, '7')
    expect(await filled()).toBe(true)
    const unsaid = { email: null, phone: null, firstName: null, lastName: null, updatedAt: day(2) }
    await withTransaction(pool(), client =>
      learnCustomers(client, sealer, [{ shopId, notice: { ...unsaid, customerId: '7', marketing: false } }]),
    )
    expect(await filled()).toBe(false)
  })
})
