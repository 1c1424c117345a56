/** Permits for the requests of one round: asked of the gate some at a time, so that others get theirs in between. */
import type { Connection } from './connections.ts'
import type { Gate, Pass, Result } from './gate/gate.ts'
import type { Lane } from './lane.ts'

/** Permits asked for at once. What failed in between is seen at the latest after so many requests. */
const AT_ONCE = 20

/** Leave for one request, which ends with either: its answer, or that it was not made. */
export type Permit = { answered(result: Result): void; unused(): void }

export type Permits = {
  /** Leave for one request; or until when there is none. @param left how many requests are still to be made, this one included */
  next(left: number): Promise<Permit | { until: Date }>
  /** Gives back what was not used. */
  close(): Promise<void>
}

type Held = { pass: Pass; inFlight: number; retired: boolean }

export function permitsFor(gate: Gate, lane: Lane, connection: Connection): Permits {
  let held: Held | null = null
  let asking: Promise<Permit | { until: Date } | null> = Promise.resolve(null)
  const closing: Promise<void>[] = []

  /** A pass is closed when its last request is answered: what is answered after that would count as never answered. */
  function closeWhenDone(each: Held): void {
    if (!each.retired || each.inFlight > 0) return
    const closed = each.pass.close()
    // Told by `close`, perhaps much later: until then nobody waits for it.
    closed.catch(() => {})
    closing.push(closed)
  }

  function retire(): void {
    if (!held) return
    held.retired = true
    closeWhenDone(held)
    held = null
  }

  function use(each: Held): Permit {
    each.inFlight++
    const ended = () => {
      each.inFlight--
      closeWhenDone(each)
    }
    return {
      answered(result) {
        each.pass.answered(result)
        ended()
      },
      unused() {
        each.pass.untake()
        ended()
      },
    }
  }

  async function take(left: number): Promise<Permit | { until: Date }> {
    for (;;) {
      if (held?.pass.take()) return use(held)
      retire()
      const given = await gate.ask(lane, connection, Math.min(left, AT_ONCE))
      if (given.kind === 'wait') return { until: given.until }
      held = { pass: given, inFlight: 0, retired: false }
    }
  }

  return {
    async next(left) {
      // One after another: two that ask at once would take two passes.
      const mine = asking.catch(() => null).then(() => take(left))
      asking = mine
      return mine
    },
    async close() {
      await asking.catch(() => null)
      retire()
      await Promise.all(closing)
    },
  }
}
