import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLog } from '../log.ts'
import { type Lane, laneKey } from './lane.ts'
import { createSignals } from './signals.ts'

const GATHER_MS = 100
const lane = (shopId: number): Lane => ({ shopId, vendor: 'tiny' })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** An engine whose signals end when told to, and what became of them. */
function fakeEngine() {
  const open: { key: string; end: (error?: Error) => void }[] = []
  const begun: string[] = []
  const most = { perLane: 0 }
  return {
    open,
    begun,
    most,
    signal: (to: Lane) =>
      new Promise<void>((done, failed) => {
        const key = laneKey(to)
        begun.push(key)
        open.push({ key, end: error => (error ? failed(error) : done()) })
        most.perLane = Math.max(most.perLane, open.filter(each => each.key === key).length)
      }),
    async end(at = 0, error?: Error) {
      open.splice(at, 1)[0]?.end(error)
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}
const signalsOf = (engine: ReturnType<typeof fakeEngine>, write = (_line: string) => {}) =>
  createSignals(engine, createLog('warn', { write }), GATHER_MS)

describe('signals', () => {
  it('wake an idle lane at once', () => {
    const engine = fakeEngine()
    signalsOf(engine).wake([lane(1), lane(2)])
    expect(engine.begun).toEqual(['1:tiny', '2:tiny'])
  })

  it('of a busy lane are one more, however many wishes there were', async () => {
    const engine = fakeEngine()
    const signals = signalsOf(engine)
    signals.wake([lane(1)])
    for (let n = 0; n < 50; n++) signals.wake([lane(1)])
    await engine.end()
    for (let n = 0; n < 50; n++) signals.wake([lane(1)])
    expect(engine.begun).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    expect(engine.begun).toHaveLength(2)
    await engine.end()
    await vi.advanceTimersByTimeAsync(10 * GATHER_MS)
    expect(engine.begun).toHaveLength(2)
  })

  it('that fail are logged, and do not keep the next from being made', async () => {
    const lines: string[] = []
    const engine = fakeEngine()
    const signals = signalsOf(engine, line => void lines.push(line))
    signals.wake([lane(1)])
    signals.wake([lane(1)])
    await engine.end(0, new Error('away'))
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    expect(engine.begun).toHaveLength(2)
    expect(lines.join()).toContain('the sweep will find it')
  })

  it('are all made by a flush, which waits for no gathering', async () => {
    const engine = fakeEngine()
    const signals = signalsOf(engine)
    signals.wake([lane(1), lane(2)])
    signals.wake([lane(1)])
    let flushed = false
    const flushing = signals.flush().then(() => {
      flushed = true
    })
    await engine.end()
    await engine.end()
    expect(engine.begun).toEqual(['1:tiny', '2:tiny', '1:tiny'])
    expect(flushed).toBe(false)
    await engine.end()
    await flushing
    await signals.flush()
  })

  type Step =
    | { do: 'wish'; lane: number }
    | { do: 'end'; at: number; fails: boolean }
    | { do: 'pass'; ms: number }
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('wish' as const), lane: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ do: fc.constant('end' as const), at: fc.nat(2), fails: fc.boolean() }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 2 * GATHER_MS }) }),
    ),
    { maxLength: 40 },
  )

  it('lose no wish, whatever comes in between: one begins after the last, and never two of a lane at once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list: Step[]) => {
        const engine = fakeEngine()
        const signals = signalsOf(engine)
        const wishes = new Map<string, number>()
        /** Signals that had begun, by lane, when it was last wished for. */
        const begunBefore = new Map<string, number>()
        const begun = (key: string) => engine.begun.filter(each => each === key).length
        for (const step of list) {
          if (step.do === 'end') await engine.end(step.at, step.fails ? new Error('away') : undefined)
          else if (step.do === 'pass') await vi.advanceTimersByTimeAsync(step.ms)
          else {
            const key = laneKey(lane(step.lane))
            wishes.set(key, (wishes.get(key) ?? 0) + 1)
            begunBefore.set(key, begun(key))
            signals.wake([lane(step.lane)])
          }
        }
        do {
          while (engine.open.length > 0) await engine.end()
          await vi.advanceTimersByTimeAsync(GATHER_MS)
        } while (engine.open.length > 0)
        for (const [key, before] of begunBefore) {
          expect(begun(key)).toBeGreaterThan(before)
          expect(begun(key)).toBeLessThanOrEqual(wishes.get(key) ?? 0)
        }
        expect(engine.most.perLane).toBeLessThanOrEqual(1)
      }),
      { numRuns: 200 },
    )
  })
})
