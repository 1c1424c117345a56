import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { accept } from '../delivery/accept.ts'
import { openConnections } from '../delivery/connection-cache.ts'
import { saveConnection } from '../delivery/connections.ts'
import { erasePerson } from '../delivery/erase.ts'
import { holdBySupport, releaseBySupport } from '../delivery/holds.ts'
import { switchLane } from '../delivery/lane-state.ts'
import { createRecorder } from '../delivery/record.ts'
import { recordingOf } from '../delivery/record-rows.ts'
import { keepEvent, newShop, sealer, TINY_SETTINGS, tinyStep, tinyVendor } from '../delivery/testing.ts'
import { timeOfId } from '../events/id-time.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { learnCustomers } from '../identity/customers.ts'
import { createLog } from '../log.ts'
import { answer, orderEvent, storeEvent } from '../vendors/testing.ts'
import type { Reading } from '../vendors/vendor.ts'
import { explainEvent } from './explain.ts'
import { nextOf } from './explain-deliveries.ts'
import type { Standing } from './lanes.ts'

const vendors = ['tiny', 'idle'].map(id => tinyVendor({ id, wants: () => (id === 'tiny' ? 'yes' : 'no') }))
const NONE = '01930000-0000-7000-8000-00000000ffff'
let test: TestDatabase
let shopId: number
let otherId: number
let event: StoreEvent
const pool = () => test.database.pool
const told = async (id = event.id, shop = shopId) =>
  (await explainEvent(test.database, sealer, shop, id))?.story ?? null

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  otherId = await newShop(pool(), 'two')
  for (const vendor of vendors)
    await saveConnection(test.database.pool, sealer, shopId, vendor, TINY_SETTINGS)
  const search = storeEvent('search_submitted', {
    url: 'https://x.example/?e=jane%40example.com',
    query: 'jane@example.com',
  })
  const actor = {
    ...NOBODY,
    email: 'jane@example.com',
    phone: '+421900000012',
    visitorId: 'v1',
    customerId: '7',
  }
  const receivedAt = new Date(search.receivedAt)
  const accepted = await accept(
    { pool: pool(), sealer, open: openConnections(sealer, vendors) },
    {
      shopDomain: 'one.myshopify.com',
      receivedAt,
      receipt: {
        webhookId: 'w1',
        eventKey: null,
        topic: 'test/topic',
        triggeredAt: receivedAt,
        ignored: null,
      },
      events: [{ ...search, actor }],
    },
  )
  const id = accepted.kind === 'accepted' ? (accepted.events[0]?.id ?? '') : ''
  event = { ...search, id }
})

describe('explainEvent', () => {
  it('tells what came in, with personal fields masked', async () => {
    const story = await told()
    expect(story?.event).toMatchObject({
      id: event.id,
      type: 'search_submitted',
      source: 'storefront',
      occurredAt: event.occurredAt,
      receivedAt: event.receivedAt,
      actor: { visitorId: 'v1', customerId: '7', email: 'j…@example.com', phone: '…12' },
      data: { url: 'https://x.example/?e=j…%40example.com', query: 'j…@example.com' },
    })
    expect(story?.receipt).toMatchObject({
      webhookId: 'w1',
      topic: 'test/topic',
      receivedAt: expect.any(Date),
    })
    expect(JSON.stringify(story)).not.toContain('jane')
  })

  it('tells how long its request lay in the spool, of which its story said nothing', async () => {
    const story = await told()
    expect(story?.unread).toEqual({ from: new Date(event.receivedAt), until: timeOfId(event.id) })
    const id = uuidv7({ msecs: Date.parse(event.receivedAt) })
    await keepEvent(pool(), shopId, { ...event, id, dedupeKey: 'prompt' })
    expect((await told(id))?.unread).toBeNull()
  })

  it('tells what was decided, what happens next, and who had no use for it', async () => {
    expect(await told()).toMatchObject({
      deliveries: [{ vendor: 'tiny', state: 'pending', next: 'due now', nextAttemptAt: null, attempts: [] }],
      notWanted: ['idle'],
    })
  })

  it('does not show half of a key pair that was kept in full before it was masked', async () => {
    const step = tinyStep(event)
    const signing = { 'X-App-Id': 'a1d0c0de-0000-4000-8000-00000000b10e', key: 'secret-key-0123456789' }
    step.request.headers = { ...step.request.headers, ...signing }
    const exchange = {
      ...{ step, sent: { answer: answer(200, {}) }, startedAt: new Date(), durationMs: 5 },
      readings: new Map([[event.id, { kind: 'delivered' } as const]]),
    }
    const carried = new Map([[event.id, { number: 1, part: 0, triggeredAt: null, subject: null }]])
    const lane = { shopId, vendor: 'tiny' }
    await createRecorder(pool(), createLog('silent')).record(
      recordingOf(lane, exchange, carried, new Map(), []),
    )
    const kept = await pool().query('select request from exchanges')
    expect(kept.rows[0].request.headers).toMatchObject({ 'X-App-Id': '…b10e', key: '…6789' })
    const before = { ...kept.rows[0].request, headers: { ...signing, key: '…6789' } }
    await pool().query('update exchanges set request = $1', [JSON.stringify(before)])
    expect((await told())?.deliveries[0]?.attempts[0]?.request).toMatchObject({
      headers: { 'X-App-Id': '…b10e', key: '…6789' },
    })
  })

  it('tells what was sent and what came back, attempt by attempt', async () => {
    const step = tinyStep(event)
    const lane = { shopId, vendor: 'tiny' }
    const recorder = createRecorder(pool(), createLog('silent'))
    const retry: Reading = { kind: 'retry', merchant: 'Later.', log: 'ECONNREFUSED' }
    const rounds = [
      { sent: { failure: 'ECONNREFUSED' }, reading: retry, outcome: null },
      {
        sent: { answer: answer(200, { id: 1 }) },
        reading: { kind: 'delivered' } as const,
        outcome: { state: 'delivered', message: null } as const,
      },
    ]
    for (const [n, { sent, reading, outcome }] of rounds.entries()) {
      const exchange = {
        step,
        sent,
        startedAt: new Date(),
        durationMs: 5,
        readings: new Map([[event.id, reading]]),
      }
      const carried = new Map([[event.id, { number: n + 1, part: 0, triggeredAt: null, subject: null }]])
      const outcomes = new Map(outcome ? [[event.id, outcome]] : [])
      await recorder.record(recordingOf(lane, exchange, carried, outcomes, []))
    }
    expect((await told())?.deliveries).toMatchObject([
      {
        state: 'delivered',
        nextAttemptAt: null,
        attempts: [
          { number: 1, outcome: 'retry', message: 'Later.', error: 'ECONNREFUSED', response: null },
          {
            number: 2,
            step: 'event',
            outcome: 'delivered',
            durationMs: 5,
            request: { method: 'POST', url: step.request.url },
            response: { status: 200, body: { id: 1 } },
          },
        ],
      },
    ])
  })

  describe('what came late', () => {
    const JANE = { actor: 'jane@example.com', role: 'agent', address: null } as const
    const lane = () => ({ shopId, vendor: 'tiny' })
    const domain = 'one.myshopify.com'
    const held = { kind: 'hold', message: 'They count twice.', by: JANE.actor }
    const hold = () => holdBySupport(pool(), lane(), { reason: held.message, until: null }, JANE, domain)
    const release = () => releaseBySupport(pool(), lane(), 'They count once.', JANE, domain)
    const stopped = async () => (await told())?.deliveries[0]?.stopped

    it('says who held it from when until when, and why', async () => {
      await hold()
      expect(await stopped()).toEqual([])
      await release()
      expect(await stopped()).toEqual([{ ...held, from: expect.any(Date), until: expect.any(Date) }])
      await pool().query(
        "update connection_changes set at = at - interval '1 day' where shop_id = $1 and what in ('hold', 'release')",
        [shopId],
      )
      expect(await stopped()).toEqual([])
    })

    it('said that it was held from the change of its hold on, which had begun before', async () => {
      await hold()
      await pool().query("update connection_changes set at = at - interval '1 minute' where what = 'hold'")
      const other = { reason: 'Other words.', until: null }
      await holdBySupport(pool(), lane(), other, JANE, domain, { replace: true })
      await pool().query("update deliveries set created_at = now() - interval '1 hour'")
      await release()
      expect(await stopped()).toMatchObject([{ kind: 'hold', message: 'Other words.', by: JANE.actor }])
    })

    it('says since when the event waits, apart from since when its lane is held: which may be long before it was there', async () => {
      await hold()
      await pool().query(
        "update connections set hold_since = now() - interval '3 days', stopped_since = now() - interval '3 days' where shop_id = $1",
        [shopId],
      )
      await pool().query("update deliveries set created_at = now() - interval '1 hour'")
      const delivery = (await told())?.deliveries[0]
      const ago = (at: Date | null | undefined) => Math.round((Date.now() - (at?.getTime() ?? 0)) / 3600_000)
      expect([ago(delivery?.hold?.since), ago(delivery?.heldSince)]).toEqual([72, 1])
    })

    it('said that the event waited for a hold since before there was one: its key had been refused first', async () => {
      await pool().query("update connections set attention = 'Wrong key.' where shop_id = $1", [shopId])
      await pool().query(
        "update connection_changes set at = at - interval '2 hours' where what = 'attention'",
      )
      await hold()
      await pool().query(
        "update connections set hold_since = now() - interval '1 hour', stopped_since = now() - interval '2 hours' where shop_id = $1",
        [shopId],
      )
      await pool().query("update deliveries set created_at = now() - interval '3 hours'")
      const delivery = (await told())?.deliveries[0]
      expect(delivery?.heldSince).toEqual(delivery?.hold?.since)
      expect(delivery?.stops).toMatchObject([{ kind: 'attention', message: 'Wrong key.' }])
    })

    it('says by what it was stopped when it was left out, though that goes on', async () => {
      await hold()
      await pool().query("update deliveries set state = 'skipped', reason = 'expired', updated_at = now()")
      expect(await stopped()).toEqual([{ ...held, from: expect.any(Date), until: null }])
    })

    it('says that it was switched off, and which key was refused', async () => {
      await switchLane(pool(), lane(), false)
      await switchLane(pool(), lane(), true)
      await pool().query("update connections set attention = 'Wrong key.' where shop_id = $1", [shopId])
      await pool().query('update connections set attention = null where shop_id = $1', [shopId])
      expect(await stopped()).toMatchObject([
        { kind: 'off', message: null, by: null },
        { kind: 'attention', message: 'Wrong key.', by: null },
      ])
    })
  })

  it("tells of the visitor of an order that the checkout's pixel names, as the order is sent", async () => {
    const placed = { ...orderEvent('order_created'), actor: NOBODY }
    await keepEvent(pool(), shopId, placed)
    await pool().query(
      `insert into visitor_checkouts (shop_id, token, visitors, touched_at) values ($1, 'checkout:checkout-token-1', '{v9}', now())`,
      [shopId],
    )
    expect(await told(placed.id)).toMatchObject({ event: { actor: { visitorId: null } }, pixelVisitor: null })
    await pool().query(`update shops set collectors = '{pixel}' where id = $1`, [shopId])
    expect(await told(placed.id)).toMatchObject({ event: { actor: { visitorId: null } }, pixelVisitor: 'v9' })
    expect((await told())?.pixelVisitor).toBeNull()
  })

  it("tells the customer's own word on marketing where it counts in place of the event's", async () => {
    const at = '2026-11-20T12:00:00.000Z'
    const notice = {
      customerId: '7',
      email: 'jane@example.com',
      phone: null,
      firstName: null,
      lastName: null,
      updatedAt: at,
    }
    const learn = (marketing: boolean | null) =>
      withTransaction(pool(), client =>
        learnCustomers(client, sealer, [{ shopId, notice: { ...notice, marketing } }]),
      )
    await learn(null)
    expect(await told()).toMatchObject({ ownWord: null })
    await learn(true)
    expect(await told()).toMatchObject({ ownWord: { acceptsMarketing: true, at: new Date(at) } })
  })

  it('tells of an erased person that they were erased, not that nobody was known', async () => {
    expect(await told()).toMatchObject({ isErased: false, event: { actor: { customerId: '7' } } })
    const asked = { customerId: '7', email: null, orderIds: [], receivedAt: new Date() }
    await erasePerson(pool(), sealer, shopId, asked)
    const nobody = { customerId: null, visitorId: null, email: null }
    expect(await told()).toMatchObject({ isErased: true, event: { actor: nobody } })
  })

  it('knows only events of the shop', async () => {
    expect(await told(NONE)).toBeNull()
    expect(await told(event.id, otherId)).toBeNull()
  })
})

describe('nextOf', () => {
  const at = (minutes: number) => new Date(Date.UTC(2026, 10, 20, 12, minutes))
  const now = at(0)
  const open: Standing = {
    ...{ shop: 's', shopId: 1, vendor: 'tiny', enabled: true, attention: null, hold: null, rests: null },
    ...{ pausedUntil: null, pausedWhy: null, opens: true },
    ...{ testedAt: null, testOk: null, testMessage: null, testRefused: null },
  }
  const paused = { ...open, pausedUntil: at(10), pausedWhy: 'it was asked to wait' }
  const goesOn = `as soon as the lane goes on at ${at(10).toISOString()} (paused until ${at(10).toISOString()} because it was asked to wait)`

  it.each<[string, Date | null, Standing | undefined, string | null, Date | null, string | null]>([
    ['nothing, of what does not wait', null, open, null, null, null],
    ['now, of what is past', at(-30), open, 'due now', null, 'now'],
    ['now, in a lane that is not known', at(-30), undefined, 'due now', null, 'now'],
    ['its own time', at(5), open, at(5).toISOString(), at(5), 'time'],
    ['when the lane goes on, of what is past', at(-30), paused, goesOn, at(10), 'lane'],
    ['when the lane goes on, of what is due before', at(5), paused, goesOn, at(10), 'lane'],
    ['its own time, after the lane goes on', at(20), paused, at(20).toISOString(), at(20), 'time'],
    [
      'when a person starts the lane',
      at(-30),
      { ...paused, attention: 'Wrong key.' },
      'when the lane goes on (needs attention: Wrong key.)',
      null,
      'person',
    ],
  ])('is %s', (_, dueAt, lane, next, nextAttemptAt, nextBy) => {
    expect(nextOf(dueAt, now, lane)).toEqual({ next, nextAttemptAt, nextBy })
  })
})
