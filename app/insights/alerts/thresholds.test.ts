import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GIVE_UP_AFTER_MS } from '../../delivery/backoff.ts'
import { alertsOf, GIVING_UP_LEVELS, givingUpLevel, type LaneState, youngestAge } from './thresholds.ts'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const HOUR = 3600_000
const ago = (ms: number) => new Date(NOW.getTime() - ms)
const QUIET: LaneState = { waitingSince: null, tryingSince: null, gaveUpAt: null, attentionSince: null }
const kinds = (state: Partial<LaneState>, maxAge = HOUR) =>
  alertsOf({ ...QUIET, ...state }, NOW, maxAge).map(({ kind, level }) => [kind, level])

const age = fc.integer({ min: 0, max: 2 * GIVE_UP_AFTER_MS })
const maybe = fc.option(age.map(ago))
const lane: fc.Arbitrary<LaneState> = fc.record({
  waitingSince: maybe,
  tryingSince: maybe,
  gaveUpAt: maybe,
  attentionSince: maybe,
})

describe('the level of giving up', () => {
  it.each([
    [36 * HOUR - 1, null],
    [36 * HOUR, 50],
    [50.4 * HOUR - 1, 50],
    [50.4 * HOUR, 70],
    [64.8 * HOUR, 90],
    [72 * HOUR - 1, 90],
    [72 * HOUR, 100],
    [1000 * HOUR, 100],
  ])('of %d ms is %s', (ms, level) => expect(givingUpLevel(ms)).toBe(level))

  it('never falls as time passes', () => {
    fc.assert(
      fc.property(age, age, (a, b) => {
        const [younger, older] = [Math.min(a, b), Math.max(a, b)]
        expect(givingUpLevel(older) ?? 0).toBeGreaterThanOrEqual(givingUpLevel(younger) ?? 0)
      }),
    )
  })

  it('is the last one reached', () => {
    fc.assert(
      fc.property(age, ms => {
        const reached = GIVING_UP_LEVELS.filter(level => ms * 100 >= GIVE_UP_AFTER_MS * level)
        expect(givingUpLevel(ms)).toBe(reached.at(-1) ?? null)
      }),
    )
  })
})

describe('a lane', () => {
  it('in which nothing is wrong has no alert', () => expect(kinds({})).toEqual([]))

  it('has each alert that it deserves', () => {
    expect(kinds({ waitingSince: ago(HOUR) })).toEqual([['waiting', 100]])
    expect(kinds({ waitingSince: ago(HOUR / 2) })).toEqual([])
    expect(kinds({ attentionSince: NOW })).toEqual([['attention', 100]])
    expect(kinds({ waitingSince: ago(40 * HOUR), tryingSince: ago(37 * HOUR) })).toEqual([
      ['waiting', 100],
      ['giving_up', 50],
    ])
  })

  it('that waits a little less than too long opens no alert, but does not end one', () => {
    const waiting = (ms: number) => alertsOf({ ...QUIET, waitingSince: ago(ms) }, NOW, HOUR)
    expect(waiting(HOUR - 1)).toMatchObject([{ kind: 'waiting', lingering: true }])
    expect(waiting(HOUR)[0]?.lingering).toBeUndefined()
    expect(waiting(HOUR * 0.7)).toEqual([])
  })

  it('that gave something up has the highest level, whatever else fails', () => {
    expect(kinds({ gaveUpAt: ago(HOUR) })).toEqual([['giving_up', 100]])
    expect(kinds({ gaveUpAt: ago(HOUR), tryingSince: ago(HOUR) })).toEqual([['giving_up', 100]])
  })

  it('has at most one alert of a kind, of a level that there is, from a time that was given', () => {
    fc.assert(
      fc.property(lane, fc.integer({ min: 1, max: GIVE_UP_AFTER_MS }), (state, maxAge) => {
        const alerts = alertsOf(state, NOW, maxAge)
        expect(new Set(alerts.map(({ kind }) => kind)).size).toBe(alerts.length)
        for (const { level, since } of alerts) {
          expect(GIVING_UP_LEVELS).toContain(level)
          expect(Object.values(state)).toContain(since)
        }
      }),
    )
  })

  it('keeps its alerts, at the same level or a higher one, while nothing changes but the time', () => {
    fc.assert(
      fc.property(lane, age, (state, later) => {
        const then = alertsOf(state, new Date(NOW.getTime() + later), HOUR)
        for (const { kind, level } of alertsOf(state, NOW, HOUR))
          expect(then.find(alert => alert.kind === kind)?.level).toBeGreaterThanOrEqual(level)
      }),
    )
  })

  it('of which everything open is younger than the youngest age has no alert about it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60_000, max: GIVE_UP_AFTER_MS }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (maxAge, part) => {
          const since = ago(Math.floor(youngestAge(maxAge) * part))
          expect(alertsOf({ ...QUIET, waitingSince: since, tryingSince: since }, NOW, maxAge)).toEqual([])
        },
      ),
    )
  })
})
