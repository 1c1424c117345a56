import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlidingWindow, secondsUntil, spendAll } from './limiter.ts'

describe('a sliding window', () => {
  it('never lets more through in any window than allowed', () => {
    const steps = fc.array(fc.nat(400), { maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (waits, requests) => {
        let now = 0
        const window = new SlidingWindow({ requests, windowMs: 1000 }, () => now)
        const passed: number[] = []
        for (const wait of waits) {
          now += wait
          if (!spendAll([{ name: 'key', window, key: 'k' }]).refusedBy) passed.push(now)
        }
        for (const at of passed) {
          expect(passed.filter(other => other > at - 1000 && other <= at).length).toBeLessThanOrEqual(
            requests,
          )
        }
      }),
    )
  })

  it('lets a request through at the moment it announced', () => {
    let now = 5
    const window = new SlidingWindow({ requests: 2, windowMs: 1000 }, () => now)
    const spend = () => spendAll([{ name: 'key', window, key: 'k' }])
    spend()
    now = 300
    spend()
    const { standing, refusedBy } = spend()
    expect([refusedBy, standing.remaining, standing.freesAt]).toEqual(['key', 0, 1005])
    now = standing.freesAt
    expect(spend().refusedBy).toBeUndefined()
  })

  it('counts keys apart, and spends nothing when one of several windows refuses', () => {
    const now = () => 0
    const wide = new SlidingWindow({ requests: 3, windowMs: 1000 }, now)
    const tight = new SlidingWindow({ requests: 1, windowMs: 1000 }, now)
    const spend = (address: string) =>
      spendAll([
        { name: 'wide', window: wide, key: 'k' },
        { name: 'tight', window: tight, key: address },
      ])
    expect(spend('a').refusedBy).toBeUndefined()
    expect(spend('a').refusedBy).toBe('tight')
    expect(wide.look('k').remaining).toBe(2)
    expect(spend('b').standing).toMatchObject({ limit: 1, remaining: 0 })
  })
})

it('announces at least one whole second', () => {
  expect([secondsUntil(1, 0), secondsUntil(1000, 0), secondsUntil(1001, 0), secondsUntil(0, 5)]).toEqual([
    '1',
    '1',
    '2',
    '1',
  ])
})
