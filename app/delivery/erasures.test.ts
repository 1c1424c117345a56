import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import { requestContext } from '../privacy/requests.ts'
import { storeEvent } from '../vendors/testing.ts'
import { insertEvents } from './accept-rows.ts'
import { eraseRequested, erasuresInTrouble } from './erasures.ts'
import { createSpool } from './spool.ts'
import { newShop, sealer } from './testing.ts'

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

const PERSON = JSON.stringify({ customerId: '7', email: null, orderIds: [] })
/** A request that came so many seconds ago. */
const request = (id: string, ago = 600, topic = 'customers/redact', subject = sealedFor(id)) =>
  pool().query(
    `insert into privacy_requests (shop_id, webhook_id, topic, subject, received_at)
     values ($1, $2, $3, $4, now() - make_interval(secs => $5))`,
    [shopId, id, topic, subject, ago],
  )
const sealedFor = (id: string, text = PERSON) => sealer.seal(text, requestContext(shopId, id))
const erase = () => eraseRequested({ pool: pool(), sealer, log: createLog('silent') })
const rowOf = async (id: string) =>
  (await pool().query('select erased_at, trouble from privacy_requests where webhook_id = $1', [id])).rows[0]
const isDone = async (id: string) => (await rowOf(id)).erased_at !== null
const trouble = () => erasuresInTrouble(pool())

describe('a request that cannot be carried out', () => {
  it('keeps no other from it, though there are more than one round takes', async () => {
    for (let n = 0; n < 50; n++) await request(`bad${n}`, 1000, 'customers/redact', 'unreadable')
    await request('good', 600)
    expect(await erase()).toBe(0)
    expect(await erase()).toBe(1)
    expect(await isDone('good')).toBe(true)
  })

  it('keeps no other from it, though it names nobody that can be read', async () => {
    await request('bad', 1000, 'customers/redact', sealedFor('bad', '{}'))
    await request('good', 600)
    expect(await erase()).toBe(1)
    expect(await isDone('good')).toBe(true)
  })

  it('says why, and is tried again later', async () => {
    await request('bad', 1000, 'customers/redact', 'unreadable')
    expect(await trouble()).toEqual([])
    await erase()
    expect(await rowOf('bad')).toEqual({ erased_at: null, trouble: expect.stringMatching(/key/) })
    expect(await trouble()).toEqual([
      {
        shop: 'one.myshopify.com',
        topic: 'customers/redact',
        receivedAt: expect.any(Date),
        trouble: expect.stringMatching(/key that is not configured/),
      },
    ])
    await pool().query(`update privacy_requests set subject = $1`, [sealedFor('bad')])
    expect(await erase()).toBe(0)
    await pool().query(`update privacy_requests set tried_at = tried_at - interval '16 minutes'`)
    expect(await erase()).toBe(1)
    expect(await rowOf('bad')).toEqual({ erased_at: expect.any(Date), trouble: null })
    expect(await trouble()).toEqual([])
  })
})

describe('what was being accepted when a request came', () => {
  const event = (id: string) =>
    storeEvent(
      'search_submitted',
      { url: null, query: 'x' },
      { id, dedupeKey: id, actor: { ...NOBODY, customerId: '7' } },
    ) as StoreEvent

  it('is committed before the person is erased', async () => {
    const id = '01930000-0000-7000-8000-000000000001'
    const client = await pool().connect()
    await client.query('begin')
    await insertEvents(
      client,
      sealer,
      [{ shopId, event: event(id), receivedAt: new Date(), receipt: null }],
      [],
    )
    await request('new', 1)
    expect(await erase()).toBe(0)
    await client.query('commit')
    client.release()
    await pool().query(`update privacy_requests set received_at = received_at - interval '3 minutes'`)
    expect(await erase()).toBe(1)
    expect((await pool().query('select customer_id from events')).rows).toEqual([{ customer_id: null }])
  })

  it('has left the spool before, and what has come since is not waited for', async () => {
    const spool = createSpool(pool(), sealer)
    const keep = (ago: number) =>
      spool.keep('one.myshopify.com', {
        ...{ kind: 'webhook' as const, facts: {}, raw: Buffer.from('{}') },
        receivedAt: new Date(Date.now() - ago * 1000),
      })
    await request('one', 600)
    await keep(0)
    await keep(700)
    expect(await erase()).toBe(0)
    await pool().query(`delete from spool where received_at < now() - interval '650 seconds'`)
    expect(await erase()).toBe(1)
  })

  it('is told of when something stays in the spool for a day', async () => {
    await request('one', 25 * 3600)
    expect(await trouble()).toMatchObject([{ shop: 'one.myshopify.com', trouble: null }])
  })
})

describe('a request to erase a shop', () => {
  const remove = (hoursAgo: number) =>
    pool().query(
      `update shops set installed_at = now() - interval '30 days', uninstalled_at = now() - make_interval(hours => $1)`,
      [hoursAgo],
    )
  const keepSomething = () =>
    withTransaction(pool(), async client => {
      await client.query(
        `insert into products (shop_id, product_id, variants, metafields) values ($1, '1', '[]', '{}')`,
        [shopId],
      )
    })
  const left = async () => (await pool().query('select from products')).rowCount

  it('is carried out for one that has removed the app', async () => {
    await keepSomething()
    await remove(48)
    await request('shop', 600, 'shop/redact')
    expect(await erase()).toBe(1)
    expect(await left()).toBe(0)
    expect(await isDone('shop')).toBe(true)
  })

  it('is let be where the app is installed again', async () => {
    await keepSomething()
    await pool().query(`update shops set installed_at = now() - interval '1 hour'`)
    await request('shop', 600, 'shop/redact')
    expect(await erase()).toBe(0)
    expect(await left()).toBe(1)
    expect(await trouble()).toEqual([])
  })

  it('does not come true at once when the app is removed a second time', async () => {
    await keepSomething()
    await remove(1)
    await request('shop', 24 * 3600, 'shop/redact')
    expect(await erase()).toBe(0)
    await remove(49)
    expect(await erase()).toBe(1)
  })

  it('of an earlier installation is let be', async () => {
    await keepSomething()
    await request('shop', 40 * 24 * 3600, 'shop/redact')
    await remove(49)
    expect(await erase()).toBe(0)
  })
})
