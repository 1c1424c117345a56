/**
 * Whether more requests come than can be translated while they wait. Told by how many are in hand: it is high from
 * the `high`th on, and until no more than `low` have been in hand for a while.
 */
export type Pressure = {
  /** Asked for one more that comes. */
  isHigh(): boolean
  /** Counts the work until it settles. @returns what it returns, throws what it throws */
  during<T>(work: () => Promise<T>): Promise<T>
}

/** Requests come in bursts: that none is in hand for a moment does not mean that the rush is over. */
export const CALM_MS = 1_000

/** @param now ms, by a clock that runs on */
export function createPressure(
  { high, low }: { high: number; low: number },
  now = () => performance.now(),
): Pressure {
  let inHand = 0
  let pressed = false
  let busyAt = 0

  function note(count: number): void {
    if (count > low) busyAt = now()
    if (count >= high) pressed = true
  }

  return {
    isHigh() {
      if (pressed && now() - busyAt > CALM_MS) pressed = false
      note(inHand + 1)
      return pressed
    },
    async during(work) {
      inHand++
      try {
        return await work()
      } finally {
        note(inHand)
        inHand--
      }
    },
  }
}
