/**
 * What a script costs a page's main thread, read from a trace of Chromium
 * (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
 */

/** Times in microseconds. Of the many fields, those that are read. */
export type TraceEvent = {
  name: string
  ph: string
  pid: number
  ts: number
  dur?: number
  /** Of a profile. */
  id?: string
  args?: { data?: TraceData }
}
type TraceData = {
  url?: string
  startTime?: number
  timeDeltas?: number[]
  cpuProfile?: { nodes?: ProfileNode[]; samples?: number[] }
}
type ProfileNode = { id: number; parent?: number; callFrame: { url?: string } }

/** What must be traced. The samples find what the others do not name a script for: work that promises continue. */
export const CATEGORIES = [
  'devtools.timeline',
  'v8',
  'disabled-by-default-v8.compile',
  'disabled-by-default-v8.cpu_profiler',
  'disabled-by-default-v8.cpu_profiler.hires',
]

const WORK = new Set(['EvaluateScript', 'v8.compile', 'FunctionCall'])

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
  const lengths = merged([...named, ...sampled(address, events)]).map(([from, to]) => (to - from) / 1000)
  return { ms: lengths.reduce((sum, length) => sum + length, 0), longestMs: Math.max(0, ...lengths) }
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

function merged(spans: Span[]): Span[] {
  const whole: Span[] = []
  for (const [from, to] of spans.sort(([a], [b]) => a - b)) {
    const last = whole.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else whole.push([from, to])
  }
  return whole
}
