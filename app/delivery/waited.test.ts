/** What a process that died has left for the chore to make up. */
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY } from '../events/store-event.ts'
import { learnCustomers } from '../identity/customers.ts'
import { learnLinks } from '../identity/learn-links.ts'
import { mergeCustomers } from '../identity/merge.ts'
import { deliveryOf, keepDelivery, newShop, sealer } from './testing.ts'
import { endWaiting } from './waited.ts'

let test: TestDatabase
let shopId: number
let id: string
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())

/** A view waits for customer 7, who signed in long ago and of whom nothing is known. */
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  id = await keepDelivery(
    pool(),
    shopId,
    { state: 'waiting', reason: 'no_email' },
    { id: uuidv7(), actor: { ...NOBODY, visitorId: 'v1' } },
  )
  const session = { shopId, visitorId: 'v1', customerId: '7', at: '2026-11-20T12:00:00Z' }
  await withTransaction(pool(), client =>
    learnLinks(client, sealer, { attested: [], checkouts: [], sessions: [session] }),
  )
  await pool().query(`update visitor_links set linked_at = now() - interval '1 hour'`)
})

const unsaid = { phone: null, firstName: null, lastName: null, marketing: null, updatedAt: null }
const learn = (customerId: string, email: string | null) =>
  withTransaction(pool(), client =>
    learnCustomers(client, sealer, [{ shopId, notice: { ...unsaid, customerId, email } }]),
  )
const merge = () =>
  withTransaction(pool(), client => mergeCustomers(client, sealer, shopId, { keptId: '8', deletedId: '7' }))
const longAgo = () => pool().query(`update customers set known_at = known_at - interval '1 hour'`)
async function comesRound(): Promise<string> {
  const woken: string[] = []
  const signal = (lanes: readonly { vendor: string }[]) => woken.push(...lanes.map(({ vendor }) => vendor))
  await endWaiting({ pool: pool(), sealer, signal })
  const { state } = await deliveryOf(pool(), shopId, id)
  expect(woken).toEqual(state === 'pending' ? ['tiny'] : [])
  return state
}

describe('the chore, where nobody woke what waits', () => {
  it('finds it when an address was learned', async () => {
    await learn('7', 'seven@example.com')
    expect(await comesRound()).toBe('pending')
  })

  it('finds it when the address came to a customer who was known without one', async () => {
    await learn('7', null)
    await longAgo()
    expect(await comesRound()).toBe('waiting')
    await learn('7', 'seven@example.com')
    expect(await comesRound()).toBe('pending')
  })

  it('finds it when the customer was merged into one who is known', async () => {
    await learn('8', 'eight@example.com')
    await longAgo()
    expect(await comesRound()).toBe('waiting')
    await merge()
    expect(await comesRound()).toBe('pending')
  })

  it('finds it when the customer that theirs was merged into became known', async () => {
    await merge()
    await longAgo()
    await learn('8', 'eight@example.com')
    expect(await comesRound()).toBe('pending')
  })

  it('looks at nobody of whom no more than the name has changed', async () => {
    await learn('7', 'seven@example.com')
    await longAgo()
    await withTransaction(pool(), client =>
      learnCustomers(client, sealer, [
        { shopId, notice: { ...unsaid, customerId: '7', email: 'seven@example.com', firstName: 'A' } },
      ]),
    )
    const { rows } = await pool().query(
      `select known_at < now() - interval '30 minutes' as old from customers`,
    )
    expect(rows).toEqual([{ old: true }])
  })
})
