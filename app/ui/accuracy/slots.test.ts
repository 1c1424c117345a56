import { expect, it } from 'vitest'
import type { AccuracyPage } from '../../runtime/merchant-accuracy.ts'
import { slotsOf } from './slots.ts'

const NONE = { orders: 5, before: 0, missing: 0, gone: 0 }
const counting: AccuracyPage['shopify'] = { state: 'counting' }
const counted = { state: 'counted' } as AccuracyPage['shopify']

it.each([
  [true, {}],
  [true, { before: 2, missing: 1 }],
  [false, { missing: 3 }],
  [false, {}],
])(
  'as many rows wait for Shopify’s count as it has: installed within the period %s, %o',
  (mayPrecede, came) => {
    const waiting = slotsOf({ shopify: counting, whole: NONE, mayPrecede })
    const there = slotsOf({ shopify: counted, whole: { ...NONE, ...came }, mayPrecede })
    expect(waiting).toHaveLength(there.length)
    expect(waiting.every(({ count }) => count === null)).toBe(true)
    const sum = there.reduce((total, { count }) => total + (count ?? Number.NaN), 0)
    const { before, missing } = { ...NONE, ...came }
    expect(sum).toBe(before + missing)
  },
)

it('no row waits for a count that Shopify is not asked for', () => {
  const shopify: AccuracyPage['shopify'] = { state: 'unknown', why: 'too_far_back' }
  expect(slotsOf({ shopify, whole: NONE, mayPrecede: true })).toEqual([])
})
