import { describe, expect, it } from 'vitest'
import { allWork, type TraceEvent, workOf } from './trace.ts'

const URL = 'https://shop.example.com/assets/ours.js'
const work = (name: string, ts: number, dur: number, url = URL): TraceEvent => ({
  name,
  ph: 'X',
  pid: 1,
  tid: 2,
  ts,
  dur,
  args: { data: { url } },
})
const profile: TraceEvent = {
  name: 'Profile',
  ph: 'P',
  pid: 1,
  tid: 2,
  id: '0x1',
  ts: 900,
  args: { data: { startTime: 1000 } },
}
const chunk = (ts: number, samples: number[], timeDeltas: number[], pid = 1): TraceEvent => ({
  name: 'ProfileChunk',
  ph: 'P',
  pid,
  tid: 2,
  id: '0x1',
  ts,
  args: {
    data: {
      timeDeltas,
      cpuProfile: {
        samples,
        nodes: [
          { id: 1, callFrame: {} },
          { id: 2, parent: 1, callFrame: { url: URL } },
          { id: 3, parent: 2, callFrame: { url: 'https://shop.example.com/theme.js' } },
        ],
      },
    },
  },
})

describe('the work of a script', () => {
  it('is none when the script did not run', () => {
    expect(workOf('/ours.js', [work('FunctionCall', 0, 5000, 'https://shop.example.com/theme.js')])).toEqual({
      ms: 0,
      longestMs: 0,
    })
  })

  it('is its evaluation and calls, and nothing twice that is within another', () => {
    const events = [
      work('FunctionCall', 9000, 3000),
      work('EvaluateScript', 1000, 2000),
      work('v8.compile', 1000, 500),
      work('FunctionCall', 1500, 500),
    ]
    expect(workOf('/ours.js', events)).toEqual({ ms: 5, longestMs: 3 })
  })

  it('is not what happens beside the main thread', () => {
    expect(workOf('/ours.js', [work('v8.parseOnBackground', 0, 5000)]).ms).toBe(0)
  })

  it('is also what samples have it on their stack, until the next sample, across chunks', () => {
    // At 1100 ours, at 1300 what ours called, at 1600 neither, at 1700 ours, at 2000 neither.
    const events = [chunk(3000, [2, 1], [100, 300]), chunk(2000, [2, 3, 1], [100, 200, 300]), profile]
    expect(workOf('/ours.js', events).ms).toBe(0.5 + 0.3)
  })

  it('is counted once where samples and calls tell of the same', () => {
    const events = [profile, chunk(2000, [2, 1], [100, 500]), work('FunctionCall', 1050, 400)]
    expect(workOf('/ours.js', events)).toEqual({ ms: 0.55, longestMs: 0.55 })
  })

  it('is not what samples of another process tell', () => {
    expect(workOf('/ours.js', [profile, chunk(2000, [2, 1], [100, 500], 2)]).ms).toBe(0)
  })
})

describe('all work of scripts', () => {
  const thread = (name: string, tid = 2): TraceEvent => ({
    name: 'thread_name',
    ph: 'M',
    pid: 1,
    tid,
    ts: 0,
    args: { name },
  })
  const microtasks = (ph: string, ts: number): TraceEvent => ({
    name: 'RunMicrotasks',
    ph,
    pid: 1,
    tid: 2,
    ts,
  })

  it('is whoever ran, with what promises continue, each moment once', () => {
    const events = [
      thread('CrRendererMain'),
      microtasks('E', 7000),
      microtasks('B', 4000),
      work('FunctionCall', 5000, 1000),
      work('FunctionCall', 1000, 2000, 'https://shop.example.com/theme.js'),
      work('EvaluateScript', 1500, 500),
    ]
    expect(allWork(events).ms).toBe(5)
  })

  it('is the processor’s alone by the clock that stands while it waits', () => {
    const events = [
      thread('CrRendererMain'),
      { ...work('FunctionCall', 1000, 2000), tts: 100, tdur: 500 },
      { ...microtasks('B', 4000), tts: 700 },
      { ...microtasks('E', 7000), tts: 1700 },
      work('EvaluateScript', 9000, 1000),
    ]
    expect(allWork(events)).toEqual({ ms: 6, processorMs: 1.5 })
  })

  it('is not what a worker does', () => {
    const events = [
      thread('CrRendererMain', 3),
      thread('DedicatedWorker thread'),
      work('FunctionCall', 1000, 2000),
    ]
    expect(allWork(events)).toEqual({ ms: 0, processorMs: 0 })
  })
})
