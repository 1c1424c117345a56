import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { answer, SHOP } from '../vendors/testing.ts'
import { saveConnection } from './connections.ts'
import type { Sender } from './send.ts'
import { recordTest, testConnection } from './test-connection.ts'
import { newShop, sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'

const vendor = tinyVendor()
const close = async () => {}
const settings = TINY_SETTINGS
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
  const result = await testConnection(sender, { vendor, settings }, SHOP, 'http://127.0.0.1:9')
  expect(result).toMatchObject({ ok: true, merchant: 'Tiny answered.' })
  expect(asked).toEqual([['https://api.tiny.example/v1/me', 'http://127.0.0.1:9']])
})

it('of a vendor that cannot be reached fails with a sentence that says what to do', async () => {
  const sender: Sender = { close, send: async () => ({ failure: 'ECONNREFUSED' }) }
  expect(await testConnection(sender, { vendor, settings }, SHOP, undefined)).toEqual({
    ok: false,
    merchant: expect.stringMatching(/^Tiny could not be reached\. Try again/),
    log: 'Tiny: ECONNREFUSED',
  })
})

it('is kept with its connection, and no other', async () => {
  const { pool } = test.database
  const [one, two] = [await newShop(pool, 'one'), await newShop(pool, 'two')]
  for (const shop of [one, two])
    await saveConnection(test.database.prisma, sealer, shop, vendor, TINY_SETTINGS)
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
