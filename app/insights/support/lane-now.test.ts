import { expect, it } from 'vitest'
import { HELD_REASONS } from '../../delivery/outcome.ts'
import { stateNow } from './lane-now.ts'

const LANE = { enabled: true, attention: null, hold: null, rests: null, pending: 0, retry: 0 }
const hold = { reason: 'An outage.', since: new Date(0), until: null }
const rests = { until: new Date(0), over: false, why: 'HTTP 503', everyShop: false }

it.each([
  ['nothing is wrong', {}, false, 'ok', 'ok'],
  ['nothing was counted yet', {}, false, undefined, 'ok'],
  ['something waited too long', {}, false, 'late', 'late'],
  ['much failed', {}, false, 'failing', 'failing'],
  ['it was held when counted', {}, false, 'held', 'ok'],
  ['its circuit is open', { rests }, false, 'ok', 'failing'],
  [
    "the vendor's circuit is open and nothing waits",
    { rests: { ...rests, everyShop: true } },
    false,
    'ok',
    'ok',
  ],
  [
    "the vendor's circuit is open",
    { rests: { ...rests, everyShop: true }, retry: 1 },
    false,
    'ok',
    'failing',
  ],
  ['it waits for a person', { attention: 'Other credentials.', rests }, false, 'ok', 'attention'],
  ['it is switched off', { enabled: false, attention: 'Other credentials.' }, false, 'ok', 'off'],
  ['it is being disconnected', { attention: HELD_REASONS.disconnecting }, false, 'attention', 'off'],
  ['the app was removed', { attention: 'Removed.' }, true, 'ok', 'off'],
  ['support holds it', { enabled: false, hold }, true, 'late', 'held'],
] as const)('where %s', (_, over, isRemoved, counted, expected) => {
  expect(stateNow({ ...LANE, ...over }, isRemoved, counted)).toBe(expected)
})
