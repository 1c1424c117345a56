import { describe, expect, it } from 'vitest'
import {
  type AllowanceState,
  type Announced,
  announce,
  block,
  current,
  GRACE_MS,
  grant,
  HOLD_MS,
  held,
  IN_FLIGHT_MS,
  idleFrom,
  limitOf,
  type Rule,
  room,
  settle,
  unused,
} from './allowance.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const MINUTE: Rule = { requests: 10, windowMs: 60_000, assumed: false }
const OURS: Rule = { ...MINUTE, assumed: true }
const HOURS_72 = 72 * 3_600_000
const free = (state: AllowanceState, now: number, rule = MINUTE) => room(current(state, rule, now), rule)
const given = (permits: number, at = NOW) => grant(unused(), '1:tiny', 'a', permits, at)
const answered = (at: number, answered = true) => ({ at, answered })

describe('a permit', () => {
  it('counts from when it is given', () => {
    expect(free(unused(), NOW)).toBe(10)
    expect(free(given(4), NOW)).toBe(6)
  })

  it('counts until its answer came, and the window', () => {
    const state = settle(given(1), 'a', [answered(NOW + 500)], 0)
    expect(free(state, NOW + 60_499)).toBe(9)
    expect(free(state, NOW + 60_500)).toBe(10)
  })

  it('that was not used is free at once, the others stay', () => {
    const state = settle(given(5), 'a', [answered(NOW + 500)], 3)
    expect(free(state, NOW + 600)).toBe(8)
    expect(state.open).toEqual([{ id: 'a', permits: 1, at: NOW }])
  })

  it('whose process died counts until its request could have been answered, and the window', () => {
    expect(free(given(3), NOW + HOLD_MS + 59_999)).toBe(7)
    expect(free(given(3), NOW + HOLD_MS + 60_000)).toBe(10)
  })

  it('whose request was given up counts a little longer: it may arrive yet', () => {
    const state = settle(given(1), 'a', [answered(NOW + 500, false)], 0)
    expect(free(state, NOW + 60_499 + IN_FLIGHT_MS)).toBe(9)
    expect(free(state, NOW + 60_500 + IN_FLIGHT_MS)).toBe(10)
  })

  it('counts also when its answer is written down after it was forgotten', () => {
    const late = NOW + HOLD_MS + 70_000
    expect(free(settle(current(given(1), MINUTE, late), 'a', [answered(late - 1)], 3), late)).toBe(9)
  })

  it('is not given back twice', () => {
    const state = settle(settle(given(5), 'a', [], 9), 'a', [], 9)
    expect(free(state, NOW)).toBe(10)
    expect(held(state)).toBe(0)
  })
})

describe('a clock', () => {
  it('that was set back stops nobody for longer than a request and a window', () => {
    const state = settle(given(10), 'a', [answered(NOW + 500), answered(NOW + 600)], 0)
    const before = NOW - 86_400_000
    const then = current(state, MINUTE, before)
    expect(free(then, before + HOLD_MS + 60_000)).toBe(10)
  })

  it('that was set back leaves a block of three days at most', () => {
    const state = block(unused(), NOW, HOURS_72)
    const before = NOW - 400 * 86_400_000
    expect(current(state, MINUTE, before).blockedUntil).toBe(before + HOURS_72)
  })
})

describe('"slow down"', () => {
  it.each([
    ['a time', 30_000, 30_000],
    ['no time', undefined, 10_000],
    ['a time that has passed', -5_000, 1_000],
    ['at once', 0, 1_000],
    ['a year', 365 * 86_400_000, HOURS_72],
  ])('with %s', (_, wait, lasts) => {
    const state = block(unused(), NOW, wait)
    expect(free(state, NOW + lasts - 1)).toBe(0)
    expect(free(state, NOW + lasts)).toBe(10)
  })

  it('is not shortened by another that is shorter', () => {
    const state = block(block(unused(), NOW, 30_000), NOW, 5_000)
    expect(free(state, NOW + 29_999)).toBe(0)
  })
})

describe('an announcement', () => {
  const said = (over: Partial<Announced>): Announced => ({ at: NOW, heardAt: NOW + 100, ...over })
  /** A permit whose answer said something. */
  const heard = (over: Partial<Announced>, rule = MINUTE, before = unused()) =>
    announce(settle(grant(before, '1:tiny', 'a', 1, NOW), 'a', [answered(NOW + 100)], 0), rule, said(over))

  it.each([
    ['smaller', 3, 3],
    ['larger', 50, 50],
    ['nothing', 0, 1],
    ['more than can be', 9_999_999, 1_000],
  ])('of a limit replaces the declared one: %s', (_, limit, holds) => {
    expect(limitOf(heard({ limit }), MINUTE)).toBe(holds)
  })

  it('of a limit holds until another comes', () => {
    const state = current(heard({ limit: 3 }), MINUTE, NOW + 86_400_000)
    expect(free(state, NOW + 86_400_000)).toBe(3)
    expect(limitOf(announce(state, MINUTE, said({ limit: 7 })), MINUTE)).toBe(7)
  })

  it('of what remains holds to the second, then the limit does', () => {
    const state = heard({ remaining: 2, wait: 20_000 })
    expect(free(state, NOW + 200)).toBe(2)
    expect(free(state, NOW + 20_099)).toBe(2)
    expect(free(state, NOW + 20_100)).toBe(9)
  })

  it('that nothing remains stops all until the reset', () => {
    const state = heard({ remaining: 0, wait: 20_000 })
    expect(free(state, NOW + 20_099)).toBe(0)
    expect(free(state, NOW + 20_100)).toBe(9)
  })

  it.each([
    [undefined, 60_000],
    [-1, 1_000],
    [0, 1_000],
    [365 * 86_400_000, HOURS_72],
  ])('that nothing remains, with a reset in %j ms, lasts %i ms', (wait, lasts) => {
    const state = heard({ remaining: 0, ...(wait !== undefined && { wait }) })
    expect(free(state, NOW + 99 + lasts)).toBe(0)
    expect(free(state, NOW + 100 + lasts)).toBeGreaterThan(0)
  })

  it('is used up by permits, and credited with those given back', () => {
    const more = grant(heard({ remaining: 5, wait: 20_000 }), '1:tiny', 'b', 4, NOW + 200)
    expect(free(more, NOW + 300)).toBe(1)
    expect(free(settle(more, 'b', [], 3), NOW + 300)).toBe(4)
  })

  it('may not have counted what was under way, or answered after its own request began', () => {
    const busy = settle(
      grant(grant(unused(), '2:tiny', 'x', 2, NOW), '3:tiny', 'y', 1, NOW),
      'y',
      [answered(NOW + 50)],
      0,
    )
    expect(free(heard({ remaining: 5, wait: 20_000 }, MINUTE, busy), NOW + 200)).toBe(2)
  })

  it('raises a declared number only where that is ours', () => {
    expect(free(heard({ remaining: 25, wait: 20_000 }), NOW + 200)).toBe(9)
    expect(free(heard({ remaining: 25, wait: 20_000 }, OURS), NOW + 200, OURS)).toBe(25)
  })

  it('of an older request than the last one heard says nothing', () => {
    const state = heard({ remaining: 2, wait: 20_000 })
    expect(announce(state, MINUTE, said({ remaining: 9, at: NOW - 1 }))).toEqual(state)
  })
})

describe('a state', () => {
  it('stays small however many permits there are', () => {
    const rule: Rule = { requests: 100_000, windowMs: 60_000, assumed: false }
    let state = grant(unused(), '1:tiny', 'a', 6_000, NOW)
    const ends = Array.from({ length: 6_000 }, (_, i) => answered(NOW + i * 10))
    state = current(settle(state, 'a', ends, 0), rule, NOW + 59_999)
    expect(held(state)).toBe(6_000)
    expect(state.past.length).toBeLessThan(1_200)
    expect(current(state, rule, NOW + 80_000).past.length).toBeLessThan(120)
  })

  it('forgets who did not come', () => {
    const state: AllowanceState = { ...unused(), queue: [['1:tiny', NOW]] }
    expect(current(state, MINUTE, NOW + GRACE_MS - 1).queue).toHaveLength(1)
    expect(current(state, MINUTE, NOW + GRACE_MS).queue).toHaveLength(0)
  })

  it('says from when it counts nothing', () => {
    expect(idleFrom(unused(), MINUTE, NOW)).toBe(NOW)
    expect(idleFrom(given(1), MINUTE, NOW)).toBe(NOW + HOLD_MS + 60_000)
    expect(idleFrom(block(unused(), NOW, 5_000), MINUTE, NOW)).toBe(NOW + 5_000)
  })
})
