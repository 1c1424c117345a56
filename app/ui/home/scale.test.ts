import fc from 'fast-check'
import { expect, it } from 'vitest'
import { topOf } from './scale.ts'

it.each([
  [0, 2],
  [1, 2],
  [3, 4],
  [9, 10],
  [11, 20],
  [61, 80],
  [81, 100],
  [1_234_567, 2_000_000],
])('the axis of %i ends at %i', (most, top) => {
  expect(topOf(most)).toBe(top)
})

it('the axis is never too short, and its half is whole', () => {
  fc.assert(
    fc.property(fc.nat(), most => {
      const top = topOf(most)
      expect(top).toBeGreaterThanOrEqual(most)
      expect(top % 2).toBe(0)
      expect(top).toBeLessThanOrEqual(Math.max(2, most * 2.5))
    }),
  )
})
