import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type History,
  jittered,
  laneFails,
  nextRest,
  note,
  SPAN_MS,
  vendorFails,
  without,
} from './circuit.ts'

const NOW = 1_000_000

/** "1x 1. 2x": lane 1 failed, lane 1 succeeded, lane 2 failed; all at one time. */
function happened(what: string, at = NOW, before: History = [], tookMs = 100): History {
  return what
    .split(' ')
    .reduce((history, word) => note(history, at, word.slice(0, -1), word.endsWith('x'), tookMs), before)
}
const times = (count: number, word: string) => Array(count).fill(word).join(' ')

describe('a lane', () => {
  it.each([
    ['four failures', times(4, '1x'), false],
    ['five failures', times(5, '1x'), true],
    ['half of six', `${times(3, '1x')} ${times(3, '1.')}`, true],
    ['less than half', `${times(3, '1x')} ${times(4, '1.')}`, false],
    ['failures of another', times(9, '2x'), false],
    ['nothing yet', '2.', false],
  ])('rests after %s: %s → %s', (_, what, rests) => {
    expect(laneFails(happened(what), '1', NOW)).toBe(rests)
  })

  it('does not rest for what is more than a minute ago', () => {
    const history = happened(times(5, '1x'))
    expect(laneFails(history, '1', NOW + SPAN_MS - 1)).toBe(true)
    expect(laneFails(history, '1', NOW + SPAN_MS)).toBe(false)
    expect(note(history, NOW + SPAN_MS, '1', true, 1)).toHaveLength(1)
  })

  it('does not rest for what lies ahead of a clock that was set back', () => {
    expect(laneFails(happened(times(5, '1x')), '1', NOW - 1)).toBe(false)
  })

  it('rests after two time-outs, which fill the span', () => {
    const one = happened('1x', NOW, [], 30_000)
    expect(laneFails(one, '1', NOW)).toBe(false)
    const two = happened('1x', NOW + 30_000, one, 30_000)
    expect(laneFails(two, '1', NOW + 30_000)).toBe(true)
  })

  it('starts anew once it works again', () => {
    expect(laneFails(happened('1x', NOW, without(happened(times(9, '1x 2x')), '1')), '1', NOW)).toBe(false)
  })
})

describe('a vendor', () => {
  it.each([
    ['ten failures of two lanes', times(5, '1x 2x'), true],
    ['nine of two lanes', `${times(4, '1x 2x')} 1x`, false],
    ['ten failures of the only lane', times(10, '1x'), false],
    ['ten failures of one lane, while another works', `${times(10, '1x')} 2.`, false],
    ['one that fails much, while another failed once and works', `${times(40, '1x')} 2x 2. 2.`, false],
    ['two of many lanes', `${times(20, '1x 2x')} 3. 4. 5.`, false],
    ['two of four lanes', `${times(20, '1x 2x')} 3. 4.`, true],
    ['less than half of the requests', `${times(5, '1x 2x')} ${times(11, '3.')}`, false],
  ])('after %s: %s → %s', (_, what, rests) => {
    expect(vendorFails(happened(what), NOW)).toBe(rests)
  })

  it('that is silent rests after four time-outs of eight lanes', () => {
    expect(vendorFails(happened('1x 2x 3x', NOW, [], 30_000), NOW)).toBe(false)
    expect(vendorFails(happened('1x 2x 3x 4x', NOW, [], 30_000), NOW)).toBe(true)
  })
})

describe('what is remembered', () => {
  it('is bounded by the lanes, however many requests there are', () => {
    let history: History = []
    for (let i = 0; i < 20_000; i += 1) history = note(history, NOW + i * 20, `${i % 3}`, i % 2 === 0, 5)
    expect(history.length).toBeLessThanOrEqual(13)
    expect(Math.max(...history.map(({ lanes }) => lanes.size))).toBe(3)
  })
})

describe('rests', () => {
  it('begin with ten seconds and double to five minutes', () => {
    const rests = [nextRest()]
    for (let i = 0; i < 6; i += 1) rests.push(nextRest(rests.at(-1)))
    expect(rests).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
  })

  it('are shortened by at most a fifth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 300_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (rest, random) => {
          expect(jittered(rest, random)).toBeGreaterThanOrEqual(Math.floor(rest * 0.8))
          expect(jittered(rest, random)).toBeLessThanOrEqual(rest)
        },
      ),
    )
  })
})
