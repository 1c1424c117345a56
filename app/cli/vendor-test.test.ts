import { describe, expect, it } from 'vitest'
import type { Standing } from '../insights/lanes.ts'
import { ended, goesOn } from './vendor-test.ts'

const at = new Date('2026-11-20T12:00:00.000Z')
const open: Standing = {
  ...{ shop: 'one', shopId: 1, vendor: 'tiny', enabled: true, attention: null, hold: null, rests: null },
  ...{ pausedUntil: null, pausedWhy: null, opens: true },
  ...{ testedAt: null, testOk: null, testMessage: null, testRefused: null },
}
const rests = { until: at, over: true, why: 'it failed', everyShop: false }
const NONE = { released: 0, expired: 0 }

describe('ended', () => {
  it.each<[Partial<Standing>, Partial<Standing>, typeof NONE, string[]]>([
    [{}, {}, NONE, []],
    [{ attention: 'No.' }, {}, NONE, ['The lane needed attention (No.): that is over.']],
    [{ attention: 'No.' }, { attention: 'Gone.' }, NONE, []],
    [{ rests }, {}, NONE, ['The lane rested because it failed: that is over.']],
    [{ rests: { ...rests, everyShop: true } }, {}, NONE, []],
    [{ pausedUntil: at }, {}, NONE, [`The lane was paused until ${at.toISOString()}: that is over.`]],
    [
      {},
      {},
      { released: 3, expired: 0 },
      [
        '3 deliveries that were held are looked at anew and go out now (what consent or settings forbid, or a newer state has replaced, is skipped).',
      ],
    ],
    [
      {},
      {},
      { released: 0, expired: 2 },
      ['0 deliveries that were held go out now; 2 are too old and end as expired.'],
    ],
  ])('of %j then %j, with %j: %j', (before, after, released, expected) => {
    expect(ended({ ...open, ...before }, { ...open, ...after }, released)).toEqual(expected)
  })
})

describe('goesOn', () => {
  const next = (over: Partial<Standing>, count = 0) =>
    goesOn({ ...open, ...over }, { count, first: count > 0 ? at : null }, '"RESUME"')

  it('says nothing of a lane in which nothing waits', () => {
    expect(next({})).toEqual([])
  })

  it.each<[Partial<Standing>, number, RegExp]>([
    [{ enabled: false }, 5, /^Nothing is sent.*vendor on one tiny/],
    [{ attention: 'Gone.' }, 5, /^Nothing is sent all the same: Gone\.$/],
    [
      { rests: { ...rests, over: false, everyShop: true } },
      0,
      /rests until \S+, for every shop, .*by itself\.$/,
    ],
    [{ pausedUntil: at }, 0, /^The lane is paused until \S+: "RESUME" ends that\.$/],
    [{}, 2, /^2 deliveries wait for their next try, the first until 2026-\S+Z: "RESUME" sends them now\.$/],
  ])('of %j with %i to come', (over, count, expected) => {
    expect(next(over, count)).toEqual([expect.stringMatching(expected)])
  })
})
