/** Deliveries that wait are changed from several sides at once: all of them lock in one order, so none loses to a deadlock. */
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase, waitingForLocks } from '../db/testing.ts'
import { NOBODY } from '../events/store-event.ts'
import { learnLinks } from '../identity/learn-links.ts'
import { settleVisitors } from './known.ts'
import { keepDelivery, newShop, sealer } from './testing.ts'
import { endWaiting } from './waited.ts'
import { MOST_WAITING, putToWait, setPersonWait } from './waiting.ts'

let test: TestDatabase
let shopId: number
/** Events of one visitor, the oldest first, each with a delivery. */
let ids: string[]
const pool = () => test.database.pool
const FEW = 6

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  ids = []
  const began = Date.now() - 2 * 3600_000
  for (let n = 0; n < MOST_WAITING + FEW; n++) {
    const id = uuidv7({ msecs: began + n })
    ids.push(id)
    await keepDelivery(
      pool(),
      shopId,
      {},
      { id, source: 'storefront', actor: { ...NOBODY, visitorId: 'v1' } },
    )
  }
})

const put = (some: readonly string[]) =>
  putToWait(
    pool(),
    { shopId, vendor: 'tiny' },
    some.map(eventId => ({ eventId, visitorId: 'v1', reason: 'no_email', message: 'No e-mail.' })),
  )
const know = () =>
  withTransaction(pool(), client =>
    learnLinks(client, sealer, {
      sessions: [],
      checkouts: [],
      attested: [
        {
          shopId,
          token: 'checkout:a',
          visitorId: 'v1',
          person: { customerId: '7', email: 'a@example.com', acceptsMarketing: null },
          at: '2026-11-20T12:00:00.000Z',
        },
      ],
    }),
  )
const settle = () => settleVisitors(pool(), sealer, shopId, ['v1'])
const waiters = () => waitingForLocks(pool())
/** Has both wait for one row, in this order, and lets them go on. @returns what each came to */
async function bothMeet(
  row: string | undefined,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
) {
  const holder = await pool().connect()
  try {
    await holder.query('begin')
    await holder.query('select from deliveries where shop_id = $1 and event_id = $2 for update', [
      shopId,
      row,
    ])
    const one = first()
    await expect.poll(waiters).toBe(1)
    const other = second()
    await expect.poll(waiters).toBe(2)
    await holder.query('commit')
    return await Promise.allSettled([one, other])
  } finally {
    holder.release()
  }
}
const fulfilled = [{ status: 'fulfilled' }, { status: 'fulfilled' }]

describe('two that change what waits of one visitor', () => {
  it('do not end in a deadlock where one puts to wait, and the oldest give way, while the other makes them due', async () => {
    await put(ids.slice(0, MOST_WAITING))
    await know()
    const later = ids.slice(MOST_WAITING)
    for (const met of [1, 3, 5]) {
      const results = await bothMeet(ids[met], settle, () => put(later))
      expect(results).toMatchObject(fulfilled)
      await pool().query(
        `update deliveries set state = 'waiting', visitor_id = 'v1' where event_id = any($1)`,
        [ids.slice(0, MOST_WAITING)],
      )
      await pool().query(`update deliveries set state = 'pending' where event_id = any($1)`, [later])
    }
  })

  it('do not end in a deadlock where one ends what has waited for long while the other makes it due', async () => {
    await put(ids)
    await setPersonWait(pool(), shopId, 1)
    const end = () => endWaiting({ pool: pool(), sealer, signal: () => {} })
    const results = await bothMeet(ids[10], end, async () => {
      await know()
      await settle()
    })
    expect(results).toMatchObject(fulfilled)
  })
})
