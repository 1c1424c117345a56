/** From visits to a page with the embed and without it to figures: medians, which one disturbed visit does not move. */
import type { Figure } from './bench.ts'
import type { Measured } from './page-visit.ts'
import { median, percentile } from './percentiles.ts'
import type { allWork, workOf } from './trace.ts'

type Scripts = ReturnType<typeof allWork>
type Work = ReturnType<typeof workOf>

/** One entry per round: the page with and without the embed, and the script's work as it is and on a slowed processor. */
export type Rounds = {
  on: Measured[]
  off: Measured[]
  /** All scripts of the page. */
  all: { on: Scripts[]; off: Scripts[] }
  /** The same where the page has begun to store and to fetch by itself. */
  begun: { on: Scripts[]; off: Scripts[] }
  work: Work[]
  slowed: Work[]
}

/** Milliseconds of script in a page that nobody notices; a long task begins at 50. */
const MOST_SCRIPT_MS = 5
const LONG_TASK_MS = 50

export function pageFigures({ on, off, all, begun, work, slowed }: Rounds): Figure[] {
  const added = (of: (visit: Measured) => number) => median(on.map(of)) - median(off.map(of))
  const lcp = { on: median(on.map(lcpOf)), off: median(off.map(lcpOf)) }
  const ms = (of: Work[], name: keyof Work) => median(of.map(one => one[name]))
  const script = ({ on, off }: Rounds['all'], name: keyof Scripts) =>
    median(on.map(one => one[name])) - median(off.map(one => one[name]))
  const early = Math.max(...on.map(({ askedBeforeIdle }) => askedBeforeIdle.length))
  return [
    {
      name: 'script, processor time, on - off',
      value: script(all, 'processorMs'),
      unit: 'ms',
      aim: { most: MOST_SCRIPT_MS },
    },
    {
      name: 'script with its waiting, on - off',
      value: script(all, 'ms'),
      unit: 'ms',
      aim: { most: MOST_SCRIPT_MS },
    },
    {
      name: 'script with its waiting, on - off, where the page stores and fetches itself',
      value: script(begun, 'ms'),
      unit: 'ms',
      aim: { most: MOST_SCRIPT_MS },
    },
    { name: 'script, by samples', value: ms(work, 'ms'), unit: 'ms' },
    { name: 'script, longest without a pause', value: ms(work, 'longestMs'), unit: 'ms' },
    { name: 'slowed four times: script', value: ms(slowed, 'ms'), unit: 'ms' },
    {
      name: 'slowed four times: script, longest without a pause',
      value: ms(slowed, 'longestMs'),
      unit: 'ms',
      aim: { most: LONG_TASK_MS },
    },
    {
      name: 'not traced: script without promises, on - off',
      value: added(({ calledMs }) => calledMs),
      unit: 'ms',
    },
    {
      name: 'not traced: main thread, on - off',
      value: added(({ mainThreadMs }) => mainThreadMs),
      unit: 'ms',
    },
    {
      name: 'long tasks, on - off',
      value: added(({ longTasks }) => longTasks),
      unit: 'count',
      aim: { most: 0 },
    },
    { name: 'layout shift, on - off', value: added(({ shift }) => shift), unit: 'score', aim: { most: 0 } },
    { name: 'LCP, off', value: lcp.off, unit: 'ms' },
    { name: 'LCP, on', value: lcp.on, unit: 'ms' },
    { name: 'LCP, on / off', value: lcp.on / lcp.off, unit: 'ratio', aim: { most: 1.1 } },
    { name: 'first byte, on - off', value: added(({ firstByteMs }) => firstByteMs), unit: 'ms' },
    { name: 'requests before the first idle callback', value: early, unit: 'count', aim: { most: 0 } },
    { name: 'requests in all', value: median(on.map(({ asked }) => asked.length)), unit: 'count' },
  ]
}

/** How far apart the visits were: the half in the middle, and the extremes. */
export function spreads({ on, off, all, begun, work, slowed }: Rounds): string[] {
  const line = (name: string, samples: number[]) => {
    const sorted = [...samples].sort((a, b) => a - b)
    const [p25, p75, least, most] = [
      percentile(sorted, 25),
      percentile(sorted, 75),
      sorted[0] ?? Number.NaN,
      sorted.at(-1) ?? Number.NaN,
    ].map(value => value.toFixed(1))
    return `${name}: the middle half ${p25} to ${p75}, all ${least} to ${most}`
  }
  const processor = (visits: Scripts[]) => visits.map(({ processorMs }) => processorMs)
  const waited = (visits: Scripts[]) => visits.map(({ ms }) => ms)
  const mainThread = ({ mainThreadMs }: Measured) => mainThreadMs
  const total = (visits: Measured[]) => visits.reduce((sum, { longTasks }) => sum + longTasks, 0)
  return [
    line('all scripts off, ms of the processor', processor(all.off)),
    line('all scripts on, ms of the processor', processor(all.on)),
    line('all scripts off, ms', waited(all.off)),
    line('all scripts on, ms', waited(all.on)),
    line('all scripts off, where the page stores and fetches itself, ms', waited(begun.off)),
    line('all scripts on, where the page stores and fetches itself, ms', waited(begun.on)),
    line(
      'script by samples, ms',
      work.map(({ ms }) => ms),
    ),
    line(
      'slowed four times: script, ms',
      slowed.map(({ ms }) => ms),
    ),
    line('main thread off, ms', off.map(mainThread)),
    line('main thread on, ms', on.map(mainThread)),
    line('LCP off, ms', off.map(lcpOf)),
    line('LCP on, ms', on.map(lcpOf)),
    `long tasks in all visits: ${total(off)} off, ${total(on)} on`,
    `asked for: ${[...new Set(on.flatMap(({ asked }) => asked))].join(', ')}`,
  ]
}

const lcpOf = ({ lcpMs }: Measured) => lcpMs
