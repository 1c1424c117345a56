/**
 * What a script costs a page's main thread, read from a trace of Chromium
 * (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
 */

/** Times in microseconds. Of the many fields, those that are read. `tts` and `tdur` are of the thread's own clock, which stands while it waits. */
export type TraceEvent = {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  tts?: number
  tdur?: number
  /** Of a profile. */
  id?: string
  args?: { data?: TraceData; name?: string }
}
type TraceData = {
  url?: string
  startTime?: number
  timeDeltas?: number[]
  cpuProfile?: { nodes?: ProfileNode[]; samples?: number[] }
}
type ProfileNode = { id: number; parent?: number; callFrame: { url?: string } }

/** What must be traced to tell one script's work. The samples find what the others do not name a script for: work that promises continue. They take about as long as they find. */
export const SAMPLES = [
  'devtools.timeline',
  'v8',
  'disabled-by-default-v8.compile',
  'disabled-by-default-v8.cpu_profiler',
  'disabled-by-default-v8.cpu_profiler.hires',
]

const WORK = new Set(['EvaluateScript', 'v8.compile', 'FunctionCall'])

/** What must be traced to see all work of scripts, whoever's: events alone, which cost next to nothing. */
export const EVENTS = ['devtools.timeline', 'v8.execute']

const MAIN_THREAD = 'CrRendererMain'

/** From and to, in microseconds. */
type Span = [number, number]

/**
 * The time in which a script was being compiled, was run or had called what ran, each moment counted once, waiting for the
 * processor included.
 * @param address how the script's address ends
 * @returns milliseconds: in all, and the longest that it ran without a pause
 */
export function workOf(address: string, events: readonly TraceEvent[]): { ms: number; longestMs: number } {
  const named = events.flatMap(({ name, ph, ts, dur = 0, args }): Span[] =>
    ph === 'X' && WORK.has(name) && args?.data?.url?.endsWith(address) ? [[ts, ts + dur]] : [],
  )
  const spans = [...named, ...sampled(address, events)]
  return { ms: total(spans), longestMs: Math.max(0, ...merged(spans).map(lengthMs)) }
}

/**
 * The time in which any script ran on the page's main thread, with what promises continue: each moment counted once.
 * @returns milliseconds from beginning to end, and of the processor alone, without what the script waited for meanwhile, such as
 * the browser's answer what is stored; of the busiest page, when the trace has more than one
 */
export function allWork(events: readonly TraceEvent[]): { ms: number; processorMs: number } {
  const threads = events.filter(({ name, args }) => name === 'thread_name' && args?.name === MAIN_THREAD)
  const busiest = (of: readonly TraceEvent[]) =>
    Math.max(
      0,
      ...threads.map(one => total(spansOf(of.filter(({ pid, tid }) => pid === one.pid && tid === one.tid)))),
    )
  return { ms: busiest(events), processorMs: busiest(events.flatMap(byProcessor)) }
}

/** The same event by its thread's own clock; none when it is not told by that. */
const byProcessor = ({ tts, tdur, ...event }: TraceEvent): TraceEvent[] =>
  tts === undefined ? [] : [{ ...event, ts: tts, ...(event.dur !== undefined && { dur: tdur ?? 0 }) }]

/** An event is whole (X), or there is one where it begins (B) and one where it ends (E). */
function spansOf(events: TraceEvent[]): Span[] {
  const spans: Span[] = []
  let begun: number | undefined
  for (const { name, ph, ts, dur = 0 } of events.toSorted((a, b) => a.ts - b.ts)) {
    if (!WORK.has(name) && name !== 'RunMicrotasks') continue
    if (ph === 'X') spans.push([ts, ts + dur])
    if (ph === 'B') begun = ts
    if (ph === 'E' && begun !== undefined) {
      spans.push([begun, ts])
      begun = undefined
    }
  }
  return spans
}

/** The spans between each sample with the script on its stack and the next sample. */
function sampled(address: string, events: readonly TraceEvent[]): Span[] {
  const profiles = new Map<string, { at: number; ours: Set<number>; isOurs: boolean }>()
  const spans: Span[] = []
  const ordered = events.filter(({ name }) => name.startsWith('Profile')).sort((a, b) => a.ts - b.ts)
  for (const { name, pid, id, ts, args } of ordered) {
    const key = `${pid} ${id}`
    if (name === 'Profile')
      profiles.set(key, { at: args?.data?.startTime ?? ts, ours: new Set(), isOurs: false })
    const profile = profiles.get(key)
    const { cpuProfile, timeDeltas = [] } = args?.data ?? {}
    if (name !== 'ProfileChunk' || !profile) continue
    // A node comes after its parent.
    for (const { id, parent = 0, callFrame } of cpuProfile?.nodes ?? []) {
      if (callFrame.url?.endsWith(address) || profile.ours.has(parent)) profile.ours.add(id)
    }
    for (const [index, node] of (cpuProfile?.samples ?? []).entries()) {
      const next = profile.at + (timeDeltas[index] ?? 0)
      if (profile.isOurs) spans.push([profile.at, next])
      profile.at = next
      profile.isOurs = profile.ours.has(node)
    }
  }
  return spans
}

const lengthMs = ([from, to]: Span) => (to - from) / 1000

/** Milliseconds, each moment counted once. */
const total = (spans: Span[]) => merged(spans).reduce((sum, span) => sum + lengthMs(span), 0)

function merged(spans: Span[]): Span[] {
  const whole: Span[] = []
  for (const [from, to] of spans.sort(([a], [b]) => a - b)) {
    const last = whole.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else whole.push([from, to])
  }
  return whole
}
