import { afterEach, expect, it, vi } from 'vitest'
import { sealer } from '../delivery/testing.ts'
import { openFailedTest, sealFailedTest } from './failed-test.ts'

const LANE = { shopId: 1, vendor: 'tiny' }
const GIVEN = { apiKey: 'tk_wrong', rows: { order_created: true } }
const RESULT = { ok: false, merchant: 'Tiny does not know this key.', log: 'tiny: 401', refused: true }

it('a test that failed is opened for the settings that it was of, and for no others', () => {
  const sealed = sealFailedTest(sealer, LANE, GIVEN, RESULT)
  expect(openFailedTest(sealer, LANE, GIVEN, sealed)).toMatchObject({
    at: expect.any(Date),
    result: { ok: false, merchant: 'Tiny does not know this key.', refused: true },
  })
  expect(openFailedTest(sealer, LANE, { ...GIVEN, apiKey: 'tk_right' }, sealed)).toBeNull()
  expect(openFailedTest(sealer, LANE, { ...GIVEN, rows: {} }, sealed)).toBeNull()
  expect(openFailedTest(sealer, { ...LANE, shopId: 2 }, GIVEN, sealed)).toBeNull()
  expect(openFailedTest(sealer, { ...LANE, vendor: 'other' }, GIVEN, sealed)).toBeNull()
})

it('counts for an hour: somebody else may have tested and saved the same since the page was opened', () => {
  vi.useFakeTimers({ now: new Date('2026-11-20T10:00:00Z'), toFake: ['Date'] })
  const sealed = sealFailedTest(sealer, LANE, GIVEN, RESULT)
  vi.setSystemTime(new Date('2026-11-20T10:59:00Z'))
  expect(openFailedTest(sealer, LANE, GIVEN, sealed)).not.toBeNull()
  vi.setSystemTime(new Date('2026-11-20T11:01:00Z'))
  expect(openFailedTest(sealer, LANE, GIVEN, sealed)).toBeNull()
})
afterEach(() => {
  vi.useRealTimers()
})

it.each(['', 'Tiny works.', 'v1.none.AAAA'])('what nobody sealed says nothing of a test: %j', sealed => {
  expect(openFailedTest(sealer, LANE, GIVEN, sealed)).toBeNull()
})
