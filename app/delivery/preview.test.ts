/** What a vendor had before, from the rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { createSealer } from '../secrets/seal.ts'
import { orderEvent } from '../vendors/testing.ts'
import { memoriesBefore } from './preview.ts'
import { eventId, keepDelivery, newShop, sealer } from './testing.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())

describe('what a vendor had before', () => {
  it('was not told where the key that sealed an earlier state’s person is missing', async () => {
    const { pool } = test.database
    const lane = { shopId: await newShop(pool, 'one'), vendor: 'tiny' }
    const state = (number: number, type: 'order_created' | 'order_updated'): StoreEvent => ({
      ...orderEvent(type),
      ...{ id: eventId(number), dedupeKey: `state:${number}` },
      actor: { ...NOBODY, email: 'jane@example.com' },
    })
    const states = [state(1, 'order_created'), state(2, 'order_updated'), state(3, 'order_updated')]
    for (const event of states) await keepDelivery(pool, lane.shopId, { state: 'delivered' }, event)
    const [, second, last] = states as [StoreEvent, StoreEvent, StoreEvent]
    await pool.query(
      `insert into memories (shop_id, vendor, subject, fingerprint, event_id, updated_at) values ($1, 'tiny', $2, '', $3, now())`,
      [lane.shopId, last.subject, last.id],
    )
    const had = (by: typeof sealer) =>
      memoriesBefore({ pool, sealer: by }, lane, second, ({ subject }) => subject, [second.subject ?? ''])
    expect([...(await had(sealer)).values()]).toMatchObject([{ eventId: eventId(1) }])
    const keyless = createSealer([{ id: 'other', bytes: Buffer.alloc(32, 8) }])
    expect(await had(keyless)).toEqual(new Map())
  })
})
