import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { erasePerson } from '../delivery/erase.ts'
import { newShop, sealer, settledOrBlocked } from '../delivery/testing.ts'
import { learnCustomers } from '../identity/customers.ts'
import { createLog } from '../log.ts'
import type { Admin } from '../shopify/admin/client.ts'
import { claimFetches } from '../shopify/admin/customer-fetches.ts'
import { customerFetchTask } from './customer-fetch.ts'

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

const CUSTOMER = {
  id: 'gid://shopify/Customer/7',
  firstName: 'A',
  lastName: 'B',
  updatedAt: '2026-11-20T12:00:00Z',
  defaultEmailAddress: { emailAddress: 'a@example.com', marketingState: 'SUBSCRIBED' },
  defaultPhoneNumber: null,
}

const nothing = async () => {}

/** The task, where something happens while Shopify is asked, or while what it has told is kept. */
function task({
  meanwhile = nothing,
  keeping = nothing,
}: Partial<Record<string, () => Promise<unknown>>> = {}) {
  const learned: string[] = []
  const admin = {
    async adminQuery(_shop, _query, _variables, schema) {
      await meanwhile()
      return { ok: true, denied: [], data: schema.parse({ customer: CUSTOMER }) }
    },
    withToken: async () => ({ token: 'x' }),
    close: async () => {},
  } satisfies Admin
  const { run } = customerFetchTask({
    ...{ pool: pool(), log: createLog('silent'), admin },
    async learn(client, shop, notice) {
      await keeping()
      await learnCustomers(client, sealer, [{ shopId: shop, notice }])
    },
    learned: (_, customerId) => learned.push(customerId),
  })
  return { run: () => run(`${shopId}:7`, new AbortController().signal), learned }
}
const erase = () =>
  erasePerson(pool(), sealer, shopId, {
    ...{ customerId: '7', email: 'a@example.com', orderIds: [], receivedAt: new Date() },
  })
const known = async () => (await pool().query('select customer_id from customers')).rowCount

describe('a customer whom Shopify is asked for', () => {
  it('is stored', async () => {
    await claimFetches(pool(), shopId, ['7'])
    const { run, learned } = task()
    expect(await run()).toBeNull()
    expect(await known()).toBe(1)
    expect(learned).toEqual(['7'])
  })

  it('is not stored again when they were erased while it was asked', async () => {
    await claimFetches(pool(), shopId, ['7'])
    const { run, learned } = task({ meanwhile: erase })
    expect(await run()).toBeNull()
    expect(await known()).toBe(0)
    expect(learned).toEqual([])
    expect((await pool().query('select from customer_fetches')).rowCount).toBe(0)
  })

  it('is not asked for by a retry after their erasure', async () => {
    await claimFetches(pool(), shopId, ['7'])
    await erase()
    const { run } = task({ meanwhile: async () => expect.unreachable() })
    expect(await run()).toBeNull()
    expect(await known()).toBe(0)
  })

  it('is erased when the erasure comes while what was learned is being committed', async () => {
    await claimFetches(pool(), shopId, ['7'])
    let erasing: Promise<boolean> | undefined
    const { run } = task({
      keeping() {
        erasing = erase()
        return settledOrBlocked(pool(), erasing)
      },
    })
    await run()
    expect(await erasing).toBe(true)
    expect(await known()).toBe(0)
  })
})
