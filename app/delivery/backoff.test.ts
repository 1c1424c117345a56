import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GIVE_UP_AFTER_MS, nextAttempt, pauseEnd } from './backoff.ts'

const SINCE = new Date('2026-11-20T12:00:00.000Z')
const later = (ms: number) => new Date(SINCE.getTime() + ms)
const END = later(GIVE_UP_AFTER_MS)
const DAY = 86_400_000

const attempts = fc.integer({ min: 1, max: 5000 })
/** Within the horizon. */
const elapsed = fc.integer({ min: 0, max: GIVE_UP_AFTER_MS - 1 })
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const announced = fc.option(
  fc.integer({ min: -400 * DAY, max: 400 * DAY }).map(ms => later(ms)),
  { nil: undefined },
)

describe('nextAttempt', () => {
  it('is after now and within the horizon, whatever was announced', () => {
    fc.assert(
      fc.property(attempts, elapsed, announced, random, (n, ms, notBefore, chance) => {
        const next = nextAttempt(n, later(ms), SINCE, notBefore, () => chance)
        expect(next?.getTime()).toBeGreaterThan(later(ms).getTime())
        expect(next?.getTime()).toBeLessThanOrEqual(END.getTime())
      }),
    )
  })

  it('is never before the announced time, unless the horizon ends first', () => {
    fc.assert(
      fc.property(attempts, elapsed, announced, random, (n, ms, notBefore, chance) => {
        const next = nextAttempt(n, later(ms), SINCE, notBefore, () => chance)
        const earliest = Math.min(notBefore?.getTime() ?? 0, END.getTime())
        expect(next?.getTime()).toBeGreaterThanOrEqual(earliest)
      }),
    )
  })

  it('gives up exactly at the horizon', () => {
    fc.assert(
      fc.property(attempts, fc.integer({ min: 0, max: 400 * DAY }), announced, (n, ms, notBefore) => {
        expect(nextAttempt(n, new Date(END.getTime() + ms), SINCE, notBefore)).toBeNull()
      }),
    )
    expect(nextAttempt(1, new Date(END.getTime() - 1), SINCE, undefined)).toEqual(END)
  })

  it.each([0, 0.5, 0.999])('comes to a bounded number of attempts until it gives up (random %d)', chance => {
    let count = 1
    for (let now: Date | null = SINCE; now; count++)
      now = nextAttempt(count, now, SINCE, undefined, () => chance)
    // With the worst luck every attempt comes after the shortest pause: half a second.
    expect(count).toBeLessThanOrEqual(chance === 0 ? GIVE_UP_AFTER_MS / 500 + 3 : 400)
  })

  it('waits longer after each failure, up to an hour', () => {
    const waits = [1, 2, 3, 10, 12, 100].map(
      n => (nextAttempt(n, SINCE, SINCE, undefined, () => 0.999)?.getTime() ?? 0) - SINCE.getTime(),
    )
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    expect(waits[0]).toBeLessThanOrEqual(2000)
    expect(waits.at(-1)).toBeLessThanOrEqual(3_600_000)
  })

  it('tries once more at the horizon when the vendor announces a time a year away', () => {
    expect(nextAttempt(1, SINCE, SINCE, later(365 * DAY), () => 0)).toEqual(END)
  })

  it('takes an announced time in the past for none', () => {
    expect(nextAttempt(1, SINCE, SINCE, later(-DAY), () => 0.5)).toEqual(
      nextAttempt(1, SINCE, SINCE, undefined, () => 0.5),
    )
  })
})

describe('pauseEnd', () => {
  it('is the announced time', () => {
    expect(pauseEnd(SINCE, later(90_000), 10_000)).toEqual(later(90_000))
  })

  it('is after a rest when nothing was announced', () => {
    expect(pauseEnd(SINCE, undefined, 10_000)).toEqual(later(10_000))
  })

  it('is always after now, and never after all that waits has given up', () => {
    fc.assert(
      fc.property(announced, notBefore => {
        const end = pauseEnd(SINCE, notBefore, 10_000).getTime()
        expect(end).toBeGreaterThan(SINCE.getTime())
        expect(end).toBeLessThanOrEqual(END.getTime())
      }),
    )
  })
})
