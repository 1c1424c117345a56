import { describe, expect, it } from 'vitest'
import { type AllowanceState, block, grant, type Rule, settle, unused } from './allowance.ts'
import { enqueue, offer, turnOf } from './queue.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const FIVE: Rule = { requests: 5, windowMs: 5_000, assumed: false }

/** Five permits answered at 0, 100, … 400 ms. */
function full(): AllowanceState {
  const ends = [0, 100, 200, 300, 400].map(ms => ({ at: NOW + ms, answered: true }))
  return settle(grant(unused(), 'x', 'a', 5, NOW), 'a', ends, 0)
}
const waiting = (state: AllowanceState, ...told: [string, number][]): AllowanceState => ({
  ...state,
  queue: told,
})

describe('the time that is told', () => {
  it('is when the permit of one’s place is free, windows later beyond those that count', () => {
    let state = full()
    const told: number[] = []
    for (let lane = 0; lane < 12; lane += 1) {
      const at = turnOf(state, FIVE, `${lane}`, NOW + 500)
      told.push(at - NOW)
      state = enqueue(state, `${lane}`, at)
    }
    expect(told).toEqual([
      5_000, 5_100, 5_200, 5_300, 5_400, 10_000, 10_100, 10_200, 10_300, 10_400, 15_000, 15_100,
    ])
  })

  it('comes after an announced block, for as many as may then go', () => {
    let state = block(unused(), NOW, 30_000)
    const told: number[] = []
    for (let lane = 0; lane < 7; lane += 1) {
      const at = turnOf(state, FIVE, `${lane}`, NOW)
      told.push(at - NOW)
      state = enqueue(state, `${lane}`, at)
    }
    expect(told).toEqual([30_000, 30_000, 30_000, 30_000, 30_000, 35_000, 35_000])
  })

  it('does not move when one asks again', () => {
    const state = waiting(full(), ['1', NOW + 5_000], ['2', NOW + 5_100])
    expect(turnOf(state, FIVE, '1', NOW + 500)).toBe(NOW + 5_000)
    expect(enqueue(state, '1', NOW + 5_000).queue).toEqual(state.queue)
  })

  it('is later where the limit has become smaller than what counts', () => {
    expect(turnOf({ ...full(), limit: 2 }, FIVE, '1', NOW + 500)).toBe(NOW + 5_300)
  })

  it('is soon where permits are in use: an answer may come at any moment', () => {
    const state = grant(unused(), 'x', 'a', 5, NOW - 20_000)
    expect(turnOf(state, FIVE, '1', NOW)).toBe(NOW + 1_000)
  })
})

describe('an offer', () => {
  it('is all that is wanted and free when nobody waits', () => {
    expect(offer(unused(), FIVE, '1', 3, NOW)).toBe(3)
    expect(offer(unused(), FIVE, '1', 9, NOW)).toBe(5)
  })

  it('keeps permits for those whose time has come, and no longer for others', () => {
    const three = grant(unused(), 'x', 'a', 3, NOW)
    const due: [string, number][] = [
      ['1', NOW - 1],
      ['2', NOW],
    ]
    expect(offer(waiting(three, ...due), FIVE, '3', 1, NOW)).toBe(0)
    expect(offer(waiting(three, ['1', NOW], ['2', NOW + 1]), FIVE, '3', 1, NOW)).toBe(1)
  })

  it('is for one who waits in its place, ahead of those behind', () => {
    const four = grant(unused(), 'x', 'a', 4, NOW)
    const state = waiting(four, ['1', NOW], ['2', NOW])
    expect(offer(state, FIVE, '2', 1, NOW)).toBe(0)
    expect(offer(state, FIVE, '1', 1, NOW)).toBe(1)
  })

  it('is a fair share while others wait, and at least one', () => {
    expect(offer(waiting(unused(), ['2', NOW + 9]), FIVE, '1', 5, NOW)).toBe(2)
    const many = Array.from({ length: 50 }, (_, i): [string, number] => [`${i + 2}`, NOW + 9])
    expect(offer(waiting(unused(), ...many), FIVE, '1', 5, NOW)).toBe(1)
  })
})

it('remembers two thousand lanes, and tells the others a time all the same', () => {
  const many = Array.from({ length: 2_000 }, (_, i): [string, number] => [`${i}`, NOW + 9])
  const state = waiting(full(), ...many)
  expect(enqueue(state, 'last', NOW).queue).toHaveLength(2_000)
  expect(turnOf(state, FIVE, 'last', NOW + 500)).toBe(NOW + 5_000 + 400 * 5_000)
})
