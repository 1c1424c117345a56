import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import { orderEvent } from '../vendors/testing.ts'
import { behindNewer, withoutBehind } from './behind.ts'
import type { Due } from './decide.ts'
import type { Lane } from './lane.ts'
import { createRecorder } from './record.ts'
import { deliveryOf, eventId, keepDelivery, newShop } from './testing.ts'

let test: TestDatabase
let lane: Lane
let count = 0
beforeAll(async () => {
  test = await testDatabase()
  lane = { shopId: await newShop(test.database.pool, 'behind'), vendor: 'tiny' }
})
afterAll(() => test.drop())

const nextId = () => {
  count += 1
  return eventId(count)
}
const second = (n: number) => new Date(Date.parse('2026-11-20T12:00:00Z') + n * 1000).toISOString()
const state = (subject: string, n: number): StoreEvent => {
  const id = nextId()
  return { ...orderEvent('order_updated'), id, dedupeKey: id, subject, version: second(n) } as StoreEvent
}
const due = (event: StoreEvent): Due => ({
  event,
  attempts: 0,
  done: [],
  triggeredAt: null,
  since: null,
  replayed: false,
})
type Waiting = { attempts?: number; dueIn?: number; vendor?: string }
/** Keeps a delivery of the event that is tried again in a minute. */
async function keepWaiting(event: StoreEvent, { attempts = 1, dueIn = 60, vendor = 'tiny' }: Waiting = {}) {
  const { pool } = test.database
  await keepDelivery(pool, lane.shopId, { state: 'retry', dueIn, vendor }, event)
  await pool.query('update deliveries set attempts = $1 where shop_id = $2 and event_id = $3', [
    attempts,
    lane.shopId,
    event.id,
  ])
}
const behind = async (event: StoreEvent, stateOf = ({ subject }: StoreEvent) => subject) =>
  (await behindNewer(test.database.pool, lane, [due(event)], stateOf)).get(event.id)

it('an older state waits until a newer one, which was sent and failed, is tried again', async () => {
  await keepWaiting(state('order:1', 4))
  const outcome = await behind(state('order:1', 3))
  expect(outcome).toMatchObject({ state: 'retry', reason: 'newer_state_waits' })
  expect(outcome?.state === 'retry' && outcome.dueAt.getTime()).toBeGreaterThan(Date.now())
})

it.each<[string, number, Waiting]>([
  ['that is older', 2, {}],
  ['that was never sent', 4, { attempts: 0 }],
  ['that is due as well', 4, { dueIn: -1 }],
  ['at another vendor', 4, { vendor: 'other' }],
])('a state does not wait for one %s', async (what, version, waiting) => {
  await keepWaiting(state(`order:${what}`, version), waiting)
  expect(await behind(state(`order:${what}`, 3))).toBeUndefined()
})

it('a state does not wait for one of another thing', async () => {
  await keepWaiting(state('order:10', 4))
  expect(await behind(state('order:11', 3))).toBeUndefined()
})

it('what is no state at the vendor waits for nothing', async () => {
  await keepWaiting(state('order:12', 4))
  expect(await behind(state('order:12', 3), () => null)).toBeUndefined()
})

it('what must wait is put off, and everything else goes on', async () => {
  await keepWaiting(state('order:20', 4))
  const [older, other] = [state('order:20', 3), state('order:21', 1)]
  for (const event of [older, other]) await keepDelivery(test.database.pool, lane.shopId, {}, event)
  const { pool } = test.database
  const left = await withoutBehind(
    { pool, recorder: createRecorder(pool, createLog('silent')) },
    lane,
    [due(older), due(other)],
    ({ subject }) => subject,
  )
  expect(left.map(({ event }) => event.id)).toEqual([other.id])
  const { state: is, due_at } = await deliveryOf(pool, lane.shopId, older.id)
  expect([is, due_at.getTime() > Date.now()]).toEqual(['retry', true])
})
