import { expect, it } from 'vitest'
import { LANE_STATES } from '../delivery/lane.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import { type LaneFacts, laneState } from './lane-stands.ts'

const WELL: LaneFacts = {
  ...{ onHold: false, enabled: true, removed: false, attention: null, opens: true, proved: true },
  ...{ rests: false, vendorRests: false, waiting: 0, late: false, paused: false, delivered: 0, failed: 0 },
}
const backlog = { waiting: 3 }

it.each<[string, Partial<LaneFacts>, string]>([
  ['nothing is wrong', {}, 'ok'],
  ['something waits', backlog, 'ok'],
  ['it is paused and nothing waits', { paused: true }, 'ok'],
  ['it is paused and something waits', { ...backlog, paused: true }, 'paused'],
  ['that waits too long', { ...backlog, paused: true, late: true }, 'late'],
  ['it was never proved', { proved: false }, 'untested'],
  ['it was never proved, and waits', { ...backlog, paused: true, proved: false }, 'paused'],
  ['its credentials do not open', { opens: false }, 'attention'],
  ['it is off, and its credentials do not open', { opens: false, enabled: false }, 'off'],
  ['its circuit is open', { rests: true, paused: true }, 'failing'],
  ["the vendor's circuit is open and nothing waits", { vendorRests: true }, 'ok'],
  ["the vendor's circuit is open", { ...backlog, vendorRests: true }, 'failing'],
  ['every tenth failed', { failed: 5, delivered: 45, late: true }, 'failing'],
  ['less than every tenth failed', { failed: 5, delivered: 46 }, 'ok'],
  ['fewer than five failed', { failed: 4 }, 'ok'],
  ['it waits for a person', { attention: 'Other credentials.', rests: true }, 'attention'],
  ['it is being disconnected', { attention: HELD_REASONS.disconnecting }, 'off'],
  ['the app was removed', { attention: 'Removed.', removed: true }, 'off'],
  ['support holds it', { onHold: true, enabled: false, removed: true, opens: false }, 'held'],
])('where %s', (_, over, expected) => {
  expect(LANE_STATES).toContain(expected)
  expect(laneState({ ...WELL, ...over })).toBe(expected)
})
