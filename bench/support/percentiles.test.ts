import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mean, median, percentile, slope, summarise } from './percentiles.ts'

const samples = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 })

describe('percentile', () => {
  it('takes the nearest rank', () => {
    const sorted = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    expect(percentile(sorted, 50)).toBe(50)
    expect(percentile(sorted, 51)).toBe(60)
    expect(percentile(sorted, 99)).toBe(100)
    expect(percentile(sorted, 1)).toBe(10)
  })

  it('has no value without samples', () => {
    expect(percentile([], 50)).toBeNaN()
  })
})

describe('summarise', () => {
  it('does not need sorted samples, and sorts by number', () => {
    expect(summarise([100, 9, 20])).toEqual({ count: 3, p50: 20, p95: 100, p99: 100, max: 100 })
  })

  it('never leaves the order p50, p95, p99, max', () => {
    fc.assert(
      fc.property(samples, list => {
        const { p50, p95, p99, max } = summarise(list)
        expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((a, b) => a - b))
        expect(max).toBe(Math.max(...list))
      }),
    )
  })
})

describe('median', () => {
  it('is the middle one, or between the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 6])).toBe(5.5)
    expect(median([])).toBeNaN()
  })
})

describe('slope', () => {
  it('is the rise per sample', () => {
    expect(slope([1, 3, 5, 7])).toBe(2)
    expect(slope([4, 4, 4])).toBe(0)
    expect(slope([7])).toBe(0)
  })

  it('does not depend on where the samples lie', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: -50, max: 50 }), (list, by) => {
        expect(slope(list.map(sample => sample + by))).toBeCloseTo(slope(list), 6)
        expect(mean(list.map(sample => sample + by))).toBeCloseTo(mean(list) + by, 6)
      }),
    )
  })
})
