import { expect, it } from 'vitest'
import { COUNTED_UP_TO } from '../../delivery/lane.ts'
import { progressOf } from './replay-outcomes.tsx'

const NONE = { delivered: 0, failed: 0, waiting: 0, held: 0, forVisitor: 0, skipped: 0 }

it('tells how much of what was sent again has ended', () => {
  expect(progressOf({ ...NONE, delivered: 100, skipped: 50, waiting: 50 })).toBe(75)
  expect(progressOf({ ...NONE, delivered: COUNTED_UP_TO - 1, waiting: 0 })).toBe(100)
})

it('of 100,000 stood at half from a tenth to nine tenths: of counts that are cut off there is no share', () => {
  expect(progressOf({ ...NONE, delivered: COUNTED_UP_TO, waiting: COUNTED_UP_TO })).toBeNull()
  expect(progressOf({ ...NONE, delivered: 500, waiting: COUNTED_UP_TO })).toBeNull()
  expect(progressOf(NONE)).toBeNull()
})
