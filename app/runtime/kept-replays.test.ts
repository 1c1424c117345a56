/** What was sent again is found again, and only by its own shop. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { type AnyVendor, saveConnection } from '../delivery/connections.ts'
import { keepDelivery, newShop, sealer } from '../delivery/testing.ts'
import { createLog } from '../log.ts'
import { shopById } from '../shopify/shops.ts'
import { writeAudit } from '../support/audit.ts'
import { VENDORS } from '../vendors/registry.ts'
import { type Chosen, createMerchantActivity } from './merchant-activity.ts'

const FAILED: Chosen = { outcome: 'failed', partlyRejected: false }
let test: TestDatabase
let shopId: number
let otherId: number
const pool = () => test.database.pool
const activityOf = (reader: 'merchant' | 'support') =>
  createMerchantActivity(
    { database: test.database, sealer, log: createLog('silent'), signal: async () => {} },
    reader,
  )
const shopOf = async (id: number) => {
  const shop = await shopById(pool(), id)
  if (!shop) throw new Error('there is no such shop')
  return shop
}

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  otherId = await newShop(pool(), 'two')
  const ecomail = VENDORS.find(({ id }) => id === 'ecomail') as AnyVendor
  for (const id of [shopId, otherId])
    await saveConnection(pool(), sealer, id, ecomail, { apiKey: 'k'.repeat(32), shopName: 'one' })
})

const dead = () =>
  keepDelivery(
    pool(),
    shopId,
    { vendor: 'ecomail', state: 'dead', reason: 'rejected' },
    { receivedAt: new Date().toISOString() },
  )
/** @returns the id of the replay */
async function send(chosen: Chosen, reader: 'merchant' | 'support' = 'merchant'): Promise<string> {
  const shop = await shopOf(shopId)
  const { start } = await activityOf(reader).count(shop, chosen)
  await activityOf(reader).step(shop, chosen, start)
  return start.id
}
const listed = async (id = shopId, before: string | null = null) =>
  activityOf('merchant').replays(await shopOf(id), before)

describe('what was sent again', () => {
  it('is listed with who, by which filters, how many and what became of it, for its own shop alone', async () => {
    await dead()
    await dead()
    const first = await send({ ...FAILED, vendor: 'ecomail', reason: 'rejected', since: '2026-01-01' })
    await pool().query(`update deliveries set state = 'dead', reason = 'gave_up'`)
    const second = await send({ ...FAILED, lately: '24h' }, 'support')
    await pool().query(
      `update deliveries set state = 'delivered' where event_id = (select max(id::text)::uuid from events)`,
    )
    const { replays, older } = await listed()
    expect(older).toBeNull()
    expect(replays).toMatchObject([
      {
        ...{ id: second, by: 'staff', count: 2 },
        chosen: { outcome: 'failed', since: expect.stringMatching(/Z$/) },
        outcomes: { delivered: 1, waiting: 1, failed: 0 },
      },
      {
        ...{ id: first, by: 'shop', count: 2 },
        chosen: { outcome: 'failed', vendor: 'ecomail', reason: 'rejected', since: '2026-01-01' },
        // The later one took them up again, and tells.
        outcomes: { delivered: 0, waiting: 0, failed: 0 },
      },
    ])
    expect(await listed(otherId)).toEqual({ replays: [], older: null })
  })

  it('is not listed where it took nothing, and keeps no mark of whom and no address of e-mail', async () => {
    await send(FAILED)
    expect((await listed()).replays).toEqual([])
    const id = await dead()
    await pool().query(
      `update events set email_mark = 'mark', subject = 'order:joe@example.com' where id = $1`,
      [id],
    )
    await send({ ...FAILED, marks: ['mark'] })
    await pool().query(`update deliveries set state = 'dead'`)
    await send({ ...FAILED, order: 'joe@example.com' })
    const { rows } = await pool().query<{ chosen: unknown }>('select chosen from replays order by id')
    expect(rows).toHaveLength(2)
    expect(rows[0]?.chosen).toEqual({ outcome: 'failed', person: 'on' })
    expect(JSON.stringify(rows[1])).not.toContain('joe@example.com')
  })

  it('says that what was rejected in part was taken too, where that was asked for', async () => {
    await dead()
    await send({ ...FAILED, partlyRejected: true })
    await pool().query(`update deliveries set state = 'dead', reason = 'partly_rejected'`)
    await send({ ...FAILED, partlyRejected: true, reason: 'partly_rejected' })
    expect((await listed()).replays.map(({ chosen }) => chosen)).toEqual([
      { outcome: 'failed', reason: 'partly_rejected' },
      { outcome: 'failed', partly: 'on' },
    ])
  })

  it('is listed too where it was one event, until a later replay took it up', async () => {
    const eventId = await dead()
    const replayed = (reader: 'merchant' | 'support') => async () =>
      activityOf(reader).replayOne(await shopOf(shopId), eventId, 'ecomail')
    await replayed('merchant')()
    await pool().query(`update deliveries set state = 'delivered', reason = null`)
    const own = {
      ...{ by: 'shop', count: 1, chosen: { vendor: 'ecomail', event: eventId } },
      event: { type: 'search_submitted', about: 'lantern' },
    }
    expect((await listed()).replays).toMatchObject([{ ...own, outcomes: { delivered: 1, waiting: 0 } }])
    await replayed('support')()
    expect((await listed()).replays).toMatchObject([
      { ...own, by: 'staff', outcomes: { delivered: 0, waiting: 1 } },
      { ...own, outcomes: { delivered: 0, waiting: 0 } },
    ])
    await pool().query('delete from events')
    await pool().query('delete from deliveries')
    expect((await listed()).replays).toMatchObject([{ event: null }, { event: null }])
    expect(await listed(otherId)).toEqual({ replays: [], older: null })
  })

  it('is listed by pages, the newest first', async () => {
    await pool().query(
      `insert into replays (shop_id, id, sent_by, chosen, count)
       select $1, ('019aa000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'shop', '{}', n from generate_series(1, 25) n`,
      [shopId],
    )
    const newest = await listed()
    expect(newest.replays.map(({ count }) => count)).toEqual(Array.from({ length: 20 }, (_, n) => 25 - n))
    const oldest = await listed(shopId, newest.older)
    expect(oldest.replays.map(({ count }) => count)).toEqual([5, 4, 3, 2, 1])
    expect(oldest.older).toBeNull()
  })
})

describe("a story's line of what was sent again by a filter", () => {
  const lines = async (eventId: string) => {
    const shop = await shopOf(shopId)
    const ofReader = async (reader: 'merchant' | 'support') =>
      (await activityOf(reader).story(shop, eventId))?.deliveries[0]?.again.map(({ by, at, who }) => [
        by,
        at === null,
        who,
      ])
    return [await ofReader('merchant'), await ofReader('support')]
  }

  it('names nobody where support did before an upgrade, whose entries do not say which replay they are of', async () => {
    const id = await dead()
    await send(FAILED, 'support')
    await writeAudit(pool(), { actor: 'jane@example.com', role: 'agent', address: null }, [
      { action: 'replay', shop: (await shopOf(shopId)).domain, vendor: 'ecomail', reason: 'They lost it.' },
    ])
    await pool().query('delete from replays')
    await pool().query('update deliveries set replays = null')
    expect(await lines(id)).toEqual([[['somebody', false, null]], [['somebody', false, null]]])
  })

  it('is told by whom it was as the replay is kept: the merchant, or support where there is no name', async () => {
    const id = await dead()
    await send(FAILED)
    expect(await lines(id)).toEqual([[['you', false, null]], [['merchant', false, null]]])
    await pool().query(`update deliveries set replays = null`)
    expect(await lines(id)).toEqual([[['you', false, null]], [['merchant', false, null]]])
    await pool().query(`update replays set sent_by = 'staff'`)
    expect(await lines(id)).toEqual([[['support', false, null]], [['support', false, null]]])
  })
})
