import { expect, it } from 'vitest'
import { COUNTED_UP_TO } from '../delivery/lane.ts'
import { counted, MOST_COUNTED } from './counted.ts'

it.each([
  [0, '0'],
  [9_999, '9,999'],
  [10_000, '10,000'],
  [10_001, '10,000+'],
  [20_002, '10,000+'],
])('%i waiting are shown as %s: no number that was cut short passes for the whole', (count, shown) => {
  expect(counted(count, value => new Intl.NumberFormat('en').format(value))).toBe(shown)
})

it('is of numbers that were counted to one more', () => {
  expect(COUNTED_UP_TO).toBe(MOST_COUNTED + 1)
})
