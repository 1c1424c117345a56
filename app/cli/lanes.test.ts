import { expect, it } from 'vitest'
import { listed } from './lanes.ts'

const LANE = {
  ...({ shop: 'one.myshopify.com', vendor: 'ecomail', state: 'late', status: 'open', job: null } as const),
  ...{ pending: 1, retry: 0, waiting: 0, held: 0, dead: 0, oldestAccepted: null, oldestHeld: null },
}

it('how lanes stood a while ago was listed as if they stood so now', () => {
  const at = new Date('2026-11-20T12:00:00Z')
  expect(listed([{ ...LANE, stateAsOf: at }])).toContain('\nSTATE as of 2026-11-20T12:00:00.000Z;')
  expect(listed([{ ...LANE, stateAsOf: null }])).not.toContain('as of')
  expect(listed([])).toContain('No vendor is connected yet.')
})
