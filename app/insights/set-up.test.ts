import type { Pool } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { firstIdOf } from '../db/partitions.ts'
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
  vendor = 'tiny',
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
     select $1, id, $4, $3, '{}', now(), now(), now() from unnest($2::uuid[]) id`,
    [shop, ids, state, vendor],
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

it('tests of a few days at two tools hid what had arrived before them', async () => {
  const eventId = await keep('delivered', '2026-11-01', 1)
  for (const day of ['03', '04', '05', '06', '07', '08', '09', '10'])
    for (const vendor of ['other', 'tiny'])
      await keep('delivered', `2026-11-${day}`, 1, shopId, 'test', vendor)
  await keep('skipped', '2026-11-20', 600)
  await rollUpDays(pool())
  expect(await delivered()).toEqual({ eventId, vendor: 'tiny' })
})

/** Blocks of 8 KiB that one look reads. */
async function blocksRead(): Promise<number> {
  let blocks = 0
  const query = async (text: string, values: unknown[]) => {
    if (text.startsWith('select') || text.startsWith('with')) {
      const { rows } = await pool().query(`explain (analyze, buffers, format json) ${text}`, values)
      const { Plan: plan } = rows[0]['QUERY PLAN'][0]
      blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
    }
    return pool().query(text, values)
  }
  await readSetUp({ query } as unknown as Pool, shopId)
  return blocks
}

it.each([
  ['a test that arrived had its day read as a whole', 'test'],
  ['an event that was found had its day read as a whole again', 'storefront'],
])('%s at every look', async (_, source) => {
  await keep('skipped', '2026-11-20', 10_000)
  const first = Date.parse('2026-11-20T10:00:00Z') + 9_000
  await pool().query(
    `with id as (select id from events where shop_id = $1 and id >= $2 order by id limit 1),
       of as (update events e set source = $3 from id where e.id = id.id)
     update deliveries d set state = 'delivered' from id where d.event_id = id.id`,
    [shopId, firstIdOf(new Date(first)), source],
  )
  await pool().query('vacuum analyze events, deliveries')
  await rollUpDays(pool())
  expect(await delivered()).toEqual(source === 'test' ? null : expect.anything())
  expect(await blocksRead()).toBeLessThan(80)
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
