import { describe, expect, it } from 'vitest'
import { planChaos } from './plan.ts'
import { seededRandom } from './random.ts'

const options = { seed: 7, kills: 100, restarts: 3, long: true }
const count = (kind: string, over: Partial<typeof options> = {}) =>
  planChaos({ ...options, ...over }).filter(act => act.kind === kind).length

describe('the plan', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planChaos(options)).toEqual(planChaos(options))
    expect(planChaos({ ...options, seed: 8 })).not.toEqual(planChaos(options))
  })

  it('has as many kills and crashes as asked for', () => {
    expect([count('kill'), count('crash-database')]).toEqual([100, 3])
    expect([count('kill', { kills: 6 }), count('crash-database', { restarts: 1 })]).toEqual([6, 1])
  })

  it('has a termination, a freeze and a dead vendor, however short it is', () => {
    const short = { kills: 1, restarts: 0 }
    expect([count('terminate', short), count('freeze', short), count('fail-vendor', short)]).toEqual([
      1, 1, 1,
    ])
  })

  it('leaves everything alone now and then, but not in a short run', () => {
    expect([count('leave-alone'), count('leave-alone', { kills: 6 })]).toEqual([5, 0])
  })

  it('kills workers and the web process', () => {
    const roles = planChaos(options).flatMap(act => (act.kind === 'kill' ? [act.role] : []))
    expect(new Set(roles)).toEqual(new Set(['worker', 'web']))
  })

  it('waits 200 to 1500 ms before each act', () => {
    const waits = planChaos(options).map(act => act.afterMs)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(200)
    expect(Math.max(...waits)).toBeLessThanOrEqual(1500)
  })

  it('leaves no vendor hanging in the short form', () => {
    const ways = Array.from({ length: 50 }, (_, seed) => planChaos({ ...options, seed, long: false })).flat()
    expect(ways.filter(act => act.kind === 'fail-vendor' && act.how === 'hangs')).toEqual([])
  })
})

describe('seeded chance', () => {
  it('stays within its bounds and reaches both ends', () => {
    const random = seededRandom(1)
    const drawn = Array.from({ length: 500 }, () => random.between(3, 5))
    expect(new Set(drawn)).toEqual(new Set([3, 4, 5]))
  })

  it('shuffles without losing or doubling anything', () => {
    const items = Array.from({ length: 50 }, (_, i) => i)
    const shuffled = seededRandom(1).shuffled(items)
    expect(shuffled).not.toEqual(items)
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items)
  })
})
