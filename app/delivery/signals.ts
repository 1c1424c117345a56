/**
 * Merging signals: a busy lane gets events faster than anyone could be woken for them. The first wish wakes the lane
 * at once; those that come while that is going on, or shortly after, make one more together. None is lost: a wish
 * always has a signal that begins after it.
 */
import type { Log } from '../log.ts'
import type { Engine } from './engine.ts'
import { type Lane, laneKey } from './lane.ts'

/** How long wishes for one lane are gathered. An idle lane waits for none of it. */
const GATHER_MS = 100

export type Signals = {
  /** Returns at once and never throws: a signal that fails loses nothing, because the sweep finds the lane. */
  wake(lanes: readonly Lane[]): void
  /** Waits until everything wished for has been signalled. */
  flush(): Promise<void>
}

/** Signals under way at once: a sweep that finds a thousand lanes must not stand in front of the engine's heartbeats. */
const AT_ONCE = 2

type Waking = { lane: Lane; again: boolean; timer: NodeJS.Timeout | null; done: Promise<void> }

export function createSignals(engine: Pick<Engine, 'signal'>, log: Log, gatherMs = GATHER_MS): Signals {
  const waking = new Map<string, Waking>()
  const waiting: (() => void)[] = []
  let underWay = 0

  function wake(lane: Lane): void {
    const entry = waking.get(laneKey(lane))
    if (entry) entry.again = true
    else begin(lane)
  }

  function begin(lane: Lane): void {
    const key = laneKey(lane)
    const entry: Waking = { lane, again: false, timer: null, done: Promise.resolve() }
    waking.set(key, entry)
    entry.done = inTurn(() => engine.signal(lane))
      .catch(error => log.warn({ lane: key, err: error }, 'lane not signalled; the sweep will find it'))
      .then(() => {
        entry.timer = setTimeout(() => end(entry), gatherMs).unref()
      })
  }

  async function inTurn(signal: () => Promise<void>): Promise<void> {
    if (underWay >= AT_ONCE) await new Promise<void>(resolve => void waiting.push(resolve))
    else underWay++
    try {
      await signal()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else underWay--
    }
  }

  function end({ lane, again }: Waking): void {
    waking.delete(laneKey(lane))
    if (again) begin(lane)
  }

  return {
    wake(lanes) {
      for (const lane of lanes) wake(lane)
    },
    async flush() {
      while (waking.size > 0) {
        const entries = [...waking.values()]
        await Promise.all(entries.map(({ done }) => done))
        for (const entry of entries) {
          if (entry.timer) clearTimeout(entry.timer)
          if (waking.get(laneKey(entry.lane)) === entry) end(entry)
        }
      }
    },
  }
}
