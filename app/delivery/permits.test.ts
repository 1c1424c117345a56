import { beforeEach, describe, expect, it } from 'vitest'
import { answer } from '../vendors/testing.ts'
import type { Connection } from './connections.ts'
import type { Gate, Pass, Result, Wait } from './gate/gate.ts'
import { type Permit, permitsFor } from './permits.ts'
import { tinyVendor } from './testing.ts'

const LANE = { shopId: 1, vendor: 'tiny' }
const CONNECTION: Connection = { vendor: tinyVendor(), settings: {}, secrets: [], sealed: '' }
const RESULT: Result = { answer: answer(200), failed: false, durationMs: 1 }

type Noted = { permits: number; taken: number; answered: number; closed: number | null; fails: boolean }
let passes: Noted[]
let wanted: number[]
/** What the gate answers in turn; then passes of as many permits as are wanted. */
let answers: (number | Wait | Error)[]

function passOf(permits: number): Pass {
  const noted: Noted = { permits, taken: 0, answered: 0, closed: null, fails: false }
  passes.push(noted)
  return {
    kind: 'go',
    permits,
    probe: false,
    take: () => noted.taken < permits && ++noted.taken > 0,
    untake: () => void noted.taken--,
    answered() {
      expect(noted.closed).toBeNull()
      noted.answered += 1
    },
    flush: async () => {},
    async close() {
      noted.closed = noted.answered
      if (noted.fails) throw new Error('cannot be closed')
    },
  }
}
const gate: Gate = {
  async ask(_lane, _asking, want) {
    wanted.push(want)
    const given = answers.shift() ?? want
    if (given instanceof Error) throw given
    return typeof given === 'number' ? passOf(Math.min(given, want)) : given
  },
}
const permits = () => permitsFor(gate, LANE, CONNECTION)
const granted = (given: Permit | { until: Date }): Permit => {
  if ('until' in given) throw new Error('no permit')
  return given
}

beforeEach(() => {
  passes = []
  wanted = []
  answers = []
})

describe('permits of a round', () => {
  it('are asked for as many as are left, and no more than twenty at a time', async () => {
    const held = permits()
    for (let left = 45; left > 0; left--) granted(await held.next(left)).answered(RESULT)
    expect(wanted).toEqual([20, 20, 5])
  })

  it('of several who ask at the same moment are of one pass', async () => {
    const held = permits()
    const given = await Promise.all([held.next(3), held.next(2), held.next(1)])
    expect(passes).toMatchObject([{ permits: 3, taken: 3 }])
    for (const permit of given) granted(permit).answered(RESULT)
  })

  it('that there are none of say until when', async () => {
    const until = new Date('2026-11-20T12:00:00.000Z')
    answers = [{ kind: 'wait', until, inMs: 1_000, why: 'limit' }]
    expect(await permits().next(1)).toEqual({ until })
  })

  it('close a pass that is used up when its last request is answered, and not before', async () => {
    answers = [2, 1]
    const held = permits()
    const [one, other] = [granted(await held.next(3)), granted(await held.next(2))]
    granted(await held.next(1))
    expect(passes).toMatchObject([{ closed: null }, { taken: 1 }])
    other.answered(RESULT)
    expect(passes[0]?.closed).toBeNull()
    one.answered(RESULT)
    expect(passes[0]?.closed).toBe(2)
  })

  it('that were not used are given back at the end', async () => {
    const held = permits()
    granted(await held.next(10)).answered(RESULT)
    await held.close()
    expect(passes).toMatchObject([{ permits: 10, taken: 1, closed: 1 }])
  })

  it('that were taken for requests which were not made are given back too, once all others were answered', async () => {
    const held = permits()
    const [one, other] = [granted(await held.next(2)), granted(await held.next(1))]
    await held.close()
    one.unused()
    expect(passes[0]?.closed).toBeNull()
    other.answered(RESULT)
    expect(passes).toMatchObject([{ permits: 2, taken: 1, closed: 1 }])
  })

  it('that were never asked for need no closing', async () => {
    await permits().close()
    expect(wanted).toEqual([])
  })

  it('are asked for again after the gate failed', async () => {
    answers = [new Error('away')]
    const held = permits()
    await expect(held.next(1)).rejects.toThrow('away')
    granted(await held.next(1))
  })

  it('of a pass that cannot be closed say so at the end, and in no way before', async () => {
    answers = [1, 1]
    const held = permits()
    const one = granted(await held.next(2))
    const [pass] = passes
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    try {
      if (pass) pass.fails = true
      granted(await held.next(1)).answered(RESULT)
      one.answered(RESULT)
      await new Promise(done => setImmediate(done))
      await expect(held.close()).rejects.toThrow('cannot be closed')
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})
