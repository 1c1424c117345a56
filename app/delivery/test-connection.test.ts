import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { createLog } from '../log.ts'
import { answer, SHOP } from '../vendors/testing.ts'
import { saveConnection } from './connections.ts'
import { createGate, type Gate } from './gate/gate.ts'
import type { Sender } from './send.ts'
import { recordTest, testConnection } from './test-connection.ts'
import { newShop, OPEN_GATE, sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'

const vendor = tinyVendor()
const close = async () => {}
const settings = TINY_SETTINGS
const connection = { vendor, settings, secrets: [TINY_SETTINGS.apiKey] }
const lane = { shopId: 1, vendor: 'tiny' }
let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())

it("sends the vendor's own request to the address given, and reads its answer", async () => {
  const asked: unknown[] = []
  const sender: Sender = {
    close,
    send: async (request, baseUrl) => {
      asked.push([request.url, baseUrl])
      return { answer: answer(200) }
    },
  }
  const result = await testConnection(
    { sender, gate: OPEN_GATE, baseUrl: 'http://127.0.0.1:9' },
    lane,
    connection,
    SHOP,
  )
  expect(result).toMatchObject({ ok: true, merchant: 'Tiny answered.' })
  expect(asked).toEqual([['https://api.tiny.example/v1/me', 'http://127.0.0.1:9']])
})

it('of a vendor that cannot be reached fails with a sentence that says what to do', async () => {
  const sender: Sender = { close, send: async () => ({ failure: 'ECONNREFUSED' }) }
  const tester = { sender, gate: OPEN_GATE, baseUrl: undefined }
  expect(await testConnection(tester, lane, connection, SHOP)).toEqual({
    ok: false,
    merchant: expect.stringMatching(/^Tiny could not be reached\. Try again/),
    log: 'Tiny: ECONNREFUSED',
  })
})

it('does not wait for an answer as long as a delivery does: somebody sits and waits', async () => {
  const sender: Sender = {
    close,
    send: (_request, _baseUrl, signal) =>
      new Promise(resolve => signal?.addEventListener('abort', () => resolve({ failure: 'timeout' }))),
  }
  const within = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
    const ended = new AbortController()
    queueMicrotask(() => ended.abort())
    return ended.signal
  })
  const tester = { sender, gate: OPEN_GATE, baseUrl: undefined }
  expect(await testConnection(tester, lane, connection, SHOP)).toMatchObject({ ok: false })
  expect(within).toHaveBeenCalledWith(12_000)
  within.mockRestore()
})

describe('a test', () => {
  const limited = tinyVendor({
    limits: () => ({ limits: [{ scope: 'key', requests: 2, windowSeconds: 60 }], batch: 1, concurrency: 1 }),
  })
  const strict = { ...connection, vendor: limited }
  let sent = 0
  const sender: Sender = {
    close,
    async send() {
      sent += 1
      return { answer: answer(200) }
    },
  }

  it('counts against the vendor’s limit, and is not sent beyond it', async () => {
    sent = 0
    const gate = createGate({ pool: test.database.pool, log: createLog('silent'), address: 'one' })
    const tester = { sender, gate, baseUrl: undefined }
    expect(await testConnection(tester, lane, strict, SHOP)).toMatchObject({ ok: true })
    const drained = await gate.ask({ shopId: 2, vendor: 'tiny' }, strict, 5)
    expect(drained).toMatchObject({ kind: 'go', permits: 1 })
    expect(await testConnection(tester, lane, strict, SHOP)).toMatchObject({
      ok: false,
      untried: 'limit',
      merchant: expect.stringMatching(
        /^Tiny has been sent as much as it takes for now\. Nothing .* in \d+ seconds\.$/,
      ),
    })
    expect(sent).toBe(1)
  })

  it('waits for a permit that comes soon', async () => {
    sent = 0
    const answers = [{ kind: 'wait' as const, until: new Date(), inMs: 30, why: 'limit' as const }]
    const gate: Gate = { ask: async (...asked) => answers.shift() ?? OPEN_GATE.ask(...asked) }
    expect(await testConnection({ sender, gate, baseUrl: undefined }, lane, strict, SHOP)).toMatchObject({
      ok: true,
    })
    expect(sent).toBe(1)
  })

  it('says so when the lane rests', async () => {
    const gate: Gate = {
      ask: async () => ({ kind: 'wait', until: new Date(), inMs: 60_000, why: 'lane_circuit' }),
    }
    const { untried, merchant } = await testConnection(
      { sender, gate, baseUrl: undefined },
      lane,
      strict,
      SHOP,
    )
    expect([untried, merchant]).toEqual([
      'lane_circuit',
      expect.stringContaining('has paused Tiny for this shop'),
    ])
  })

  it('within a wait that the vendor announced says what the one said that was told of it', async () => {
    const gate: Gate = {
      ask: async () => ({ kind: 'wait', until: new Date(), inMs: 150_000, why: 'announced' }),
    }
    const tested = await testConnection({ sender, gate, baseUrl: undefined }, lane, strict, SHOP)
    expect(tested).toMatchObject({
      untried: 'announced',
      merchant: 'Tiny asks to slow down. Try again in 3 minutes.',
    })
  })
})

it('is kept with its connection, and no other', async () => {
  const { pool } = test.database
  const [one, two] = [await newShop(pool, 'one'), await newShop(pool, 'two')]
  for (const shop of [one, two]) await saveConnection(pool, sealer, shop, vendor, TINY_SETTINGS)
  await recordTest(
    test.database.prisma,
    { shopId: one, vendor: 'tiny' },
    { ok: false, merchant: 'No.', log: '' },
  )
  const { rows } = await pool.query(
    'select test_ok, test_message, tested_at is not null as tested from connections order by shop_id',
  )
  expect(rows).toEqual([
    { test_ok: false, test_message: 'No.', tested: true },
    { test_ok: null, test_message: null, tested: false },
  ])
})
