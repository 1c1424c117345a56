import { describe, expect, it } from 'vitest'
import { UNOPENED, vendorById } from '../delivery/connections.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import { sealer } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import type { LaneLine } from '../insights/lanes.ts'
import { givenIn } from '../insights/vendor-form.ts'
import type { Shop } from '../shopify/shops.ts'
import type { Connecting } from './connecting.ts'
import { sealFailedTest } from './failed-test.ts'
import { cardOf, createMerchantVendors } from './merchant-vendors.ts'

const shops = twoShops()
const LANE = {
  ...{ enabled: true, attention: null, hold: null, rests: null, pausedUntil: null },
  ...{ testedAt: null, testOk: null, testMessage: null, testRefused: null },
  ...{ pending: 0, retry: 0, waiting: 0, held: 0, dead: 0, pausedWhy: 'it asked to wait', opens: true },
} as unknown as LaneLine
const statusOf = (over: Partial<LaneLine>, proved: string[] = []) =>
  cardOf('alana', 'Alana', { ...LANE, ...over }, new Set(proved)).status

it('a merchant who saves a vendor that is being disconnected is told so, and that nothing was saved', async () => {
  const { connect, pool } = shops
  await connect(shops.one, vendorById('alana'), { apiKey: 'ak_live_0123456789' })
  await pool().query('update connections set attention = $1', [HELD_REASONS.disconnecting])
  // What saves without a test needs no more than this.
  const connecting = { pool: pool(), sealer, signal: async () => {} } as unknown as Connecting
  const listed = await createMerchantVendors(connecting).list({ id: shops.one } as Shop)
  expect(listed.find(({ id }) => id === 'alana')?.status.kind).toBe('disconnecting')
  const save = () =>
    createMerchantVendors(connecting).submit({ id: shops.one } as Shop, 'alana', 'saveUntested', {})
  expect(await save()).toEqual({ kind: 'disconnecting' })
  await pool().query('update connections set attention = null')
  expect(await save()).toMatchObject({ kind: 'saved' })
})

it('a tool that must wait for longer than it rests says until when and why, not when its rest ends', () => {
  const [soon, later] = [new Date('2026-11-20T12:00:10.000Z'), new Date('2026-11-20T12:05:00.000Z')]
  const rests = { until: soon, over: false, why: 'it fails', everyShop: false }
  const paused = { kind: 'paused', until: later.toISOString(), why: 'it asked to wait' }
  expect(statusOf({ rests, pausedUntil: later })).toEqual(paused)
  expect(statusOf({ rests: { ...rests, over: true }, pausedUntil: later })).toEqual(paused)
  expect(statusOf({ rests: { ...rests, until: later }, pausedUntil: soon })).toEqual({
    ...{ kind: 'rests', until: later.toISOString(), why: 'it fails', everyShop: false, over: false },
  })
  expect(statusOf({ rests: { ...rests, over: true }, pausedUntil: null })).toMatchObject({ kind: 'rests' })
})

it('a tool that was saved untested, after a test that failed, looked as well as one that works', () => {
  expect(statusOf({})).toEqual({ kind: 'untested' })
  expect(statusOf({}, ['alana'])).toEqual({ kind: 'on' })
  const failed = { testedAt: new Date(), testOk: false, testMessage: 'Wrong key.' }
  expect(statusOf(failed)).toEqual({ kind: 'refused', why: 'Wrong key.', atKey: false })
  expect(statusOf({ ...failed, testRefused: true })).toMatchObject({ atKey: true })
  expect(statusOf({ enabled: false })).toMatchObject({ kind: 'off' })
  expect(statusOf({ pausedUntil: new Date() })).toMatchObject({ kind: 'paused' })
})

it('a tool whose key is lost looked untested, or well', () => {
  const lost = { kind: 'attention', why: UNOPENED, refused: true }
  expect(statusOf({ opens: false })).toEqual(lost)
  expect(statusOf({ opens: false, testOk: true }, ['alana'])).toEqual(lost)
  expect(statusOf({ opens: false, enabled: false })).toEqual({
    kind: 'off',
    attention: UNOPENED,
    refused: true,
  })
  expect(statusOf({ opens: false, attention: HELD_REASONS.disconnecting })).toMatchObject({
    kind: 'disconnecting',
  })
})

describe('a page that saves settings all the same whose test failed', () => {
  const given = { apiKey: 'ak_live_0123456789' }
  const failed = { ok: false, merchant: 'Key unknown.', log: 'alana: 401', refused: true }
  const saying = (apiKey: string) => ({ 'set.apiKey': apiKey })
  const save = async (testedAt: Date, key = given.apiKey) => {
    const { connect, pool } = shops
    const lane = { shopId: shops.one, vendor: 'alana' }
    const before = givenIn(vendorById('alana'), {}, saying(key))
    await connect(shops.one, vendorById('alana'), before)
    await pool().query("update connections set tested_at = $1, test_ok = true, test_message = 'Fine.'", [
      testedAt,
    ])
    const connecting = {
      ...{ pool: pool(), prisma: shops.prisma(), sealer, signal: async () => {} },
    } as unknown as Connecting
    const values = saying(given.apiKey)
    const settings = givenIn(vendorById('alana'), before, values)
    const failedTest = sealFailedTest(sealer, lane, settings, failed)
    const answer = await createMerchantVendors(connecting).submit(
      { id: shops.one } as Shop,
      'alana',
      'saveUntested',
      { ...values, failedTest },
    )
    const { rows } = await pool().query('select test_ok, test_message, tested_at from connections')
    return { answer, row: rows[0] }
  }

  it('undid the test that a colleague had passed since with the same settings', async () => {
    const since = new Date(Date.now() + 1000)
    const { answer, row } = await save(since)
    expect(answer).toEqual({ kind: 'saved', test: { ok: true, message: 'Fine.' }, held: 0 })
    expect(row).toEqual({ test_ok: true, test_message: 'Fine.', tested_at: since })
  })

  it('keeps that test where none came after it, or only one of other settings', async () => {
    for (const { answer, row } of [
      await save(new Date(Date.now() - 1000)),
      await save(new Date(Date.now() + 1000), 'ak_live_9876543210'),
    ]) {
      expect(answer).toMatchObject({ kind: 'saved', test: { ok: false } })
      expect(row).toMatchObject({ test_ok: false, test_message: 'Key unknown.' })
    }
  })
})
