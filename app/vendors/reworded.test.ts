import { expect, it } from 'vitest'
import { SKIP_REASONS } from './reasons.ts'
import { asWordedNow } from './reworded.ts'

const BEFORE = 'A newer state of the same order or cart was sent instead.'

it.each([
  [BEFORE, SKIP_REASONS.superseded],
  [`${BEFORE} (order 1)`, `${SKIP_REASONS.superseded} (order 1)`],
  [SKIP_REASONS.missing_field, SKIP_REASONS.missing_field],
  [`${SKIP_REASONS.missing_field} (email)`, `${SKIP_REASONS.missing_field} (email)`],
  ['constructor', 'constructor'],
  ['', ''],
  [null, null],
])('%j is told as %j', (kept, told) => {
  expect(asWordedNow(kept)).toBe(told)
})
