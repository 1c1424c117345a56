import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { newShop } from '../delivery/testing.ts'
import { rollUpDays } from './roll-up-days.ts'
import { dismissGuide, noteTest, readSetUp } from './set-up.ts'

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

/** @returns the id of the first */
async function keep(
  state: string,
  day: string,
  count: number,
  shop = shopId,
  source = 'storefront',
): Promise<string> {
  const first = Date.parse(`${day}T10:00:00Z`)
  const ids = Array.from({ length: count }, (_, index) => uuidv7({ msecs: first + index }))
  await pool().query(
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
     select $1, id, 'search_submitted', $3, id::text, now(), now(), '{}', '{}' from unnest($2::uuid[]) id`,
    [shop, ids, source],
  )
  await pool().query(
    `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
     select $1, id, 'tiny', $3, '{}', now(), now(), now() from unnest($2::uuid[]) id`,
    [shop, ids, state],
  )
  return ids[0] ?? ''
}
const delivered = async () => (await readSetUp(pool(), shopId)).delivered

it('nothing has arrived that only waits, was skipped, or is another shop’s', async () => {
  await keep('pending', '2026-11-20', 1)
  await keep('skipped', '2026-11-20', 1)
  await keep('delivered', '2026-11-20', 1, await newShop(pool(), 'two'))
  await rollUpDays(pool())
  expect(await delivered()).toBeNull()
})

it('what arrived is known at once', async () => {
  const eventId = await keep('delivered', '2026-11-20', 1)
  expect(await delivered()).toEqual({ eventId, vendor: 'tiny' })
})

it('what arrived before very many others is known once it is counted', async () => {
  const eventId = await keep('delivered', '2026-11-01', 1)
  await keep('skipped', '2026-11-20', 600)
  expect(await delivered()).toBeNull()
  await rollUpDays(pool())
  expect(await delivered()).toEqual({ eventId, vendor: 'tiny' })
})

it('a test that arrived is no real event, among the newest or on days with nothing else', async () => {
  const eventId = await keep('delivered', '2026-11-01', 1)
  await keep('delivered', '2026-11-03', 1, shopId, 'test')
  await rollUpDays(pool())
  expect(await delivered()).toEqual({ eventId, vendor: 'tiny' })
  await keep('skipped', '2026-11-20', 600)
  await rollUpDays(pool())
  expect(await delivered()).toEqual({ eventId, vendor: 'tiny' })
  await pool().query('delete from events where id = $1', [eventId])
  expect(await delivered()).toBeNull()
})

it('that a test was sent is known of the shop that sent it, also when its event is gone', async () => {
  const otherId = await newShop(pool(), 'two')
  await noteTest(pool(), shopId, new Date())
  expect((await readSetUp(pool(), shopId)).testSent).toBe(true)
  expect((await readSetUp(pool(), otherId)).testSent).toBe(false)
})

it('a guide that was put away stays so, in its shop', async () => {
  const otherId = await newShop(pool(), 'two')
  await dismissGuide(pool(), shopId)
  expect((await readSetUp(pool(), shopId)).dismissedAt).toBeInstanceOf(Date)
  expect((await readSetUp(pool(), otherId)).dismissedAt).toBeNull()
})
